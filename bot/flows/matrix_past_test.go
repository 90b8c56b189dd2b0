package flows_test

import (
	"context"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/storage/memory"
)

// begun is a house in which nobody sits.
func begun(at time.Time) *moment {
	return &moment{store: memory.New(), at: at, members: 2, tokens: map[string]string{}, shown: map[string]bool{}}
}

// past is a house with a past: Rex and then Lea sat with Ana, and both have left. Other couples
// live in it too, and each has told what nobody else may ever see.
func past(t testing.TB) *moment {
	m := begun(time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)).seats(t, room, ana, rex)
	m = m.evening(t, room, ana, rex).says(t, rex, bot.Nook(rex), "/leave 1").wakes(t, 24*time.Hour)
	m = m.says(t, ana, room, "/start").taps(t, lea, room, "join", "in", "")
	m = m.evening(t, room, ana, lea).says(t, lea, bot.Nook(lea), "/leave 1").wakes(t, 24*time.Hour)
	return m.neighbours(t)
}

// neighbours are the others in the house: two couples with an open evening, and somebody who has
// invited somebody, twice.
func (m *moment) neighbours(t testing.TB) *moment {
	m = m.seats(t, theirs, otto, olga).seats(t, bot.Chat{}, rex, rhea).seats(t, bot.Chat{}, nia, bot.User{})
	m = m.says(t, otto, theirs, "/checkin").writes(t, otto)
	m = m.says(t, rex, bot.Nook(rex), "/checkin").writes(t, rex)
	m = m.says(t, nia, bot.Nook(nia), "/start invite").invitation("last", "replaced")
	return m.says(t, nia, bot.Nook(nia), "/start invite").invitation("last", "nia's")
}

// seats puts a couple into the house.
func (m *moment) seats(t testing.TB, in bot.Chat, both ...bot.User) *moment {
	c := bottest.Couple("left")
	c.Room, c.Adder, c.Zone = in, adam, "Europe/Madrid"
	if in.ID == "" {
		c.Members = 0
	}
	for i, u := range both {
		c.Partners[i] = bot.Partner{}
		if u.ID != "" {
			c.Partners[i] = bot.Partner{User: u, Name: bottest.Name(u), Open: true, Country: country[u], Zone: zone[u]}
		}
	}
	next := m.then()
	if _, err := next.store.Commit(context.Background(), bot.Change{Couple: &c}); err != nil {
		t.Fatal(err)
	}
	return next
}

// settled gives Ana and Ben what is only each one's.
func (m *moment) settled(t testing.TB) *moment {
	next := m.then()
	c := next.couple(next.ours())
	for i, u := range []bot.User{ana, ben} {
		c.Partners[i].Country, c.Partners[i].Zone, c.Partners[i].Open = country[u], zone[u], true
	}
	c.Zone, c.Evening = "Europe/Madrid", 21*60
	if _, err := next.store.Commit(context.Background(), bot.Change{ID: next.ours(), Couple: &c}); err != nil {
		t.Fatal(err)
	}
	return next
}

// evening is one that two have had together, each with a line of their own.
func (m *moment) evening(t testing.TB, c bot.Chat, both ...bot.User) *moment {
	m = m.says(t, both[0], c, "/checkin")
	for _, u := range both {
		m = m.writes(t, u).taps(t, u, c, "checkin", "mood", "4")
	}
	return m
}

// writes is a person's own line for the evening.
func (m *moment) writes(t testing.TB, u bot.User) *moment {
	return m.taps(t, u, bot.Nook(u), "checkin", "note", "").says(t, u, bot.Nook(u), canary(u))
}

// invitation calls an invitation by what it is now.
func (m *moment) invitation(was, is string) *moment {
	next := m.then()
	next.tokens[is] = next.tokens[was]
	delete(next.tokens, was)
	return next
}

// crowd lets the network tell how many people read the room; 0 = it does not know.
func (m *moment) crowd(t testing.TB, members int) *moment {
	m = m.do(t, bot.Incoming{Kind: bot.Counted, Chat: room, Members: members})
	m.members = members
	return m
}
