package flows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/rituals"
	"evenfall/storage/memory"
)

// couple is a couple as it stands; the zero Couple when there is none.
func (m *moment) couple(id bot.CoupleID) bot.Couple {
	rec, _ := m.store.Load(context.Background(), id, "", bot.Want{})
	return rec.Couple
}

func (m *moment) round(id bot.CoupleID, flow string) int {
	rec, _ := m.store.Load(context.Background(), id, flow, bot.Want{})
	var stage bot.Stage
	if len(rec.State) > 0 {
		if err := json.Unmarshal(rec.State, &stage); err != nil {
			panic(err)
		}
	}
	return stage.Round
}

// ours is the couple that the matrix is about: Ana's, or else the room's; 0 = there is none.
func (m *moment) ours() bot.CoupleID { return m.coupleOf(ana, room) }

// coupleOf is where an event of a person in a chat belongs.
func (m *moment) coupleOf(u bot.User, c bot.Chat) bot.CoupleID {
	found, _ := m.store.Find(context.Background(), u, c, nil, m.at)
	if found.ByUser != 0 {
		return found.ByUser
	}
	return found.ByChat
}

// past is a house with a past: Rex and then Lea sat with Ana, and both have left. Other couples
// live in it too, and each has told what nobody else may ever see.
func past(t testing.TB) *moment {
	m := &moment{name: "past", store: memory.New(), at: time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC), members: 2,
		tokens: map[string]string{}, shown: map[string]bool{}}
	pair := func(in bot.Chat, a, b bot.User) bot.CoupleID {
		c := bottest.Couple("left")
		c.Room, c.Adder, c.Zone = in, adam, "Europe/Madrid"
		for i, u := range []bot.User{a, b} {
			c.Partners[i] = bot.Partner{User: u, Name: bottest.Name(u), Open: true, Country: country[u], Zone: zone[u]}
			if u.ID == "" {
				c.Partners[i] = bot.Partner{}
			}
		}
		if in.ID == "" {
			c.Members = 0
		}
		receipt, err := m.store.Commit(context.Background(), bot.Change{Couple: &c})
		if err != nil {
			t.Fatal(err)
		}
		return receipt.ID
	}
	pair(room, ana, rex)
	pair(theirs, otto, olga)
	m.evening(t, room, ana, rex).says(t, rex, bot.Nook(rex), "/leave 1")
	m.at = m.at.AddDate(0, 0, 1)
	m.says(t, ana, room, "/start").taps(t, lea, room, "join", "in", "")
	m.evening(t, room, ana, lea).says(t, lea, bot.Nook(lea), "/leave 1")
	m.at = m.at.AddDate(0, 0, 1)
	pair(bot.Chat{}, rex, rhea)
	pair(bot.Chat{}, nia, bot.User{})
	m.says(t, nia, bot.Nook(nia), "/start invite")
	m.tokens["replaced"] = m.tokens["last"]
	m.says(t, nia, bot.Nook(nia), "/start invite")
	m.tokens["nia's"] = m.tokens["last"]
	m.says(t, otto, theirs, "/checkin").secret(t, otto)
	m.says(t, rex, bot.Nook(rex), "/checkin").secret(t, rex)
	return m
}

// evening is one that two have had together, each with a line of their own.
func (m *moment) evening(t testing.TB, c bot.Chat, both ...bot.User) *moment {
	m.says(t, both[0], c, "/checkin")
	for _, u := range both {
		m.secret(t, u).taps(t, u, c, "checkin", "mood", "4")
	}
	return m
}

// secret writes a person's own line.
func (m *moment) secret(t testing.TB, u bot.User) *moment {
	return m.taps(t, u, bot.Nook(u), "checkin", "note", "").says(t, u, bot.Nook(u), canary(u))
}

// moments are all the states that the couple's conversations can be in.
func moments(t testing.TB) []*moment {
	var all []*moment
	add := func(m *moment, name string) *moment {
		m = m.then(name)
		all = append(all, m)
		return m
	}
	alone := add(past(t), "one is seated, the other one has left")
	gone := add(alone, "everybody has left").says(t, ana, bot.Nook(ana), "/leave 1")
	add(gone, "nobody is here")

	for members, name := range map[int]string{2: "two", 4: "four"} {
		m := gone.then("")
		m.members = members
		in := m.from(adam, room)
		in.Kind = bot.Arrived
		m = add(m.do(t, in), "brought in, "+name+" read the room")
		if members == 4 {
			add(m, "brought in by who asks first").says(t, adam, room, "/start")
			continue
		}
		m = add(m.taps(t, ana, room, "join", "in", ""), "one is seated in a new room")
		m = m.then("")
		m.members = 4
		in = m.from(ben, room)
		in.Kind, in.Payload = bot.Tapped, "join/0/in"
		add(m.do(t, in), "one is seated, another asks for the seat")
	}

	m := add(gone.says(t, ana, bot.Nook(ana), "/start yes").says(t, ana, bot.Nook(ana), "/start invite"), "one has invited the other")
	m.tokens["ours"] = m.tokens["last"]
	m = add(m, "the invited one has said yes").says(t, ben, bot.Nook(ben), "/start "+m.tokens["ours"]+" yes")
	m.tokens["claimed"] = m.tokens["ours"]
	delete(m.tokens, "ours")
	m = add(m, "both are seated without a room").taps(t, ana, bot.Nook(ana), "join", "admit", fmt.Sprint(1))
	m.tokens["used"] = m.tokens["claimed"]
	delete(m.tokens, "claimed")
	add(m, "set-up is half done").taps(t, ben, bot.Nook(ben), "join", "next", "types")
	return append(all, evenings(t, alone)...)
}

// evenings are the moments of a couple that is set up.
func evenings(t testing.TB, alone *moment) []*moment {
	var all []*moment
	add := func(m *moment, name string) *moment {
		m = m.then(name)
		all = append(all, m)
		return m
	}
	ready := add(alone.then("").says(t, ana, room, "/start").taps(t, ben, room, "join", "in", ""), "ready")
	ready.own(t)
	for _, c := range newHouse(t, ready.store, ready.at, 0).Commands() {
		add(ready, "ready, after /"+c.Name+" in a nook").says(t, ana, bot.Nook(ana), "/"+c.Name)
		add(ready, "ready, after /"+c.Name+" in the room").says(t, ana, room, "/"+c.Name)
	}
	add(ready, "private bits are asked").taps(t, ana, bot.Nook(ana), "join", "mine", "")
	add(ready, "both rest").taps(t, ana, bot.Nook(ana), "rest", "until", "ours:7")
	add(ready, "one rests in silence").taps(t, ana, bot.Nook(ana), "rest", "until", "mine:7")

	open := add(ready, "an evening is open").says(t, ana, room, "/checkin")
	one := add(open, "one has answered").secret(t, ana).taps(t, ana, room, "checkin", "mood", "4")
	add(one.secret(t, ben).then(""), "one has answered, and both have written")
	add(one, "one has been reminded").wakes(t, 90*time.Minute)
	add(one, "the evening has closed").wakes(t, 20*time.Hour)
	add(one, "one has answered, and one has left").says(t, ben, bot.Nook(ben), "/leave 1")
	add(one, "one has answered, and the other has closed it").says(t, ben, bot.Nook(ben), "/leave 2")
	add(one, "revealed").taps(t, ben, room, "checkin", "mood", "2")

	crowd := one.then("")
	crowd.members = 3
	crowd = add(crowd.do(t, bot.Incoming{Kind: bot.Counted, Chat: room, Members: 3}), "one has answered, a third reads the room")
	add(crowd, "revealed where a third reads the room").taps(t, ben, room, "checkin", "mood", "2")
	unknown := one.then("")
	unknown.members = 0
	add(unknown.do(t, bot.Incoming{Kind: bot.Counted, Chat: room}), "one has answered, nobody knows who reads the room")

	nooks := add(one, "one has answered, the room is gone").do(t, bot.Incoming{Kind: bot.Gone, Chat: room})
	add(nooks, "revealed without a room").taps(t, ben, bot.Nook(ben), "checkin", "mood", "2")
	return all
}

// own gives the two what is only each one's.
func (m *moment) own(t testing.TB) {
	c := m.couple(m.ours())
	for i, u := range []bot.User{ana, ben} {
		c.Partners[i].Country, c.Partners[i].Zone, c.Partners[i].Open = country[u], zone[u], true
	}
	c.Zone, c.Evening, c.Rest = "Europe/Madrid", 21*60, rituals.Date(0)
	if _, err := m.store.Commit(context.Background(), bot.Change{ID: m.ours(), Couple: &c}); err != nil {
		t.Fatal(err)
	}
}
