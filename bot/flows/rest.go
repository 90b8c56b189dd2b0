package flows

import (
	"slices"
	"strconv"
	"strings"

	"evenfall/bot"
	"evenfall/rituals"
)

// Rest is a pause of the evenings: of one partner, which nobody is told about, or of
// both, which either can end.
var Rest = bot.Flow[resters, *resters]{
	Name:     "rest",
	Commands: []string{"rest"},
	Step:     rest,
}

type resters struct {
	bot.Stage
	At [2]string `json:"at"` // whose nook shows which choice: "mine", "ours", or "" = both kinds
}

// spans are the days of rest to choose from.
var spans = []int{1, 3, 7, 14, 30}

func rest(sc bot.Scene, s resters, ev bot.Event) (resters, bot.Reply) {
	switch ev.Kind {
	case bot.Woke:
		deafen(&s.Stage)
		return s, bot.Reply{}
	case bot.Called:
		s.At[ev.Who.Index()] = ""
		return s.show(sc, ev)
	case bot.Said:
		if !ev.Private() {
			return s, bot.Reply{}
		}
		b, ok := press(s.restMessage(sc, ev), ev.Text)
		if !ok {
			return s, bot.Reply{Ack: bot.T("rest.hint")}
		}
		return s.tapped(sc, ev, b.Verb, b.Arg)
	}
	return s.tapped(sc, ev, ev.Action.Verb, ev.Action.Arg)
}

// show puts the choice where it was asked for. In the room there is only the rest of both.
func (s resters) show(sc bot.Scene, ev bot.Event) (resters, bot.Reply) {
	if ev.Private() {
		listen(&s.Stage, ev)
	}
	return s, bot.Reply{Says: []bot.Say{{To: bot.Here, Slot: "rest", Fresh: ev.Kind != bot.Tapped, Message: s.restMessage(sc, ev)}}}
}

func (s resters) restMessage(sc bot.Scene, ev bot.Event) bot.Message {
	today := rituals.DateOf(ev.At)
	own, ours := sc.Partner(ev.Who).Rest > today, sc.Rest > today
	m := bot.Message{Title: bot.T("rest.title")}
	if ours {
		m.Lines = append(m.Lines, bot.T("rest.ours.until", "Date", dateWords(sc.Rest)))
	}
	at := s.At[ev.Who.Index()]
	switch {
	case !ev.Private():
		m.Lines = append(m.Lines, bot.T("rest.ours.text"), bot.T("rest.nook"))
		m.Buttons = lengths("ours")
	case at != "":
		m.Lines = append(m.Lines, bot.T("rest."+at+".text"))
		m.Buttons = append(lengths(at), []bot.Button{button("ask.back", "open", "")})
	default:
		if own {
			m.Lines = append(m.Lines, bot.T("rest.mine.until", "Date", dateWords(sc.Partner(ev.Who).Rest)))
		}
		m.Lines = append(m.Lines, bot.T("rest.text"))
		m.Buttons = [][]bot.Button{{button("rest.mine.button", "open", "mine"), button("rest.ours.button", "open", "ours")}}
		if own {
			m.Buttons = append(m.Buttons, []bot.Button{button("rest.mine.end", "end", "mine")})
		}
	}
	if ours {
		m.Buttons = append(m.Buttons, []bot.Button{button("rest.ours.end", "end", "ours")})
	}
	return m
}

func lengths(whose string) (rows [][]bot.Button) {
	var row []bot.Button
	for _, n := range spans {
		row = append(row, button("rest.span."+strconv.Itoa(n), "until", whose+":"+strconv.Itoa(n)))
	}
	return [][]bot.Button{row[:2], row[2:4], row[4:]}
}

func (s resters) tapped(sc bot.Scene, ev bot.Event, verb, arg string) (resters, bot.Reply) {
	whose, length, _ := strings.Cut(arg, ":")
	if whose == "" && verb == "open" && ev.Private() || whose == "mine" || whose == "ours" {
		switch verb {
		case "open":
			s.At[ev.Who.Index()] = whose
			if ev.Private() {
				return s.show(sc, ev)
			}
		case "until":
			if n, _ := strconv.Atoi(length); slices.Contains(spans, n) {
				return s.set(sc, ev, whose, rituals.DateOf(ev.At)+rituals.Date(n))
			}
		case "end":
			return s.set(sc, ev, whose, 0)
		}
	}
	return s, bot.Reply{Ack: bot.T("stale")}
}

// set begins or ends a rest. One's own is told to its owner alone; the toast of both
// kinds shows on one's own screen only.
func (s resters) set(sc bot.Scene, ev bot.Event, whose string, until rituals.Date) (resters, bot.Reply) {
	c := sc.Couple
	r := bot.Reply{Set: &c}
	s.At[ev.Who.Index()] = ""
	if s.Listen &^= ev.Who; s.Listen == bot.Nobody {
		deafen(&s.Stage)
	}
	m := bot.Message{Lines: []bot.Text{bot.T("rest." + whose + ".over")}}
	if until != 0 {
		m.Lines = []bot.Text{bot.T("rest."+whose+".begun", "Date", dateWords(until))}
		m.Buttons = [][]bot.Button{{button("rest."+whose+".end", "end", whose)}}
	}
	if whose == "mine" {
		c.Partners[ev.Who.Index()].Rest = until
		r.Says = []bot.Say{{To: bot.Only(ev.Who), Slot: "rest", Fresh: ev.Kind == bot.Said, Message: m}}
		return s, r
	}
	if c.Rest == 0 && until == 0 {
		return s, bot.Reply{Ack: bot.T("rest.ours.over")}
	}
	c.Rest = until
	if ev.Private() && c.Room.ID != "" {
		r.Says = []bot.Say{{To: bot.Only(ev.Who), Slot: "rest", Fresh: ev.Kind == bot.Said, Message: bot.Message{Lines: m.Lines}}}
	}
	r.Says = append(r.Says, bot.Say{To: bot.Room, Slot: "ours", Fresh: true, Message: m})
	return s, r
}
