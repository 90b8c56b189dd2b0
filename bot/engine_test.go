package bot_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/storage/memory"
)

var (
	ana  = bot.User{Network: "left", ID: "ana"}
	ben  = bot.User{Network: "left", ID: "ben"}
	carl = bot.User{Network: "left", ID: "carl"}
	room = bot.Chat{Network: "left", ID: bottest.Room}
)

// evening is a house with an open check-in, and its log.
func evening(t *testing.T) (*bottest.House, *bytes.Buffer) {
	var log bytes.Buffer
	h := bottest.Begin(t, memory.New(), flows.All(), &log)
	h.Net.Say(ana, room, "/checkin")
	h.Settle(t)
	return h, &log
}

func state(t *testing.T, h *bottest.House) string {
	rec, err := h.Store.Load(context.Background(), h.ID, "checkin", bot.Want{Days: true})
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%+v %s %v", rec.Couple, rec.State, rec.Days)
}

// TestNoEffect: what is forged, stale or not theirs changes nothing and shows nothing to others.
func TestNoEffect(t *testing.T) {
	h, log := evening(t)
	board := h.Net.Messages(room)[0]
	mood := board.Buttons[0][4].Payload
	other := strings.Replace(mood, "checkin/", "checkin/1", 1)
	before, shown := state(t, h), fmt.Sprint(h.Net.Messages(room))
	tap := func(u bot.User, c bot.Chat, payload string) bot.Incoming {
		return bot.Incoming{Kind: bot.Tapped, User: u, Name: "canary-name", Chat: c, Payload: payload, Members: 2}
	}
	for name, in := range map[string]bot.Incoming{
		"a guest taps":                   tap(carl, room, mood),
		"a guest commands":               {Kind: bot.Called, User: carl, Chat: room, Command: "checkin"},
		"a guest writes":                 {Kind: bot.Said, User: carl, Chat: room, Text: "5"},
		"a guest answers a form":         {Kind: bot.Said, User: carl, Chat: room, Payload: strings.Replace(mood, "mood/5", "note", 1), Text: "hello"},
		"a guest taps in their nook":     tap(carl, bot.Nook(carl), mood),
		"another round":                  tap(ana, room, other),
		"an unknown flow":                tap(ana, room, "nothing/1/mood/5"),
		"an unknown verb":                tap(ana, room, strings.Replace(mood, "mood", "boom", 1)),
		"a mood that is none":            tap(ana, room, strings.Replace(mood, "/5", "/6", 1)),
		"a mood below all":               tap(ana, room, strings.Replace(mood, "/5", "/-1", 1)),
		"65 bytes":                       tap(ana, room, mood+strings.Repeat("5", 65-len(mood))),
		"no payload":                     tap(ana, room, ""),
		"half a payload":                 tap(ana, room, "checkin"),
		"a round with a sign":            tap(ana, room, strings.Replace(mood, "checkin/", "checkin/+", 1)),
		"a command too long":             tap(ana, room, "/"+strings.Repeat("a", 70)),
		"a chat that is not the room":    tap(ana, bot.Chat{Network: "left", ID: "elsewhere"}, mood),
		"the same id on another network": tap(bot.User{Network: "right", ID: "ana"}, room, mood),
	} {
		h.Net.Tell(in)
		h.Settle(t)
		if now := state(t, h); now != before {
			t.Errorf("%s changed the state to\n%s\nfrom\n%s", name, now, before)
		}
		if now := fmt.Sprint(h.Net.Messages(room)); now != shown {
			t.Errorf("%s changed the room", name)
		}
	}
	if got := h.Net.Tell(tap(carl, room, mood)); !strings.Contains(got, "two people") {
		t.Errorf("a guest hears %q", got)
	}
	if strings.Contains(log.String(), "canary") {
		t.Error("the log names a person")
	}
}

// TestTickedMeansKept: nobody is ticked, and nothing leaves, when the store cannot keep it.
func TestTickedMeansKept(t *testing.T) {
	store := &full{Store: memory.New()}
	h := bottest.Begin(t, store, flows.All(), &bytes.Buffer{})
	h.Net.Say(ana, room, "/checkin")
	h.Settle(t)
	board := h.Net.Messages(room)[0]
	store.full.Store(true)
	toast := h.Net.Tap(ana, room, board.ID, board.Buttons[0][0])
	if !strings.Contains(toast, "failed") {
		t.Errorf("ticked with %q though nothing was kept", toast)
	}
	h.Settle(t)
	if got := h.Net.Messages(room)[0].Text; got != board.Text {
		t.Errorf("the room shows %q", got)
	}
}

// full is a store on a disk that may be full.
type full struct {
	bot.Store
	full atomic.Bool
}

func (f *full) Commit(ctx context.Context, ch bot.Change) (bot.Receipt, error) {
	if f.full.Load() {
		return bot.Receipt{}, errors.New("no space left")
	}
	return f.Store.Commit(ctx, ch)
}

// TestPost: what becomes of letters that the network does not take at once.
func TestPost(t *testing.T) {
	t.Run("later", func(t *testing.T) {
		h, _ := evening(t)
		var tried atomic.Int64
		h.Net.Fail(func(bot.Letter) error {
			if tried.Add(1) < 4 {
				return &bot.Later{After: time.Millisecond}
			}
			return nil
		})
		tapMood(h, ana, 0)
		eventually(t, func() bool { return strings.Contains(h.Net.Messages(room)[0].Text, "●○") })
	})
	t.Run("broken once", func(t *testing.T) {
		h, log := evening(t)
		var tried atomic.Int64
		h.Net.Fail(func(bot.Letter) error {
			if tried.Add(1) == 1 {
				return errors.New("bad gateway")
			}
			return nil
		})
		tapMood(h, ana, 0)
		eventually(t, func() bool { return strings.Contains(h.Net.Messages(room)[0].Text, "●○") })
		if !strings.Contains(log.String(), "attempt=1") {
			t.Error("the failure was not logged")
		}
	})
	t.Run("refused holds up nobody", func(t *testing.T) {
		h, _ := evening(t)
		h.Net.Fail(func(l bot.Letter) error { return bot.ErrRefused })
		tapMood(h, ana, 0)
		h.Settle(t)
		h.Net.Fail(nil)
		tapMood(h, ben, 1)
		h.Settle(t)
		if !strings.Contains(h.Net.Messages(room)[0].Text, "Ben") {
			t.Error("the reveal was held up")
		}
	})
	t.Run("gone", func(t *testing.T) {
		h, _ := evening(t)
		h.Net.Fail(func(l bot.Letter) error { return bot.ErrGone })
		tapMood(h, ana, 0)
		eventually(t, func() bool {
			rec, err := h.Store.Load(context.Background(), h.ID, "", bot.Want{})
			return err == nil && rec.Couple.Room == bot.Chat{}
		})
	})
	t.Run("moved", func(t *testing.T) {
		h, _ := evening(t)
		to := bot.Chat{Network: "left", ID: "super"}
		h.Net.Fail(func(l bot.Letter) error {
			if l.Chat == room {
				return &bot.MovedError{To: to}
			}
			return nil
		})
		tapMood(h, ana, 0)
		eventually(t, func() bool { return len(h.Net.Messages(to)) == 1 })
		rec, err := h.Store.Load(context.Background(), h.ID, "", bot.Want{})
		if err != nil || rec.Couple.Room != to {
			t.Errorf("the room is %v, %v", rec.Couple.Room, err)
		}
	})
}

func tapMood(h *bottest.House, u bot.User, n int) {
	board := h.Net.Messages(room)[0]
	h.Net.Tap(u, room, board.ID, board.Buttons[0][n])
}

// eventually waits for what has to come.
func eventually(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if done() {
			return
		}
	}
	t.Fatal("it never came")
}

// TestThirdReader: from the moment somebody else may be reading the room, a reveal
// goes to the two nooks, also when it is not known how many read there.
func TestThirdReader(t *testing.T) {
	for _, members := range []int{3, 0} {
		h, _ := evening(t)
		h.Net.Members = members
		h.Net.Tell(bot.Incoming{Kind: bot.Counted, Chat: room, Members: members})
		board := h.Net.Messages(room)[0]
		for i, u := range []bot.User{ana, ben} {
			h.Net.Tap(u, room, board.ID, board.Buttons[0][i])
		}
		h.Settle(t)
		for _, m := range h.Net.Messages(room) {
			if strings.Contains(m.Text, "Ana") {
				t.Errorf("%d readers: the room shows %q", members, m.Text)
			}
		}
		for _, u := range []bot.User{ana, ben} {
			if nook := h.Net.Messages(bot.Nook(u)); len(nook) != 1 || !strings.Contains(nook[0].Text, "Ben") {
				t.Errorf("%d readers: the nook shows %v", members, nook)
			}
		}
	}
}

// TestActions: a payload is read only if it is exactly what the house writes.
func TestActions(t *testing.T) {
	for payload, ok := range map[string]bool{
		"checkin/3/mood/4": true, "a/0/b": true, "a/0/b/c/d": true,
		"": false, "a": false, "a/0": false, "/0/b": false, "a/0/": false, "a/x/b": false, "a/-1/b": false,
		"a/01/b": false, "a/0/b/": false, strings.Repeat("a", 61) + "/0/b": false,
	} {
		if a, got := bot.ParseAction(payload); got != ok {
			t.Errorf("%q: %+v %v", payload, a, got)
		}
	}
}

// FuzzAction: reading and writing payloads agree.
func FuzzAction(f *testing.F) {
	f.Add("checkin/3/mood/4")
	f.Fuzz(func(t *testing.T, payload string) {
		if a, ok := bot.ParseAction(payload); ok && (a.String() != payload || len(payload) > bot.MaxPayload) {
			t.Errorf("%q became %q", payload, a)
		}
	})
}
