package adaptertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"maps"
	mathrand "math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Wire is an http.RoundTripper between an adapter and its pretend network. It keeps
// account of every request, and can make the next one to a site go wrong. What goes
// wrong does so between net/http's own client and server, so that they behave as they
// would.
type Wire struct {
	*Air
	t       *testing.T
	site    func(*http.Request) string
	refusal func(status, after int) string

	net, dead, lies *http.Transport
	liar            *httptest.Server

	mu    sync.Mutex
	on    bool
	apart []string       // sites that are left out of the account
	calls map[string]int // by site, since the account began
	armed map[string][]Mishap
	met   map[caller]bool // lines that led to a request that went wrong
	lied  map[string]bool // requests that the liar has had
}

// NewWire is a wire that ends with the test. site names the call that a request is;
// refusal is the body with which the network would answer a status, with a number of
// seconds to wait when that is not 0.
func NewWire(t *testing.T, air *Air, site func(*http.Request) string, refusal func(status, after int) string) *Wire {
	w := &Wire{t: t, Air: air, site: site, refusal: refusal, lied: map[string]bool{}, met: map[caller]bool{}}
	w.net, w.lies = &http.Transport{DialContext: air.DialContext}, &http.Transport{DialContext: air.DialContext}
	w.dead = &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return air.DialContext(ctx, network, "127.0.0.1:1")
	}}
	w.liar = &httptest.Server{Listener: air.Listen(), Config: &http.Server{Handler: http.HandlerFunc(w.lie)}}
	w.liar.Start()
	t.Cleanup(func() {
		w.liar.CloseClientConnections()
		w.liar.Close()
		w.net.CloseIdleConnections()
		w.lies.CloseIdleConnections()
	})
	return w
}

// Begin starts a new account, with mishaps for the next requests to some sites, and
// others of which none is kept.
func (w *Wire) Begin(armed map[string][]Mishap, apart []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.on, w.armed, w.apart = true, armed, apart
	w.calls = map[string]int{}
}

// End ends the account: the requests, by site.
func (w *Wire) End() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.on = false
	return maps.Clone(w.calls)
}

// Met waits until a site has met all its mishaps, and reports whether it did.
func (w *Wire) Met(site string) bool {
	met := func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		return len(w.armed[site]) == 0
	}
	for end := time.Now().Add(Long); !met() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	return met()
}

// Calls is how many requests to a site there were since the account began.
func (w *Wire) Calls(site string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.calls[site]
}

func (w *Wire) take(site string) (m Mishap, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.on || slices.Contains(w.apart, site) {
		return m, false
	}
	w.calls[site]++
	if len(w.armed[site]) == 0 {
		return m, false
	}
	m, w.armed[site] = w.armed[site][0], w.armed[site][1:]
	for _, c := range callers() {
		w.met[c] = true
	}
	return m, true
}

// RoundTrip passes a request on, or what a mishap leaves of it.
func (w *Wire) RoundTrip(req *http.Request) (*http.Response, error) {
	for name := range req.Header {
		if strings.HasSuffix(strings.ToLower(name), "idempotency-key") {
			w.t.Errorf("%s: with %s net/http sends a request again by itself", w.site(req), name)
		}
	}
	m, ok := w.take(w.site(req))
	// No two things happen in the same instant, and between two of them everybody comes
	// to rest: the clock stands still until then.
	time.Sleep(mathrand.N(latency))
	if !ok {
		return w.net.RoundTrip(req)
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body.Close()
	}
	switch m.line {
	case refused:
		return w.dead.RoundTrip(again(req.Context(), req, body, ""))
	case noTLS:
		r := again(req.Context(), req, body, w.liar.URL)
		r.URL.Scheme = "https"
		return w.lies.RoundTrip(r)
	case slowly:
		time.Sleep(slowness)
		return w.net.RoundTrip(again(req.Context(), req, body, ""))
	case mislabel:
		resp, err := w.net.RoundTrip(again(req.Context(), req, body, ""))
		if err == nil {
			resp.Header.Set("Content-Type", "text/html")
		}
		return resp, err
	}
	if m.After {
		w.takeEffect(req, body)
	}
	r := again(req.Context(), req, body, w.liar.URL)
	r.Header.Set("Mishap", m.Name)
	r.Header.Set("Mishap-Number", rand.Text())
	w.warm()
	return w.lies.RoundTrip(r)
}

// again is a copy of a request, to another base address if there is one.
func again(ctx context.Context, req *http.Request, body []byte, base string) *http.Request {
	r := req.Clone(ctx)
	r.Body, r.GetBody = nil, nil
	if req.Body != nil && req.Body != http.NoBody {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		r.Body, _ = open()
		if req.GetBody != nil {
			r.GetBody = open
		}
	}
	if u, err := url.Parse(base); err == nil && base != "" {
		r.URL.Scheme, r.URL.Host, r.Host = u.Scheme, u.Host, u.Host
	}
	return r
}

// takeEffect lets the network do what it is asked, and loses its answer.
func (w *Wire) takeEffect(req *http.Request, body []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), Long)
	defer cancel()
	resp, err := w.net.RoundTrip(again(ctx, req, body, ""))
	if err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

// warm leaves a kept connection for the mishap: on a new one net/http would not even
// think of sending a request once more.
func (w *Wire) warm() {
	req, _ := http.NewRequest(http.MethodGet, w.liar.URL+"/warm", nil)
	if resp, err := w.lies.RoundTrip(req); err == nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
	}
}

// lie is the far end of a request that a mishap has got hold of.
func (w *Wire) lie(rw http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	switch r.URL.Path {
	case "/warm":
		return
	case "/astray":
		w.t.Errorf("a redirect to another host was followed")
		return
	}
	i := slices.IndexFunc(Mishaps, func(m Mishap) bool { return m.Name == r.Header.Get("Mishap") })
	if i < 0 {
		return
	}
	w.mu.Lock()
	number := r.Header.Get("Mishap-Number")
	if w.lied[number] && r.Method != http.MethodGet {
		w.t.Errorf("%s: net/http sent a request again by itself", Mishaps[i].Name)
	}
	w.lied[number] = true
	w.mu.Unlock()
	Mishaps[i].play(rw, r, w.refusal)
}
