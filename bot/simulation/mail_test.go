package simulation

import (
	"context"
	"fmt"
	"time"

	"evenfall/bot"
)

// event is something that people did, on its way to the house.
type event struct {
	bot.Incoming
	at    time.Time // by the bubble's clock
	tries int
	heard func(toast string, sure bool) // the network got its answer; not sure = an earlier one may have been lost
	begun func()                        // the house gets it, perhaps not for the first time
}

// How long networks keep what could not be delivered.
const (
	tapsKept  = 150 * time.Second
	wordsKept = 24 * time.Hour
)

// tell puts an event on its way. It may be slow, and it may come again later. The mutex is held.
func (w *world) tell(ch *chat, e *event) {
	ch.told++
	e.ID = fmt.Sprintf("%x", w.roll(forTell, ch.number, ch.told)) // in no order
	e.Chat, e.at = ch.Chat, time.Now()
	if ch.owner == nil {
		e.Members = ch.couple.members
	}
	w.note("%s tells %d %s%s", ch, e.Kind, e.Command+e.Text, e.Payload)
	if ch.owner != nil && e.Kind != bot.Counted {
		ch.blocked = false
		e.Open = true
	}
	p := w.share(forTell, ch.number, ch.told, 1)
	if p < 0.02 && !w.calm {
		again := *e
		again.heard, again.begun = nil, nil
		w.in(w.span(time.Second, 40*time.Hour, forWait, ch.number, -ch.told).Round(time.Second), func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			again.at = time.Now()
			w.line(ch, &again)
		})
	}
	if p > 0.97 && !w.calm {
		w.in(w.span(time.Second, 30*time.Second, forWait, ch.number, ch.told).Round(time.Second), func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.line(ch, e)
		})
		return
	}
	w.line(ch, e)
}

// line puts an event at the end of its chat's. The mutex is held.
func (w *world) line(ch *chat, e *event) {
	ch.inbox = append(ch.inbox, e)
	w.pump(ch)
}

// pump brings a chat's events to the house, one after another, if there is one. The mutex is held.
func (w *world) pump(ch *chat) {
	if ch.pumping || len(ch.inbox) == 0 || w.house == nil {
		return
	}
	ch.pumping = true
	go func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for len(ch.inbox) > 0 && w.house != nil && !w.house.dead.Load() {
			if e := ch.inbox[0]; !w.deliver(w.house, e) {
				w.mu.Unlock()
				time.Sleep(10 * time.Second)
				w.mu.Lock()
				continue
			}
			ch.inbox[0] = nil
			ch.inbox = ch.inbox[1:]
		}
		ch.pumping = false
	}()
}

// deliver hands one event over, and reports whether the network is done with it. The mutex
// is held, but not while the house works on it.
func (w *world) deliver(h *house, e *event) (done bool) {
	keep := wordsKept
	if e.Kind == bot.Tapped {
		keep = tapsKept
	}
	if time.Since(e.at) > keep {
		w.note("%s %s is forgotten", e.Chat.ID, e.Payload)
		return true
	}
	if e.begun != nil {
		e.begun()
	}
	e.tries++
	w.mu.Unlock()
	answer, err := h.bot.Handle(context.Background(), e.Incoming)
	w.mu.Lock()
	if h.dead.Load() || err != nil {
		if err != nil && !h.dead.Load() {
			w.note("%s was not taken: %v", e.Chat.ID, err)
		}
		return false
	}
	w.count++
	w.toast(e, answer.Toast)
	if e.heard != nil {
		e.heard(answer.Toast, e.tries == 1)
	}
	return true
}
