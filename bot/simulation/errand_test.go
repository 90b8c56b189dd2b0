package simulation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"evenfall/bot"
)

// step is one thing that somebody does on the way to something: they say words, or tap
// the newest button whose payload contains some.
type step struct {
	who       int
	in        *chat
	say, taps string
}

// daily is what may come up on a day. The mutex is held.
func (c *couple) daily(in time.Duration) {
	c.in(in, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.over || c.calm {
			return
		}
		c.daily(24 * time.Hour)
		c.today(day(c.wall()))
	})
}

// today throws the dice for a day. The mutex is held.
func (c *couple) today(date int) {
	if len(c.changing) > 0 && c.changing[len(c.changing)-1].to.IsZero() {
		return
	}
	who := c.pick(2, forErrand, c.number, date)
	p := c.people[who]
	if p.out || c.people[1-who].out {
		return
	}
	n := c.pick(5, forErrand, c.number, date, 1)
	for i, errand := range []struct {
		often float64
		steps []step
	}{
		{1. / 70, []step{{say: "/rest"}, {taps: "open/mine"}, {taps: fmt.Sprintf("until/mine:%d", []int{1, 3, 7, 1, 3}[n])}}},
		{1. / 250, []step{{say: "/rest"}, {taps: "open/ours"}, {taps: fmt.Sprintf("until/ours:%d", []int{1, 3, 7, 14, 3}[n])}}},
		{1. / 150, []step{{say: "/settings"}, {taps: "open/zone"}, {taps: "set/zone:" + zones[n]}}},
		{1. / 150, []step{{say: "/settings"}, {taps: "open/evening"}, {say: fmt.Sprintf("%d:%02d", 18+n, 15*(date%4))}}},
		{1. / 250, []step{{say: "/settings"}, {taps: "open/free"}, {taps: fmt.Sprintf("set/free:%d", n)}}},
		{1. / 400, []step{{say: "/leave"}, {taps: "leave/0/quiet"}}},
		{1. / 4000, []step{{say: "/leave"}, {taps: "leave/0/close"}}},
		{1. / 300, []step{{say: "/forget"}, {taps: "forget/0/open/mine"}, {taps: "forget/0/yes/mine"}}},
		{1. / 200, []step{{say: "/export"}}},
	} {
		if c.share(forErrand, c.number, date, 2+i) >= errand.often {
			continue
		}
		for j := range errand.steps {
			errand.steps[j].who, errand.steps[j].in = who, p.nook
		}
		c.sets(errand.steps)
		return
	}
	switch p := c.share(forErrand, c.number, date, 20); {
	case c.room != nil && p < 0.01:
		c.guest(3)
		c.in(c.span(time.Hour, 100*time.Hour, forErrand, c.number, date, 21), func() {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.guest(2)
		})
	case p > 0.996:
		c.people[who].nook.blocked = true
		c.blocks = append(c.blocks, c.wall())
	}
}

// sets goes the steps, if nobody is on their way already. The mutex is held.
func (c *couple) sets(out []step) {
	if n := len(c.changing); n > 0 && c.changing[n-1].to.IsZero() || c.people[0].out || c.people[1].out {
		return
	}
	c.changing = append(c.changing, down{from: c.wall()})
	c.walk(out)
}

// guest brings a third person into the room, or sees them off. The mutex is held.
func (c *couple) guest(members int) {
	c.members = members
	c.tell(c.room, &event{Incoming: bot.Incoming{Kind: bot.Counted}})
}

// walk goes the steps, one a minute, and then asks the store what has become of it. The mutex is held.
func (c *couple) walk(steps []step) {
	if len(steps) == 0 {
		c.in(time.Minute, c.arrive)
		return
	}
	c.step(steps[0])
	c.in(time.Minute, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.walk(steps[1:])
	})
}

// step goes one. The mutex is held.
func (c *couple) step(s step) {
	p := c.people[s.who]
	s.say = strings.Replace(s.say, "TOKEN", c.people[1-s.who].nook.token(), 1)
	switch _, m, key, ok := p.find(s.taps); {
	case s.say == "/leave 1":
		p.goodbye(s.in, p.say(""))
	case strings.HasPrefix(s.say, "/"):
		p.call(s.in, s.say[1:])
	case s.say != "":
		p.tell(s.in, p.say(s.say))
	case ok && strings.HasPrefix(s.taps, "leave/"):
		p.goodbye(s.in, p.tap(m, key))
	case ok && strings.HasPrefix(s.taps, "forget/0/yes/"):
		e := p.tap(m, key)
		e.begun = p.erases
		p.tell(p.chatOf(s), e)
	case ok:
		p.tell(p.chatOf(s), p.tap(m, key))
	}
}

// goodbye is how somebody leaves: with a tap, or with a command. The mutex is held.
func (p *person) goodbye(ch *chat, e *event) {
	if e.Kind == bot.Said {
		e.Kind, e.Command, e.Text = bot.Called, "leave", "1"
		p.verdict.seen["a leave with letters on their way"]++
	}
	p.out = true
	e.heard = func(toast string, sure bool) {
		if sure && toast == "" {
			p.goes()
		}
	}
	p.tell(ch, e)
}

// erases notes that what somebody said may be gone from now on. The mutex is held.
func (p *person) erases() { p.leaves = append(p.leaves, leave{p.who, day(p.wall())}) }

// chatOf is where the button of a step is.
func (p *person) chatOf(s step) *chat {
	ch, _, _, _ := p.find(s.taps)
	return ch
}

// goes notes that somebody has certainly left. The mutex is held.
func (p *person) goes() {
	if p.left == 0 {
		p.left = p.count
		p.leaves = append(p.leaves, leave{p.who, day(p.wall())})
		p.verdict.seen["a leave"]++
		for date, e := range p.evenings { // with an empty seat the evening may begin anew, and ring anew
			e.paired = e.paired && date < day(p.wall())-1
		}
	}
}

// token is the newest invitation in a chat.
func (ch *chat) token() string {
	for i := len(ch.messages) - 1; i >= 0; i-- {
		if _, after, ok := strings.Cut(ch.messages[i].Text, "\n/start "); ok {
			return strings.Fields(after)[0]
		}
	}
	return "none"
}

// arrive asks the store how the couple lives now, once everything that was on its way has arrived.
func (c *couple) arrive() {
	h := c.house
	c.mu.Lock()
	waits := h == nil || h.dead.Load() || len(c.people[0].nook.inbox)+len(c.people[1].nook.inbox) > 0 || c.room != nil && len(c.room.inbox) > 0
	if waits {
		c.in(10*time.Minute, c.arrive)
	}
	c.mu.Unlock()
	if waits {
		return
	}
	rec, err := h.store.Load(context.Background(), c.id, "", bot.Want{})
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && !errors.Is(err, bot.ErrNone) {
		c.Fatal(err)
	}
	c.charts = append(c.charts, chart{c.wall(), rec.Couple})
	c.changing[len(c.changing)-1].to = c.wall()
	c.over = c.over || !rec.Couple.Ready
	for who, p := range c.people {
		switch seated := rec.Couple.Which(p.user) != bot.Nobody; {
		case !seated:
			p.out = true
			p.goes()
			c.comeback(who)
		case seated:
			p.out, p.left = false, 0
		}
	}
}

// comeback is how somebody who left joins again, some days later. The mutex is held.
func (c *couple) comeback(who int) {
	if c.over || c.calm {
		return
	}
	p, other := c.people[who], c.people[1-who]
	steps := []step{
		{1 - who, other.nook, "/start", ""}, {1 - who, other.nook, "", "/invite$"},
		{who, p.nook, "/start TOKEN", ""}, {who, p.nook, "", " yes$"}, {1 - who, other.nook, "", "/admit/"},
	}
	if c.room != nil {
		steps = []step{{who, c.room, "/start", ""}, {who, c.room, "", "join/0/in$"}}
	}
	c.in(c.span(10*time.Minute, 120*time.Hour, forErrand, c.number, len(c.leaves), -1).Round(time.Minute), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.changing = append(c.changing, down{from: c.wall()})
		p.left = 0
		c.walk(steps)
	})
}
