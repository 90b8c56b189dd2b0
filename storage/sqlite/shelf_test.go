package sqlite

import (
	"testing"

	"evenfall/bot"
)

func resident(n int) bot.Record {
	return bot.Record{State: []byte(`{"old":1}`), Couple: bot.Couple{ID: bot.CoupleID(n + 1), Room: place(n),
		Partners: [2]bot.Partner{{User: person(2 * n)}, {User: person(2*n + 1)}}}}
}

// TestShelfLateReader puts back what was read before somebody else committed.
func TestShelfLateReader(t *testing.T) {
	s := newShelf()
	_, turn, _ := s.load(1, "f")
	s.note(bot.Change{ID: 1, States: []bot.State{{Flow: "f", JSON: []byte(`{"new":1}`)}}})
	s.keep(turn, "f", resident(0))
	if rec, _, ok := s.load(1, "f"); ok {
		t.Fatalf("the shelf tells of %s, which is gone", rec.State)
	}
	_, turn, _ = s.load(1, "f")
	s.keep(turn, "f", resident(0))
	s.note(bot.Change{ID: 1, States: []bot.State{{Flow: "f", JSON: []byte(`{"new":1}`)}}})
	if rec, _, ok := s.load(1, "f"); !ok || string(rec.State) != `{"new":1}` {
		t.Fatalf("the shelf tells of %s", rec.State)
	}
	for what, ch := range map[string]bot.Change{"reset": {Reset: true}, "delete": {Delete: true}, "couple": {Couple: &bot.Couple{}}} {
		_, turn, _ = s.load(1, "other")
		s.keep(turn, "f", resident(0))
		ch.ID = 1
		s.note(ch)
		if _, _, ok := s.load(1, "f"); ok {
			t.Errorf("%s: the couple still stands there", what)
		}
		if f, ok := s.find(person(0), place(0)); ok || f.ByUser != 0 {
			t.Errorf("%s: its people are still found", what)
		}
	}
}

// TestShelfIsFull puts more couples there than there is room for.
func TestShelfIsFull(t *testing.T) {
	s := newShelf()
	for n := range room + 100 {
		s.keep(*s.turn(bot.CoupleID(n + 1)), "f", resident(n))
	}
	if len(s.houses) != room || len(s.users) != 2*room || len(s.rooms) != room {
		t.Errorf("%d couples, %d people, %d rooms", len(s.houses), len(s.users), len(s.rooms))
	}
	last := room + 99
	if f, ok := s.find(person(2*last), place(last)); !ok || f.ByUser != bot.CoupleID(last+1) || f.ByChat != f.ByUser {
		t.Errorf("the last one is %+v", f)
	}
	s.clear()
	if len(s.houses)+len(s.users)+len(s.rooms) > 0 {
		t.Error("a cleared shelf is not empty")
	}
}
