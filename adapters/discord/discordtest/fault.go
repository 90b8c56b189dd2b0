package discordtest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"time"
)

// Fault makes requests go wrong.
type Fault struct {
	Op      string // the operation, "POST /channels/{channel_id}/messages"; "" = any
	Path    string // a part of the path; "" = any
	Times   int    // how many requests; 0 = 1
	Status  int    // the answer's status; 0 = the request succeeds
	Code    int    // Discord's error code in it
	HTML    bool   // the answer is a page of a proxy
	After   float64
	Shared  bool // a 429 that is nobody's fault
	Global  bool // a 429 of the limit over all routes
	Lost    bool // the request is done, and the answer never arrives
	Refused bool // the connection breaks before anything is done
	Slow    time.Duration
}

// Fault arms a fault. Faults that fit are used up in order.
func (s *Server) Fault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Times == 0 {
		f.Times = 1
	}
	s.faults = append(s.faults, &f)
}

func (s *Server) fault(op, path string) *Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		if f.Times > 0 && (f.Op == "" || f.Op == op) && strings.Contains(path, f.Path) {
			f.Times--
			return f
		}
	}
	return nil
}

// play answers a request as the fault wants it; do is what the request would do.
func (f *Fault) play(w http.ResponseWriter, r *http.Request, do func(http.ResponseWriter)) {
	if f.Slow > 0 {
		select {
		case <-time.After(f.Slow):
		case <-r.Context().Done():
		}
	}
	switch {
	case f.Lost:
		do(httptest.NewRecorder())
		panic(http.ErrAbortHandler)
	case f.Refused:
		panic(http.ErrAbortHandler)
	case f.Status == 0:
		do(w)
	case f.HTML:
		w.Header().Set("Content-Type", "text/html")
		if f.After > 0 {
			w.Header().Set("Retry-After", strconv.FormatFloat(f.After, 'f', -1, 64))
		}
		w.WriteHeader(f.Status)
		w.Write([]byte("<html><body>error " + strconv.Itoa(f.Status) + "</body></html>"))
	case f.Status == http.StatusTooManyRequests:
		tooMany(w, f.After, f.Shared, f.Global)
	default:
		refuse(w, f.Status, f.Code)
	}
}

func tooMany(w http.ResponseWriter, after float64, shared, global bool) {
	h := w.Header()
	h.Set("Retry-After", strconv.Itoa(int(after+0.999)))
	h.Set("X-RateLimit-Scope", map[bool]string{true: "shared", false: "user"}[shared])
	if global {
		h.Set("X-RateLimit-Global", "true")
		h.Set("X-RateLimit-Scope", "global")
	}
	reply(w, http.StatusTooManyRequests, map[string]any{"message": "You are being rate limited.", "retry_after": after, "global": global})
}

func refuse(w http.ResponseWriter, status, code int) {
	reply(w, status, map[string]any{"message": "refused", "code": code})
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if v != nil {
		json.NewEncoder(w).Encode(v)
	}
}
