//go:build crash

package crashtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// What a line of the record tells of.
const (
	pressed = "pressed"             // somebody tapped a button
	said    = "said"                // somebody said something
	ticked  = "answerCallbackQuery" // the program told that the tap is kept
	sent    = "sendMessage"
	edited  = "editMessageText"
)

// line is one thing that happened between people and the program.
type line struct {
	what  string
	who   int64 // who pressed or said it
	chat  int64
	data  string // pressed: the button's payload
	query string // pressed, ticked: the tap's number
	text  string // said, sent, edited; ticked: the toast
	keys  string // sent, edited: the buttons
	taken bool   // by Telegram; false = refused, or the program was gone before it heard
}

// witness stands between the program and the pretend Telegram. It writes down what
// people did before the program can know of it, and what the program asked for before
// Telegram does it.
type witness struct {
	URL string

	mu    sync.Mutex
	lines []*line
	polls int
}

func newWitness(t testing.TB, telegram string) *witness {
	w := &witness{}
	to, err := url.Parse(telegram)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:        func(r *httputil.ProxyRequest) { r.SetURL(to) },
		ModifyResponse: w.answered,
		ErrorHandler:   func(http.ResponseWriter, *http.Request, error) {}, // the program is gone
	}
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		proxy.ServeHTTP(rw, w.asked(r))
	}))
	t.Cleanup(s.Close)
	w.URL = s.URL
	return w
}

type lineKey struct{}

// asked writes a request down.
func (w *witness) asked(r *http.Request) *http.Request {
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	form, _ := url.ParseQuery(string(body))
	chat, _ := strconv.ParseInt(form.Get("chat_id"), 10, 64)
	l := &line{what: r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:], chat: chat, query: form.Get("callback_query_id"),
		text: form.Get("text"), keys: form.Get("reply_markup")}
	w.mu.Lock()
	defer w.mu.Unlock()
	switch l.what {
	case "getUpdates":
		w.polls++
	case ticked, sent, edited:
		w.lines = append(w.lines, l)
	}
	return r.WithContext(context.WithValue(r.Context(), lineKey{}, l))
}

// answered notes whether Telegram took a request.
func (w *witness) answered(resp *http.Response) error {
	l := resp.Request.Context().Value(lineKey{}).(*line)
	if l.what == "getUpdates" {
		return nil
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(body))
	var a struct{ OK bool }
	if err := json.Unmarshal(body, &a); err != nil {
		return fmt.Errorf("the pretend Telegram does not speak JSON: %w", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	l.taken = a.OK
	return nil
}

// did writes down what a person does, and does it, in one step: no answer can come between.
func (w *witness) did(l *line, do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
	w.lines = append(w.lines, l)
}

// record is all that has happened so far.
func (w *witness) record() []line {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := make([]line, len(w.lines))
	for i, l := range w.lines {
		all[i] = *l
	}
	return all
}

// asks counts the program's polls: the first means that it is ready.
func (w *witness) asks() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.polls
}

// requests counts what the program has asked for, polls not counted.
func (w *witness) requests() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.lines)
}
