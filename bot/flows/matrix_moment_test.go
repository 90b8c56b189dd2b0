package flows_test

import (
	"testing"
	"time"

	"evenfall/bot"
)

// album is the moments of the matrix, each with its name.
type album []*moment

func (all *album) add(name string, m *moment) *moment {
	m.name = name
	*all = append(*all, m)
	return m
}

// moments are the states that the couple's conversations can be in.
func moments(t *testing.T) album {
	var all album
	m := past(t)
	all.add("one is seated, the other one has left", m)
	all.rooms(t, m)
	all.invited(t, m)
	ready := m.says(t, ana, room, "/start").taps(t, ben, room, "join", "in", "").settled(t)
	all.add("ready", ready)
	all.commands(t, ready)
	all.evenings(t, ready)
	all.scripted(t)
	return all
}

// rooms are the moments in which a couple begins where both read.
func (all *album) rooms(t testing.TB, m *moment) {
	nobody := all.add("everybody has left", m.says(t, ana, bot.Nook(ana), "/leave 1"))
	bring := nobody.from(adam, room)
	bring.Kind = bot.Arrived
	two := all.add("brought in, two read the room", nobody.do(t, bring))
	one := all.add("one is seated in a new room", two.taps(t, ana, room, "join", "in", ""))
	all.add("one is seated, another asks for the seat", one.crowd(t, 4).taps(t, ben, room, "join", "in", ""))

	bring.Members = 4
	four := all.add("brought in, four read the room", nobody.do(t, bring).crowd(t, 4))
	all.add("brought in, and asked again", four.says(t, adam, room, "/start"))
}

// invited are the moments in which a couple begins in private.
func (all *album) invited(t testing.TB, m *moment) {
	alone := m.says(t, ana, bot.Nook(ana), "/leave 1").says(t, ana, bot.Nook(ana), "/start yes")
	m = all.add("one has invited the other", alone.says(t, ana, bot.Nook(ana), "/start invite").invitation("last", "ours"))
	m = all.add("the invited one has said yes", m.says(t, ben, bot.Nook(ben), "/start "+m.tokens["ours"]+" yes").invitation("ours", "claimed"))
	m = all.add("both are seated without a room", m.taps(t, ana, bot.Nook(ana), "join", "admit", "1").invitation("claimed", "used"))
	all.add("set-up is half done", m.taps(t, ben, bot.Nook(ben), "join", "next", "types"))
}

// commands are the moments after each command of the house, in a nook and in the room. Where it
// kept nothing it made no new moment.
func (all *album) commands(t testing.TB, ready *moment) {
	before := ready.still().rows
	for _, c := range newHouse(t, ready.store, ready.at, 0).Commands() {
		for _, at := range []bot.Chat{bot.Nook(ana), room} {
			m := ready.says(t, ana, at, "/"+c.Name)
			if len(differences(before, m.still().rows)) > 0 {
				all.add("ready, after /"+c.Name+" in "+at.ID, m)
			}
		}
	}
	all.add("private bits are asked", ready.taps(t, ana, bot.Nook(ana), "join", "mine", ""))
	all.add("both rest", ready.taps(t, ana, bot.Nook(ana), "rest", "until", "ours:7"))
	all.add("one rests in silence", ready.taps(t, ana, bot.Nook(ana), "rest", "until", "mine:7"))
	all.add("one has blocked the bot", ready.do(t, bot.Incoming{Kind: bot.Gone, User: ben, Chat: bot.Nook(ben)}))
}

// evenings are the moments of an evening.
func (all *album) evenings(t testing.TB, ready *moment) {
	open := all.add("an evening is open", ready.says(t, ana, room, "/checkin"))
	all.add("a line is awaited", open.taps(t, ana, bot.Nook(ana), "checkin", "note", ""))
	one := all.add("one has answered", open.writes(t, ana).taps(t, ana, room, "checkin", "mood", "4"))
	all.add("one has answered, and both have written", one.writes(t, ben))
	all.add("one has been reminded", one.wakes(t, 90*time.Minute))
	all.add("the evening has closed", one.wakes(t, 20*time.Hour))
	all.add("one has answered, and the other has left", one.says(t, ben, bot.Nook(ben), "/leave 1"))
	all.add("one has answered, and the other has closed it", one.says(t, ben, bot.Nook(ben), "/leave 2"))
	all.add("revealed", one.taps(t, ben, room, "checkin", "mood", "2"))

	third := all.add("one has answered, a third reads the room", one.crowd(t, 3))
	all.add("revealed where a third reads the room", third.taps(t, ben, room, "checkin", "mood", "2"))
	all.add("one has answered, nobody knows who reads the room", one.crowd(t, 0))

	apart := all.add("one has answered, the room is gone", one.do(t, bot.Incoming{Kind: bot.Gone, Chat: room}))
	all.add("revealed without a room", apart.taps(t, ben, bot.Nook(ben), "checkin", "mood", "2"))
}
