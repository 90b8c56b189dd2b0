package flows_test

import (
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"evenfall/bot"
	"evenfall/bot/bottest"
)

// FuzzCommand: whatever is typed as a command or as words, by a partner or a guest, in the room or
// in private, no step breaks, nothing comes of it that the rules of the matrix do not allow, and
// what is said fits every network.
func FuzzCommand(f *testing.F) {
	var mu sync.Mutex
	ready := past(f).says(f, ana, room, "/start").taps(f, ben, room, "join", "in", "").settled(f).says(f, ana, room, "/checkin")
	open := []*still{
		ready.still(),
		ready.says(f, ana, bot.Nook(ana), "/settings").taps(f, ana, bot.Nook(ana), "settings", "open", "place").still(),
		ready.taps(f, ana, bot.Nook(ana), "checkin", "note", "").still(),
	}
	for i, c := range newHouse(f, ready.store, ready.at, 0).Commands() {
		f.Add(c.Name, "", uint8(i))
		f.Add(c.Name, "1", uint8(i+1))
	}
	for i, text := range []string{"4", "yes, erase mine", "Valencia, Venezuela", "half past eight", "a\u202eb\x00c", "😊", "start AAAAAAAAAAAAAAAAAAAAAA yes", "\xff"} {
		f.Add("", text, uint8(i))
		f.Add("start", text, uint8(i))
	}
	f.Add("start", "yes please", uint8('b'))
	f.Fuzz(func(t *testing.T, command, text string, where uint8) {
		mu.Lock() // a still moment is one's alone
		defer mu.Unlock()
		s := open[int(where)%len(open)]
		p := cast[int(where)/len(open)%len(cast)]
		at := p.at[int(where)%len(p.at)]
		d := deed{Kind: bot.Called, command: command, text: text}
		if command == "" {
			d.Kind = bot.Said
		}
		in := s.from(p.who, at)
		in.ID, in.Kind, in.Command, in.Text = "event", d.Kind, command, text
		e := s.try(t, in)
		for _, l := range e.heard {
			if why := bottest.Unfit(l.Page); l.Flow != "" && why != "" { // the fixed pages have tests of their own
				t.Errorf("/%s %q: %s: %s", command, text, why, l.Page.Text)
			}
		}
		if strings.ContainsFunc(text, unprintable) {
			return // the house takes such signs out, the rules do not
		}
		if wrong := s.cell(p.who, at, d).careful(s, e); wrong != "" {
			t.Errorf("%s, in %s: %s: %s", title(p.who), at.ID, d, wrong)
		}
	})
}

func unprintable(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// careful is the verdict for words of which nobody knows beforehand whether they are about danger.
func (c cell) careful(s *still, e effect) string {
	r := c.rule()
	r.told, r.silent = false, false
	if c.deed.text != "" {
		r.say = append(r.say, bot.Nook(c.who))
	}
	return s.verdict(c, r, e)
}
