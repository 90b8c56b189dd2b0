package web

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
)

// tokenHeader bears the token of this process on every POST.
const tokenHeader = "X-Evenfall-Token"

// maxBody is the most bytes a page may send at once.
const maxBody = 64 << 10

// secret is 128 random bits as letters.
func secret() string { return rand.Text() }

// policy lets the page load its own two files and nothing else, and run nothing
// that is not in them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"

// guard keeps other sites out. A site that resolves its own name to this computer
// (DNS rebinding) shows in Host; one that posts here shows in Origin, has no token,
// and may not send JSON without asking first.
func (a *Adapter) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if !a.ours(r.Host) {
			http.Error(w, "wrong host", http.StatusMisdirectedRequest)
			return
		}
		if why := a.foreign(r); why != "" {
			http.Error(w, why, http.StatusForbidden)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		next.ServeHTTP(w, r)
	})
}

// ours reports whether a Host header names this page.
func (a *Adapter) ours(host string) bool {
	name, port, err := net.SplitHostPort(host)
	if err != nil {
		name, port = host, "80"
	}
	_, own, _ := net.SplitHostPort(a.listener.Addr().String())
	ip := net.ParseIP(name)
	return port == own && (name == "localhost" || ip != nil && ip.IsLoopback())
}

// foreign says why a request did not come from the page itself, or "".
func (a *Adapter) foreign(r *http.Request) string {
	if r.Method == http.MethodGet && r.URL.Path == "/" {
		return "" // a link to the page may stand anywhere; frames are forbidden by policy
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return "another site"
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return ""
	}
	if r.Header.Get("Origin") != "http://"+r.Host {
		return "another origin"
	}
	if r.Header.Get("Content-Type") != "application/json" {
		return "not JSON"
	}
	if subtle.ConstantTimeCompare([]byte(r.Header.Get(tokenHeader)), []byte(a.token)) != 1 {
		return "wrong token"
	}
	return ""
}
