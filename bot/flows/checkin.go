package flows

import (
	"slices"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// CheckIn is the evening: one prompt in the room, taps that stay sealed until both
// are in, the reveal, and the mark for the streak.
var CheckIn = bot.Flow[evening, *evening]{
	Name:     "checkin",
	Commands: []string{"checkin"},
	Settled:  true,
	Hears:    true,
	Sealed:   []string{"mood", "load", "close", "note", "keep", "later", "off"},
	Keeps:    map[string]int{"mood": tapsKept, "load": tapsKept, "close": tapsKept, "note": wordsKept},
	Own:      evening.own,
	Forget:   evening.forget,
	Step:     checkIn,
}

// How the evening runs.
const (
	latePrompt = 45 * time.Minute // a prompt that comes later than this is not sent at all
	nudgeAfter = 90 * time.Minute
	nudgeUntil = rituals.Clock(22*60 + 30) // on the partner's own clock
	closes     = rituals.Clock(12 * 60)    // of the next day
	noteLength = 500
	tapsKept   = 90 // days
	wordsKept  = 30
)

func checkIn(sc bot.Scene, s evening, ev bot.Event) (evening, bot.Reply) {
	switch ev.Kind {
	case bot.Arranged:
		return s.arranged(sc, ev)
	case bot.Woke:
		return s.woke(sc, ev)
	case bot.Called:
		return s.called(sc, ev)
	case bot.Said:
		return s.said(sc, ev)
	case bot.Tapped:
		return s.tapped(sc, ev)
	case bot.Returned:
		return s.returned(sc)
	case bot.Unsent:
		s.Unsent = s.Unsent || s.Phase == open && ev.Action.Round == s.Round && ev.Action.Verb == "board"
	}
	return s, bot.Reply{}
}

// arranged sets the alarm anew after people or settings changed.
func (s evening) arranged(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	if s.Phase != open {
		s = s.plan(sc, ev.At)
	}
	return s, bot.Reply{}
}

// plan finds the next evening after the last one and sets the alarm for it.
func (s evening) plan(sc bot.Scene, now time.Time) evening {
	s.Wake, s.Next = time.Time{}, 0
	if !sc.Ready || sc.Seated() == bot.Nobody {
		return s
	}
	last := max(s.Date, rituals.DateOf(now)-2)
	for {
		next, ok := rituals.NextEvening(last, sc.Free)
		if !ok {
			return s
		}
		if at := rituals.Resolve(next, sc.Evening, sc.Location(bot.Nobody)); at.After(now) {
			s.Next, s.Wake = next, at
			return s
		}
		last = next
	}
}

// woke is the alarm: the evening begins, somebody is nudged, or noon has come.
func (s evening) woke(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	switch {
	case s.Phase == open && !ev.At.Before(s.Until):
		return s.close(sc, ev)
	case s.Phase == open:
		return s.nudge(sc, ev)
	case s.Next == 0:
		return s.plan(sc, ev.At), bot.Reply{}
	}
	date := s.Next
	if ev.At.Sub(ev.Due) > latePrompt || resting(sc.Couple, date) {
		r := bot.Reply{Days: []rituals.Day{{Date: date, Mark: rituals.Neutral}}}
		s = evening{Date: date, Stage: bot.Stage{Round: int(date), Listen: s.Listen}}
		return s.plan(sc, ev.At), r
	}
	return s.begin(sc, ev, date, ev.Due.Add(latePrompt))
}

// begin opens the evening of a date: the one message of the evening. It is of no use
// after late; zero = as long as the evening is open.
func (s evening) begin(sc bot.Scene, ev bot.Event, date rituals.Date, late time.Time) (evening, bot.Reply) {
	var r bot.Reply
	s = evening{Phase: open, Date: date, Begun: ev.At}
	s.Round, s.Open = int(date), true
	zone := sc.Location(bot.Nobody)
	s.Until = rituals.Resolve(date+1, closes, zone)
	if after := s.plan(sc, ev.At); after.Next != 0 && after.Wake.Before(s.Until) {
		s.Until = after.Wake // an evening before noon ends the one before it
	}
	s.Wake = s.Until
	if at := ev.At.Add(nudgeAfter); at.Before(s.Until) {
		s.Wake = at
	}
	if late.IsZero() {
		late = s.Until
	}
	r.Says = []bot.Say{{To: bot.Room, Slot: "board", Until: late, Message: s.board(sc)}}
	return s, r
}

// returned asks for taps that may have been lost while the house was away.
func (s evening) returned(sc bot.Scene) (evening, bot.Reply) {
	var r bot.Reply
	if s.Phase == open {
		m := s.board(sc)
		m.Lines = append(m.Lines, bot.T("checkin.away"))
		r.Says = []bot.Say{{To: bot.Room, Slot: "board", Amend: true, Message: m}}
	}
	return s, r
}

// nudge reminds, once and in the nook only, each partner who has not answered and
// wants to be reminded. Whether the other has answered makes no difference.
func (s evening) nudge(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	var r bot.Reply
	s.Nudged, s.Wake = true, s.Until
	if ev.At.Sub(ev.Due) > latePrompt || sc.Room.ID == "" && sc.Seated() != bot.Both {
		return s, r
	}
	for _, p := range bot.Each {
		partner, a := sc.Partner(p), s.Answers[p.Index()]
		local := ev.At.In(sc.Location(p))
		late := rituals.Clock(local.Hour()*60+local.Minute()) >= nudgeUntil || rituals.DateOf(local) != rituals.DateOf(ev.At)
		quiet := a.Later || partner.Off[bot.KindNudge] || partner.Off[bot.KindEvening] || partner.Rest > s.Date || late
		if !sc.Seated().Has(p) || a.Mood != 0 || !partner.Open || quiet {
			continue
		}
		s.Boards |= p
		r.Says = append(r.Says, bot.Say{To: bot.Only(p), Slot: "nudge", Fresh: true,
			Class: bot.Nudge, Until: ev.Due.Add(latePrompt), Message: s.reminder(sc)})
	}
	return s, r
}

// excused reports whether a missed evening is nobody's: one of the two was not to be asked,
// its message may never have come (nobody has tapped on it), or the house was away while it was open.
func (s evening) excused(sc bot.Scene) bool {
	unseen := s.Unsent && s.Answers == [2]answer{}
	if sc.Seated() != bot.Both || resting(sc.Couple, s.Date) || unseen {
		return true
	}
	return slices.ContainsFunc(sc.Away, bot.Span{From: s.Begun, To: s.Until}.Overlaps)
}

// close ends an evening that was left open. Nobody learns who had answered.
func (s evening) close(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	mark := rituals.Missed
	if s.excused(sc) {
		mark = rituals.Neutral
	}
	r := bot.Reply{Days: []rituals.Day{{Date: s.Date, Mark: mark}}, Keep: s.entries(false)}
	r.Says = []bot.Say{{To: bot.Room, Slot: "board", Amend: true,
		Message: bot.Message{Title: bot.T("checkin.closed.title"), Lines: []bot.Text{bot.T("checkin.closed.text")}}}}
	s.settle(&r, bot.T("checkin.closed.title"))
	s = evening{Date: s.Date, Stage: bot.Stage{Round: s.Round, Listen: s.Listen}}
	return s.plan(sc, ev.At), r
}

// settle takes the buttons off the boards in the nooks.
func (s evening) settle(r *bot.Reply, words bot.Text) {
	for _, p := range bot.Each {
		if s.Boards.Has(p) {
			r.Says = append(r.Says, bot.Say{To: bot.Only(p), Slot: "nudge", Amend: true, Message: bot.Message{Lines: []bot.Text{words}}})
		}
	}
}

// called is /checkin: the open evening once more, or tonight's before its time.
func (s evening) called(sc bot.Scene, ev bot.Event) (evening, bot.Reply) {
	var r bot.Reply
	today := rituals.DateOf(ev.At)
	switch {
	case !sc.Ready:
		r.Ack = bot.T("checkin.unready")
		return s, r
	case s.Phase == open:
		r = s.again(sc, ev)
		return s.shown(ev), r
	case s.Date >= today && s.Phase == revealed:
		r.Ack = bot.T("checkin.done")
		return s, r
	}
	s, r = s.begin(sc, ev, max(today, s.Date), time.Time{}) // also an evening that rested or came too late
	if ev.Private() && sc.Room.ID != "" {
		r.Says = append(r.Says, s.again(sc, ev).Says...)
		s = s.shown(ev)
	}
	return s, r
}

// again shows the open evening anew where it was asked for.
func (s evening) again(sc bot.Scene, ev bot.Event) bot.Reply {
	if ev.Private() && sc.Room.ID != "" {
		return bot.Reply{Says: []bot.Say{{To: bot.Only(ev.Who), Slot: "nudge", Fresh: true, Until: s.Until, Message: s.reminder(sc)}}}
	}
	return bot.Reply{Says: []bot.Say{{To: bot.Room, Slot: "board", Fresh: true, Until: s.Until, Message: s.board(sc)}}}
}

func (s evening) shown(ev bot.Event) evening {
	if ev.Private() {
		s.Boards |= ev.Who
	}
	return s
}
