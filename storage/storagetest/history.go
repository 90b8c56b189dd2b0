package storagetest

import (
	"fmt"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// past gives a couple something of everything.
func (h house) past(id bot.CoupleID) bot.Receipt {
	h.Helper()
	return h.commit(bot.Change{ID: id,
		States:  []bot.State{{Flow: "checkin", JSON: []byte(`{"round":3}`), Wake: noon}, {Flow: "season", JSON: []byte(`{}`)}},
		Days:    []rituals.Day{{Date: 100, Mark: rituals.Together}},
		Entries: []bot.Entry{{Date: 100, Kind: "mood", Who: bot.One, Value: "4"}, {Date: 100, Kind: "mood", Who: bot.Two, Value: "2"}},
		Letters: []bot.Letter{h.letter(id, "prompt"), h.letter(id, "extra")},
		Invite:  &bot.Invite{Hash: hash(past(id)), Expires: noon.Add(time.Hour)},
	})
}

// past is the token of the invitation that a past leaves behind.
func past(id bot.CoupleID) string { return fmt.Sprintf("past %d", id) }

// all is everything a past leaves behind.
var all = bot.Want{Days: true, Entries: []string{"mood"}}

func (h house) refused() {
	h.seat(0)
	id := h.seat(1)
	r := h.past(id)
	thief := pair(1)
	thief.Partners[0].User, thief.Partners[0].Name = user(0), "Thief"
	h.refuse(bot.Change{ID: id, Couple: &thief, Reset: true, Forget: bot.Both,
		States:  []bot.State{{Flow: "checkin", JSON: []byte(`{"round":9}`), Wake: noon.Add(-time.Hour)}},
		Days:    []rituals.Day{{Date: 100, Mark: rituals.Missed}, {Date: 101, Mark: rituals.Missed}},
		Entries: []bot.Entry{{Date: 100, Kind: "mood", Who: bot.One, Value: "1"}},
		Letters: []bot.Letter{h.letter(id, "other")},
		Invite:  &bot.Invite{Hash: hash("thief"), Expires: noon.Add(time.Hour)},
	}, bot.ErrTaken)
	got := h.load(id, "checkin", all)
	same(h, "the state", string(got.State), `{"round":3}`)
	same(h, "the name", got.Couple.Partners[0].Name, "Ana")
	same(h, "the days", got.Days, []rituals.Day{{Date: 100, Mark: rituals.Together}})
	same(h, "the first entry", got.Entries[0].Value, "4")
	same(h, "the entries", len(got.Entries), 2)
	same(h, "the letters", len(h.letters()), len(r.Letters))
	same(h, "the alarms", h.due(bot.Alarm{}, 10), []bot.Alarm{{At: noon, Couple: id, Flow: "checkin"}})
	same(h, "the invitation", h.invited(past(id), noon), id)
	same(h, "the refused invitation", h.invited("thief", noon), 0)
}

func (h house) reset() {
	id, other := h.seat(0), h.seat(1)
	r := h.past(id)
	h.past(other)
	prompt := h.letter(id, "prompt")
	prompt.ID = r.Letters[0]
	h.outcome(bot.Outcome{Letter: prompt, Message: "m1", Done: true})
	later := h.commit(bot.Change{ID: id, Reset: true, Letters: []bot.Letter{h.letter(id, "bye")},
		States: []bot.State{{Flow: "season", JSON: []byte(`{"new":1}`)}}})
	got := h.load(id, "checkin", all)
	if got.State != nil {
		h.Fatalf("the state is still there: %s", got.State)
	}
	same(h, "the new state", string(h.load(id, "season", bot.Want{}).State), `{"new":1}`)
	same(h, "days and entries", len(got.Days)+len(got.Entries), 3)
	same(h, "the posted message", h.message(prompt), "")
	same(h, "the alarms", h.due(bot.Alarm{}, 10), []bot.Alarm{{At: noon, Couple: other, Flow: "checkin"}})
	mine := map[bot.CoupleID]int{}
	for _, l := range h.letters() {
		mine[l.Couple]++
		if l.Couple == id {
			same(h, "the only letter", l.ID, later.Letters[0])
		}
	}
	same(h, "the letters", mine, map[bot.CoupleID]int{id: 1, other: 2})
	same(h, "people and room", h.find(user(0), room(0)), bot.Found{ByUser: id, ByChat: id})
}

func (h house) forget() {
	id, other := h.seat(0), h.seat(1)
	h.past(id)
	h.past(other)
	h.commit(bot.Change{ID: id, Forget: bot.One, Entries: []bot.Entry{{Date: 101, Kind: "mood", Who: bot.One, Value: "5"}}})
	same(h, "what is left", h.load(id, "checkin", all).Entries, []bot.Entry{
		{Date: 100, Kind: "mood", Who: bot.Two, Value: "2"}, {Date: 101, Kind: "mood", Who: bot.One, Value: "5"}})
	h.commit(bot.Change{ID: id, Entries: []bot.Entry{{Date: 102, Kind: "mood", Who: bot.Both, Value: "1"}}})
	h.commit(bot.Change{ID: id, Forget: bot.One})
	same(h, "what both wrote goes with one", len(h.load(id, "checkin", all).Entries), 1)
	same(h, "days", len(h.load(id, "", all).Days), 1)
	h.commit(bot.Change{ID: id, Forget: bot.Both})
	got := h.load(id, "checkin", all)
	same(h, "entries and days", []int{len(got.Entries), len(got.Days)}, []int{0, 0})
	same(h, "the state", string(got.State), `{"round":3}`)
	got = h.load(other, "", all)
	same(h, "the other couple's", []int{len(got.Entries), len(got.Days)}, []int{2, 1})
}

// forgetLetters forgets what one wrote: what waits may tell of it.
func (h house) forgetLetters() {
	id, other := h.seat(0), h.seat(1)
	h.past(id)
	r := h.past(other)
	now := h.commit(bot.Change{ID: id, Forget: bot.Two, Letters: []bot.Letter{h.letter(id, "done")}})
	var left []int64
	for _, l := range h.letters() {
		left = append(left, l.ID)
	}
	same(h, "the letters", left, append(r.Letters, now.Letters...))
	same(h, "the state", string(h.load(id, "checkin", all).State), `{"round":3}`)
	same(h, "the invitation", h.invited(past(id), noon), id)
}

// own asks for what a partner may take along.
func (h house) own() {
	id, other := h.seat(0), h.seat(1)
	mine := bot.Entry{Date: 8, Kind: "mood", Who: bot.One, Value: "4"}
	both := bot.Entry{Date: 8, Kind: "note", Who: bot.Both, Value: "ours"}
	seen := bot.Entry{Date: 9, Kind: "mood", Who: bot.Two, Value: "2", Shared: true}
	h.commit(bot.Change{ID: id, Entries: []bot.Entry{seen, both, mine,
		{Date: 8, Kind: "mood", Who: bot.Two, Value: "1"}, {Date: 9, Kind: "close", Who: bot.Two, Value: "5"}}})
	h.commit(bot.Change{ID: other, Entries: []bot.Entry{mine, seen}})
	same(h, "of one", h.load(id, "", bot.Want{Own: bot.One}).Entries, []bot.Entry{mine, both, seen})
	same(h, "asked for twice", h.load(id, "", bot.Want{Own: bot.One, Entries: []string{"note"}, Since: 8}).Entries, []bot.Entry{mine, both, seen})
	same(h, "of two", len(h.load(id, "", bot.Want{Own: bot.Two}).Entries), 4)
	h.commit(bot.Change{ID: id, Reset: true})
	mine.Date, seen.Shared = 8, false
	same(h, "for who comes after a reset", h.load(id, "", bot.Want{Own: bot.One}).Entries, []bot.Entry{mine, both})
	same(h, "for who stays", h.load(id, "", bot.Want{Entries: []string{"mood"}, Since: 9}).Entries, []bot.Entry{seen})
}

func (h house) remove() {
	id, other := h.seat(0), h.seat(1)
	r := h.past(id)
	h.past(other)
	prompt := h.letter(id, "prompt")
	prompt.ID = r.Letters[0]
	h.outcome(bot.Outcome{Letter: prompt, Message: "m1", Done: true})
	got := h.commit(bot.Change{ID: id, Delete: true, Letters: []bot.Letter{h.letter(id, "late")}})
	same(h, "the receipt", got, bot.Receipt{ID: id})
	same(h, "people and room", h.find(user(0), room(0)), bot.Found{})
	h.refuse(bot.Change{ID: id, States: []bot.State{{Flow: "checkin", JSON: []byte("{}")}}}, bot.ErrNone)
	same(h, "the invitation", h.invited(past(id), noon), bot.CoupleID(0))
	same(h, "the posted message", h.message(prompt), "")
	same(h, "the alarms", h.due(bot.Alarm{}, 10), []bot.Alarm{{At: noon, Couple: other, Flow: "checkin"}})
	for _, l := range h.letters() {
		same(h, "whose letters wait", l.Couple, other)
	}
	if next := h.seat(0); next == id {
		h.Fatalf("number %d was given twice", id)
	} else if r := h.load(next, "checkin", all); r.State != nil || r.Days != nil || r.Entries != nil {
		h.Fatalf("the next couple has a past: %+v", r)
	}
}

func (h house) entriesReplaced() {
	id := h.seat(0)
	line := bot.Entry{Date: 7, Kind: "mood", Who: bot.One, Value: "3"}
	h.commit(bot.Change{ID: id, Entries: []bot.Entry{line}})
	line.Value, line.Shared = "5", true
	h.commit(bot.Change{ID: id, Entries: []bot.Entry{line}})
	same(h, "one line", h.load(id, "", all).Entries, []bot.Entry{line})
	one, two := line, line
	one.Value, two.Value, two.Shared = "1", "", false
	h.commit(bot.Change{ID: id, Entries: []bot.Entry{one, two}})
	same(h, "the last of one change", h.load(id, "", all).Entries, []bot.Entry{two})
}

func (h house) entriesFiltered() {
	id, other := h.seat(0), h.seat(1)
	var lines []bot.Entry
	for _, date := range []rituals.Date{30, 10, 20} {
		for _, kind := range []string{"near", "mood", "note"} {
			lines = append(lines, bot.Entry{Date: date, Kind: kind, Who: bot.Two}, bot.Entry{Date: date, Kind: kind, Who: bot.One})
		}
	}
	h.commit(bot.Change{ID: id, Entries: lines})
	h.commit(bot.Change{ID: other, Entries: lines[:2]})
	same(h, "nothing asked", h.load(id, "", bot.Want{Days: true, Since: 1}).Entries, nil)
	same(h, "a kind nobody wrote", h.load(id, "", bot.Want{Entries: []string{"win"}}).Entries, nil)
	var want []bot.Entry
	for _, date := range []rituals.Date{20, 30} {
		for _, kind := range []string{"mood", "near"} {
			want = append(want, bot.Entry{Date: date, Kind: kind, Who: bot.One}, bot.Entry{Date: date, Kind: kind, Who: bot.Two})
		}
	}
	same(h, "two kinds since the 20th", h.load(id, "", bot.Want{Entries: []string{"near", "mood", "near"}, Since: 20}).Entries, want)
	same(h, "all", len(h.load(id, "", bot.Want{Entries: []string{"note", "mood", "near"}}).Entries), 18)
}

func (h house) days() {
	id := h.seat(0)
	h.commit(bot.Change{ID: id, Days: []rituals.Day{{Date: 9, Mark: rituals.Missed}, {Date: 7, Mark: rituals.Neutral}}})
	h.commit(bot.Change{ID: id, Days: []rituals.Day{{Date: 8, Mark: rituals.Together}, {Date: 9, Mark: rituals.Together}}})
	want := []rituals.Day{{Date: 7, Mark: rituals.Neutral}, {Date: 8, Mark: rituals.Together}, {Date: 9, Mark: rituals.Together}}
	same(h, "days", h.load(id, "", bot.Want{Days: true}).Days, want)
	same(h, "days not asked for", h.load(id, "", bot.Want{Entries: []string{"mood"}}).Days, nil)
}
