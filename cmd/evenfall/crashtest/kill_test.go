//go:build crash

package crashtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"evenfall/adapters/telegram/telegramtest"
)

// TestKilled lets couples live while the program is killed, 200 times in a row; in the long form
// 100 times as often, each time with other people and other luck.
func TestKilled(t *testing.T) {
	program := build(t)
	houses := 1
	if long() {
		houses = 100
	}
	for seed := range houses {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			live(t, program, uint64(seed), 200)
		})
	}
}

// house is a program that is killed, and the people around it.
type house struct {
	t       testing.TB
	program string
	folder  string
	rng     *rand.Rand
	srv     *telegramtest.Server
	w       *witness
	couples []*couple
	clock   clock
	now     *process
	polls   int // before this start
	kills   int
	begun   int // evenings of a couple that were to begin …
	called  int // … and those that they had to ask for themselves
}

const crowd = 6 // couples

// live runs a house until it was killed so many times, and judges it after every day.
func live(t testing.TB, program string, seed uint64, kills int) {
	srv := telegramtest.New(t)
	h := &house{t: t, program: program, folder: filepath.Join(t.TempDir(), "data"), rng: rand.New(rand.NewPCG(seed, 1)), srv: srv, w: newWitness(t, srv.URL)}
	ctx, stop := context.WithCancel(t.Context())
	var all sync.WaitGroup
	defer all.Wait()
	defer stop()
	for n := range crowd {
		c := newCouple(n, seed, h.srv, h.w)
		h.couples = append(h.couples, c)
		for _, p := range c.people {
			all.Go(func() { p.live(ctx) })
		}
	}
	london, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	today := time.Now().AddDate(0, 0, 2)
	hour := func(hour, minute int) time.Time {
		return time.Date(today.Year(), today.Month(), today.Day(), hour, minute, 3, 0, london)
	}
	h.clock = newClock(t, hour(16, 0))
	h.phase("joining", hour(17, 0), 4, h.joined)
	for day := 1; h.kills < kills && !t.Failed(); day++ {
		h.evening(hour, day)
		today = today.AddDate(0, 0, 1)
		h.phase("noon", hour(12, 1), 1+h.rng.IntN(3), h.closed)
		judge(t, h.couples, h.w.record())
	}
	stop()
	all.Wait()
	h.drained()
	t.Logf("%d kills; %d of %d evenings did not begin by themselves", h.kills, h.called, h.begun)
	if h.called*20 > h.begun {
		t.Error("those are too many")
	}
}

// evening is from eight until the reminders.
func (h *house) evening(hour func(hour, minute int) time.Time, day int) {
	h.leaving(day)
	for _, c := range h.couples {
		c.keen.Store(false)
		h.begun++
	}
	h.phase("evening", hour(20, 0), 3+h.rng.IntN(5), h.asked)
	for _, c := range h.couples {
		c.finish.Store(true)
	}
	h.phase("late", hour(20, 30), 1+h.rng.IntN(2), h.answered)
	for _, c := range h.couples {
		c.finish.Store(false)
	}
	h.phase("reminders", hour(21, 31), 1+h.rng.IntN(3), h.quiet)
}

// leaving lets one couple leave now and then, and come back the day after.
func (h *house) leaving(day int) {
	for i, c := range h.couples {
		if c.left.Load() == 2 {
			c.leave.Store(false)
			c.left.Store(0)
		}
		if day%4 == 3 && day/4%crowd == i {
			c.leave.Store(true)
		}
	}
}

// phase sets the clock, kills the program so many times, and lets it run until done.
func (h *house) phase(name string, at time.Time, kills int, done func() bool) {
	if h.t.Failed() {
		return
	}
	h.clock.forward(h.t, at)
	for range kills {
		h.run()
		h.kill(h.rng.IntN(3) > 0)
	}
	for tries := 0; ; tries++ {
		h.run()
		if h.await(func() bool { return h.clock.there() && done() }) {
			break
		}
		if tries == 6 {
			h.t.Fatalf("%s: it does not come to rest:\n%s%s", name, h.shown(), h.end(syscall.SIGKILL))
		}
		if tries == 5 && name == "evening" {
			h.call()
		}
		h.kill(false)
		at = at.Add(2 * time.Minute) // what waits for its time gets it
		h.clock.forward(h.t, at)
	}
	h.kill(false)
}

// call lets couples ask for tonight that were not asked: a program that is killed twice at the moment
// at which it sends does not know whether its prompt has come, and does not send it a third time.
func (h *house) call() {
	for _, c := range h.couples {
		if v := c.view(); c.idle(v) || v.tonight() {
			continue
		}
		h.called++
		c.keen.Store(true)
		c.people[0].say(c.room, "/checkin@"+telegramtest.Username)
	}
}

func (h *house) run() {
	h.polls = h.w.asks()
	h.now = launch(h.t, h.program, h.folder, h.w.URL, h.clock)
}

// ready waits until the program asks for updates.
func (h *house) ready() {
	for end := time.Now().Add(liveness); h.w.asks() == h.polls && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
}

// kill kills the program some time after its start, or after it was ready.
func (h *house) kill(ready bool) {
	longest := 80 * time.Millisecond
	if ready {
		longest = 250 * time.Millisecond
		h.ready()
	}
	time.Sleep(time.Duration(h.rng.Int64N(int64(longest))))
	h.end(syscall.SIGKILL)
	h.kills++
}

func (h *house) end(signal syscall.Signal) string { return h.now.end(h.t, signal) }

// await waits for something to be, but not for ever: the program may wait for a time of day.
func (h *house) await(done func() bool) bool {
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return false
}

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

func (h *house) closed() bool {
	return h.every(func(_ *couple, v view) bool { return v.has("checkin.both.title") || v.has("checkin.closed.title") }) && h.quiet()
}

// quiet is when nothing has been asked for a while.
func (h *house) quiet() bool {
	n := h.w.requests()
	time.Sleep(60 * time.Millisecond)
	return h.w.requests() == n || h.busy()
}

// busy reports whether people are still tapping, so that it is never quiet.
func (h *house) busy() bool {
	return !h.every(func(_ *couple, v view) bool { return v.has("checkin.both.title") || v.has("checkin.closed.title") })
}

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

// shown is what the rooms show, for who has to find out what went wrong.
func (h *house) shown() (all string) {
	for _, c := range h.couples {
		for _, m := range c.view() {
			all += fmt.Sprintf("couple %d: %q %q\n", c.n, m.Title, m.Text)
		}
	}
	return all
}
