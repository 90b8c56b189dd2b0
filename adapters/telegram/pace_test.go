package telegram

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
)

// counter is Telegram's side of a pace: it knows when each request arrived, and refuses
// what is too much. Its requests travel for out and their answers for back.
type counter struct {
	*pace
	way  way
	most int // a second over all chats

	mu      sync.Mutex
	random  *rand.Rand
	arrived []arrival
	refused int
}

type arrival struct {
	at, asked time.Time
	chat      string
	lane      bot.Lane
}

// way is how long the next request travels until it is counted, and its answer back.
type way func(r *rand.Rand) (out, back time.Duration)

func newCounter(seed uint64, w way) *counter {
	return &counter{pace: newPace(30), way: w, random: rand.New(rand.NewPCG(seed, 1)), most: 30}
}

// soonOrLate is a way that always takes as long, but Telegram counts sooner or later.
func soonOrLate(r *rand.Rand) (out, back time.Duration) {
	out = 40*time.Millisecond + time.Duration(r.Int64N(int64(slack)))
	return out, 90*time.Millisecond - out
}

// fromTo is a way of two legs that have nothing to do with each other.
func fromTo(least, most time.Duration) way {
	leg := func(r *rand.Rand) time.Duration { return least + time.Duration(r.Int64N(int64(most-least)+1)) }
	return func(r *rand.Rand) (out, back time.Duration) { return leg(r), leg(r) }
}

// letter sends one letter, again if it is told to.
func (c *counter) letter(chat string, lane bot.Lane) {
	asked := time.Now()
	for {
		err := c.send(context.Background(), chat, lane, func() error {
			c.mu.Lock()
			out, back := c.way(c.random)
			c.mu.Unlock()
			time.Sleep(out)
			err := c.take(arrival{time.Now(), asked, chat, lane})
			time.Sleep(back)
			return err
		})
		var no *refusal
		var later *bot.Later
		switch {
		case err == nil:
			return
		case errors.As(err, &no):
			time.Sleep(no.rest())
		case errors.As(err, &later):
			time.Sleep(later.After)
		}
	}
}

// take counts what arrived, or refuses it.
func (c *counter) take(a arrival) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, second, minute := 1, 1, 1
	for i := len(c.arrived) - 1; i >= 0 && a.at.Sub(c.arrived[i].at) < time.Minute; i-- {
		b := c.arrived[i]
		within := a.at.Sub(b.at) < time.Second
		if within {
			all++
		}
		if b.chat == a.chat {
			minute++
			if within {
				second++
			}
		}
	}
	if all > c.most || second > 1 || a.chat[0] == '-' && minute > 20 {
		c.refused++
		return &refusal{code: 429, after: 1}
	}
	c.arrived = append(c.arrived, a)
	return nil
}

// rate is how much of what is allowed arrived after the first ones.
func (c *counter) rate(after int) float64 {
	first, last := c.arrived[after-1].at, c.arrived[len(c.arrived)-1].at
	return float64(len(c.arrived)-after) / last.Sub(first).Seconds() / float64(c.most)
}

// Whatever is sent when, and however long it travels: nothing is more than Telegram allows.
func TestNeverTooMuch(t *testing.T) {
	ways := map[string]way{
		"at once":      fromTo(0, 0),
		"over the sea": fromTo(40*time.Millisecond, 42*time.Millisecond),
		"in a storm":   fromTo(0, 400*time.Millisecond),
		"soon or late": soonOrLate,
	}
	const letters = 1000
	for name, way := range ways {
		for seed := range uint64(2) {
			t.Run(fmt.Sprint(name, "/", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCounter(seed, way)
					r := rand.New(rand.NewPCG(seed, 2))
					var all sync.WaitGroup
					for range letters {
						// Few chats, so that each sort of limit is met; crowds and lulls.
						chat := strconv.Itoa(1 + r.IntN(60))
						if r.IntN(2) == 0 {
							chat = "-" + strconv.Itoa(1+r.IntN(12))
						}
						lane := bot.Lane(r.IntN(3))
						all.Go(func() { c.letter(chat, lane) })
						if r.IntN(40) == 0 {
							time.Sleep(time.Duration(r.IntN(4000)) * time.Millisecond)
						}
					}
					all.Wait()
					if c.refused > 0 {
						t.Errorf("%d letters of %d were too much", c.refused, letters)
					}
					if len(c.arrived) != letters {
						t.Errorf("%d of %d letters arrived", len(c.arrived), letters)
					}
				})
			})
		}
	}
}

// The first requests are all slow, because of their new connections or of a busy machine. That
// says nothing about the next ones.
func TestSlowAtFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		c := newCounter(1, func(*rand.Rand) (out, back time.Duration) {
			if n++; n <= 90 {
				return 60 * time.Millisecond, 0
			}
			return time.Millisecond, 0
		})
		c.crowd(600, 64, bot.Answers)
		if c.refused > 0 {
			t.Errorf("%d letters were too much", c.refused)
		}
	})
}

// While there is work no place stays empty, and none is taken twice, also once the pace knows the way.
func TestAlmostAllThatIsAllowed(t *testing.T) {
	ways := map[string]struct {
		way  way
		want float64
	}{
		"no time":      {fromTo(0, 0), 0.99},
		"a moment":     {fromTo(0, time.Millisecond), 0.99},
		"over the sea": {fromTo(50*time.Millisecond, 51*time.Millisecond), 0.99},
		"soon or late": {soonOrLate, 0.99},
		"in a storm":   {fromTo(0, 200*time.Millisecond), 0.8},
	}
	for name, w := range ways {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCounter(1, w.way)
				c.crowd(practice+1500, 16, bot.Prompts)
				if rate := c.rate(practice + 60); rate < w.want || c.refused > 0 {
					t.Errorf("%.4f of what is allowed, %d refusals", rate, c.refused)
				}
			})
		})
	}
}

// crowd sends n letters to as many groups, some of them at the same time.
func (c *counter) crowd(n, atOnce int, lane bot.Lane) {
	var all sync.WaitGroup
	todo := make(chan string, n)
	for i := range n {
		todo <- fmt.Sprint("-9", i)
	}
	close(todo)
	for range atOnce {
		all.Go(func() {
			for chat := range todo {
				c.letter(chat, lane)
			}
		})
	}
	all.Wait()
}

// Who answers somebody waits for nobody else, and a chat that has had enough holds up no other.
func TestAnswersGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(1, fromTo(0, time.Millisecond))
		var all sync.WaitGroup
		all.Go(func() { c.crowd(900, 16, bot.Prompts) })
		for i := range 100 {
			time.Sleep(250*time.Millisecond + time.Duration(i)*time.Millisecond)
			chat := strconv.Itoa(100 + i)
			for range 1 + i%2 { // every other chat has a second letter that has to wait for a second
				all.Go(func() { c.letter(chat, bot.Answers) })
			}
		}
		all.Wait()
		seen := map[string]bool{}
		for _, a := range c.arrived {
			most := 300 * time.Millisecond
			if seen[a.chat] {
				most += chatSpan
			}
			seen[a.chat] = true
			if wait := a.at.Sub(a.asked); a.lane == bot.Answers && wait > most {
				t.Errorf("an answer waited %v", wait)
			}
		}
		if rate := c.rate(60); rate < 0.98 {
			t.Errorf("with answers in between only %.4f of the rate is used", rate)
		}
	})
}

func TestDigestsGoLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(1, fromTo(0, 0))
		var all sync.WaitGroup
		for i := range 90 {
			all.Go(func() { c.letter(fmt.Sprint(1000+i), bot.Digests) })
			all.Go(func() { c.letter(fmt.Sprint(2000+i), bot.Prompts) })
		}
		synctest.Wait()
		all.Wait()
		first := len(c.arrived)
		for i, a := range c.arrived[1:] { // one may have gone before anybody else came
			if a.lane == bot.Digests {
				first = min(first, i+1)
			} else if i+1 > first {
				t.Fatalf("letter %d is a prompt after a digest", i+1)
			}
		}
	})
}
