package web

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// snapshot is all that a page needs to show, when it opens or comes back.
type snapshot struct {
	Kind   string                `json:"kind"` // "snapshot"
	Token  string                `json:"token"`
	People []person              `json:"people"`
	Chats  map[string][]*message `json:"chats"`
	Now    string                `json:"now"`
	Moving bool                  `json:"moving"`
}

// watch begins to tell a page everything, from the returned snapshot on. The
// channel is closed when the page is too slow to follow; it then comes back.
func (c *chats) watch() (snapshot, chan update) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := snapshot{Kind: "snapshot", Chats: map[string][]*message{}}
	for _, chat := range lanes {
		s.Chats[chat] = slices.Clone(c.kept.Chats[chat]) // messages in it are never written to
		if s.Chats[chat] == nil {
			s.Chats[chat] = []*message{}
		}
	}
	for _, p := range c.kept.People {
		s.People = append(s.People, *p)
	}
	ch := make(chan update, 256)
	c.watchers[ch] = true
	return s, ch
}

// leave ends watch.
func (c *chats) leave(ch chan update) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.watchers, ch)
}

// tell tells every open page. The caller holds mu.
func (c *chats) tell(u update) {
	for ch := range c.watchers {
		select {
		case ch <- u:
		default:
			delete(c.watchers, ch)
			close(ch)
		}
	}
}

// events streams what happens to one page.
func (a *Adapter) events(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	s, ch := a.chats.watch()
	defer a.chats.leave(ch)
	s.Token, s.Now = a.token, a.shown()
	s.Moving = a.moving.Load()
	flow := http.NewResponseController(w)
	write := func(v any) bool {
		text, err := json.Marshal(v)
		if err != nil {
			return false
		}
		_, err = fmt.Fprintf(w, "data: %s\n\n", text)
		return err == nil && flow.Flush() == nil
	}
	if _, err := io.WriteString(w, "retry: 1000\n"); err != nil || !write(s) {
		return
	}
	for {
		select {
		case <-r.Context().Done():
			return
		case u, ok := <-ch:
			if !ok || !write(u) {
				return
			}
		}
	}
}

// shown is the house's clock as the page reads it: wall time with its offset.
func (a *Adapter) shown() string { return a.Now().Format(time.RFC3339) }

// tick shows the clock on every open page. It also finds out which pages are gone.
func (a *Adapter) tick(ctx context.Context) {
	pace := time.NewTicker(time.Second)
	defer pace.Stop()
	last := ""
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			return
		case <-pace.C:
		}
		if now := a.shown(); now[:16] != last || n%15 == 0 {
			last = now[:16]
			a.clock()
		}
	}
}

// clock tells every open page what time it is.
func (a *Adapter) clock() {
	a.chats.mu.Lock()
	defer a.chats.mu.Unlock()
	a.chats.tell(update{Kind: "clock", Now: a.shown(), Moving: a.moving.Load()})
}
