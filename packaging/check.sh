#!/usr/bin/env bash
# Is packaging/evenfall.service what systemd understands, and a tight sandbox? Red also when
# systemd cannot be asked.
#   needs: systemd-analyze; on Debian as root it installs it by itself
set -euo pipefail
cd "$(dirname "$0")"
exec </dev/null
most=11 # the exposure that systemd counts, of 100

if ! command -v systemd-analyze >/dev/null; then
	export DEBIAN_FRONTEND=noninteractive
	apt-get update -q
	apt-get install -yq --no-install-recommends systemd
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The program has to be there for the check, and stands where this clone is built.
(cd .. && go build -o "$work/evenfall" ./cmd/evenfall)
sed "s|/usr/local/bin/evenfall|$work/evenfall|" evenfall.service >"$work/evenfall.service"
grep -q "^ExecStart=$work/evenfall\$" "$work/evenfall.service"

# verify warns of what it does not understand and is content all the same.
said=$(systemd-analyze verify --man=no "$work/evenfall.service" 2>&1) || { printf '%s\n' "$said"; exit 1; }
if grep -F "$work/evenfall.service" <<<"$said"; then
	echo 'systemd does not understand the unit'
	exit 1
fi
systemd-analyze security --offline=true --threshold="$most" --no-pager "$work/evenfall.service" | tee "$work/security"
grep -q 'Overall exposure level for evenfall.service' "$work/security"

# Every variable that the unit sets is one of the program's.
settings=$(sed -nE 's/^Environment=(EVENFALL_[A-Z_]+)=.*/\1/p' evenfall.service)
[[ -n $settings ]]
for name in $settings; do
	grep -qF "\"$name\"" ../cmd/evenfall/settings.go || { echo "$name is not a setting"; exit 1; }
done
