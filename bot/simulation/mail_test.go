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
	again bool                          // it was told before
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
		again.again = true
		again.heard = nil // what it gets is no tick; but the house may get it for the first time
		w.in(w.span(time.Second, 40*time.Hour, forWait, ch.number, -ch.told).Round(time.Second), func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			again.at = time.Now()
			w.queue(ch, &again)
		})
	}
	if p > 0.97 && !w.calm {
		w.in(w.span(time.Second, 30*time.Second, forWait, ch.number, ch.told).Round(time.Second), func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.queue(ch, e)
		})
		return
	}
	w.queue(ch, e)
}

// queue puts an event at the end of its chat's. The mutex is held.
func (w *world) queue(ch *chat, e *event) {
	ch.inbox = append(ch.inbox, e)
	w.pump(ch)
}

// pump sees to it that a chat's events are brought to the house, one after another. The mutex is held.
func (w *world) pump(ch *chat) {
	if !ch.pumping && len(ch.inbox) > 0 {
		ch.pumping = true
		w.in(0, func() { w.serve(ch) })
	}
}

// serve brings them, if there is a house. What it does not take is brought again.
func (w *world) serve(ch *chat) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(ch.inbox) > 0 && w.house != nil && !w.house.dead.Load() {
		if !w.deliver(w.house, ch.inbox[0]) {
			w.in(10*time.Second, func() { w.serve(ch) })
			return
		}
		ch.inbox = ch.inbox[1:]
	}
	ch.pumping = false
}

// deliver hands one event over, and reports whether the network is done with it. The mutex
// is held, but not while the house works on it.
func (w *world) deliver(h *house, e *event) (done bool) {
	keep := wordsKept
	if e.Kind == bot.Tapped {
		keep = tapsKept
	}
	if time.Since(e.at) > keep {
		w.note("%s forgets %s", w.chats[e.Chat], e.Payload)
		return true
	}
	if e.begun != nil {
		e.begun()
	}
	if e.Members == 2 {
		w.chats[e.Chat].couple.crowd = false
	}
	e.tries++
	w.mu.Unlock()
	answer, err := h.bot.Handle(context.Background(), e.Incoming)
	w.mu.Lock()
	if h.dead.Load() || err != nil {
		if err != nil && !h.dead.Load() {
			w.note("%s was not heard: %v", w.chats[e.Chat], err)
		}
		return false
	}
	w.count++
	w.toast(e, answer.Toast)
	if e.Members > 2 && !e.again {
		w.chats[e.Chat].couple.crowd = true
	}
	if e.heard != nil {
		e.heard(answer.Toast, e.tries == 1)
	}
	return true
}
