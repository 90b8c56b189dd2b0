package flows

import (
	"strings"
	"time"

	"evenfall/bot"
)

// Forget erases, and nobody has to leave for it: what one partner said, at their word alone;
// or all that the two have been through, once both want it, or the one who is there.
var Forget = bot.Flow[forgetting, *forgetting]{
	Name:     "forget",
	Commands: []string{"forget"},
	Step:     forget,
}

// forgetting is the state. What is decided is durable before the first key goes: should the
// house die meanwhile, the alarm brings it to its end.
type forgetting struct {
	bot.Stage
	At    [2]string `json:"at"`             // what each is asked to confirm: "mine", "ours", or "" = nothing
	Mine  bot.Who   `json:"mine,omitempty"` // decided: what these said goes
	Ours  bool      `json:"ours,omitempty"` // decided: everything goes
	Asked bot.Who   `json:"asked,omitempty"`
	Until time.Time `json:"until,omitzero"` // how long what was asked counts
	Quiet time.Time `json:"quiet,omitzero"` // until then nobody is sent a question again
	Ears  time.Time `json:"ears,omitzero"`  // until then words are for this flow
}

const askedFor = 7 * 24 * time.Hour // how long one waits for the other

func forget(sc bot.Scene, s forgetting, ev bot.Event) (forgetting, bot.Reply) {
	verb, arg := ev.Action.Verb, ev.Action.Arg
	switch ev.Kind {
	case bot.Woke:
		return s.woke(sc, ev)
	case bot.Called:
		s.At[ev.Who.Index()] = ""
		verb, arg = "open", ""
		if b, ok := press(s.question(sc, ev.Who, "forget"), ev.Text); ok {
			verb, arg = b.Verb, b.Arg
		}
	case bot.Said:
		b, ok := press(s.question(sc, ev.Who, "forget"), ev.Text)
		switch {
		case !ev.Private():
			return s, bot.Reply{}
		case !ok:
			return s, bot.Reply{Ack: bot.T("forget.hint")}
		}
		verb, arg = b.Verb, b.Arg
	}
	s, r := s.did(sc, ev, verb, arg)
	s.alarm(ev.At)
	return s, r
}

// did is a button. One that confirms counts only while its question is open.
func (s forgetting) did(sc bot.Scene, ev bot.Event, verb, arg string) (forgetting, bot.Reply) {
	at := &s.At[ev.Who.Index()]
	what, slot, _ := strings.Cut(arg, ":")
	switch {
	case verb == "open" && (what == "" && ev.Kind == bot.Called || what == "mine" || what == "ours"):
		*at = what
		return s.show(sc, ev, "forget")
	case verb == "too" && s.Asked == ev.Who.Other():
		*at = "ours"
		return s.show(sc, ev, "ask")
	case verb == "not":
		*at = ""
		return s.say(ev, "ask", "forget.ask.not")
	case verb == "no" && (what == "forget" || what == "ask"):
		*at = ""
		return s.say(ev, what, "forget.kept")
	case verb == "back" && s.Asked.Has(ev.Who):
		return s.withdraw(ev)
	case verb == "yes" && *at != "" && what == *at && (slot == "forget" || slot == "ask"):
		*at = ""
		s.Listen &^= ev.Who
		if what == "mine" {
			s.Mine |= ev.Who
			return s, bot.Reply{}
		}
		return s.ask(sc, ev, slot)
	}
	return s, bot.Reply{Ack: bot.T("stale")}
}

// show asks in the nook, wherever it was called for.
func (s forgetting) show(sc bot.Scene, ev bot.Event, slot string) (forgetting, bot.Reply) {
	s.Listen |= ev.Who
	s.Ears = ev.At.Add(earTime)
	r := bot.Reply{Says: []bot.Say{{To: bot.Only(ev.Who), Slot: slot, Fresh: ev.Kind != bot.Tapped, Message: s.question(sc, ev.Who, slot)}}}
	if !ev.Private() {
		r.Ack = bot.T("forget.there")
	}
	return s, r
}

func (s forgetting) say(ev bot.Event, slot, key string) (forgetting, bot.Reply) {
	s.Listen &^= ev.Who
	m := bot.Message{Lines: []bot.Text{bot.T(key)}}
	return s, bot.Reply{Says: []bot.Say{{To: bot.Only(ev.Who), Slot: slot, Fresh: ev.Kind == bot.Said, Message: m}}}
}

// question is what a partner is asked: what to erase, and then always whether they are sure.
func (s forgetting) question(sc bot.Scene, who bot.Who, slot string) bot.Message {
	m := bot.Message{Title: bot.T("forget.title")}
	alone := sc.Seated() == who
	switch at := s.At[who.Index()]; {
	case at == "":
		ours := "forget.ours.text"
		if alone {
			ours = "forget.ours.alone"
		}
		m.Lines = []bot.Text{bot.T("forget.mine.text"), bot.T(ours), bot.T("forget.stays")}
		m.Buttons = [][]bot.Button{
			{button("forget.mine.button", "open", "mine"), button("forget.ours.button", "open", "ours")},
			{button("forget.no", "no", slot)},
		}
		return m
	case at == "ours" && alone:
		m.Lines = []bot.Text{bot.T("forget.ours.alone")}
	case at == "ours":
		m.Lines = []bot.Text{bot.T("forget.ours.sure")}
	default:
		m.Lines = []bot.Text{bot.T("forget.mine.sure")}
	}
	at := s.At[who.Index()]
	m.Lines = append(m.Lines, bot.T("forget.final"))
	m.Buttons = [][]bot.Button{{button("forget."+at+".yes", "yes", at+":"+slot)}, {button("forget.no", "no", slot)}}
	return m
}

// ask notes that a partner wants everything erased. The other is asked in private, in words that
// press nobody, and not again within the week; whether and what they answer is not told.
func (s forgetting) ask(sc bot.Scene, ev bot.Event, slot string) (forgetting, bot.Reply) {
	s.Asked |= ev.Who
	other := ev.Who.Other()
	if s.Asked.Has(sc.Seated()) {
		s.Ours = true
		return s, bot.Reply{}
	}
	s.Until = ev.At.Add(askedFor)
	s, r := s.say(ev, slot, "forget.ours.asked")
	r.Says[0].Buttons = [][]bot.Button{{button("forget.back", "back", "")}}
	again := ev.At.Before(s.Quiet)
	if !again {
		s.Quiet = s.Until
	}
	r.Says = append(r.Says, bot.Say{To: bot.Only(other), Slot: "ask", Fresh: !again, Amend: again, Message: bot.Message{
		Title:   bot.T("forget.ask.title"),
		Lines:   []bot.Text{bot.T("forget.ask.text")},
		Buttons: [][]bot.Button{{button("forget.ask.more", "too", ""), button("forget.ask.no", "not", "")}},
	}})
	return s, r
}

// withdraw takes back that one wants everything erased.
func (s forgetting) withdraw(ev bot.Event) (forgetting, bot.Reply) {
	s.Asked &^= ev.Who
	s, r := s.say(ev, "forget", "forget.kept")
	r.Says = append(r.Says, over(ev.Who.Other()))
	return s, r
}

// over closes the question in a nook.
func over(who bot.Who) bot.Say {
	return bot.Say{To: bot.Only(who), Slot: "ask", Amend: true, Message: bot.Message{Lines: []bot.Text{bot.T("forget.ask.over")}}}
}

// woke erases what is decided, and ends what nobody has answered.
func (s forgetting) woke(sc bot.Scene, ev bot.Event) (forgetting, bot.Reply) {
	var r bot.Reply
	done := func(who bot.Who, slot, key string) { // mine: no more than who asked for it learns of it
		r.Says = append(r.Says, bot.Say{To: bot.Only(who), Slot: slot, Message: bot.Message{Lines: []bot.Text{bot.T(key)}}})
	}
	if s.Ours {
		r.Forget = bot.Both
		done(bot.One, "", "forget.ours.done")
		done(bot.Two, "", "forget.ours.done")
		return forgetting{}, r
	}
	for _, p := range bot.Each {
		if s.Mine.Has(p) { // one at a time
			s.Mine &^= p
			r.Forget = p
			done(p, "forget", "forget.mine.done")
			break
		}
	}
	if !ev.At.Before(s.Ears) {
		s.Listen = bot.Nobody
	}
	if s.Asked != bot.Nobody && !ev.At.Before(s.Until) {
		r.Says = append(r.Says, over(s.Asked.Other()))
		s.Asked = bot.Nobody
	}
	s.alarm(ev.At.Add(time.Second))
	return s, r
}

// alarm is set for what comes first: what is decided, then the end of what is asked.
func (s *forgetting) alarm(soon time.Time) {
	s.Wake = time.Time{}
	switch {
	case s.Ours || s.Mine != bot.Nobody:
		s.Wake = soon
	case s.Listen != bot.Nobody && (s.Asked == bot.Nobody || s.Ears.Before(s.Until)):
		s.Wake = s.Ears
	case s.Asked != bot.Nobody:
		s.Wake = s.Until
	}
}
