package simulation

import (
	"strconv"
	"strings"

	"evenfall/bot"
	"evenfall/rituals"
)

// words are somebody's own, sealed until both have answered, and never elsewhere.
func (c *couple) words(ch *chat, text string, begun int) {
	for _, found := range canaries.FindAllStringSubmatch(text, -1) {
		couple, _ := strconv.Atoi(found[1])
		date, _ := strconv.Atoi(found[3])
		e := c.evening(date)
		switch {
		case couple != c.number:
			c.wrong(7, "words of couple %d", couple)
		case !e.both(false):
			c.wrong(4, "a note of an evening that not both have answered: %q", text)
		case e.keeps():
			c.wrong(4, "a note of an evening that is kept: %q", text)
		case c.people[found[2][0]-'0'].erased(e, "note", begun):
			c.wrong(5, "a note that was erased: %q", text)
		case ch.owner == nil && c.crowd:
			c.wrong(7, "a note before a third person: %q", text)
		}
		c.verdict.seen["a note"]++
	}
}

// erased reports whether all that a person said of a kind about an evening was certainly erased
// when so much had happened.
func (p *person) erased(e *evening, kind string, begun int) bool {
	said := 0
	for _, a := range e.answers[p.who] {
		if a.kind != kind || !a.begun {
			continue
		}
		if said++; a.order == 0 || a.order > p.clean {
			return false
		}
	}
	return p.clean > 0 && begun >= p.clean && said > 0
}

// copied is a copy to take along: for one alone, with their own words and those that were shown to them.
func (c *couple) copied(ch *chat, f *bot.File) {
	c.verdict.seen["a copy"]++
	if ch.owner == nil {
		c.wrong(7, "a copy for the room")
		return
	}
	for _, found := range canaries.FindAllStringSubmatch(string(f.Data), -1) {
		couple, _ := strconv.Atoi(found[1])
		date, _ := strconv.Atoi(found[3])
		e, ok := c.evenings[date]
		switch theirs := int(found[2][0]-'0') != ch.owner.who; {
		case couple != c.number:
			c.wrong(7, "words of couple %d", couple)
		case theirs && ok && (!e.both(false) || e.keeps()):
			c.wrong(4, "a copy tells what was not shown on %s", rituals.Date(date))
		}
	}
}

func answers(all []*answered, value string) bool {
	for _, a := range all {
		if a.value == value {
			return true
		}
	}
	return false
}

// toast is seen by its person alone, and has no words of the other in it. The mutex is held.
func (w *world) toast(e *event, toast string) {
	for _, found := range canaries.FindAllString(toast, -1) {
		if !strings.Contains(e.Text, found) {
			w.chats[e.Chat].couple.wrong(7, "a toast tells %q", toast)
		}
	}
}
