package outgoing

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
)

func guard(t *testing.T, base string) *Guard {
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	return NewGuard(u)
}

func TestAllows(t *testing.T) {
	const public, name = "https://api.telegram.org", "api.telegram.org"
	for _, c := range []struct {
		base, host, to string
		want           bool
	}{
		{public, name, "149.154.167.220", true},
		{public, name, "2001:67c:4e8:f004::9", true},
		// A public name that suddenly leads here.
		{public, name, "127.0.0.1", false},
		{public, name, "::1", false},
		{public, name, "::ffff:127.0.0.1", false},
		{public, name, "10.1.2.3", false},
		{public, name, "172.31.255.1", false},
		{public, name, "192.168.0.1", false},
		{public, name, "100.100.100.200", false},
		{public, name, "192.0.0.192", false},
		{public, name, "fd12::1", false},
		{public, name, "64:ff9b::c0a8:1", false},
		{public, name, "64:ff9b::9599:a7dc", true},
		// What no name may lead to.
		{public, name, "169.254.169.254", false},
		{public, name, "::ffff:169.254.169.254", false},
		{public, name, "64:ff9b::a9fe:a9fe", false},
		{public, name, "fe80::1%eth0", false},
		{public, name, "fd00:ec2::254", false},
		{public, name, "0.0.0.0", false},
		{public, name, "0.1.2.3", false},
		{public, name, "::", false},
		{public, name, "224.0.0.1", false},
		{public, name, "255.255.255.255", false},
		{public, name, "ff02::1", false},
		// A server of one's own.
		{"http://localhost:8081", "localhost", "127.0.0.1", true},
		{"http://LOCALHOST.:8081", "localhost", "::1", true},
		{"http://127.0.0.1:8081", "127.0.0.1", "127.0.0.1", true},
		{"http://[::1]:8081", "::1", "::1", true},
		{"http://192.168.7.7", "192.168.7.7", "192.168.7.7", true},
		{"http://bot-api:8081", "bot-api", "172.18.0.3", true},
		{"http://nas.lan", "nas.lan", "192.168.7.7", true},
		{"http://nas.lan", "nas.lan", "169.254.169.254", false},
		{"http://nas.lan", "nas.lan", "fd00:ec2::254", false},
		// … and nothing else beside it.
		{"http://192.168.7.7", "192.168.7.8", "192.168.7.8", false},
		{"http://192.168.7.7", "other.example.org", "192.168.7.7", false},
		{"http://localhost:8081", "127.0.0.1", "127.0.0.1", false},
		{"http://127.0.0.1:8081", "localhost", "127.0.0.1", false},
		{public, "localhost", "127.0.0.1", false},
		{public, "printer", "10.0.0.9", false},
		// Who writes down such a number means it.
		{"http://169.254.10.10", "169.254.10.10", "169.254.10.10", true},
		{"http://169.254.10.10", "169.254.10.10", "169.254.169.254", false},
		{"http://169.254.10.10", "169.254.169.254", "169.254.169.254", false},
	} {
		if got := guard(t, c.base).allows(c.host, netip.MustParseAddr(c.to)); got != c.want {
			t.Errorf("with %s, %s that leads to %s is allowed: %v", c.base, c.host, c.to, got)
		}
	}
}

// The guard looks at the very address that is dialled.
func TestDial(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	address := srv.Listener.Addr().String()
	_, port, _ := net.SplitHostPort(address)
	conn, err := guard(t, srv.URL).DialContext(context.Background(), "tcp", address)
	if err != nil {
		t.Fatalf("the operator's own address: %v", err)
	}
	conn.Close()
	for _, to := range []string{address, "localhost:" + port, "[::ffff:127.0.0.1]:" + port, "0.0.0.0:" + port} {
		conn, err := guard(t, "https://discord.com").DialContext(context.Background(), "tcp", to)
		if conn != nil {
			conn.Close()
		}
		if !errors.Is(err, ErrAddress) {
			t.Errorf("%s gave %v", to, err)
		}
	}
}

// The proxies of the environment are the operator's, so they may stand in the house.
func TestProxyIsNamed(t *testing.T) {
	proxy, err := http.ProxyFromEnvironment(&http.Request{URL: &url.URL{Scheme: "https", Host: "network.invalid"}})
	if err != nil || proxy == nil {
		t.Fatalf("TestMain sets a proxy, and there is none: %v", err)
	}
	if !guard(t, "https://discord.com").allows(proxy.Hostname(), netip.MustParseAddr("127.0.0.9")) {
		t.Error("the proxy cannot be reached")
	}
}

// TestMain sets a proxy, which net/http reads only once.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTPS_PROXY", "https_proxy"} {
		os.Setenv(name, "http://127.0.0.9:3128")
	}
	m.Run()
}

func TestWatch(t *testing.T) {
	closed, _ := net.Listen("tcp", "127.0.0.1:0")
	closed.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }))
	defer plain.Close()
	untrusted := httptest.NewUnstartedServer(http.NotFoundHandler())
	untrusted.Config.ErrorLog = log.New(io.Discard, "", 0)
	untrusted.StartTLS()
	defer untrusted.Close()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		name, url string
		ctx       context.Context
		want      bool
	}{
		{"nobody there", "http://" + closed.Addr().String(), context.Background(), true},
		{"no TLS there", strings.Replace(plain.URL, "http:", "https:", 1), context.Background(), true},
		{"a certificate that is not trusted", untrusted.URL, context.Background(), true},
		{"cut after it was written", plain.URL, context.Background(), false},
		{"over before it began", plain.URL, over, false},
	} {
		transport := &http.Transport{DialContext: guard(t, c.url).DialContext}
		ctx, watch := Follow(c.ctx)
		req, _ := http.NewRequestWithContext(ctx, http.MethodPost, c.url, strings.NewReader("x"))
		if resp, err := transport.RoundTrip(req); err == nil {
			resp.Body.Close()
			t.Errorf("%s: no error", c.name)
		}
		if watch.Unsent() != c.want {
			t.Errorf("%s: unsent %v, want %v", c.name, watch.Unsent(), c.want)
		}
		transport.CloseIdleConnections()
	}
	// A transport that does not tell leaves everything open.
	ctx, watch := Follow(context.Background())
	req, _ := http.NewRequestWithContext(ctx, http.MethodPost, plain.URL, nil)
	if _, err := (silent{}).RoundTrip(req); err == nil || watch.Unsent() {
		t.Error("of a transport that tells nothing something was believed")
	}
}

type silent struct{}

func (silent) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("no") }
