package flows

import (
	"slices"
	"strings"

	"evenfall/bot"
)

// Join is how two people come to sit here: the notice, the seats, the invitation, and
// then set-up and what each of them settles in private. It is also /start later on.
var Join = bot.Flow[joining, *joining]{
	Name:     "join",
	Commands: []string{"start"},
	Visitors: true,
	Forget: func(s joining, who bot.Who) joining {
		s.Mine[who.Index()] = form{}
		return s
	},
	Step: join,
}

// joining is the state. Its buttons carry all they mean, so its round never changes and
// old messages do no harm.
type joining struct {
	bot.Stage
	Open    bool    `json:"open,omitempty"` // the notice is out in the room: seats are to be had
	Claim   *claim  `json:"claim,omitempty"`
	Last    int     `json:"last,omitempty"`    // number of the last claim
	Invited bool    `json:"invited,omitempty"` // a message with an invitation is out
	Setup   form    `json:"setup,omitzero"`
	Mine    [2]form `json:"mine"`           // the private bits
	Told    bot.Who `json:"told,omitempty"` // who is through with theirs
}

func join(sc bot.Scene, s joining, ev bot.Event) (joining, bot.Reply) {
	var r bot.Reply
	switch ev.Kind {
	case bot.Arrived:
		s, r = s.arrived(sc, ev)
	case bot.Called:
		s, r = s.called(sc, ev)
	case bot.Tapped:
		if s, r = s.tapped(sc, ev, ev.Action.Verb, ev.Action.Arg); r.Ack.Key == "stale" {
			return s, r // a dead button changes nothing, not even whose words are awaited
		}
	case bot.Said:
		s, r = s.said(sc, ev)
	case bot.Woke: // the private bits lie open: words are for others now
		s.Mine = [2]form{}
	default:
		return s, r
	}
	if r.Set != nil {
		sc.Couple = *r.Set
	}
	return s.hearing(sc, ev), r
}

// hearing says whose words are for this flow: everybody's while set-up lasts, and for a
// while those of a partner who was asked something in private.
func (s joining) hearing(sc bot.Scene, ev bot.Event) joining {
	mine := bot.Nobody
	for _, p := range bot.Each {
		if s.Mine[p.Index()].At != "" {
			mine |= p
		}
	}
	switch {
	case !sc.Ready:
		deafen(&s.Stage)
		s.Listen = sc.Seated()
	case mine == bot.Nobody:
		deafen(&s.Stage)
	default:
		listen(&s.Stage, ev)
		s.Listen = mine
	}
	return s
}

// called is /start, by anyone, anywhere.
func (s joining) called(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	token, word, _ := strings.Cut(ev.Text, " ")
	isToken := len(token) == tokenLength
	switch {
	case ev.Who != bot.Nobody && ev.Private():
		return s.back(sc, ev, isToken)
	case ev.Who != bot.Nobody:
		return s.backInRoom(sc, ev, isToken || token == "here")
	case ev.Invited:
		return s.invited(sc, ev, token, word == "yes")
	case ev.Elsewhere:
		return s, bot.Reply{Ack: bot.T("join.elsewhere.room")}
	case token == "yes":
		return s.enter(sc, ev)
	case !ev.Private():
		return s.arrived(sc, ev)
	}
	var r bot.Reply
	if isToken {
		r.Say(bot.Here, "", bot.Message{Lines: []bot.Text{bot.T("join.invite.gone")}})
	}
	r.Say(bot.Here, "", notice(nil, ""))
	return s, r
}

const tokenLength = 22 // characters of an invitation

// tapped is a button, or words that name one.
func (s joining) tapped(sc bot.Scene, ev bot.Event, verb, arg string) (joining, bot.Reply) {
	switch verb {
	case "in":
		return s.enter(sc, ev)
	case "young":
		return s.young(sc, ev)
	case "later":
		return s, bot.Reply{Ack: bot.T("join.later")}
	}
	switch {
	case ev.Who != bot.Nobody:
	case verb == "admit", verb == "deny": // whether somebody has asked in private or not
		return s, bot.Reply{Ack: bot.T("join.ask.theirs")}
	default:
		return s, bot.Reply{Ack: bot.T("guest")}
	}
	switch verb {
	case "admit", "deny":
		return s.decide(sc, ev, verb == "admit", arg)
	case "invite":
		return s.invite(sc, ev, arg == "again")
	case "group":
		return s.group(sc, ev)
	case "begin":
		return s.begin(sc, ev)
	case "mine":
		return s.ask(sc, ev)
	case "set", "back", "next":
		return s.answer(sc, ev, verb, arg)
	}
	return s, bot.Reply{Ack: bot.T("stale")}
}

// answer is for the question that the button names: one of set-up, or a private one.
func (s joining) answer(sc bot.Scene, ev bot.Event, verb, arg string) (joining, bot.Reply) {
	name, _, _ := strings.Cut(arg, ":")
	switch {
	case slices.Contains(privateOrder, name):
		return s.private(sc, ev, verb, arg, nil)
	case !slices.Contains(setupOrder, name):
		return s, bot.Reply{Ack: bot.T("stale")}
	case sc.Ready:
		return s, bot.Reply{Ack: bot.T("join.set")}
	}
	return s.fill(sc, ev, verb, arg, nil)
}

// said is typed words.
func (s joining) said(sc bot.Scene, ev bot.Event) (joining, bot.Reply) {
	var r bot.Reply
	if ev.Who == bot.Nobody {
		if !sc.Ready && ev.Private() {
			r.Say(bot.Here, "", notice(nil, ""))
		}
		return s, r
	}
	mine := s.Mine[ev.Who.Index()]
	switch {
	case !sc.Ready && s.Setup.At != "":
		verb, arg, found := s.Setup.hear(setupOrder, s.asking(sc, ev, bot.Nobody), ev.Text)
		return s.fill(sc, ev, verb, arg, found)
	case mine.At != "" && ev.Private():
		verb, arg, found := mine.hear(privateOrder, s.asking(sc, ev, ev.Who), ev.Text)
		return s.private(sc, ev, verb, arg, found)
	case !ev.Private():
		return s, r // not for the bot
	}
	m := welcome(sc.Couple)
	if s.Claim != nil {
		m.Buttons = append(m.Buttons, s.claimMessage(sc.Couple).Buttons...)
	}
	if b, ok := press(m, ev.Text); ok {
		return s.tapped(sc, ev, b.Verb, b.Arg)
	}
	r.Ack = bot.T("join.unasked")
	return s, r
}

func (s joining) asking(sc bot.Scene, ev bot.Event, who bot.Who) asking {
	return asking{Couple: sc.Couple, who: who, at: ev.At}
}
