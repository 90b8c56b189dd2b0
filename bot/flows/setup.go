package flows

import (
	"evenfall/bot"
	"evenfall/rituals"
)

// Set-up: what the two live by, asked where both read it; either may answer.
var setupOrder = []string{"types", "zone", "evening", "free", "language"}

// The private bits, asked of each in their nook once the room is set up.
var privateOrder = []string{"country", "tongue", "place"}

// begun is the form with a question open.
func (f form) begun() form {
	if f.At == "" {
		f.At = setupOrder[0]
	}
	return f
}

// begin is the button that starts set-up, or shows the open question again.
func (s joining) begin(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	if sc.Ready {
		return s, bot.Reply{Ack: bot.T("join.set")}
	}
	s.Setup = s.Setup.begun()
	return s, bot.Reply{Says: []bot.Say{s.shows(sc.Couple, ev, true)}}
}

// shows is the open question of set-up.
func (s joining) shows(c bot.Couple, ev bot.Event, fresh bool) bot.Say {
	x := asking{Couple: c, at: ev.At}
	return bot.Say{To: bot.Room, Slot: "setup", Fresh: fresh, Message: s.Setup.ask(setupOrder, x)}
}

// fill takes an answer of set-up.
func (s joining) fill(sc bot.Scene, ev bot.Event, verb, arg string, found []rituals.Place) (joining, bot.Reply) {
	var r bot.Reply
	f, out := s.Setup.turn(setupOrder, s.asking(sc, ev, bot.Nobody), verb, arg, found)
	s.Setup = f
	typed := ev.Kind == bot.Said
	if out.set {
		r.Set = &out.couple
	}
	switch {
	case out.done:
		c := out.couple
		c.Ready, r.Set = true, &c
		r.Says = []bot.Say{{To: bot.Room, Slot: "setup", Fresh: typed, Message: s.closing(c, ev)}}
	case out.hint.Key == "":
		r.Says = []bot.Say{s.shows(out.couple, ev, typed)}
	case typed && !ev.Private(): // a word in the room may be meant for others: only the question changes
		say := s.shows(out.couple, ev, false)
		say.Lines = append(say.Lines, out.hint)
		r.Says = []bot.Say{say}
	default:
		r.Ack = out.hint
	}
	return s, r
}

// closing tells when the first evening comes, and what is left to do.
func (s joining) closing(c bot.Couple, ev bot.Event) bot.Message {
	m := bot.Message{Title: bot.T("join.closing.title"), Lines: []bot.Text{
		bot.T("join.closing.first", "When", firstEvening(c, ev), "Clock", c.Evening.String()),
		bot.T("join.closing.text"),
	}}
	mine := bot.Button{Label: bot.T("join.closing.mine"), Verb: "mine"}
	if c.Room.ID != "" {
		mine = bot.Button{Label: bot.T("nook.open"), Link: "nook:mine"}
	}
	m.Buttons = [][]bot.Button{{mine}}
	if c.Seated() != bot.Both {
		m.Lines = append(m.Lines, bot.T("join.closing.alone"))
		if c.Room.ID == "" {
			m.Buttons = append(m.Buttons, welcome(c).Buttons...)
		}
	}
	return m
}

// firstEvening is the next evening that has not begun, in words.
func firstEvening(c bot.Couple, ev bot.Event) bot.Text {
	zone := c.Location(bot.Nobody)
	today := rituals.DateOf(ev.At.In(zone))
	for date := today - 1; ; {
		next, ok := rituals.NextEvening(date, c.Free)
		if !ok {
			return bot.T("piece.later")
		}
		switch date = next; {
		case !rituals.Resolve(date, c.Evening, zone).After(ev.At):
			continue
		case date == today:
			return bot.T("piece.today")
		case date == today+1:
			return bot.T("piece.tomorrow")
		}
		return bot.T("piece.on", "Date", dateWords(date))
	}
}

// ask begins the private bits of one partner, in their nook.
func (s joining) ask(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	if !sc.Ready {
		return s, bot.Reply{Ack: bot.T("join.there")}
	}
	f := form{At: privateOrder[0]}
	s.Mine[ev.Who.Index()] = f
	m := f.ask(privateOrder, s.asking(sc, ev, ev.Who))
	return s, bot.Reply{Says: []bot.Say{{To: bot.Only(ev.Who), Slot: "mine", Fresh: true, Message: m}}}
}

// private takes an answer of one partner's private bits.
func (s joining) private(sc bot.Scene, ev bot.Event, verb, arg string, found []rituals.Place) (joining, bot.Reply) {
	var r bot.Reply
	f, out := s.Mine[ev.Who.Index()].turn(privateOrder, s.asking(sc, ev, ev.Who), verb, arg, found)
	s.Mine[ev.Who.Index()] = f
	if out.set {
		r.Set = &out.couple
	}
	say := bot.Say{To: bot.Only(ev.Who), Slot: "mine", Fresh: ev.Kind == bot.Said}
	switch {
	case out.hint.Key != "":
		r.Ack = out.hint
		return s, r
	case out.done:
		s.Told |= ev.Who
		say.Message = bot.Message{
			Title:   bot.T("join.mine.done"),
			Lines:   []bot.Text{bot.T("join.mine.text")},
			Buttons: [][]bot.Button{{calls("menu.button", "menu")}},
		}
	default:
		x := s.asking(sc, ev, ev.Who)
		x.Couple = out.couple
		say.Message = f.ask(privateOrder, x)
	}
	r.Says = []bot.Say{say}
	return s, r
}
