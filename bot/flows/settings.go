package flows

import (
	"slices"
	"strings"

	"evenfall/bot"
	"evenfall/rituals"
)

// Settings are the questions once more, at any time: one's own, and those that both
// live by. They are shown in the nook; a change to the latter is told where both read.
var Settings = bot.Flow[setting, *setting]{
	Name:     "settings",
	Commands: []string{"settings"},
	Forget: func(s setting, who bot.Who) setting {
		s.Form[who.Index()] = form{}
		return s
	},
	Step: settings,
}

// setting is the state: which question each has open. "" = the list.
type setting struct {
	bot.Stage
	Form [2]form `json:"form"`
}

var (
	ownSettings = []string{"name", "tongue", "place", "country", "prompts", "hide"}
	ourSettings = []string{"types", "evening", "free", "zone", "language"}
	allSettings = append(slices.Clone(ownSettings), ourSettings...)
)

func settings(sc bot.Scene, s setting, ev bot.Event) (setting, bot.Reply) {
	if ev.Kind == bot.Woke {
		deafen(&s.Stage)
		return s, bot.Reply{}
	}
	f := &s.Form[ev.Who.Index()]
	x := asking{Couple: sc.Couple, who: ev.Who, at: ev.At}
	switch {
	case ev.Kind == bot.Called && !sc.Ready:
		return s, bot.Reply{Ack: bot.T("checkin.unready")}
	case ev.Kind == bot.Called:
		*f = form{}
		s, r := s.shown(x, ev)
		if !ev.Private() {
			r.Ack = bot.T("settings.there")
		}
		return s, r
	case ev.Kind == bot.Tapped:
		return s.did(x, ev, ev.Action.Verb, ev.Action.Arg, nil)
	case !ev.Private():
		return s, bot.Reply{}
	case f.At == "":
		b, _ := press(settingsList(x), ev.Text)
		return s.did(x, ev, b.Verb, b.Arg, nil)
	}
	q, _ := questionOf(f.At)
	x.found = f.Found
	verb, arg, found := q.understand(settingsPage(q, x), x, ev.Text)
	return s.did(x, ev, verb, arg, found)
}

// shown is the list or the open question, in one message that is edited.
func (s setting) shown(x asking, ev bot.Event) (setting, bot.Reply) {
	f := s.Form[ev.Who.Index()]
	m := settingsList(x)
	if q, ok := questionOf(f.At); ok {
		x.found = f.Found
		m = settingsPage(q, x)
	}
	listen(&s.Stage, ev)
	return s, bot.Reply{Says: []bot.Say{{To: bot.Only(ev.Who), Slot: "settings", Fresh: ev.Kind != bot.Tapped, Message: m}}}
}

// did is a tap, or what words were found to mean.
func (s setting) did(x asking, ev bot.Event, verb, arg string, found []rituals.Place) (setting, bot.Reply) {
	f := &s.Form[ev.Who.Index()]
	name, value, _ := strings.Cut(arg, ":")
	known := slices.Contains(allSettings, name)
	switch {
	case verb == "done":
		s.Listen &^= ev.Who
		if *f = (form{}); s.Listen == bot.Nobody {
			deafen(&s.Stage)
		}
		m := bot.Message{Lines: []bot.Text{bot.T("settings.done")}}
		return s, bot.Reply{Says: []bot.Say{{To: bot.Only(ev.Who), Slot: "settings", Fresh: ev.Kind == bot.Said, Message: m}}}
	case verb == "open" && (known || name == ""):
		*f = form{At: name}
		return s.shown(x, ev)
	case verb == "set" && known:
		return s.set(x, ev, name, value)
	case len(found) > 0:
		f.Found = found
		return s.shown(x, ev)
	case ev.Kind == bot.Tapped:
		return s, bot.Reply{Ack: bot.T("stale")}
	case f.At == "":
		return s, bot.Reply{Ack: bot.T("settings.hint")}
	}
	return s, bot.Reply{Ack: bot.T("ask." + f.At + ".hint")}
}

// set changes one thing. What both live by is told where both read.
func (s setting) set(x asking, ev bot.Event, name, value string) (setting, bot.Reply) {
	q, _ := questionOf(name)
	c := x.Couple
	if !q.set(&c, ev.Who, value) {
		return s, bot.Reply{Ack: bot.T("ask." + name + ".hint")}
	}
	f := &s.Form[ev.Who.Index()]
	if *f = (form{}); q.stays(value) {
		f.At = name
	}
	x.Couple = c
	s, r := s.shown(x, ev)
	r.Set, r.Ack = &c, bot.T("settings.kept")
	if ev.Kind == bot.Said {
		r.Ack = bot.Text{} // the list shows it
	}
	if slices.Contains(ourSettings, name) {
		x.who = bot.Nobody
		m := bot.Message{Lines: []bot.Text{bot.T("settings.changed", "What", bot.T("ask."+name+".name"), "Value", q.show(x))}}
		// One line a day for each thing, however often it is toggled.
		r.Says = append(r.Says, bot.Say{To: bot.Room, Slot: name + rituals.DateOf(ev.At).String(), Message: m})
	}
	return s, r
}

// settingsList shows all the choices as they stand.
func settingsList(x asking) bot.Message {
	m := bot.Message{Title: bot.T("settings.title")}
	for _, part := range []struct {
		head  string
		names []string
	}{{"settings.own", ownSettings}, {"settings.ours", ourSettings}} {
		m.Lines = append(m.Lines, bot.T(part.head))
		var row []bot.Button
		for _, name := range part.names {
			q, _ := questionOf(name)
			m.Lines = append(m.Lines, bot.T("settings.line", "What", bot.T("ask."+name+".name"), "Value", q.show(x)))
			row = append(row, button("ask."+name+".name", "open", name))
			if len(row) == 3 {
				m.Buttons, row = append(m.Buttons, row), nil
			}
		}
		if len(row) > 0 {
			m.Buttons = append(m.Buttons, row)
		}
	}
	m.Buttons = append(m.Buttons, []bot.Button{button("settings.button", "done", "")})
	return m
}

// settingsPage is one question with the way back.
func settingsPage(q question, x asking) bot.Message {
	m := q.message(x)
	if slices.Contains(ourSettings, q.name) {
		m.Lines = append(m.Lines, bot.T("settings.told"))
	}
	m.Buttons = append(m.Buttons, []bot.Button{button("ask.back", "open", "")})
	return m
}
