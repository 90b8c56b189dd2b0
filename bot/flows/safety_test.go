package flows_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/storage/memory"
)

// TestSafetyLeavesNoTrace: a house where Ana writes about danger is, afterwards, the same as one
// where she never did: what is stored, what is logged, what Ben sees and what the room shows.
func TestSafetyLeavesNoTrace(t *testing.T) {
	for _, words := range []string{
		"he hit me again last night", "me pegó anoche", "I want to die", "me da miedo volver a casa",
		"I am scared of him", "he checks my phone", "tonight, I have the pills",
	} {
		for _, inNote := range []bool{false, true} {
			with, without := evening(t, words, inNote), evening(t, "", inNote)
			if with != without {
				t.Errorf("%q (in a note: %v) left a trace: %s", words, inNote, bottest.Differ(without, with))
			}
		}
	}
}

// evening plays one with words written into it, and returns all that is left of it
// but Ana's own private chat.
func evening(t *testing.T, words string, inNote bool) string {
	var log bytes.Buffer
	h := bottest.Begin(t, memory.New(), flows.All(), &log)
	h.Net.Say(ana, room, "/checkin")
	h.Settle(t)
	board := h.Net.Messages(room)[0]
	if inNote {
		h.Net.Tap(ana, room, board.ID, board.Buttons[3][0])
	}
	if words != "" {
		h.Settle(t)
		before := len(h.Net.Messages(bot.Nook(ana)))
		h.Net.Say(ana, bot.Nook(ana), words)
		shown := h.Net.Messages(bot.Nook(ana))
		if len(shown) == before {
			t.Errorf("%q was not answered", words)
		}
		for _, m := range shown[before:] { // and every button of the answer is followed
			for i := range m.Buttons {
				h.Net.Tap(ana, bot.Nook(ana), m.ID, bot.Key{Payload: "safety/0/ask/no"})
				if p := m.Buttons[i][0].Payload; !strings.Contains(p, "/send") && !strings.Contains(p, "ask/yes") && !strings.Contains(p, "ask/skip") {
					h.Net.Tap(ana, bot.Nook(ana), m.ID, m.Buttons[i][0])
				}
			}
		}
		h.Net.Say(ana, room, words) // never answered there
	}
	h.Net.Tap(ben, room, board.ID, board.Buttons[0][2])
	h.Settle(t)
	h.End()
	rec, err := h.Store.Load(context.Background(), h.ID, "checkin", bot.Want{Days: true, Entries: []string{"mood", "note"}})
	if err != nil {
		t.Fatal(err)
	}
	waiting, err := h.Store.Waiting(context.Background(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	var logged []string
	for _, line := range strings.Split(log.String(), "\n") {
		_, line, _ = strings.Cut(line, " ")
		logged = append(logged, line)
	}
	return fmt.Sprintf("%+v\n%s\n%v %v\n%v\n%v\n%v\n%v", rec.Couple, rec.State, rec.Days, rec.Entries, waiting,
		texts(h.Net.Messages(room)), texts(h.Net.Messages(bot.Nook(ben))), logged)
}

func texts(shown []bottest.Shown) (all []string) {
	for _, m := range shown {
		all = append(all, m.Title+"\n"+m.Text)
	}
	return all
}

// TestHeldWords: words for the partner that sound like danger are kept nowhere until
// their writer says so.
func TestHeldWords(t *testing.T) {
	note := func(h *bottest.House) string {
		rec, err := h.Store.Load(context.Background(), h.ID, "checkin", bot.Want{})
		if err != nil {
			t.Fatal(err)
		}
		return string(rec.State)
	}
	for choice, kept := range map[string]bool{"send": true, "keep": false, "change": false} {
		h := bottest.Begin(t, memory.New(), flows.All(), &bytes.Buffer{})
		h.Net.Say(ana, room, "/checkin")
		h.Settle(t)
		board := h.Net.Messages(room)[0]
		h.Net.Tap(ana, room, board.ID, board.Buttons[3][0])
		h.Settle(t)
		h.Net.Say(ana, bot.Nook(ana), "I feel hopeless, I can't go on")
		if strings.Contains(note(h), "hopeless") {
			t.Fatal("the words were stored before Ana decided")
		}
		h.Net.Tap(ana, bot.Nook(ana), "", bot.Key{Payload: "safety/0/hold/" + choice})
		if got := strings.Contains(note(h), "hopeless"); got != kept {
			t.Errorf("%s: stored %v", choice, got)
		}
	}
}

// TestSupport: the same menu for everyone, always in private.
func TestSupport(t *testing.T) {
	h := bottest.Begin(t, memory.New(), flows.All(), &bytes.Buffer{})
	h.Net.Say(ana, room, "/support")
	h.Settle(t)
	if len(h.Net.Messages(room)) != 0 || len(h.Net.Messages(bot.Nook(ana))) != 1 {
		t.Errorf("room %v, nook %v", h.Net.Messages(room), h.Net.Messages(bot.Nook(ana)))
	}
	carl := bot.User{Network: "left", ID: "carl"}
	h.Net.Say(carl, bot.Nook(carl), "/support")
	if shown := h.Net.Messages(bot.Nook(carl)); len(shown) != 1 || strings.Contains(shown[0].Text, "988") {
		t.Errorf("a stranger sees %v", shown)
	}
}
