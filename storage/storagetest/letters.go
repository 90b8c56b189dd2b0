package storagetest

import (
	"reflect"

	"evenfall/bot"
)

// letter is one to the couple's room in round 3 of the check-in.
func (h house) letter(id bot.CoupleID, slot string) bot.Letter {
	return bot.Letter{Couple: id, Chat: room(0), Flow: "checkin", Round: 3, Slot: slot, Page: bot.Page{Text: "How are you?"}}
}

// send commits a letter and returns it as it waits.
func (h house) send(l bot.Letter) bot.Letter {
	h.Helper()
	l.ID = h.commit(bot.Change{ID: l.Couple, Letters: []bot.Letter{l}}).Letters[0]
	return l
}

// sent commits a letter and settles it as the message.
func (h house) sent(l bot.Letter, message string) bot.Letter {
	h.Helper()
	l = h.send(l)
	h.outcome(bot.Outcome{Letter: l, Message: message, Done: true})
	return l
}

func (h house) numbered() {
	id, other := h.seat(0), h.seat(1)
	var last int64
	for i := range 4 {
		owner := []bot.CoupleID{id, other}[i%2]
		r := h.commit(bot.Change{ID: owner, Letters: []bot.Letter{h.letter(0, "a"), h.letter(0, "b")}})
		same(h, "the couple", r.ID, owner)
		for _, n := range r.Letters {
			if n <= last {
				h.Fatalf("letter %d came after %d", n, last)
			}
			last = n
		}
		for n, l := range h.letters()[2*i:] {
			same(h, "what waits", []any{l.ID, l.Couple, l.Slot}, []any{r.Letters[n], owner, []string{"a", "b"}[n]})
		}
	}
	for _, l := range h.letters() {
		h.outcome(bot.Outcome{Letter: l, Done: true})
	}
	if l := h.send(h.letter(id, "a")); l.ID <= last {
		h.Fatalf("number %d was given twice", l.ID)
	}
}

func (h house) letterRoundTrip() {
	id := h.seat(0)
	page := bot.Page{Title: "Tonight ✨", Text: "a\nb", Buttons: [][]bot.Key{
		{{Label: "😊", Payload: "checkin/3/mood/4", Link: "nook:x", Words: true}, {Label: "2"}}, {{Label: "3"}}},
		File: &bot.File{Name: "a.json", Type: "application/json", Data: []byte("{\x00\xff}")}}
	l := bot.Letter{Couple: id, Chat: bot.Nook(user(1)), Flow: "checkin", Round: 3, Slot: "prompt", Fresh: true, Amend: true,
		Edit: "m1", Delete: true, Class: bot.Nudge, Lane: bot.Digests, Until: noon, Page: page, Attempts: 2, Copies: 1}
	l.ID = 1
	for i := range reflect.TypeOf(l).NumField() {
		if reflect.ValueOf(l).Field(i).IsZero() {
			h.Errorf("the suite's letter lacks %s", reflect.TypeOf(l).Field(i).Name)
		}
	}
	l = h.send(l)
	same(h, "a full letter", h.letters(), []bot.Letter{l})
	h.outcome(bot.Outcome{Letter: l, Done: true})
	bare := h.send(bot.Letter{Couple: id, Chat: room(0)})
	same(h, "a bare letter", h.letters(), []bot.Letter{bare})
}

func (h house) waiting() {
	id := h.seat(0)
	var ids []int64
	for range 5 {
		ids = append(ids, h.send(h.letter(id, "")).ID)
	}
	var got []int64
	var after int64
	for range 3 {
		page, err := h.s.Waiting(h.Context(), after, 2)
		if err != nil {
			h.Fatal(err)
		}
		for _, l := range page {
			got, after = append(got, l.ID), l.ID
		}
	}
	same(h, "page by page", got, ids)
	if page, err := h.s.Waiting(h.Context(), 0, 0); err != nil || len(page) > 0 {
		h.Fatalf("no room: %v %v", page, err)
	}
}

func (h house) settle() {
	id := h.seat(0)
	first, second := h.send(h.letter(id, "")), h.send(h.letter(id, "a"))
	second.Copies++
	h.outcome(bot.Outcome{Letter: first, Message: "m1", Done: true}, bot.Outcome{Letter: second})
	same(h, "one left", h.letters(), []bot.Letter{second})
	same(h, "not sent, not posted", h.message(second), "")
	second.Attempts, second.Copies = 2, 0
	h.outcome(bot.Outcome{Letter: second, Message: "m2"})
	same(h, "tried twice", h.letters(), []bot.Letter{second})
	same(h, "still not posted", h.message(second), "")
	h.outcome(bot.Outcome{Letter: second, Done: true})
	same(h, "none left", h.letters(), nil)
	same(h, "never sent", h.message(second), "")
	h.outcome()
}

func (h house) settleGone() {
	id := h.seat(0)
	l, kept := h.send(h.letter(id, "a")), h.letter(id, "b")
	h.commit(bot.Change{ID: id, Reset: true})
	kept = h.send(kept)
	h.outcome(bot.Outcome{Letter: l, Message: "m1", Done: true}, bot.Outcome{Letter: kept, Message: "m2", Done: true})
	same(h, "of a letter that was dropped", h.message(l), "")
	same(h, "of the one beside it", h.message(kept), "m2")
	h.outcome(bot.Outcome{Letter: l}, bot.Outcome{Letter: kept, Message: "m3", Done: true})
	same(h, "settled twice", h.message(kept), "m2")
	other := h.send(h.letter(h.seat(1), "a"))
	h.commit(bot.Change{ID: other.Couple, Delete: true})
	h.outcome(bot.Outcome{Letter: other, Message: "m4", Done: true}, bot.Outcome{Letter: bot.Letter{ID: 1 << 40}, Done: true})
	same(h, "of a couple that left", h.message(other), "")
}

func (h house) posted() {
	id, other := h.seat(0), h.seat(1)
	l := h.sent(h.letter(id, "prompt"), "m1")
	same(h, "the message", h.message(l), "m1")
	for what, change := range map[string]func(*bot.Letter){
		"slot":    func(l *bot.Letter) { l.Slot = "other" },
		"no slot": func(l *bot.Letter) { l.Slot = "" },
		"flow":    func(l *bot.Letter) { l.Flow = "season" },
		"chat":    func(l *bot.Letter) { l.Chat = bot.Nook(user(0)) },
		"network": func(l *bot.Letter) { l.Chat.Network = "discord" },
		"round":   func(l *bot.Letter) { l.Round++ },
		"couple":  func(l *bot.Letter) { l.Couple = other },
	} {
		x := l
		change(&x)
		same(h, "another "+what, h.message(x), "")
	}
	next := h.letter(id, "prompt")
	next.Round++
	same(h, "the new round", h.message(h.sent(next, "m2")), "m2")
	same(h, "the old round is forgotten", h.message(l), "")
	h.sent(h.letter(id, "prompt"), "m3")
	same(h, "a late letter of the old round", []string{h.message(l), h.message(next)}, []string{"", "m2"})
}

func (h house) postedChanges() {
	id := h.seat(0)
	l := h.sent(h.letter(id, "prompt"), "m1")
	edit := h.letter(id, "prompt")
	edit.Edit = "m1"
	h.sent(edit, "m1")
	same(h, "edited", h.message(l), "m1")
	h.sent(edit, "m2")
	same(h, "sent anew since it could not be edited", h.message(l), "m2")
	h.sent(edit, "")
	same(h, "not sent", h.message(l), "m2")
	fresh := h.letter(id, "prompt")
	fresh.Fresh = true
	h.sent(fresh, "m3")
	same(h, "fresh", h.message(l), "m3")
	drop := h.letter(id, "prompt")
	drop.Edit, drop.Delete = "m3", true
	h.outcome(bot.Outcome{Letter: h.send(drop)})
	same(h, "not deleted yet", h.message(l), "m3")
	h.sent(drop, "m3")
	same(h, "deleted", h.message(l), "")
}
