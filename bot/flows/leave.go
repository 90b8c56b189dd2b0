package flows

import "evenfall/bot"

// Leave is the way out. It works alone, at once, and asks for no reason.
var Leave = bot.Flow[leaving, *leaving]{
	Name:     "leave",
	Commands: []string{"leave"},
	Visitors: true,
	Step:     leave,
}

type leaving struct{ bot.Stage }

func leave(sc bot.Scene, s leaving, ev bot.Event) (leaving, bot.Reply) {
	var r bot.Reply
	verb := ev.Action.Verb
	if ev.Kind == bot.Woke {
		deafen(&s.Stage)
		return s, r
	}
	if ev.Who == bot.Nobody { // out already
		return s, bot.Reply{Ack: bot.T("leave.nothing")}
	}
	switch ev.Kind {
	case bot.Called:
		b, typed := press(exits(), ev.Text)
		if !typed {
			r.Says = []bot.Say{{To: bot.Only(ev.Who), Slot: "leave", Fresh: true, Message: exits()}}
			listen(&s.Stage, ev)
			if !ev.Private() {
				r.Ack = bot.T("leave.there")
			}
			return s, r
		}
		verb = b.Verb
	case bot.Said:
		if !ev.Private() {
			return s, r
		}
		b, _ := press(exits(), ev.Text)
		verb = b.Verb
	}
	switch verb {
	case "quiet", "close":
		return s.out(sc, ev, verb == "close")
	case "stay":
		s.Listen &^= ev.Who
		r.Says = []bot.Say{{To: bot.Only(ev.Who), Slot: "leave", Message: bot.Message{Lines: []bot.Text{bot.T("leave.stayed")}}}}
		return s, r
	}
	r.Ack = bot.T("leave.hint")
	return s, r
}

// exits are the two ways out.
func exits() bot.Message {
	return bot.Message{
		Title: bot.T("leave.title"),
		Lines: []bot.Text{bot.T("leave.quiet.text"), bot.T("leave.close.text"), bot.T("leave.erased")},
		Buttons: [][]bot.Button{
			{button("leave.quiet.button", "quiet", "")},
			{button("leave.close.button", "close", "")},
			{button("leave.stay", "stay", ""), calls("leave.support", "support")},
		},
	}
}

// out empties the seat. Closing also says one neutral line where both read, and ends the
// evenings.
func (s leaving) out(sc bot.Scene, ev bot.Event, closing bool) (leaving, bot.Reply) {
	r := bot.Reply{Leave: ev.Who}
	c := sc.Couple
	if c.Adder == c.Partner(ev.Who).User {
		c.Adder = bot.User{}
	}
	r.Set = &c
	key := "leave.quiet.done"
	s = leaving{}
	if closing {
		key = "leave.close.done"
		r.Says = closed(c, ev)
		c.Ready, c.Room, c.Members = false, bot.Chat{}, 0
	}
	switch last := c.Seated() == ev.Who; {
	case last:
		key = "leave.last"
	case !ev.Private() && !c.Partner(ev.Who).Open:
		r.Ack = bot.T(key)
		return s, r
	}
	r.Say(bot.Only(ev.Who), "", bot.Message{Lines: []bot.Text{bot.T(key)}})
	return s, r
}

// closed is the line for the one who stays: in the room, or without one in their nook.
func closed(c bot.Couple, ev bot.Event) []bot.Say {
	if c.Seated() == ev.Who && c.Room.ID == "" {
		return nil
	}
	to := bot.Room
	if c.Room.ID == "" {
		to = bot.Only(ev.Who.Other())
	}
	return []bot.Say{{To: to, Message: bot.Message{Lines: []bot.Text{bot.T("leave.close.line")}}}}
}
