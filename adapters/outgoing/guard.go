// Package outgoing is the way out to a chat network: which addresses may be dialled
// at all, and whether a request that failed ever left.
package outgoing

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// ErrAddress says that a connection was refused because of where it would have led.
var ErrAddress = errors.New("the address leads into this machine's own network and is not the one in the settings (a server there has to be named by its number, or by a name of the local network)")

const dialTime = 10 * time.Second

// Guard dials for one adapter. A name is judged by the address that it turns out to
// have, at the moment of the connection, so a public name that suddenly leads to this
// machine or its neighbours (DNS rebinding) leads nowhere:
//
//   - Addresses that are no server's (link-local with the clouds' metadata, multicast,
//     "this host") are dialled only when the operator wrote down exactly that number.
//   - Loopback and private addresses are dialled only for a host that the operator
//     named, by its number or by a name that cannot be a public one.
//   - All others are free.
//
// The operator's hosts are that of the base address and the proxies of the
// environment. What a proxy connects to is the proxy's affair.
type Guard struct{ named map[string]bool }

// NewGuard is a guard that trusts the host of a base address from the settings.
func NewGuard(base *url.URL) *Guard {
	g := &Guard{named: map[string]bool{plain(base.Hostname()): true}}
	for _, scheme := range []string{"http", "https"} {
		probe := &http.Request{URL: &url.URL{Scheme: scheme, Host: "network.invalid"}}
		if proxy, err := http.ProxyFromEnvironment(probe); err == nil && proxy != nil {
			g.named[plain(proxy.Hostname())] = true
		}
	}
	return g
}

// DialContext is net.Dialer's behind the guard. Its error is ErrAddress when that is why.
func (g *Guard) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	d := net.Dialer{Timeout: dialTime, Control: func(_, resolved string, _ syscall.RawConn) error {
		to, err := netip.ParseAddrPort(resolved)
		if err != nil || !g.allows(host, to.Addr()) {
			return ErrAddress
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}

// allows reports whether an address that a host has may be dialled.
func (g *Guard) allows(host string, to netip.Addr) bool {
	host, to = plain(host), bare(to)
	named := g.named[host]
	number, err := netip.ParseAddr(host)
	switch {
	case named && err == nil && bare(number) == to:
		return true
	case within(to, nowhere):
		return false
	case !within(to, inside):
		return true
	}
	return named && err != nil && local(host)
}

func plain(host string) string { return strings.ToLower(strings.TrimSuffix(host, ".")) }

// translated are the addresses of IPv4 that pass through networks of IPv6 (NAT64).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// bare is an address without zone and wrapping.
func bare(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if translated.Contains(a) {
		raw := a.As16()
		a = netip.AddrFrom4([4]byte(raw[12:]))
	}
	return a
}

// nowhere is no server's, or the metadata of a cloud.
var nowhere = prefixes("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32",
	"::/128", "fe80::/10", "fd00:ec2::254/128", "ff00::/8")

// inside is this machine and the networks that are nobody's in particular.
var inside = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
	"100.64.0.0/10", "192.0.0.0/24", "::1/128", "fc00::/7", "fec0::/10")

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

func within(a netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// local reports whether a name cannot be a public one: it has no dot (a container, a
// machine of the house) or ends in what is set aside for local networks.
func local(host string) bool {
	if !strings.Contains(host, ".") {
		return true
	}
	for _, end := range []string{".localhost", ".local", ".internal", ".home.arpa", ".lan", ".home"} {
		if strings.HasSuffix(host, end) {
			return true
		}
	}
	return false
}
