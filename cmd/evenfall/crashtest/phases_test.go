//go:build crash

package crashtest

import (
	"fmt"
	"time"
)

// every reports whether what each couple's room shows suits; idle couples do not count.
func (h *house) every(suits func(c *couple, v view) bool) bool {
	for _, c := range h.couples {
		if v := c.view(); !c.idle(v) && !suits(c, v) {
			return false
		}
	}
	return true
}

// idle is a couple that is leaving, or has only just joined.
func (c *couple) idle(v view) bool {
	return c.leave.Load() || v.round() == 0 && v.has("join.closing.title")
}

func (h *house) joined() bool {
	return h.every(func(*couple, view) bool { return false })
}

func (h *house) asked() bool {
	return h.every(func(_ *couple, v view) bool { return v.tonight() })
}

func (v view) tonight() bool { return v.has("checkin.title") || v.has("checkin.both.title") }

// answered is when all who mean to answer have, and who wants to leave has left.
func (h *house) answered() bool {
	for _, c := range h.couples {
		if c.leave.Load() && c.left.Load() < 2 {
			return false
		}
	}
	return h.every(func(c *couple, v view) bool {
		return v.has("checkin.both.title") || v.round() > 0 && c.plan(v.round()) >= alone
	})
}

func (h *house) closed() bool { return !h.busy() && h.quiet() }

func (v view) over() bool { return v.has("checkin.both.title") || v.has("checkin.closed.title") }

// told reports whether they were told, at a tap, that the evening is over.
func (c *couple) told() bool {
	query, _ := c.late.Load().(string)
	toast, _ := c.people[0].srv.Toast(query)
	return toast == english("checkin.over")
}

// quiet is when nothing has been asked for a while.
func (h *house) quiet() bool {
	n := h.w.requests()
	time.Sleep(60 * time.Millisecond)
	return h.w.requests() == n || h.busy()
}

// busy reports whether people are still tapping, so that it is never quiet.
func (h *house) busy() bool {
	return !h.every(func(c *couple, v view) bool { return v.over() || c.told() })
}

// shown is what the rooms show, for who has to find out what went wrong.
func (h *house) shown() (all string) {
	for _, c := range h.couples {
		for _, m := range c.view() {
			all += fmt.Sprintf("couple %d: %q %q\n", c.n, m.Title, m.Text)
		}
	}
	return all
}
