package storagetest

import (
	"errors"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

func (h house) openStates() {
	one, two := h.seat(0), h.seat(1)
	set := func(id bot.CoupleID, flow string, open bool) bot.Alarm {
		h.commit(bot.Change{ID: id, States: []bot.State{{Flow: flow, JSON: []byte(`{}`), Wake: noon, Open: open}}})
		return bot.Alarm{Couple: id, Flow: flow}
	}
	list := func(after bot.Alarm, limit int) []bot.Alarm {
		h.Helper()
		open, err := h.s.Open(h.Context(), after, limit)
		if err != nil {
			h.Fatalf("Open: %v", err)
		}
		return open
	}
	set(one, "never", false)
	c, b, a := set(two, "b", true), set(one, "b", true), set(one, "a", true)
	same(h, "by couple and flow", list(bot.Alarm{}, 10), []bot.Alarm{a, b, c})
	same(h, "after one", list(a, 1), []bot.Alarm{b})
	set(one, "b", false)
	same(h, "closed", list(bot.Alarm{}, 10), []bot.Alarm{a, c})
	h.commit(bot.Change{ID: one, Reset: true})
	same(h, "reset", list(bot.Alarm{}, 10), []bot.Alarm{c})
	same(h, "no room", list(bot.Alarm{}, 0), nil)
}

func event(id string) bot.Seen { return bot.Seen{Network: "telegram", ID: id, At: noon} }

// once commits a change that comes from an event and reports whether it was taken in.
func (h house) once(ch bot.Change, ev bot.Seen) bool {
	h.Helper()
	ch.Seen = ev
	_, err := h.s.Commit(h.Context(), ch)
	if err != nil && !errors.Is(err, bot.ErrSeen) {
		h.Fatalf("Commit: %v", err)
	}
	return err == nil
}

func (h house) seen() {
	id, other := h.seat(0), h.seat(1)
	mark := func(date rituals.Date) bot.Change {
		return bot.Change{ID: id, Days: []rituals.Day{{Date: date, Mark: rituals.Together}}, Letters: []bot.Letter{h.letter(0, "")},
			States: []bot.State{{Flow: "checkin", JSON: []byte(`{}`)}}}
	}
	same(h, "the first time", h.once(mark(1), event("900")), true)
	same(h, "again", h.once(mark(2), event("900")), false)
	same(h, "from another couple", h.once(bot.Change{ID: other, States: mark(0).States}, event("900")), false)
	same(h, "an older number", h.once(mark(3), event("3")), true)
	elsewhere := event("900")
	elsewhere.Network = "discord"
	same(h, "on another network", h.once(mark(4), elsewhere), true)
	for range 2 {
		same(h, "without a number", h.once(mark(5), bot.Seen{}), true)
	}
	days := h.load(id, "", bot.Want{Days: true}).Days
	same(h, "days", len(days), 4)
	same(h, "letters", len(h.letters()), 5)
	same(h, "noted alone", h.once(bot.Change{}, event("4")) && !h.once(bot.Change{}, event("4")), true)
	same(h, "played after that", h.once(mark(6), event("4")), false)
	same(h, "one that goes", h.once(bot.Change{ID: other, Delete: true}, event("5")), true)
	same(h, "and again", h.once(bot.Change{ID: other, Delete: true}, event("5")), false)
}

// seenRefused commits a change that is refused: its event was not taken in.
func (h house) seenRefused() {
	h.seat(0)
	ch := bot.Change{ID: 1 << 40, States: []bot.State{{Flow: "checkin", JSON: []byte(`{}`)}}, Seen: event("1")}
	if _, err := h.s.Commit(h.Context(), ch); !errors.Is(err, bot.ErrNone) {
		h.Fatalf("a couple that is not there: %v", err)
	}
	taken := pair(0)
	if _, err := h.s.Commit(h.Context(), bot.Change{Couple: &taken, Seen: event("1")}); !errors.Is(err, bot.ErrTaken) {
		h.Fatalf("people who sit elsewhere: %v", err)
	}
	same(h, "then", h.once(bot.Change{}, event("1")), true)
}

func (h house) beats() {
	beat := func(at time.Time) []bot.Span {
		h.Helper()
		away, err := h.s.Beat(h.Context(), at)
		if err != nil {
			h.Fatalf("Beat: %v", err)
		}
		return away
	}
	same(h, "the first ever", beat(noon), nil)
	same(h, "in time", beat(noon.Add(bot.Gap)), nil)
	first := bot.Span{From: noon.Add(bot.Gap), To: noon.Add(time.Hour)}
	same(h, "late", beat(first.To), []bot.Span{first})
	same(h, "still remembered", beat(first.To.Add(time.Minute)), []bot.Span{first})
	same(h, "a clock that went back", beat(noon), []bot.Span{first})
	second := bot.Span{From: noon, To: noon.Add(30 * time.Hour)}
	same(h, "another", beat(second.To), []bot.Span{second, first})
	third := bot.Span{From: second.To, To: first.To.Add(bot.Memory)}
	same(h, "while what was due between two is caught up with", beat(third.To), []bot.Span{second, first, third})
	same(h, "and a beat later", beat(third.To.Add(time.Minute)), []bot.Span{second, first, third})
	if err := h.s.Sweep(h.Context(), third.To.Add(time.Minute), nil); err != nil {
		h.Fatalf("Sweep: %v", err)
	}
	same(h, "and swept", beat(third.To.Add(2*time.Minute)), []bot.Span{second, first, third})
	fourth := bot.Span{From: third.To.Add(2 * time.Minute), To: third.To.Add(bot.Memory + time.Hour)}
	same(h, "the first is forgotten", beat(fourth.To), []bot.Span{second, third, fourth})
}

func (h house) sweep() {
	id := h.seat(0)
	today := rituals.DateOf(noon)
	h.commit(bot.Change{ID: id, Entries: []bot.Entry{
		{Date: today - 31, Kind: "note", Who: bot.One, Value: "old"}, {Date: today - 30, Kind: "note", Who: bot.One, Value: "kept"},
		{Date: today - 31, Kind: "mood", Who: bot.Two, Value: "4"}, {Date: today - 400, Kind: "card", Who: bot.Two, Value: "ours"},
	}, Days: []rituals.Day{{Date: today - 400, Mark: rituals.Together}}, Invite: &bot.Invite{Hash: hash("a"), Expires: noon}})
	h.once(bot.Change{}, bot.Seen{Network: "telegram", ID: "old", At: noon.Add(-bot.Memory - time.Second)})
	h.once(bot.Change{}, bot.Seen{Network: "telegram", ID: "new", At: noon.Add(-bot.Memory)})
	for range 2 {
		if err := h.s.Sweep(h.Context(), noon, map[string]int{"note": 30, "mood": 90}); err != nil {
			h.Fatalf("Sweep: %v", err)
		}
	}
	rec := h.load(id, "", bot.Want{Days: true, Entries: []string{"note", "mood", "card"}})
	var left []string
	for _, e := range rec.Entries {
		left = append(left, e.Value)
	}
	same(h, "entries", left, []string{"ours", "4", "kept"})
	same(h, "days", len(rec.Days), 1)
	same(h, "an old event", h.once(bot.Change{}, event("old")), true)
	same(h, "a new one", h.once(bot.Change{}, event("new")), false)
	found, err := h.s.Find(h.Context(), bot.User{}, bot.Chat{}, hash("a"), noon.Add(-time.Hour))
	if err != nil || found.ByInvite != 0 {
		h.Fatalf("an invitation that ran out: %v %v", found, err)
	}
}
