package simulation

import (
	"context"
	"fmt"
	"time"

	"evenfall/bot"
)

// weather is what happens to everybody: the program ends, a network is away, the clock is set.
func (w *world) weather() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for d := range w.days {
		p := w.share(forOutage, d)
		in := time.Duration(d)*24*time.Hour + w.span(0, 24*time.Hour, forOutage, d, 1).Round(time.Second)
		switch {
		case p < 0.05:
			w.in(in, func() {
				if h := w.house; h != nil {
					h.die()
				}
			})
		case p < 0.10:
			w.in(in, w.restart)
		case p < 0.16:
			w.in(in, func() { w.storm([]string{left, right}[d%2], w.span(time.Minute, 3*time.Hour, forOutage, d, 2)) })
		case p < 0.165:
			w.in(in, func() { w.set(w.span(-3*time.Hour, 5*time.Hour, forOutage, d, 2).Round(time.Minute)) })
		case p < 0.17: // set wrong, and right again before anybody believes it
			w.in(in, func() { w.set(26 * time.Hour) })
			w.in(in+3*time.Minute, func() { w.set(-26 * time.Hour) })
		}
	}
	w.in(time.Duration(w.days)*24*time.Hour+80*time.Hour, w.ask)
}

// restart ends the program well, and starts it again.
func (w *world) restart() {
	h := w.house
	if h == nil || h.dead.Load() {
		return
	}
	h.end()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.crashes++
	w.in(w.gap(w.crashes), w.up)
}

// storm takes a network away for a while.
func (w *world) storm(network string, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("%s is away for "+d.String(), network)
	w.away[network] = w.wall().Add(d)
	w.outages = append(w.outages, down{w.wall(), w.wall().Add(d)})
	began := w.wall()
	w.in(d/2, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		for _, ch := range w.places { // some leave with letters still on their way
			if p := ch.owner; p != nil && ch.waits.After(began) && w.share(forErrand, ch.number, day(began), -2) < 0.7 {
				p.sets([]step{{who: p.who, in: ch, say: "/leave 1"}})
			}
		}
	})
}

// set sets the clock on the wall.
func (w *world) set(by time.Duration) {
	if h := w.house; h != nil && !h.dead.Load() {
		h.lived()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note("the clock is set by %s", by)
	w.jumps = append(w.jumps, w.wall(), w.wall().Add(by))
	w.offset += by
}

// ask asks for every streak, and knows what the answer must be.
func (w *world) ask() {
	for _, c := range w.couples {
		rec, err := w.house.store.Load(context.Background(), c.id, "", bot.Want{Days: true})
		if err != nil {
			continue // both have left
		}
		var s story
		for _, d := range rec.Days {
			s.tell(int(d.Date), int(d.Mark))
		}
		w.mu.Lock()
		for _, p := range c.people {
			if p.out || c.over {
				continue
			}
			p.nook.expects = s.told()
			p.call(p.nook, "streak")
			break
		}
		w.mu.Unlock()
	}
}

// told is a streak in words.
func (s story) told() string {
	if s.all == 0 {
		return "The first evening together is still to come."
	}
	evenings := func(n int) string {
		if n == 1 {
			return "1 evening"
		}
		return fmt.Sprintf("%d evenings", n)
	}
	return fmt.Sprintf("🕯 %s together in a row\nBest so far: %d\nIn all: %s together.", evenings(s.row), s.best, evenings(s.all))
}
