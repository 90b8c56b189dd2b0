package adaptertest

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"evenfall/adapters/outgoing"
	"evenfall/bot"
)

// Guarded wants that an adapter with a transport of its own stays away from this
// machine's network, except from the address in its settings. open makes an adapter for
// a base address. It must not run beside other tests: it changes how names are resolved.
func Guarded(t *testing.T, room bot.Chat, open func(api string) bot.Adapter) {
	leadHere(t)
	var visits atomic.Int32
	inside := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	send := func(api string) error {
		_, err := open(api).Send(t.Context(), bot.Letter{ID: 1, Chat: room, Page: bot.Page{Text: canary}})
		return err
	}

	err := send("http://api.example.org:" + port)
	if !errors.Is(err, outgoing.ErrAddress) || verdict(err) != IsUnsent {
		t.Errorf("a public name that leads to this machine gave %v", err)
	}
	if n := visits.Load(); n > 0 {
		t.Errorf("%d requests came to this machine under a public name", n)
	}
	// The settings' own address is reached, even here, and what it says is heard …
	if err := send(inside.URL); err == nil || verdict(err) != IsUnknown || visits.Swap(0) == 0 {
		t.Errorf("the address of the settings gave %v", err)
	}
	// … but not where it points to: a redirect would carry the letter and the token.
	for _, to := range []string{"http://localhost:" + port, inside.URL, "http://api.example.org:" + port} {
		astray := httptest.NewServer(http.RedirectHandler(to, http.StatusPermanentRedirect))
		if err := send(astray.URL); err == nil || strings.Contains(err.Error(), port) {
			t.Errorf("a redirect gave %v", err)
		}
		astray.Close()
	}
	if n := visits.Load(); n > 0 {
		t.Errorf("%d redirects were followed", n)
	}
}

// leadHere lets every name that is in no file lead to this machine until the test ends.
func leadHere(t *testing.T) {
	dns, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", dns.LocalAddr().String())
	}}
	ended := make(chan struct{})
	t.Cleanup(func() {
		net.DefaultResolver = before
		dns.Close()
		<-ended
	})
	go func() {
		defer close(ended)
		for query := make([]byte, 1500); ; {
			n, from, err := dns.ReadFrom(query)
			if err != nil {
				return
			}
			_, _ = dns.WriteTo(answer(query[:n], netip.MustParseAddr("127.0.0.1")), from)
		}
	}()
}

// answer is what a name server says to a query for one name (RFC 1035, section 4): an
// IPv4 address to whom asks for one, and nothing else to anybody.
func answer(query []byte, is netip.Addr) []byte {
	const header, a, in = 12, 1, 1
	end := header
	for query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 5 // the empty label, type and class
	answers := uint16(0)
	if binary.BigEndian.Uint16(query[end-4:]) == a {
		answers = 1
	}
	out := append([]byte{}, query[0], query[1], 0x81, 0x80) // an answer, recursive, no error
	for _, n := range []uint16{1, answers, 0, 0} {
		out = binary.BigEndian.AppendUint16(out, n)
	}
	out = append(out, query[header:end]...)
	if answers == 0 {
		return out
	}
	for _, n := range []uint16{0xc000 | header, a, in, 0, 0, 4} { // the name above, for 0 seconds, 4 bytes
		out = binary.BigEndian.AppendUint16(out, n)
	}
	return append(out, is.AsSlice()...)
}
