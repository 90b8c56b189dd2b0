package telegram

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
)

// once sends a letter whose request ends with an error, and returns what the post office hears.
func (p *pace) once(chat string, err error) error {
	return p.send(context.Background(), chat, bot.Answers, func() error { return err })
}

func tooMuch(seconds int) error { return &refusal{code: 429, after: seconds} }

// One chat that is refused is one chat; two are the bot.
func TestWhoHasToRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(30)
		_ = p.once("-1", tooMuch(20))
		_ = p.once("-1", tooMuch(20))
		if err := p.once("-2", nil); err != nil {
			t.Fatalf("one chat was refused, and another heard %v", err)
		}
		_ = p.once("-3", tooMuch(40))
		var later *bot.Later
		if err := p.once("-4", nil); !errors.As(err, &later) || later.After != 40*time.Second {
			t.Fatalf("two chats were refused, and a third heard %v", err)
		}
		time.Sleep(40 * time.Second)
		if err := p.once("-4", nil); err != nil {
			t.Errorf("after the rest: %v", err)
		}
	})
}

// Refusals far from each other have nothing to do with each other.
func TestTwoChatsLongApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(30)
		_ = p.once("-1", tooMuch(5))
		time.Sleep(11 * time.Second)
		_ = p.once("-2", tooMuch(5))
		if err := p.once("-3", nil); err != nil {
			t.Error(err)
		}
	})
}

// Letters that wait when everything has to rest do not hold the post office up.
func TestSentBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(2)
		back := make(chan error, 8)
		for i := range 8 {
			go func() {
				back <- p.send(context.Background(), fmt.Sprint(i+1), bot.Prompts, func() error {
					time.Sleep(100 * time.Millisecond)
					return tooMuch(30)
				})
			}()
		}
		time.Sleep(2 * time.Second)
		for range 8 {
			select {
			case err := <-back:
				var later *bot.Later
				if no := (*refusal)(nil); !errors.As(err, &no) && (!errors.As(err, &later) || later.After < 28*time.Second) {
					t.Errorf("a letter came back with %v", err)
				}
			default:
				t.Fatal("a letter still waits")
			}
		}
	})
}

// Telegram may allow less than it says. Then the pace goes down to that in a few
// steps, and up again in the end.
func TestSlowerAndFasterAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(1, fromTo(0, time.Millisecond))
		c.most = 20
		c.crowd(1200, 16, bot.Prompts)
		if len(c.arrived) != 1200 {
			t.Errorf("%d of 1200 letters arrived", len(c.arrived))
		}
		if rate := c.rate(60); rate < 0.75 || c.refused > 30 {
			t.Errorf("%.3f of what was allowed, %d refusals", rate, c.refused)
		}
		c.most = 30
		time.Sleep(time.Minute)
		for range 20 {
			time.Sleep(recovery)
			_ = c.once("1", nil)
		}
		if c.all.most != 30 {
			t.Errorf("%d places after a good time", c.all.most)
		}
	})
}

// A letter that cannot go soon is sent back with when it can, and one that gives up leaves nothing behind.
func TestNotSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(30)
		for range groupMost {
			if err := p.once("-1", nil); err != nil {
				t.Fatal(err)
			}
		}
		var later *bot.Later
		if err := p.once("-1", nil); !errors.As(err, &later) || later.After != groupSpan-time.Duration(groupMost-1)*chatSpan {
			t.Errorf("the 21st letter heard %v", err)
		}
		_ = p.once("1", nil)
		ctx, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		err := p.send(ctx, "1", bot.Answers, func() error { t.Error("it was sent"); return nil })
		if !errors.As(err, &later) {
			t.Errorf("who gave up heard %v", err)
		}
		if len(p.waiting) != 0 || p.chats["1"].users != 0 {
			t.Error("it still waits")
		}
	})
}

// Chats are forgotten once nothing about them matters, and not before.
func TestForgetsChats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCounter(1, fromTo(0, 0))
		c.crowd(4000, 16, bot.Prompts)
		if n := len(c.chats); n > 2*30*60+1 { // those of the last minute, and as many until the next sweep
			t.Errorf("%d chats are remembered", n)
		}
		if c.refused > 0 {
			t.Errorf("%d refusals", c.refused)
		}
	})
}
