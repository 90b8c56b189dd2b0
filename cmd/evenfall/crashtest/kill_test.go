//go:build crash

package crashtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
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
	begun   int // evenings that were to begin, each couple's by itself
	called  int // how often they had to ask for something that should have come
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
	t.Logf("%d kills; %d times something had to be asked for, in %d evenings", h.kills, h.called, h.begun)
	if h.called*8 > h.begun {
		t.Error("those are too many")
	}
}

// evening is from eight until the reminders.
func (h *house) evening(hour func(hour, minute int) time.Time, day int) {
	h.leaving(day)
	for _, c := range h.couples {
		c.keen.Store(false)
		c.late.Store("")
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
		switch {
		case tries == 5 && (name == "joining" || name == "evening"):
			h.call()
		case tries == 5 && name == "noon":
			h.ask()
		}
		h.kill(false)
		at = at.Add(2 * time.Minute) // what waits for its time gets it
		h.clock.forward(h.t, at)
	}
	h.kill(false)
}

// call lets couples ask for what has not come: a program that is killed twice while a message is on its
// way, or waits for its turn to be sent, does not know whether it has arrived, and does not send it a third
// time. Right after a start turns are slow, and here it is killed right after every start.
func (h *house) call() {
	for _, c := range h.couples {
		v := c.view()
		switch {
		case c.leave.Load() || v.tonight():
			continue
		case v.round() == 0 && !v.has("checkin.closed.title"):
			c.people[0].say(c.room, "/start@"+telegramtest.Username)
		default:
			c.keen.Store(true)
			c.people[0].say(c.room, "/checkin@"+telegramtest.Username)
		}
		h.called++
	}
}

// ask lets couples tap once more on an evening that stays open at noon: where a program does not know of
// a message, as above, it cannot edit it, and whoever taps on it is told that the evening is over.
func (h *house) ask() {
	for _, c := range h.couples {
		if v := c.view(); !c.idle(v) && v.has("checkin.title") && !v.over() {
			_, prefix, _ := board(v[0])
			l := c.people[0].send(c.room, v[0].ID, prefix+"mood/3")
			c.late.Store(l.query)
			h.t.Logf("couple %d taps once more at noon on what is still open", c.n)
			h.called++
		}
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
