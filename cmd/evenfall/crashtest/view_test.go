//go:build crash

package crashtest

import (
	"fmt"
	"slices"

	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
)

// view is what a room shows of what goes on at the moment. After a kill there may be two
// copies of a message, of which the program edits one; people look at both.
type view []telegramtest.Message

func (c *couple) view() (v view) {
	last := 0
	for _, m := range c.people[0].srv.Messages(c.room)[c.past.Load():] {
		round, over := c.roundOf(m)
		switch {
		case m.Text == english("leave.close.line"):
			v, last = nil, 0
		case over && round == 0:
			v, last = view{m}, max(last, 1)
		case len(m.Buttons) == 0 && !over || round < last:
		case round > last:
			v, last = view{m}, round
		default:
			v = append(v, m)
		}
	}
	return v
}

// roundOf is the evening of a message, and whether it is over. A closed evening does not
// say which it is: people remember.
func (c *couple) roundOf(m telegramtest.Message) (round int, over bool) {
	if round, _, ok := board(m); ok {
		c.seen.Store(m.ID, round)
		return round, false
	}
	if m.Title != english("checkin.closed.title") {
		return 0, false
	}
	seen, _ := c.seen.Load(m.ID)
	round, _ = seen.(int)
	return round, true
}

func (v view) has(title string) bool {
	return slices.ContainsFunc(v, func(m telegramtest.Message) bool { return m.Title == english(title) })
}

// round is the evening that is shown, or 0.
func (v view) round() (n int) {
	for _, m := range v {
		round, _, _ := board(m)
		n = max(n, round)
	}
	return n
}

// farewell is what somebody is told who is out. When the program is killed on the way, all
// that it still knows may be that there is nobody of that name.
func farewell(text string) bool {
	return text == english("leave.close.done") || text == english("leave.last") || text == english("leave.nothing")
}

// board is the evening that a message's buttons belong to, and how their payloads begin.
func board(m telegramtest.Message) (round int, prefix string, ok bool) {
	for _, row := range m.Buttons {
		for _, b := range row {
			if a, good := bot.ParseAction(b.Data); good && a.Flow == "checkin" {
				return a.Round, fmt.Sprintf("checkin/%d/", a.Round), true
			}
		}
	}
	return 0, "", false
}
