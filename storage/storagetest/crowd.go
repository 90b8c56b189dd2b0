package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"evenfall/bot"
	"evenfall/rituals"
)

const (
	couples = 40
	taps    = 12
)

// crowd lets many couples tap at once: every tap that was confirmed is there at
// once, refused ones beside them change nothing, and no number is given twice.
func (h house) crowd() {
	ids := make([]bot.CoupleID, couples)
	for n := range ids {
		ids[n] = h.seat(n)
	}
	var mu sync.Mutex
	letters := map[int64]bool{}
	var all sync.WaitGroup
	for n, id := range ids {
		all.Go(func() {
			for tap := range taps {
				got, err := h.tap(id, tap)
				if err != nil {
					h.Errorf("couple %d, tap %d: %v", n, tap, err)
					return
				}
				mu.Lock()
				if letters[got] {
					h.Errorf("letter %d was given twice", got)
				}
				letters[got] = true
				mu.Unlock()
			}
		})
		all.Go(func() { h.steal(n) })
	}
	all.Wait()
	for n, id := range ids {
		r := h.load(id, "checkin", bot.Want{Entries: []string{"mood"}})
		same(h, "the last state", string(r.State), fmt.Sprintf(`{"tap":%d}`, taps-1))
		same(h, "the entries", len(r.Entries), taps)
		same(h, "the room", h.find(user(2*n), room(n)), bot.Found{ByUser: id, ByChat: id})
	}
	var last int64
	waiting := h.letters()
	for _, l := range waiting {
		if l.ID <= last || !letters[l.ID] {
			h.Fatalf("letter %d waits after %d", l.ID, last)
		}
		last = l.ID
	}
	same(h, "the letters", len(waiting), couples*taps/2)
}

// tap is one event of a couple: read, commit, read again, and settle every other letter.
func (h house) tap(id bot.CoupleID, n int) (int64, error) {
	ctx, state := h.Context(), fmt.Sprintf(`{"tap":%d}`, n)
	if _, err := h.s.Load(ctx, id, "checkin", bot.Want{}); err != nil {
		return 0, err
	}
	l := h.letter(id, "prompt")
	r, err := h.s.Commit(ctx, bot.Change{ID: id, States: []bot.State{{Flow: "checkin", JSON: []byte(state)}},
		Entries: []bot.Entry{{Date: rituals.Date(n), Kind: "mood", Who: bot.One}}, Letters: []bot.Letter{l}})
	if err != nil {
		return 0, err
	}
	rec, err := h.s.Load(ctx, id, "checkin", bot.Want{})
	if err != nil {
		return 0, err
	}
	if string(rec.State) != state {
		return 0, fmt.Errorf("read %s after %s was confirmed", rec.State, state)
	}
	l.ID = r.Letters[0]
	if n%2 == 0 {
		err = h.s.Settle(ctx, []bot.Outcome{{Letter: l, Message: "m", Done: true}})
	}
	return l.ID, err
}

// steal tries to take the seats of others, which must be refused.
func (h house) steal(n int) {
	c := pair(n)
	c.Room = bot.Chat{}
	if _, err := h.s.Commit(h.Context(), bot.Change{Couple: &c, Letters: []bot.Letter{h.letter(0, "x")}}); !errors.Is(err, bot.ErrTaken) {
		h.Errorf("a stolen seat: %v, want ErrTaken", err)
	}
}

// whole reads a couple while it changes: state, day and entry always belong together.
func (h house) whole() {
	id := h.seat(0)
	write := func(n int) {
		mark := rituals.Mark(n % 2)
		h.commit(bot.Change{ID: id, States: []bot.State{{Flow: "f", JSON: []byte(fmt.Sprint(n % 2))}},
			Days:    []rituals.Day{{Date: 1, Mark: mark}},
			Entries: []bot.Entry{{Date: 1, Kind: "mood", Who: bot.One, Value: fmt.Sprint(n % 2)}}})
	}
	write(0)
	ctx, stop := context.WithCancel(h.Context())
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			for ctx.Err() == nil {
				r, err := h.s.Load(h.Context(), id, "f", all)
				if err != nil {
					h.Errorf("Load: %v", err)
					return
				}
				if s := string(r.State); s != fmt.Sprint(r.Days[0].Mark) || s != r.Entries[0].Value {
					h.Errorf("half a change: state %s, day %d, entry %s", s, r.Days[0].Mark, r.Entries[0].Value)
					return
				}
			}
		})
	}
	for n := range 200 {
		write(n)
	}
	stop()
	readers.Wait()
}

// ended plays with a context that is over.
func (h house) ended() {
	id := h.seat(0)
	ctx, stop := context.WithCancel(h.Context())
	stop()
	_, err := h.s.Commit(ctx, bot.Change{ID: id, Letters: []bot.Letter{h.letter(id, "a")}})
	if !errors.Is(err, context.Canceled) {
		h.Fatalf("Commit: %v", err)
	}
	if _, err := h.s.Load(ctx, id, "f", bot.Want{}); !errors.Is(err, context.Canceled) {
		h.Fatalf("Load: %v", err)
	}
	same(h, "the letters", h.letters(), nil)
}
