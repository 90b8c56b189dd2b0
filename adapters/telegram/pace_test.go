package telegram

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
)

// counter is Telegram's side of a pace: it knows when each request arrived, and refuses
// what is too much. Its requests travel for out and their answers for back.
type counter struct {
	*pace
	out, back func() time.Duration
	most      int // a second over all chats

	mu      sync.Mutex
	arrived []arrival
	refused int
}

type arrival struct {
	at, asked time.Time
	chat      string
	lane      bot.Lane
}

func newCounter(out, back func() time.Duration) *counter {
	return &counter{pace: newPace(30), out: out, back: back, most: 30}
}

// about is a random duration from least to most.
func about(seed uint64, least, most time.Duration) func() time.Duration {
	var mu sync.Mutex
	r := rand.New(rand.NewPCG(seed, 1))
	return func() time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return least + time.Duration(r.Int64N(int64(most-least)+1))
	}
}

// letter sends one letter, again if it is told to.
func (c *counter) letter(chat string, lane bot.Lane) {
	asked := time.Now()
	for {
		err := c.send(context.Background(), chat, lane, func() error {
			time.Sleep(c.out())
			err := c.take(arrival{time.Now(), asked, chat, lane})
			time.Sleep(c.back())
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
	ways := map[string][2]time.Duration{
		"at once":      {0, 0},
		"over the sea": {40 * time.Millisecond, 42 * time.Millisecond},
		"in a storm":   {0, 400 * time.Millisecond},
	}
	const letters = 2500
	for name, way := range ways {
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(name, "/", seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newCounter(about(seed, way[0], way[1]), about(seed+100, way[0], way[1]))
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
		var n atomic.Int64
		c := newCounter(func() time.Duration {
			if n.Add(1) <= 90 {
				return 60 * time.Millisecond
			}
			return time.Millisecond
		}, about(1, 0, 0))
		c.crowd(600, 64, bot.Answers)
		if c.refused > 0 {
			t.Errorf("%d letters were too much", c.refused)
		}
	})
}

// While there is work no place stays empty.
func TestAlmostAllThatIsAllowed(t *testing.T) {
	for _, way := range []time.Duration{0, time.Millisecond, 20 * time.Millisecond, 100 * time.Millisecond} {
		t.Run(way.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newCounter(about(1, way, way), about(2, way, way))
				c.crowd(practice+3000, 16, bot.Prompts)
				if rate := c.rate(practice + 60); rate < 0.99 || c.refused > 0 {
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
		c := newCounter(about(1, 0, time.Millisecond), about(2, 0, time.Millisecond))
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
		c := newCounter(about(1, 0, 0), about(2, 0, 0))
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
