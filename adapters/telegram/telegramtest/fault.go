package telegramtest

import (
	"fmt"
	"net/http"
	"strconv"
)

// Fault is a way for a request to go wrong.
type Fault struct {
	Code        int    // the HTTP status and error_code
	Description string // Telegram's error text
	RetryAfter  int    // seconds, for 429
	HTML        bool   // a page instead of JSON
	Cut         bool   // the connection breaks instead of an answer
	Hang        bool   // there is no answer until the bot gives up
	After       bool   // the request takes effect before it goes wrong
}

// TooMany is a 429.
func TooMany(seconds int) Fault {
	return Fault{Code: 429, Description: fmt.Sprint("Too Many Requests: retry after ", seconds), RetryAfter: seconds}
}

// BadGateway is a 502 with an HTML page.
func BadGateway() Fault { return Fault{Code: 502, HTML: true} }

// Lost takes effect, and then the connection breaks.
func Lost() Fault { return Fault{Cut: true, After: true} }

// Hung takes effect, and then there is silence.
func Hung() Fault { return Fault{Hang: true, After: true} }

// Conflict is another receiver with the same token; for getUpdates.
func Conflict() Fault {
	return Fault{Code: 409, Description: "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"}
}

// Forbidden is a 403, "bot was blocked by the user".
func Forbidden(why string) Fault { return Fault{Code: 403, Description: "Forbidden: " + why} }

// BadRequest is a 400, "chat not found".
func BadRequest(why string) Fault { return Fault{Code: 400, Description: "Bad Request: " + why} }

// Unauthorized is a token that was taken back.
func Unauthorized() Fault { return Fault{Code: 401, Description: "Unauthorized"} }

type fault struct {
	Fault
	method string
	chat   string
	times  int
	after  bool
}

// Fail makes the next requests of a method go wrong, times of them; those to one
// chat, or all when chat is 0.
func (s *Server) Fail(method string, chat int64, f Fault, times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g := &fault{Fault: f, method: method, times: times, after: f.After}
	if chat != 0 {
		g.chat = strconv.FormatInt(chat, 10)
	}
	s.faults = append(s.faults, g)
	s.touch() // a poll that waits meets its fault at once
}

// fault is what a request meets, nil when all goes well. Call it with the lock held.
func (s *Server) fault(method, chat string) *fault {
	for _, f := range s.faults {
		if f.times > 0 && f.method == method && (f.chat == "" || f.chat == chat) {
			f.times--
			return f
		}
	}
	return nil
}

func (f *fault) play(w http.ResponseWriter, r *http.Request, stop chan struct{}) {
	switch {
	case f.Cut:
		if c, _, err := w.(http.Hijacker).Hijack(); err == nil {
			c.Close()
		}
	case f.Hang:
		select {
		case <-r.Context().Done():
		case <-stop:
		}
	case f.HTML:
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(f.Code)
		fmt.Fprintf(w, "<html><head><title>%d</title></head><body><h1>%d</h1>nginx</body></html>", f.Code, f.Code)
	default:
		a := failure(f.Code, f.Description)
		if f.RetryAfter > 0 {
			a.Parameters = &parameters{RetryAfter: f.RetryAfter}
		}
		write(w, a)
	}
}
