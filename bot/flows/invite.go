package flows

import (
	"time"

	"evenfall/bot"
)

const inviteLasts = 24 * time.Hour

// welcome is for one who is here alone.
func welcome(c bot.Couple) bot.Message {
	m := bot.Message{Title: bot.T("join.welcome.title"), Lines: []bot.Text{bot.T("join.welcome.text")}}
	if c.Room.ID != "" {
		m.Lines = []bot.Text{bot.T("join.welcome.room")}
	} else {
		m.Buttons = [][]bot.Button{{button("join.invite.button", "invite", "")}, {button("join.group.button", "group", "")}}
	}
	if !c.Ready {
		m.Buttons = append(m.Buttons, []bot.Button{button("join.begin.button", "begin", "")})
	}
	return m
}

// invite makes an invitation: good once, for a day, and instead of any earlier one.
func (s joining) invite(sc bot.Scene, ev bot.Event, again bool) (joining, bot.Reply) {
	if sc.Seated() == bot.Both {
		return s, bot.Reply{Ack: bot.T("join.whole")}
	}
	if ev.Token == "" { // typed words bring no token
		return s, bot.Reply{Ack: bot.T("join.invite.tap")}
	}
	s.Claim = nil
	r := bot.Reply{Invite: ev.At.Add(inviteLasts)}
	m := bot.Message{
		Title: bot.T("join.invite.title"),
		Lines: []bot.Text{bot.T("join.invite.text", "Token", ev.Token)},
		Buttons: [][]bot.Button{
			{{Label: bot.T("join.invite.link"), Link: "invite:" + ev.Token}},
			{button("join.invite.again", "invite", "again")},
		},
	}
	if !sc.Ready {
		m.Buttons = append(m.Buttons, []bot.Button{button("join.begin.button", "begin", "")})
	}
	if !again {
		s.spent(bot.Only(ev.Who), &r)
	}
	s.Invited = true
	r.Says = append(r.Says, bot.Say{To: bot.Only(ev.Who), Slot: "invite", Fresh: !again, Message: m})
	return s, r
}

// spent takes an invitation that is no longer good out of the chat.
func (s *joining) spent(to bot.To, r *bot.Reply) {
	if s.Invited {
		r.Say(to, "invite", bot.Message{Lines: []bot.Text{bot.T("join.invite.spent")}})
	}
	s.Invited = false
}

// invited is somebody who came with an invitation of this couple.
func (s joining) invited(sc bot.Scene, ev bot.Event, token string, yes bool) (joining, bot.Reply) {
	var r bot.Reply
	switch {
	case ev.Elsewhere:
		r.Say(bot.Here, "", bot.Message{Lines: []bot.Text{bot.T("join.elsewhere.invited")}})
	case s.Claim != nil && s.Claim.Partner.User != ev.Visitor.User:
		r.Say(bot.Here, "", bot.Message{Lines: []bot.Text{bot.T("join.invite.gone")}})
	case !yes:
		r.Say(bot.Here, "", notice(nil, token))
	case s.Claim != nil: // tapped twice
		r.Ack = bot.T("join.asked.toast")
	default:
		r.Say(bot.Here, "", bot.Message{Lines: []bot.Text{bot.T("join.asked.text")}})
		s.claimed(sc.Couple, ev.Visitor, true, &r)
	}
	return s, r
}

// group helps to bring the bot into a chat that both read.
func (s joining) group(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	if sc.Room.ID != "" {
		return s, bot.Reply{Ack: bot.T("join.room.have")}
	}
	var r bot.Reply
	m := bot.Message{Title: bot.T("join.group.title"), Lines: []bot.Text{bot.T("join.group.text")}}
	if ev.Token != "" { // it opens nothing: it only tells that the group is meant
		m.Buttons = [][]bot.Button{{{Label: bot.T("join.group.link"), Link: "group:" + ev.Token}}}
	}
	r.Say(bot.Only(ev.Who), "", m)
	return s, r
}

// roomOffer asks somebody who sits elsewhere what the bot is here for.
func roomOffer() bot.Message {
	return bot.Message{
		Lines:   []bot.Text{bot.T("join.room.ask")},
		Buttons: [][]bot.Button{{calls("join.room.yes", "start here")}},
	}
}

// backInRoom is /start by a partner in a group: their room, or one they want for it.
func (s joining) backInRoom(sc bot.Scene, ev bot.Event, settle bool) (joining, bot.Reply) {
	var r bot.Reply
	c := sc.Couple
	switch {
	case c.Room != ev.Chat && !settle:
		r.Say(bot.Here, "", roomOffer())
		return s, r
	case c.Room != ev.Chat:
		c.Room, c.Members, c.Adder = ev.Chat, ev.Members, c.Partner(ev.Who).User
		r.Set = &c
		r.Say(bot.Room, "", bot.Message{Lines: []bot.Text{bot.T("join.room.done")}})
	case c.Ready && c.Seated() == bot.Both:
		r.Say(bot.Here, "", menu(c))
		return s, r
	}
	if c.Seated() != bot.Both {
		s.Open = true
		r.Says = append(r.Says, bot.Say{To: bot.Room, Slot: "notice", Fresh: true, Message: notice(present(c), "")})
		return s, r
	}
	if !c.Ready {
		s.Setup = s.Setup.begun()
		r.Says = append(r.Says, s.shows(c, ev, true))
	}
	return s, r
}

// back is /start by a partner in their nook.
func (s joining) back(sc bot.Scene, ev bot.Event, token bool) (joining, bot.Reply) {
	var r bot.Reply
	alone := sc.Seated() != bot.Both
	switch {
	case alone && s.Claim != nil:
		s.asks(sc.Couple, &r)
	case alone && ev.Text == "invite":
		return s.invite(sc, ev, false)
	case alone && token:
		r.Ack = bot.T("join.invite.own")
	case alone && (sc.Ready || s.Setup.At == ""):
		m := welcome(sc.Couple)
		m.Title = bot.T("join.welcome.back")
		r.Says = append(r.Says, bot.Say{To: bot.Only(ev.Who), Slot: "welcome", Fresh: true, Message: m})
	case !sc.Ready:
		s.Setup = s.Setup.begun()
		r.Says = append(r.Says, s.shows(sc.Couple, ev, true))
		if sc.Room.ID != "" {
			r.Ack = bot.T("join.there")
		}
	case !s.Told.Has(ev.Who):
		return s.ask(sc, ev)
	default:
		r.Say(bot.Only(ev.Who), "", menu(sc.Couple))
	}
	return s, r
}
