package flows

import (
	"strconv"

	"evenfall/bot"
)

// claim is somebody who says they are the other one, until the partner who is there
// has said whether it is so.
type claim struct {
	Partner bot.Partner `json:"partner"`
	Invited bool        `json:"invited,omitempty"` // came with the invitation, not through the room
}

// notice is the page that everybody reads before anything else. There are those who
// are in already, or, for somebody who was invited, the invitation that brought them.
func notice(here []bot.Text, token string) bot.Message {
	m := bot.Message{Title: bot.T("join.notice.title")}
	for _, part := range []string{"what", "kept", "host", "reads", "limits", "adults"} {
		m.Lines = append(m.Lines, bot.T("join.notice."+part))
	}
	if len(here) > 0 {
		m.Lines = append(m.Lines, bot.T("join.notice.here", "Names", listed(here)))
	}
	in := button("join.in", "in", "")
	if token != "" {
		in = calls("join.in", "start "+token+" yes")
	}
	m.Buttons = [][]bot.Button{{in}, {button("join.young", "young", ""), button("join.not", "later", "")}}
	if len(here) > 0 {
		m.Buttons = append(m.Buttons, []bot.Button{button("join.begin.meanwhile", "begin", "")})
	}
	return m
}

// present are the names of those who are in.
func present(c bot.Couple) (names []bot.Text) {
	for _, p := range bot.Each {
		if c.Seated().Has(p) {
			names = append(names, named(c.Partner(p)))
		}
	}
	return names
}

// arrived is the bot new in a chat, or asked to begin there.
func (s joining) arrived(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	var r bot.Reply
	switch {
	case ev.Who != bot.Nobody:
		return s.backInRoom(sc, ev, false)
	case ev.Private():
		return s, r
	case ev.Elsewhere:
		r.Say(bot.Here, "", roomOffer())
		return s, r
	}
	c := sc.Couple
	if c.ID == 0 {
		c = newRoom(ev)
	}
	if c.Adder.ID == "" && c.Seated() == bot.Nobody {
		c.Adder = ev.Visitor.User
	}
	s.Open, r.Set = true, &c
	r.Says = append(r.Says, bot.Say{To: bot.Room, Slot: "notice", Fresh: true, Message: notice(present(c), "")})
	return s, r
}

func newRoom(ev bot.Event) bot.Couple {
	c := fresh(ev.Visitor.Language)
	c.Room, c.Members, c.Adder = ev.Chat, ev.Members, ev.Visitor.User
	return c
}

// enter is "I'm in": a seat at once, or a question to the one who is there.
func (s joining) enter(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	c := sc.Couple
	switch {
	case ev.Who != bot.Nobody:
		return s, bot.Reply{Ack: bot.T("join.already")}
	case ev.Elsewhere:
		return s, bot.Reply{Ack: bot.T("join.elsewhere.room")}
	case c.ID == 0 && ev.Private():
		return s.alone(ev)
	case c.ID == 0:
		c, s.Open = newRoom(ev), true
	case !s.Open:
		return s, bot.Reply{Ack: bot.T("stale")}
	}
	if c.Seated() == bot.Nobody && c.Members != 2 && c.Adder != ev.Visitor.User {
		return s, bot.Reply{Ack: bot.T("join.adder")}
	}
	if c.Seated() != bot.Nobody && c.Members != 2 {
		r := bot.Reply{Ack: bot.T("join.asked.toast")}
		if s.Claim == nil || s.Claim.Partner.User != ev.Visitor.User {
			s.claimed(c, ev.Visitor, false, &r)
		}
		return s, r
	}
	return s.sit(c, ev, ev.Visitor, bot.Reply{Ack: bot.T("join.seated")})
}

// alone seats a stranger who came by themselves.
func (s joining) alone(ev bot.Event) (joining, bot.Reply) {
	c := fresh(ev.Visitor.Language)
	c.Partners[0] = ev.Visitor
	r := bot.Reply{Set: &c}
	r.Say(bot.OneOnly, "welcome", welcome(c))
	return s, r
}

// claimed remembers who wants the other seat and asks the one who is there.
func (s *joining) claimed(c bot.Couple, who bot.Partner, invited bool, r *bot.Reply) {
	s.Last++
	s.Claim = &claim{Partner: who, Invited: invited}
	s.asks(c, r)
}

// asks puts the claim to the one who is there: in the room if it came through the
// room, else in private.
func (s joining) asks(c bot.Couple, r *bot.Reply) {
	to := bot.Room
	if s.Claim.Invited {
		to = bot.Only(c.Seated())
	}
	r.Says = append(r.Says, bot.Say{To: to, Slot: "ask", Fresh: true, Message: s.claimMessage(c)})
}

func (s joining) claimMessage(c bot.Couple) bot.Message {
	number, who := strconv.Itoa(s.Last), s.Claim.Partner
	m := bot.Message{Lines: []bot.Text{bot.T("join.ask.room", "Name", named(who), "Partner", named(c.Partner(c.Seated())))}}
	if s.Claim.Invited {
		m.Lines = []bot.Text{bot.T("join.ask.invited", "Name", named(who), "Network", networkName(who.User.Network))}
	}
	yes := map[bool]string{false: "join.ask.yes", true: "join.ask.mine"}[s.Claim.Invited]
	m.Buttons = [][]bot.Button{{button(yes, "admit", number), button("join.ask.no", "deny", number)}}
	return m
}

// networkName is how people call a network.
func networkName(name string) bot.Text {
	switch name {
	case "telegram", "discord", "web":
		return bot.T("join.network." + name)
	}
	return bot.Verbatim(name)
}

// decide is the answer of the one who is there.
func (s joining) decide(sc bot.Scene, ev bot.Event, yes bool, number string) (joining, bot.Reply) {
	if s.Claim == nil || number != strconv.Itoa(s.Last) || sc.Seated() == bot.Both {
		return s, bot.Reply{Ack: bot.T("stale")}
	}
	var r bot.Reply
	to, key := bot.Room, "join.ask.denied"
	if s.Claim.Invited {
		to, key = bot.Only(ev.Who), "join.ask.void"
	}
	who := s.Claim.Partner
	if r.Used = s.Claim.Invited; r.Used {
		s.spent(to, &r)
	}
	s.Claim = nil
	if !yes {
		r.Say(to, "ask", bot.Message{Lines: []bot.Text{bot.T(key)}})
		return s, r
	}
	r.Say(to, "ask", bot.Message{Lines: []bot.Text{bot.T("join.ask.done", "Name", named(who))}})
	return s.sit(sc.Couple, ev, who, r)
}

// sit takes the empty seat. With the second one the couple is whole.
func (s joining) sit(c bot.Couple, ev bot.Event, who bot.Partner, r bot.Reply) (joining, bot.Reply) {
	seat := bot.One
	if c.Seated().Has(bot.One) {
		seat = bot.Two
	}
	c.Partners[seat.Index()] = who
	if c.Language == "" {
		c.Language = who.Language
	}
	r.Set = &c
	if c.Seated() != bot.Both {
		r.Say(bot.Room, "notice", notice(present(c), ""))
		return s, r
	}
	s.Open, s.Claim = false, nil
	both := bot.Message{Title: bot.T("join.both", "One", named(c.Partners[0]), "Two", named(c.Partners[1]))}
	if c.Ready {
		m := s.closing(c, ev)
		m.Title, m.Lines[0] = both.Title, bot.T("join.closing.next", "When", firstEvening(c, ev), "Clock", c.Evening.String())
		both = m
	}
	r.Say(bot.Room, "notice", both)
	if !c.Ready {
		s.Setup = s.Setup.begun()
		r.Says = append(r.Says, s.shows(c, ev, true))
	}
	return s, r
}

// young is somebody under 18: nothing is kept of them.
func (s joining) young(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	r := bot.Reply{Leave: ev.Who}
	s.Told &^= ev.Who
	if !ev.Private() {
		r.Ack = bot.T("join.minor.toast")
		return s, r
	}
	r.Say(bot.Here, "", bot.Message{
		Lines:   []bot.Text{bot.T("join.minor.text")},
		Buttons: [][]bot.Button{{calls("join.support", "support")}},
	})
	return s, r
}
