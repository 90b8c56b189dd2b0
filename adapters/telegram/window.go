package telegram

import "time"

// window is a number of places of which every request takes one. Within any span of
// Telegram's clock there are never more requests than places, whatever happens to them
// on the way:
//
//	       leaves     counted    answered           free again, leaves     counted
//	place ───┤───────────┤──────────┤──── span ────────────┤──────────────────┤───
//
// A place is free again a span after its request was answered. That request was counted
// before its answer came, and the next one is counted after it leaves: so two requests of one place
// are always more than a span apart. Of more requests in one span than there are
// places, two would have had the same one.
//
// A bucket of tokens promises less: after a pause it lets out its burst and the rate on
// top, and a delay on the way pushes requests together that left evenly.
type window struct {
	most int
	span time.Duration
	out  int         // requests without an answer
	back []time.Time // when the others were answered, the oldest first; those of the last span
}

// free is when there is a place; false = not before another answer.
func (w *window) free(now time.Time) (time.Time, bool) {
	for len(w.back) > 0 && now.Sub(w.back[0]) >= w.span {
		w.back = w.back[1:]
	}
	last := w.out + len(w.back) - w.most // the place that has to become free
	switch {
	case last < 0:
		return now, true
	case last < len(w.back):
		return w.back[last].Add(w.span), true
	}
	return time.Time{}, false
}

func (w *window) leave() { w.out++ }

func (w *window) answer(now time.Time) {
	w.out--
	w.back = append(w.back, now)
}

// idle reports whether the window remembers nothing that still matters.
func (w *window) idle(now time.Time) bool {
	return w.out == 0 && (len(w.back) == 0 || now.Sub(w.back[len(w.back)-1]) >= w.span)
}
