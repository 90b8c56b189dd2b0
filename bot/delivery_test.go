package bot_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
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

// meanwhile does something once, just before a letter looks up which message it is to edit.
type meanwhile struct {
	bot.Store
	do func()
}

func (m *meanwhile) Posted(ctx context.Context, l bot.Letter) (string, error) {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.Store.Posted(ctx, l)
}

// TestLeftMeanwhile: a letter under way when somebody leaves does not come as a new message,
// because what it was to edit is forgotten.
func TestLeftMeanwhile(t *testing.T) {
	store := &meanwhile{Store: memory.New()}
	bubble(t, store, nil, func(t *testing.T, h *bottest.House) {
		h.Net.Say(ana, room, "/checkin")
		board := shown(t, h, room, 1)[0]
		store.do = func() { h.Net.Say(ben, bot.Nook(ben), "/leave 1") }
		h.Net.Tap(ana, room, board.ID, board.Buttons[0][1])
		shown(t, h, room, 1)
		if store.do != nil {
			t.Error("nobody has left meanwhile")
		}
	})
}
