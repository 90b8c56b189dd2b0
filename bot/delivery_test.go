package bot_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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

// bubble is a house on pretend time with an open evening at 00:00, unless fail has other plans.
func bubble(t *testing.T, store bot.Store, fail func(bot.Letter) error, play func(t *testing.T, h *bottest.House)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := bottest.BeginNow(t, store, flows.All(), &bytes.Buffer{})
		h.Net.Fail(fail)
		play(t, h)
		h.End()
		synctest.Wait()
	})
}

// lost loses the answer to every new message.
func lost(l bot.Letter) error {
	if l.Edit == "" {
		return bottest.ErrLost
	}
	return nil
}

func shown(t *testing.T, h *bottest.House, c bot.Chat, want int) []bottest.Shown {
	t.Helper()
	synctest.Wait()
	all := h.Net.Messages(c)
	if len(all) != want {
		t.Fatalf("%s shows %d messages, want %d: %v", c.ID, len(all), want, all)
	}
	return all
}

// TestUnsurePrompt: a prompt of which nobody knows whether it arrived is sent once more, after
// a minute and a half, and then no more.
func TestUnsurePrompt(t *testing.T) {
	bubble(t, memory.New(), lost, func(t *testing.T, h *bottest.House) {
		h.Net.Say(ana, room, "/checkin")
		shown(t, h, room, 1)
		time.Sleep(89 * time.Second)
		shown(t, h, room, 1)
		time.Sleep(2 * time.Second)
		shown(t, h, room, 2)
		time.Sleep(3 * time.Hour)
		shown(t, h, room, 2)
	})
}

// TestUnsureNudge: the ring after the reveal and the nudge come once or not at all.
func TestUnsureNudge(t *testing.T) {
	bubble(t, memory.New(), nil, func(t *testing.T, h *bottest.House) {
		h.Net.Say(ana, room, "/checkin")
		board := shown(t, h, room, 1)[0]
		h.Net.Fail(lost)
		time.Sleep(90*time.Minute + time.Second)
		h.Tick(t.Context())
		shown(t, h, bot.Nook(ana), 1)
		h.Net.Tap(ana, room, board.ID, board.Buttons[0][1])
		h.Net.Tap(ben, room, board.ID, board.Buttons[0][1])
		time.Sleep(3 * time.Hour)
		shown(t, h, bot.Nook(ana), 1)
		shown(t, h, room, 2)
	})
}

// TestUnsent: what certainly did not go out is tried until it does, and comes once.
func TestUnsent(t *testing.T) {
	down := true
	bubble(t, memory.New(), func(bot.Letter) error {
		if down {
			return fmt.Errorf("refused: %w", bot.ErrUnsent)
		}
		return nil
	}, func(t *testing.T, h *bottest.House) {
		h.Net.Say(ana, room, "/checkin")
		time.Sleep(20 * time.Minute)
		shown(t, h, room, 0)
		h.Net.Fail(func(bot.Letter) error { return nil })
		time.Sleep(10 * time.Minute)
		shown(t, h, room, 1)
	})
}

// TestTapProves: a tap on a message proves that it arrived: no copy is sent, and edits find it.
func TestTapProves(t *testing.T) {
	bubble(t, memory.New(), lost, func(t *testing.T, h *bottest.House) {
		h.Net.Say(ana, room, "/checkin")
		board := shown(t, h, room, 1)[0]
		h.Net.Tap(ana, room, board.ID, board.Buttons[0][4])
		if m := shown(t, h, room, 1)[0]; !strings.Contains(m.Text, "●○") {
			t.Errorf("the board was not edited: %q", m.Text)
		}
		time.Sleep(time.Hour)
		shown(t, h, room, 1)
	})
}

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

// TestOnce: an event that comes again, also after a restart, changes nothing.
func TestOnce(t *testing.T) {
	h, _ := evening(t)
	board := h.Net.Messages(room)[0]
	keep := bot.Incoming{Kind: bot.Tapped, ID: "7", User: ana, Chat: room, Members: 2, Payload: board.Buttons[3][1].Payload, Message: board.ID}
	h.Net.Tell(keep)
	once := state(t, h)
	if !strings.Contains(once, `"keep":true`) {
		t.Fatalf("the tap did nothing: %s", once)
	}
	for range 3 {
		if answer, err := h.Handle(t.Context(), keep); err != nil || answer.Toast != "" {
			t.Errorf("again: %+v %v", answer, err)
		}
	}
	if again := state(t, h); again != once {
		t.Errorf("a repetition changed\n%s\nto\n%s", once, again)
	}
	keep.ID = "6" // a smaller number is no older event
	h.Net.Tell(keep)
	if now := state(t, h); now == once {
		t.Error("another event was taken for a repetition")
	}
}

// TestPutAside: an event that makes a step panic comes three times, then it is noted by its id
// alone, its person hears a kind word, and the couple's next event is played.
func TestPutAside(t *testing.T) {
	var log bytes.Buffer
	boom := bot.Flow[struct{ bot.Stage }, *struct{ bot.Stage }]{Name: "boom", Commands: []string{"boom"},
		Step: func(_ bot.Scene, s struct{ bot.Stage }, ev bot.Event) (struct{ bot.Stage }, bot.Reply) {
			if ev.Text == "canary" {
				panic("canary")
			}
			return s, bot.Reply{Ack: bot.Verbatim("played")}
		}}
	h := bottest.Begin(t, memory.New(), append(flows.All(), boom), &log)
	in := bot.Incoming{Kind: bot.Called, ID: "4711", User: ana, Chat: room, Members: 2, Command: "boom", Text: "canary"}
	for try := range 4 {
		answer, err := h.Handle(t.Context(), in)
		if wantErr := try < 2; (err != nil) != wantErr || !wantErr && answer.Toast == "" {
			t.Errorf("try %d: %+v %v", try, answer, err)
		}
	}
	if !strings.Contains(log.String(), "4711") || strings.Contains(log.String(), "canary") {
		t.Errorf("the log tells\n%s", log.String())
	}
	if _, err := h.Store.Commit(t.Context(), bot.Change{Seen: bot.Seen{Network: "left", ID: "4711"}}); !errors.Is(err, bot.ErrSeen) {
		t.Errorf("it was not noted: %v", err)
	}
	in.ID, in.Text = "4712", ""
	if answer, err := h.Handle(t.Context(), in); err != nil || answer.Toast != "played" {
		t.Errorf("the next one: %+v %v", answer, err)
	}
	in.ID, in.Text, in.Once = "4713", "canary", true
	if answer, err := h.Handle(t.Context(), in); err != nil || answer.Toast == "" {
		t.Errorf("one that does not come again: %+v %v", answer, err)
	}
}

// TestAway: after an outage the open board asks for taps that may be lost, once; a short
// pause is none.
func TestAway(t *testing.T) {
	h, _ := evening(t)
	beat := func(after time.Duration) string {
		t.Helper()
		h.Settle(t)
		h.Pass(after)
		if err := h.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.Settle(t)
		return h.Net.Messages(room)[0].Text
	}
	beat(0)
	if text := beat(bot.Gap); strings.Contains(text, "away") {
		t.Errorf("after a pause: %q", text)
	}
	tapMood(h, ana, 3)
	if text := beat(bot.Gap + time.Second); !strings.Contains(text, "away") || !strings.Contains(text, "●○") {
		t.Errorf("after an outage: %q", text)
	}
	tapMood(h, ben, 3)
	if text := beat(time.Hour); !strings.Contains(text, "Ben") || strings.Contains(text, "away") {
		t.Errorf("after the reveal: %q", text)
	}
}

// TestAwayExcuses: an evening that was open while the house was away and closes without
// answers is nobody's fault; one that had the house's whole attention is missed.
func TestAwayExcuses(t *testing.T) {
	for gap, want := range map[time.Duration]rituals.Mark{bot.Gap: rituals.Missed, bot.Gap + time.Minute: rituals.Neutral} {
		h, _ := evening(t)
		pass := func(step time.Duration) {
			h.Settle(t) // letters under way read the clock
			h.Pass(step)
			if err := h.Beat(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		pass(0)
		pass(gap)
		for range 24 * 60 {
			pass(time.Minute)
		}
		rec, err := h.Store.Load(t.Context(), h.ID, "checkin", bot.Want{Days: true})
		if err != nil || len(rec.Days) == 0 || rec.Days[0].Mark != want {
			t.Errorf("away for %s: %v %v, want %v", gap, rec.Days, err, want)
		}
	}
}

// TestSwept: once a day the heartbeat forgets what was kept long enough.
func TestSwept(t *testing.T) {
	h, _ := evening(t)
	old := []bot.Entry{{Date: 20000, Kind: "mood", Who: bot.One, Value: "3"}, {Date: 20000, Kind: "note", Who: bot.One, Value: "words"}}
	left := func() int {
		if _, err := h.Store.Commit(context.Background(), bot.Change{ID: h.ID, Entries: old}); err != nil {
			t.Fatal(err)
		}
		if err := h.Beat(t.Context()); err != nil {
			t.Fatal(err)
		}
		rec, err := h.Store.Load(t.Context(), h.ID, "checkin", bot.Want{Entries: []string{"mood", "note"}})
		if err != nil {
			t.Fatal(err)
		}
		return len(rec.Entries)
	}
	if n := left(); n != 0 {
		t.Errorf("%d old entries are left", n)
	}
	if n := left(); n != 2 {
		t.Errorf("swept twice a day: %d are left", n)
	}
	h.Pass(24 * time.Hour)
	if n := left(); n != 0 {
		t.Errorf("the next day %d are left", n)
	}
}
