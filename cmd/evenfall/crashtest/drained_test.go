//go:build crash

package crashtest

import (
	"strings"
	"syscall"
	"time"

	"evenfall/adapters/telegram/telegramtest"
)

// drained wants nothing to be left over: the last start, with nobody acting, has nothing
// to say, and the streak is told as it was lived.
func (h *house) drained() {
	h.run()
	h.ready()
	if !h.srv.Drained() {
		h.t.Errorf("%d updates are never taken", h.srv.Waiting())
	}
	h.await(h.quiet)
	h.end(syscall.SIGTERM)
	before := h.w.requests()
	h.run()
	h.ready()
	for _, c := range h.couples {
		c.people[0].say(c.people[0].id, "/streak")
	}
	if !h.srv.Drained() {
		h.t.Errorf("%d updates are never taken", h.srv.Waiting())
	}
	h.await(func() bool { return h.w.requests() == before+2*len(h.couples) })
	time.Sleep(100 * time.Millisecond)
	h.end(syscall.SIGTERM)
	if n := h.w.requests() - before; n != 2*len(h.couples) {
		h.t.Errorf("%d lines after all was done, want a question and an answer for each couple", n)
	}
	x := judge(h.t, h.couples, h.w.record())
	for _, c := range h.couples {
		x.streak(x.homes[c.room])
	}
}

// streak holds what /streak tells against what was lived.
func (x *truth) streak(h *home) {
	all := h.srv().Messages(h.people[0].id)
	got := all[len(all)-1].Text
	for _, m := range h.marks(1 << 30) {
		now, best, total := m.streak()
		if total == 0 || strings.Contains(got, english("streak.now", "Count", now)) &&
			strings.Contains(got, english("streak.best", "Count", best)) && strings.Contains(got, english("streak.total", "Count", total)) {
			return
		}
	}
	x.wrong(h, "/streak says %q after %v", got, h.marks(1<<30))
}

func (h *home) srv() *telegramtest.Server { return h.people[0].srv }
