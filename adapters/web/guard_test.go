package web

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"evenfall/bot"
)

func silent(context.Context, bot.Incoming) (bot.Answer, error) { return bot.Answer{}, nil }

func TestAddresses(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:8080", ":8080", "192.0.2.1:80", "[::]:8080", "example.org:80", "8080", "localhost", "127.0.0.1.example.org:80"} {
		if _, err := New(Options{Addr: addr}); err == nil {
			t.Errorf("%q was accepted", addr)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v is not one line", addr, err)
		}
	}
	for _, addr := range []string{"127.0.0.1:0", "127.0.0.2:0", "localhost:0", "[::1]:0", ""} {
		if _, err := New(Options{Addr: addr}); err != nil {
			t.Errorf("%q: %v", addr, err)
		}
	}
}

func TestPortInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	a, err := New(Options{Addr: l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	err = a.Listen()
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) || strings.Contains(err.Error(), "\n") {
		t.Errorf("the error is %v", err)
	}
	if a.Address() != "" {
		t.Errorf("the address is %q", a.Address())
	}
}

// Nothing but the page itself may act, and no other name may lead to it.
func TestOtherSites(t *testing.T) {
	heard := make(chan bot.Incoming, 16)
	r := newRig(t, func(_ context.Context, in bot.Incoming) (bot.Answer, error) {
		heard <- in
		return bot.Answer{}, nil
	}, Options{})
	r.run()
	tap := deed{As: "ana", Chat: "room", Payload: "suite/1/a"}
	set := func(name, value string) func(*http.Request) {
		return func(req *http.Request) { req.Header.Set(name, value) }
	}
	for name, change := range map[string]func(*http.Request){
		"rebound name":     func(req *http.Request) { req.Host = "evil.example:80" },
		"rebound, port":    func(req *http.Request) { _, p, _ := net.SplitHostPort(req.Host); req.Host = "evil.example:" + p },
		"another port":     func(req *http.Request) { req.Host = "127.0.0.1:1" },
		"another origin":   set("Origin", "https://evil.example"),
		"opaque origin":    set("Origin", "null"),
		"no origin":        func(req *http.Request) { req.Header.Del("Origin") },
		"another site":     set("Sec-Fetch-Site", "cross-site"),
		"another scheme":   func(req *http.Request) { req.Header.Set("Origin", "https://"+req.Host) },
		"no token":         func(req *http.Request) { req.Header.Del(tokenHeader) },
		"wrong token":      set(tokenHeader, "guess"),
		"a form":           set("Content-Type", "application/x-www-form-urlencoded"),
		"text, no flight":  set("Content-Type", "text/plain"),
		"a neighbour port": set("Sec-Fetch-Site", "same-site"),
	} {
		if status, _ := r.post("tap", tap, change); status != http.StatusForbidden && status != http.StatusMisdirectedRequest {
			t.Errorf("%s: status %d", name, status)
		}
	}
	if status, _ := r.post("say", strings.Repeat(" ", maxBody)+"{}", nil); status != http.StatusBadRequest {
		t.Errorf("too much gave %d", status)
	}
	if status, _ := r.post("tap", tap, nil); status != http.StatusOK {
		t.Fatalf("the page itself got %d", status)
	}
	if n := len(heard); n != 1 {
		t.Errorf("%d events were heard, want 1", n)
	}
	for path, change := range map[string]func(*http.Request){
		"events": set("Sec-Fetch-Site", "cross-site"),
		"":       func(req *http.Request) { req.Host = "evil.example" },
	} {
		req, _ := http.NewRequest("GET", r.adapter.Address()+path, nil)
		change(req)
		res, err := r.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode/100 != 4 {
			t.Errorf("reading /%s from elsewhere gave %d", path, res.StatusCode)
		}
	}
}

func TestPolicy(t *testing.T) {
	r := newRig(t, silent, Options{})
	r.run()
	for _, path := range []string{"", "app.js", "style.css", "icon.svg", "nothing"} {
		res, err := r.client.Get(r.adapter.Address() + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		h := res.Header
		if p := h.Get("Content-Security-Policy"); !strings.Contains(p, "default-src 'none'") || strings.Contains(p, "unsafe") || strings.Contains(p, "*") {
			t.Errorf("/%s: policy %q", path, p)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("/%s: headers %v", path, h)
		}
		text := strings.ReplaceAll(string(body), "http://www.w3.org/2000/svg", "")
		if path != "app.js" && (strings.Contains(text, "http://") || strings.Contains(text, "https://")) {
			t.Errorf("/%s names something outside", path)
		}
	}
}
