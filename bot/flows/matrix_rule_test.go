package flows_test

import (
	"context"
	"slices"
	"strings"

	"evenfall/bot"
)

// rule is what may come of a deed: nothing may change but these couples, and nothing may be
// said but in these chats. The rules know nothing of flows but which of their doors are open
// to people without a seat; whatever is new is closed to them.
type rule struct {
	name    string
	change  []bot.CoupleID
	founds  bool       // a new couple may come to be
	moves   []bot.Chat // what is known of messages in these chats may change too
	say     []bot.Chat // besides, only the toast is left
	told    bool       // who did it hears something: a toast, or a message in one of the chats
	silent  bool       // nothing comes of it at all
	refusal bool       // what is told tells nothing of the couple: it is the same in every moment
	allowed bool       // something may come of it: a deed that never does is not known to be guarded
}

// cell is who does what where, with what follows from the store: whose couple is whose.
type cell struct {
	who    bot.User
	at     bot.Chat
	deed   deed
	home   bot.CoupleID // where the person sits
	place  bot.CoupleID // whose room the chat is
	whole  bool         // both seats there are taken
	empty  bool         // nobody sits there, or there is no couple
	rooted bool         // the person's couple has a room
	host   bot.CoupleID // whose invitation the person brings, while it is good
	late   bool         // somebody else has come with it before
	chats  func(bot.CoupleID) []bot.Chat
}

func (s *still) cell(u bot.User, at bot.Chat, d deed) cell {
	found, err := s.store.Find(context.Background(), u, at, nil, s.at)
	if err != nil {
		panic(err)
	}
	there, home := s.couples[found.ByChat], s.couples[found.ByUser]
	c := cell{who: u, at: at, deed: d, home: found.ByUser, place: found.ByChat, chats: s.chats,
		whole: there.Seated() == bot.Both, empty: there.Seated() == bot.Nobody, rooted: home.Room.ID != ""}
	if inviter, ok := good[d.token()]; ok {
		if id := s.coupleOf(inviter, bot.Chat{}); id != found.ByUser {
			c.host, c.late = id, d.token() == "claimed" && u != claimant(s, id)
		}
	}
	return c
}

// good are the invitations that are good, and whose.
var good = map[string]bot.User{"ours": ana, "claimed": ana, "nia's": nia}

// chats are all chats of a couple.
func (s *still) chats(id bot.CoupleID) (all []bot.Chat) {
	couple := s.couples[id]
	for _, p := range couple.Partners {
		all = append(all, bot.Nook(p.User))
	}
	return append(all, couple.Room)
}

// open are the doors for people without a seat, as "flow verb": buttons …
var open = []string{"join in", "join young", "join later"}

// … and, where nobody sits yet, commands.
var openCommands = []string{"start", "menu", "help", "leave"}

func (c cell) opens() bool {
	return c.deed.Kind == bot.Tapped && slices.Contains(open, c.deed.flow+" "+c.deed.verb)
}

// joins reports whether somebody wants a seat.
func (c cell) joins() bool { return c.opens() && c.deed.verb == "in" || c.deed.command == "start" }

func (c cell) rule() rule {
	_, private := c.at.Private()
	d, here := c.deed, []bot.Chat{c.at}
	switch {
	case d.Kind == bot.Gone, d.Kind == bot.Counted:
		return rule{name: "a network tells of a chat", change: []bot.CoupleID{c.home, c.place}, allowed: true}
	case d.Kind == bot.Moved:
		return rule{name: "a network tells of a chat", change: []bot.CoupleID{c.place}, moves: []bot.Chat{c.at, moved}, allowed: true}
	case c.who == nameless && d.Kind != bot.Arrived:
		return rule{name: "nobody: not heard", silent: true}
	case d.safety():
		return rule{name: "safety: kept nowhere, told to nobody else", say: append(here, bot.Nook(c.who)), allowed: true}
	case d.Kind == bot.Arrived && private:
		return rule{name: "nothing to bring the bot into", say: here, change: []bot.CoupleID{c.home}}
	case private && c.host != 0 && c.home != 0:
		return rule{name: "invited, and sits elsewhere: refused", say: here, told: true, refusal: true}
	case private && c.host != 0 && c.late:
		return rule{name: "invited, but another one came before: refused", say: here, told: true, refusal: true}
	case private && c.host != 0:
		return rule{name: "invited: may ask for the seat", change: []bot.CoupleID{c.host}, say: append(c.chats(c.host), c.at), told: true, allowed: true}
	case private && c.home != 0, !private && c.home != 0 && c.home == c.place:
		return rule{name: "a partner: their own couple", change: []bot.CoupleID{c.home}, say: append(c.chats(c.home), c.at), allowed: true}
	case private:
		return c.stranger()
	case d.Kind == bot.Said && d.flow == "":
		return rule{name: "talk of others: passed over", silent: true}
	case c.home != 0:
		return c.visitor()
	}
	return c.guest()
}

// stranger is somebody without a seat, in private.
func (c cell) stranger() rule {
	d, here := c.deed, []bot.Chat{c.at}
	word, _, _ := strings.Cut(strings.TrimSpace(d.text), " ")
	switch {
	case c.joins() && (word == "yes" || d.Kind == bot.Tapped && d.flow != ""):
		return rule{name: "a stranger: may begin alone", founds: true, say: here, told: true, allowed: true}
	case slices.Contains(openCommands, d.command), d.Kind == bot.Said && d.flow == "", c.opens():
		return rule{name: "a stranger: reads what is for everybody", say: here, told: true, refusal: true, allowed: true}
	}
	return rule{name: "a stranger: refused", say: here, told: d.asks(), refusal: d.asks()}
}

// visitor is a partner of another couple, in a group.
func (c cell) visitor() rule {
	d, here := c.deed, []bot.Chat{c.at}
	switch {
	case d.command == "start" && !c.rooted && c.empty:
		return rule{name: "a couple without a room: may take this one", change: []bot.CoupleID{c.home, c.place}, say: append(c.chats(c.home), c.at), allowed: true}
	case c.empty && (d.Kind == bot.Arrived || d.command == "menu" || d.command == "help"):
		return rule{name: "sits elsewhere: reads what is for everybody", say: here, change: []bot.CoupleID{c.place}, allowed: true}
	case !c.whole && d.Kind == bot.Arrived:
		return rule{name: "sits elsewhere: is asked what the bot is for", say: here}
	}
	return rule{name: "sits elsewhere: refused", told: d.asks(), refusal: true}
}

// guest is somebody without a seat, in a group.
func (c cell) guest() rule {
	d := c.deed
	switch {
	case c.whole:
		return rule{name: "a guest: refused", told: d.asks(), refusal: true}
	case d.Kind == bot.Arrived || c.joins():
		return rule{name: "a seat is free: may sit, or ask for it", change: []bot.CoupleID{c.place}, founds: c.place == 0, say: append(c.chats(c.place), c.at), allowed: true}
	case c.opens():
		return rule{name: "a seat is free: may say no", told: true, allowed: true}
	case c.empty && slices.Contains([]string{"menu", "help"}, d.command):
		return rule{name: "nobody sits here: reads what is for everybody", say: []bot.Chat{c.at}, allowed: true}
	}
	return rule{name: "a guest where a seat is free: refused", told: d.asks(), refusal: true}
}
