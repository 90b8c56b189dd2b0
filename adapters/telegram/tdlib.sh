#!/bin/sh
# Lets Telegram's own library judge every page the bot can send (see tdlib_test.go).
# Needs npm, a C compiler and Linux with glibc on x86-64. EVENFALL_PAGES may name a
# file with more pages, one JSON object a line.
set -eu
cd "$(dirname "$0")"
if [ -z "${EVENFALL_TDLIB:-}" ]; then
	dir=$(mktemp -d)
	trap 'rm -rf "$dir"' EXIT
	npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir" prebuilt-tdlib@0.1008065.0
	EVENFALL_TDLIB="$dir/node_modules/@prebuilt-tdlib/linux-x64-glibc/libtdjson.so"
	export EVENFALL_TDLIB
fi
CGO_ENABLED=1 go test -count=1 -v -tags tdlib -run TestTelegramAgrees .
