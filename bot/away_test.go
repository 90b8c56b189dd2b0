package bot_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/rituals"
	"evenfall/storage/memory"
)

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
