//go:build crash

package crashtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
	"evenfall/bot/words"
)

// canary is in everything people write, and nowhere else.
const canary = "CANARY"

// patience is how long people wait for the tick before they go on.
const patience = 250 * time.Millisecond

var english = func() func(key string, pairs ...any) string {
	catalogue, err := words.Load()
	if err != nil {
		panic(err)
	}
	return func(key string, pairs ...any) string {
		return catalogue.Say("en", key, bot.T(key, pairs...).Args)
	}
}()

var faces = [5]string{"😞", "😕", "😐", "🙂", "😊"}

// couple is two people with a group. They live on their own, whether the program runs or not.
type couple struct {
	n      int
	room   int64
	people [2]*person
	finish atomic.Bool  // it is late: whoever means to answer tonight does it now
	leave  atomic.Bool  // both want to leave
	left   atomic.Int64 // how many have
	past   atomic.Int64 // messages of the room from before
	seen   sync.Map     // the evening of each message, by its id
	keen   atomic.Bool  // they have asked for tonight themselves, and both answer
	late   atomic.Value // the tap on a board that stayed open at noon; "" = none
}

// person sees what the network shows and does what people do.
type person struct {
	*couple
	at     int // 0 or 1
	id     int64
	name   string
	rng    *rand.Rand
	srv    *telegramtest.Server
	w      *witness
	wrote  int // the latest evening with a line
	hearts int // the latest evening with a ♡
}

func newCouple(n int, seed uint64, srv *telegramtest.Server, w *witness) *couple {
	c := &couple{n: n, room: int64(-1000 - n)}
	for i := range c.people {
		p := &person{couple: c, at: i, id: int64(1000 + 2*n + i), name: fmt.Sprintf("%s%c", []string{"Ana", "Ben"}[i], 'a'+rune(n)),
			rng: rand.New(rand.NewPCG(seed, uint64(2*n+i))), srv: srv, w: w}
		srv.Person(p.id, p.name, "en")
		c.people[i] = p
	}
	srv.Group(c.room, c.people[0].id, c.people[1].id)
	srv.Seat(c.room)
	srv.Open(c.people[0].id, c.people[1].id)
	return c
}

// plan is what a couple makes of an evening.
type plan int

const (
	race  plan = iota // both at once
	slow              // the second one late, after the first has changed their mind many times
	alone             // only one answers
	none
)

func (c *couple) plan(round int) plan {
	if c.keen.Load() {
		return race
	}
	r := rand.New(rand.NewPCG(uint64(c.n), uint64(round)))
	return []plan{race, race, slow, slow, slow, slow, alone, none}[r.IntN(8)]
}

// live acts until ctx ends.
func (p *person) live(ctx context.Context) {
	for ctx.Err() == nil {
		p.act()
		time.Sleep(2*time.Millisecond + rand.N(15*time.Millisecond))
	}
}

// act does one thing that suits what the room shows.
func (p *person) act() {
	if p.leave.Load() {
		p.goes()
		return
	}
	switch v := p.view(); {
	case len(v) == 0:
		if p.at == 0 && p.rng.IntN(4) == 0 {
			p.say(p.room, "/start@"+telegramtest.Username)
			time.Sleep(patience)
		}
	case v.has("checkin.both.title"):
		m := v[len(v)-1]
		if round, _, ok := board(m); ok && p.hearts < round && p.rng.IntN(10) == 0 {
			p.hearts = round
			p.tap(p.room, m, "heart/"+strconv.Itoa(1+p.rng.IntN(3)))
		}
	case v.has("checkin.title"):
		p.evening(v[p.rng.IntN(len(v))])
	default:
		p.setUp(v[p.rng.IntN(len(v))])
		time.Sleep(patience) // every press changes the message, and the network takes only so many
	}
}

// setUp joins and answers the questions of the beginning, the first person for both.
func (p *person) setUp(m telegramtest.Message) {
	for _, row := range m.Buttons {
		for _, b := range row {
			switch b.Label {
			case english("join.in"):
				if !strings.Contains(m.Text, p.name) {
					p.press(p.room, m.ID, b.Data)
					return
				}
			case english("ask.skip"), "London, United Kingdom", "✓ 20:00", "✓ English":
				if p.at == 0 {
					p.press(p.room, m.ID, b.Data)
					return
				}
			}
		}
	}
}

// evening answers, or plays with all that can be tapped before one has.
func (p *person) evening(m telegramtest.Message) {
	round, _, ok := board(m)
	if !ok {
		return
	}
	plan := p.plan(round)
	if plan == none || plan == alone && p.at == 1 {
		return
	}
	answers := plan != slow || p.at == 0 || p.finish.Load()
	switch n := strconv.Itoa(1 + p.rng.IntN(5)); p.rng.IntN(8) {
	case 0:
		p.tap(p.room, m, "load/"+n)
	case 1:
		p.tap(p.room, m, "close/"+n)
	case 2:
		p.tap(p.room, m, "keep")
	case 3:
		if p.wrote < round {
			p.write(m, round)
		}
	default:
		if answers {
			p.tap(p.room, m, "mood/"+n)
		}
	}
}

// write gives a line for tonight, once: the button, and then the words in the private chat.
func (p *person) write(m telegramtest.Message, round int) {
	if toast, ok := p.tap(p.room, m, "note"); ok && toast == english("checkin.note.open") {
		p.wrote = round
		p.say(p.id, p.words(round))
	}
}

// words are a line that nobody else ever writes.
func (p *person) words(round int) string { return fmt.Sprintf("%s %s %d", canary, p.name, round) }

// goes leaves: the first closes the space, then the second goes quietly.
func (p *person) goes() {
	if int64(p.at) != p.left.Load() {
		return
	}
	p.say(p.id, fmt.Sprintf("/leave %d", 2-p.at))
	for end := time.Now().Add(liveness); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if all := p.srv.Messages(p.id); len(all) > 0 && farewell(all[len(all)-1].Text) {
			p.past.Store(int64(len(p.srv.Messages(p.room))))
			p.left.Add(1)
			return
		}
	}
}

// tap presses a button of the evening that the message belongs to.
func (p *person) tap(chat int64, m telegramtest.Message, action string) (toast string, ok bool) {
	_, prefix, _ := board(m)
	return p.press(chat, m.ID, prefix+action)
}

// press presses a button and waits a little for the tick.
func (p *person) press(chat int64, message, data string) (toast string, ok bool) {
	l := p.send(chat, message, data)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if toast, ok := p.srv.Toast(l.query); ok {
			return toast, true
		}
	}
	return "", false
}

// send presses a button, and does not wait.
func (p *person) send(chat int64, message, data string) *line {
	l := &line{what: pressed, who: p.id, chat: chat, data: data}
	p.w.did(l, func() { l.query = p.srv.Press(p.id, chat, message, data) })
	return l
}

func (p *person) say(chat int64, text string) {
	p.w.did(&line{what: said, who: p.id, chat: chat, text: text}, func() { p.srv.Say(p.id, chat, text) })
}
