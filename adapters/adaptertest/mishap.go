package adaptertest

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"
)

// Mishap is a way for any request to go wrong between an adapter and its network.
// Fault says what a network may answer to a letter; a mishap asks nothing of it.
type Mishap struct {
	Name  string
	After bool // the request takes effect first
	play  func(w http.ResponseWriter, r *http.Request, refusal func(status, after int) string)
	line  line
}

// line is what happens to the request before anybody reads it.
type line uint8

const (
	toLiar   line = iota // it arrives where play plays
	refused              // nobody listens
	noTLS                // who listens speaks no TLS
	slowly               // it takes its time, and all is well
	mislabel             // all is well, but the answer calls itself a page
)

// Mishaps are all of them.
var Mishaps = []Mishap{
	{Name: "refused", line: refused},
	{Name: "no TLS", line: noTLS},
	{Name: "slow", line: slowly, After: true},
	{Name: "mislabelled", line: mislabel, After: true},
	{Name: "reset", play: reset},
	{Name: "reset after", play: reset, After: true},
	{Name: "silence", play: silence},
	{Name: "silence after", play: silence, After: true},
	{Name: "cut short", play: cutShort, After: true},
	{Name: "400", play: refuse(400, 0)},
	{Name: "401", play: refuse(401, 0)},
	{Name: "403", play: refuse(403, 0)},
	{Name: "409", play: refuse(409, 0)},
	{Name: "429", play: refuse(429, 1)},
	{Name: "429 without a time", play: refuse(429, 0)},
	{Name: "429 page", play: htmlPage(429)},
	{Name: "500 page", play: htmlPage(500)},
	{Name: "502 page", play: htmlPage(502)},
	{Name: "200 page", play: htmlPage(200)},
	{Name: "nonsense", play: says(`{"ok":true,"result":{"message_id":"` + canary + `","id":{}},"id":7,"url":7}`)},
	{Name: "emptiness", play: says(`{"ok":true}`)},
	{Name: "hollowness", play: says(`{"ok":true,"result":{}}`)},
	{Name: "endless", play: endless},
	{Name: "redirect", play: redirect},
}

// canary stands in every letter and every lie; it may stand in no error and no log.
const canary = "canary words"

// reset breaks the connection off, with what was read thrown away.
func reset(w http.ResponseWriter, _ *http.Request, _ func(int, int) string) {
	c, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.Close()
}

func silence(_ http.ResponseWriter, r *http.Request, _ func(int, int) string) {
	<-r.Context().Done()
}

func cutShort(w http.ResponseWriter, _ *http.Request, _ func(int, int) string) {
	c, buf, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer c.Close()
	fmt.Fprint(buf, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"ok\":true,\"result\":{\"message_id\":7,\"id\":\"7\",\"text\":\""+canary)
	buf.Flush()
}

func refuse(status, after int) func(http.ResponseWriter, *http.Request, func(int, int) string) {
	return func(w http.ResponseWriter, _ *http.Request, refusal func(int, int) string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		fmt.Fprint(w, refusal(status, after))
	}
}

func htmlPage(status int) func(http.ResponseWriter, *http.Request, func(int, int) string) {
	return func(w http.ResponseWriter, _ *http.Request, _ func(int, int) string) {
		w.Header().Set("Content-Type", "text/html")
		if status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		w.WriteHeader(status)
		fmt.Fprint(w, "<html><body><h1>", status, "</h1>", canary, "</body></html>")
	}
}

func says(body string) func(http.ResponseWriter, *http.Request, func(int, int) string) {
	return func(w http.ResponseWriter, _ *http.Request, _ func(int, int) string) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, body)
	}
}

// endless is more than any adapter should be willing to hold.
func endless(w http.ResponseWriter, _ *http.Request, _ func(int, int) string) {
	const most = 40 << 20
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprint(w, `{"ok":true,"result":"`)
	chunk := []byte(strings.Repeat(canary+" ", 5000))
	for range most / len(chunk) {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

// redirect leads to another host: the same machine under its other name.
func redirect(w http.ResponseWriter, r *http.Request, _ func(int, int) string) {
	_, port, _ := net.SplitHostPort(r.Host)
	w.Header().Set("Location", "http://localhost:"+port+"/astray")
	w.WriteHeader(http.StatusTemporaryRedirect)
}

// How long an answer takes at most, and how long a slow one does besides.
const (
	latency  = 10 * time.Millisecond
	slowness = 200 * time.Millisecond
)
