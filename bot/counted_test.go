package bot_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/bot/words"
	"evenfall/rituals"
	"evenfall/storage/memory"
)

// TestCrashedUnderWay: what was counted before a crash is never sent more often than its class allows.
func TestCrashedUnderWay(t *testing.T) {
	store := memory.New()
	c := bottest.Couple("left")
	c.Room.ID = "elsewhere"
	c.Partners[0].User.ID, c.Partners[1].User.ID = "x", "y"
	letter := func(name string, class bot.Class, copies int, until time.Time) bot.Letter {
		return bot.Letter{Chat: bot.Chat{Network: "left", ID: name}, Class: class, Copies: copies, Until: until, Page: bot.Page{Text: name}}
	}
	past := time.Date(1999, 12, 31, 0, 0, 0, 0, time.UTC)
	if _, err := store.Commit(t.Context(), bot.Change{Couple: &c, Letters: []bot.Letter{
		letter("prompt", bot.Prompt, 0, time.Time{}), letter("prompt once", bot.Prompt, 1, time.Time{}), letter("prompt twice", bot.Prompt, 2, time.Time{}),
		letter("nudge", bot.Nudge, 0, time.Time{}), letter("nudge once", bot.Nudge, 1, time.Time{}), letter("late", bot.Prompt, 0, past),
	}}); err != nil {
		t.Fatal(err)
	}
	bubble(t, store, nil, func(t *testing.T, h *bottest.House) {
		time.Sleep(time.Hour)
		for name, want := range map[string]int{"prompt": 1, "prompt once": 1, "prompt twice": 0, "nudge": 1, "nudge once": 0, "late": 0} {
			shown(t, h, bot.Chat{Network: "left", ID: name}, want)
		}
		if left, err := store.Waiting(t.Context(), 0, 100); err != nil || len(left) > 0 {
			t.Errorf("still waiting: %v %v", left, err)
		}
	})
}

// TestCounted: the store counts a new message before it is on its way, so that a crash
// cannot forget that it may have arrived.
func TestCounted(t *testing.T) {
	store, sent := memory.New(), 0
	bubble(t, store, func(l bot.Letter) error {
		waiting, err := store.Waiting(t.Context(), 0, 100)
		if err != nil {
			return err
		}
		for _, w := range waiting {
			if w.ID == l.ID && l.Edit == "" {
				if sent++; w.Copies != sent {
					t.Errorf("copy %d is counted as %d", sent, w.Copies)
				}
			}
		}
		return lost(l)
	}, func(t *testing.T, h *bottest.House) {
		h.Net.Say(ana, room, "/checkin")
		time.Sleep(time.Hour)
		synctest.Wait()
		if sent != 2 {
			t.Errorf("%d copies were sent", sent)
		}
	})
}

// TestNeverCame: an evening whose message came too late to be sent is nobody's fault.
func TestNeverCame(t *testing.T) {
	for _, c := range []struct {
		down time.Duration
		mark rituals.Mark
	}{{2 * time.Hour, rituals.Neutral}, {time.Minute, rituals.Missed}} {
		bubble(t, memory.New(), nil, func(t *testing.T, h *bottest.House) {
			planned := bot.State{Flow: "checkin", JSON: []byte(`{"wake":"2000-01-01T20:00:00Z","next":10957}`), Wake: time.Date(2000, 1, 1, 20, 0, 0, 0, time.UTC)}
			if _, err := h.Store.Commit(t.Context(), bot.Change{ID: h.ID, States: []bot.State{planned}}); err != nil {
				t.Fatal(err)
			}
			until := time.Now().Add(20*time.Hour + c.down)
			h.Net.Fail(func(bot.Letter) error {
				if time.Now().Before(until) {
					return bot.ErrUnsent
				}
				return nil
			})
			for range 36 * 60 {
				time.Sleep(time.Minute)
				if err := h.Tick(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			rec, err := h.Store.Load(t.Context(), h.ID, "checkin", bot.Want{Days: true})
			if err != nil || len(rec.Days) == 0 || rec.Days[0].Mark != c.mark {
				t.Errorf("down for %s: %v %v, want %v", c.down, rec.Days, err, c.mark)
			}
		})
	}
}

// TestAnswersFirst: a network that is slow with many prompts takes an answer all the same.
func TestAnswersFirst(t *testing.T) {
	store := memory.New()
	c := bottest.Couple("left")
	c.Room.ID = "elsewhere"
	c.Partners[0].User.ID, c.Partners[1].User.ID = "x", "y"
	var many []bot.Letter
	for i := range 200 {
		many = append(many, bot.Letter{Chat: bot.Chat{Network: "left", ID: fmt.Sprint("p", i)}, Lane: bot.Lane(1 + i%2), Page: bot.Page{Text: "prompt"}})
	}
	if _, err := store.Commit(t.Context(), bot.Change{Couple: &c, Letters: many}); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		slow := &slowly{Pretend: bottest.NewPretend("left"), gate: make(chan struct{})}
		catalogue, err := words.Load()
		if err != nil {
			t.Fatal(err)
		}
		b := bot.New(bot.Options{Store: store, Adapters: []bot.Adapter{slow}, Flows: flows.All(), Words: catalogue,
			Now: time.Now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- b.Run(ctx) }()
		synctest.Wait() // as many prompts are under way as ever will be
		if slow.stuck.Load() == 0 {
			t.Error("no prompt is under way")
		}
		answer := bot.Chat{Network: "left", ID: "answer"}
		if _, err := b.Handle(ctx, bot.Incoming{Kind: bot.Called, Command: "start", User: carl, Chat: answer, Members: 2}); err != nil {
			t.Error(err)
		}
		synctest.Wait()
		if shown := slow.Messages(answer); len(shown) != 1 {
			t.Errorf("the answer waits behind the prompts: %v", shown)
		}
		close(slow.gate)
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// slowly is a network that takes nothing but answers until its gate opens.
type slowly struct {
	*bottest.Pretend
	gate  chan struct{}
	stuck atomic.Int64
}

func (s *slowly) Send(ctx context.Context, l bot.Letter) (string, error) {
	if l.Lane != bot.Answers {
		s.stuck.Add(1)
		<-s.gate
	}
	return s.Pretend.Send(ctx, l)
}

// unwell is a store that keeps nothing of what a flow is told about its letters.
type unwell struct {
	bot.Store
	ill atomic.Bool
}

func (s *unwell) Commit(ctx context.Context, ch bot.Change) (bot.Receipt, error) {
	if s.ill.Load() && len(ch.States) > 0 {
		return bot.Receipt{}, errors.New("the house is gone")
	}
	return s.Store.Commit(ctx, ch)
}

// TestGivenUpIsTold: a prompt that is given up stays in the store until its flow knows, so that
// the next start tells it if this one cannot.
func TestGivenUpIsTold(t *testing.T) {
	for _, ill := range []bool{true, false} {
		bubble(t, &unwell{Store: memory.New()}, lost, func(t *testing.T, h *bottest.House) {
			h.Net.Say(ana, room, "/checkin")
			synctest.Wait()
			h.Store.(*unwell).ill.Store(ill)
			time.Sleep(time.Hour)
			synctest.Wait()
			waiting, err := h.Store.Waiting(t.Context(), 0, 100)
			if err != nil || len(waiting) > 0 != ill {
				t.Errorf("told: %v, and the store holds %d letters, %v", !ill, len(waiting), err)
			}
			h.Store.(*unwell).ill.Store(false)
		})
	}
}
