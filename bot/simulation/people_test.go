package simulation

import (
	"fmt"
	"strings"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// couple is two people as they know themselves, and what the judge saw of them.
type couple struct {
	*world
	number  int
	id      bot.CoupleID
	room    *chat // nil = they have only their nooks
	people  [2]*person
	members int // people in the room
	commits int
	over    bool // closed for good
	records
}

// person is one of the two.
type person struct {
	*couple
	who   int
	user  bot.User
	name  string
	nook  *chat
	faith float64 // how likely it is that they answer an evening
	pace  time.Duration
	out   bool // has left, or is about to
	left  int  // when it was certain that they had; 0 = it is not
	clean int  // when they were told that all they said is erased; 0 = not yet
	plans map[int]bool
}

// zones are where people live. All their evenings are at hours that no clock change touches.
var zones = []string{"Europe/London", "America/New_York", "America/Chicago", "America/Los_Angeles", "Asia/Kolkata", "Australia/Sydney"}

// newCouple makes two people up. The mutex is held.
func (w *world) newCouple(n int) *couple {
	c := &couple{world: w, number: n, members: 2, records: newRecords()}
	c.judged = day(w.wall()) - 3
	networks := [2]string{left, left}
	switch p := w.share(forHome, n); {
	case p < 0.2:
		networks = [2]string{left, right}
	case p < 0.4:
		networks = [2]string{right, right}
	}
	for who := range c.people {
		p := &person{couple: c, who: who, plans: map[int]bool{}, name: fmt.Sprintf("%s%d", [2]string{"Ana", "Ben"}[who], n)}
		p.user = bot.User{Network: networks[who], ID: fmt.Sprintf("u%d-%d", n, who)}
		p.nook = w.newChat(bot.Nook(p.user), c, p)
		p.faith = [4]float64{0.98, 0.95, 0.88, 0.6}[w.pick(4, forTemper, n, who)]
		p.pace = [4]time.Duration{5 * time.Minute, 20 * time.Minute, 2 * time.Hour, 12 * time.Hour}[w.pick(4, forTemper, n, who, 1)]
		c.people[who] = p
	}
	if networks[0] == networks[1] {
		c.room = w.newChat(bot.Chat{Network: networks[0], ID: fmt.Sprintf("room%d", n)}, c, nil)
	}
	c.daily(w.span(0, 24*time.Hour, forHome, n, 1).Round(time.Minute))
	return c
}

func (w *world) newChat(place bot.Chat, c *couple, owner *person) *chat {
	ch := &chat{Chat: place, number: len(w.chats), couple: c, owner: owner}
	w.chats[place] = ch
	w.places = append(w.places, ch)
	return ch
}

// given is the couple as the house gets to know it.
func (c *couple) given() *bot.Couple {
	g := &bot.Couple{Evening: rituals.Clock(18*60 + 60*c.pick(5, forHome, c.number, 2)), Ready: true,
		Zone: zones[c.pick(len(zones), forHome, c.number, 3)]}
	for who, p := range c.people {
		g.Partners[who] = bot.Partner{User: p.user, Name: p.name, Open: true}
	}
	if c.room != nil {
		g.Room, g.Members = c.room.Chat, 2
	}
	if c.share(forHome, c.number, 4) < 0.2 {
		g.Free = g.Free.With(time.Weekday(c.pick(7, forHome, c.number, 5)))
	}
	c.charts = []chart{{couple: *g}}
	return g
}

// notice is what people do when they see a message. The mutex is held.
func (w *world) notice(ch *chat, l bot.Letter) {
	date, verb := subject(l.Page)
	if verb != "mood" {
		return
	}
	for _, p := range ch.couple.people {
		if p.out || ch.owner != nil && ch.owner != p {
			continue
		}
		if !p.plans[date] {
			p.plans[date] = true
			p.plan(date)
		} else if ch.owner == p && p.share(forAnswer, p.number, p.who, date, 2) < 0.3 {
			p.after(2*time.Minute, func() { p.mood(date, 3) }) // reminded
		}
	}
}

// after does something later, unless the person has left by then. The mutex is held, then too.
func (p *person) after(d time.Duration, do func()) {
	p.in(d.Round(time.Minute), func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.out {
			do()
		}
	})
}

// plan is what a person will do about an evening that they have just seen. The mutex is held.
func (p *person) plan(date int) {
	key := func(n int) []int { return []int{p.number, p.who, date, n} }
	wait := p.span(time.Minute, p.pace, forAnswer, key(1)...)
	first, second := 1+p.pick(5, forMood, key(1)...), 1+p.pick(5, forMood, key(2)...)
	answers := p.share(forAnswer, key(0)...) < p.faith
	if answers {
		p.after(wait, func() { p.mood(date, first) })
	}
	for i, extra := range []struct {
		often float64
		after time.Duration
		does  bool
		do    func()
	}{
		{0.12, wait + p.span(time.Minute, 40*time.Minute, forExtra, key(9)...), answers, func() { p.mood(date, second) }},
		{0.05, wait, answers, func() { p.mood(date, first) }}, // a second tap at once
		{0.12, wait + p.span(-5*time.Minute, 5*time.Minute, forExtra, key(10)...), answers, func() { p.write(date) }},
		{0.05, wait + p.span(-2*time.Minute, 2*time.Minute, forExtra, key(11)...), answers, func() { p.keep(date) }},
		{0.10, wait + time.Minute, true, func() { p.press(date, "load", 1+second%5) }},
		{0.05, wait + 2*time.Minute, true, func() { p.press(date, "close", second) }},
		{0.04, 10 * time.Minute, true, func() { p.press(date, "later", 0) }},
		{0.04, wait + 3*time.Minute, true, func() { p.mood(date-1-second%3, second) }}, // an old button
		{0.10, wait + 3*time.Hour, true, func() { p.press(date, "heart", 1+second%3) }},
		{0.03, p.span(0, 20*time.Hour, forExtra, key(12)...), true, func() { p.call(p.home(second), "checkin") }},
		{0.01, p.span(0, 20*time.Hour, forExtra, key(13)...), true, func() { p.call(p.home(second), "streak") }},
	} {
		if extra.does && p.share(forExtra, p.number, p.who, date, 100+i) < extra.often {
			p.after(max(time.Minute, extra.after), extra.do)
		}
	}
}

// home is one of the two chats the person reads.
func (p *person) home(n int) *chat {
	if p.room != nil && n%2 == 0 {
		return p.room
	}
	return p.nook
}

// find is the newest message the person sees with a button whose payload contains the words.
func (p *person) find(words string) (*chat, message, bot.Key, bool) {
	for _, ch := range []*chat{p.room, p.nook} {
		if ch == nil {
			continue
		}
		for i := len(ch.messages) - 1; i >= 0; i-- {
			for _, row := range ch.messages[i].Buttons {
				for _, key := range row {
					if strings.Contains(key.Payload+"$", words) {
						return ch, ch.messages[i], key, true
					}
				}
			}
		}
	}
	return nil, message{}, bot.Key{}, false
}

// press taps a button of an evening, if there is one. The mutex is held.
func (p *person) press(date int, verb string, arg int) {
	words := fmt.Sprintf("checkin/%d/%s", date, verb)
	if arg != 0 {
		words += fmt.Sprintf("/%d", arg)
	}
	if ch, m, key, ok := p.find(words + "$"); ok {
		p.tell(ch, p.tap(m, key))
	}
}

// tap is the event of a tap.
func (p *person) tap(m message, key bot.Key) *event {
	return &event{Incoming: bot.Incoming{Kind: bot.Tapped, User: p.user, Name: p.name, Payload: key.Payload, Message: m.id}}
}

// say is the event of words.
func (p *person) say(text string) *event {
	return &event{Incoming: bot.Incoming{Kind: bot.Said, User: p.user, Name: p.name, Text: text}}
}

// call types a /command. The mutex is held.
func (p *person) call(ch *chat, command string) {
	e := p.say("")
	e.Kind = bot.Called
	e.Command, e.Text, _ = strings.Cut(command, " ")
	if e.Command == "checkin" {
		e.begun = func() {
			p.called = p.wall()
			for date := day(p.called) - 1; date <= day(p.called)+1; date++ {
				p.evening(date).wanted = true
			}
		}
	}
	p.tell(ch, e)
}

// mood taps a mood, and lets the judge know. The mutex is held.
func (p *person) mood(date, value int) {
	ch, m, key, ok := p.find(fmt.Sprintf("checkin/%d/mood/%d$", date, value))
	if !ok {
		return
	}
	e := p.tap(m, key)
	p.evening(date).watch(p, e, &answered{kind: "mood", value: fmt.Sprint(value)})
	p.tell(ch, e)
}

// keep says that the mood is not to be shown, or may be after all. The mutex is held.
func (p *person) keep(date int) {
	ch, m, key, ok := p.find(fmt.Sprintf("checkin/%d/keep$", date))
	if !ok {
		return
	}
	e := p.tap(m, key)
	p.evening(date).watch(p, e, &answered{kind: "keep"})
	p.tell(ch, e)
}

// write writes a line that nobody else may see before the reveal. The mutex is held.
func (p *person) write(date int) {
	ch, m, key, ok := p.find(fmt.Sprintf("checkin/%d/note$", date))
	if !ok {
		return
	}
	text := canary(p.number, p.who, date) + " was a long day"
	if ch.Network == right { // a form
		e := p.say(text)
		e.Payload = key.Payload
		p.evening(date).watch(p, e, &answered{kind: "note", value: text})
		p.tell(ch, e)
		return
	}
	p.tell(ch, p.tap(m, key))
	p.after(time.Minute, func() {
		e := p.say(text)
		p.evening(date).watch(p, e, &answered{kind: "note", value: text})
		p.tell(p.nook, e)
	})
}
