package flows

import (
	"strconv"
	"strings"

	"evenfall/bot"
	"evenfall/rituals"
)

// tapped is a button of the evening.
func (s evening) tapped(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	a := &s.Answers[ev.Who.Index()]
	n, _ := strconv.Atoi(ev.Action.Arg)
	switch verb := ev.Action.Verb; {
	case verb == "show" || verb == "heart":
		return s.respond(sc, ev, n)
	case verb == "off":
		return s.hush(sc, ev)
	case s.Phase != open:
		return s, bot.Reply{Ack: bot.T("checkin.over")}
	case verb == "later":
		a.Later = true
		return s, bot.Reply{Ack: bot.T("checkin.later.said")}
	case verb == "keep":
		a.Keep = !a.Keep
		if a.Keep {
			return s, bot.Reply{Ack: bot.T("checkin.keep.on")}
		}
		return s, bot.Reply{Ack: bot.T("checkin.keep.off")}
	case verb == "note":
		s.Listen |= ev.Who
		r := bot.Reply{Ack: bot.T("checkin.note.open")}
		r.Says = []bot.Say{{To: bot.Only(ev.Who), Slot: "note", Fresh: true, Message: bot.Message{
			Lines:   []bot.Text{bot.T("checkin.note.ask")},
			Buttons: [][]bot.Button{{{Label: bot.T("checkin.note.stop"), Verb: "hold"}}},
		}}}
		return s, r
	case verb == "hold":
		s.Listen &^= ev.Who
		return s, bot.Reply{Ack: bot.T("checkin.note.none")}
	case n < 1 || n > 5:
		return s, bot.Reply{Ack: bot.T("stale")}
	case verb == "load":
		a.Load = n
		return s, bot.Reply{Ack: bot.T("checkin.kept.load", "Value", face("load", n))}
	case verb == "close":
		a.Close = n
		return s, bot.Reply{Ack: bot.T("checkin.kept.close", "Value", face("close", n))}
	case verb == "mood":
		return s.mood(sc, ev, n)
	}
	return s, bot.Reply{Ack: bot.T("stale")}
}

// mood keeps one partner's mood; with the second one comes the reveal.
func (s evening) mood(sc bot.Scene, ev bot.Event, n int) (evening, bot.Reply) {
	both := s.Answers[0].Mood != 0 && s.Answers[1].Mood != 0
	if completes := !both && s.Answers[ev.Who.Other().Index()].Mood != 0; completes && !sc.Loaded {
		return s, bot.Reply{Want: bot.Want{Days: true}}
	}
	a := &s.Answers[ev.Who.Index()]
	before := a.Mood
	a.Mood = n
	if s.Answers[ev.Who.Other().Index()].Mood != 0 {
		return s.reveal(sc, ev)
	}
	r := bot.Reply{Ack: bot.T("checkin.kept.mood", "Value", face("mood", n))}
	if sc.Seated() != bot.Both {
		r.Ack = bot.T("checkin.kept.solo", "Value", face("mood", n))
		return s, r
	}
	if before == 0 {
		r.Say(bot.Room, "board", s.board(sc))
	}
	return s, r
}

// said is typed: a note that was asked for, or an answer in words.
func (s evening) said(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	note := s.Listen.Has(ev.Who) && ev.Private() || ev.Action.Verb == "note"
	switch {
	case note && s.Phase != open:
		s.Listen &^= ev.Who
		return s, bot.Reply{Ack: bot.T("checkin.over")}
	case note && ev.Text != "":
		s.Listen &^= ev.Who
		text := []rune(ev.Text)
		s.Answers[ev.Who.Index()].Note = string(text[:min(len(text), noteLength)])
		return s, bot.Reply{Ack: bot.T("checkin.note.kept")}
	case s.Phase == open:
		if n := typed(ev.Text); n != 0 {
			return s.mood(sc, ev, n)
		}
	}
	if !ev.Private() {
		return s, bot.Reply{} // not for the bot
	}
	return s, bot.Reply{Ack: bot.T("checkin.unasked")}
}

// typed is the mood that somebody wrote: a number or one of the faces.
func typed(text string) int {
	text = strings.TrimSuffix(strings.TrimSpace(text), "\ufe0f")
	for n, f := range faces["mood"] {
		if text == f || text == strconv.Itoa(n+1) {
			return n + 1
		}
	}
	return 0
}

// hush switches the nudges off for good.
func (s evening) hush(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	c := sc.Couple
	p := &c.Partners[ev.Who.Index()]
	off := map[string]bool{bot.KindNudge: true}
	for kind := range p.Off {
		off[kind] = p.Off[kind] || kind == bot.KindNudge
	}
	p.Off = off
	return s, bot.Reply{Set: &c, Ack: bot.T("checkin.hushed")}
}

// reveal shows both, as an edit of the evening's message, and rings once.
func (s evening) reveal(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	day := rituals.Day{Date: s.Date, Mark: rituals.Together}
	streak := rituals.Fold(withDay(sc.Days, day))
	s.Phase, s.Listen, s.Open = revealed, bot.Nobody, false
	s.Streak, s.Relit = streak.Now, streak.Rekindled
	r := bot.Reply{Days: []rituals.Day{day}, Keep: s.entries(!s.kept()), Ack: bot.T("checkin.kept.both")}
	s.shows(sc, &r)
	s.settle(&r, bot.T("checkin.ring"))
	r.Says = append(r.Says, bot.Say{To: bot.Room, Class: bot.Nudge, Until: ev.At.Add(latePrompt),
		Message: bot.Message{Lines: []bot.Text{bot.T("checkin.ring")}}})
	s.Boards = bot.Nobody
	return s.plan(sc, ev.At), r
}

// kept reports whether either wants their mood for themselves; then neither is shown.
func (s evening) kept() bool { return s.Answers[0].Keep || s.Answers[1].Keep }

// respond is a ♡ under the reveal, or a nook that wants to see the reveal.
func (s evening) respond(sc bot.Scene, ev bot.Event, n int) (evening, bot.Reply) {
	if s.Phase != revealed || s.Answers[0].Mood == 0 || s.Answers[1].Mood == 0 { // one may be erased
		return s, bot.Reply{Ack: bot.T("checkin.over")}
	}
	var r bot.Reply
	if ev.Action.Verb == "show" {
		r.Say(bot.Only(ev.Who), "reveal", s.result(sc))
		return s, r
	}
	if n < 1 || n > hearts {
		return s, bot.Reply{Ack: bot.T("stale")}
	}
	s.Answers[ev.Who.Index()].Heart = n
	r.Ack = bot.T("checkin.heart.sent")
	s.shows(sc, &r)
	return s, r
}

// shows says the reveal where only the two can read it.
func (s evening) shows(sc bot.Scene, r *bot.Reply) {
	if !sc.Crowded() {
		r.Say(bot.Room, "board", s.result(sc))
		return
	}
	r.Say(bot.Room, "board", bot.Message{
		Title:   bot.T("checkin.both.title"),
		Lines:   []bot.Text{bot.T("checkin.both.crowd")},
		Buttons: [][]bot.Button{{{Label: bot.T("nook.open"), Link: "nook:show"}}},
	})
	r.Say(bot.OneOnly, "reveal", s.result(sc))
	r.Say(bot.TwoOnly, "reveal", s.result(sc))
}

// withDay is the marks with one more or changed, by date.
func withDay(days []rituals.Day, day rituals.Day) []rituals.Day {
	out := make([]rituals.Day, 0, len(days)+1)
	for _, d := range days {
		if d.Date < day.Date {
			out = append(out, d)
		}
	}
	return append(out, day)
}
