package simulation

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"evenfall/bot"
)

// judge looks at a letter that arrives in a chat, new or as an edit. It was on its way
// when so much had happened. The mutex is held.
func (w *world) judge(ch *chat, l bot.Letter, begun int) {
	c := ch.couple
	date, verb := subject(l.Page)
	text := l.Page.Title + "\n" + l.Page.Text
	c.copies(ch, l)
	c.left(ch, l, begun)
	if strings.Contains(text, "zq") {
		c.words(ch, text, begun)
	}
	if l.Page.File != nil {
		c.copied(ch, l.Page.File)
	}
	if l.Page.Text == w.say("forget.mine.done") {
		ch.owner.erases()
		ch.owner.clean = w.count
		w.verdict.seen["all of somebody erased"]++
	}
	switch {
	case verb == "mood":
		c.board(ch, l, date)
	case verb == "heart":
		c.reveal(ch, l, date, begun)
	case l.Page.Title == w.say("checkin.closed.title") && l.Page.Text != w.say("checkin.closed.text"):
		c.wrong(4, "a closed evening says more than that: %q", text)
	}
	if l.Page.Text == w.say("checkin.ring") && l.Edit == "" {
		if c.rings[ch]++; c.rings[ch] > 1 {
			c.wrong(3, "it rings twice")
		}
	}
	if ch.expects != "" && strings.HasPrefix(l.Page.Title, w.say("streak.title")) {
		if !strings.HasPrefix(l.Page.Text, ch.expects) {
			c.wrong(6, "the streak is told as\n%s\nand it is\n%s", l.Page.Text, ch.expects)
		}
		ch.expects = ""
		w.verdict.seen["a streak at the end"]++
	}
}

// say is what the house says for a key.
func (w *world) say(key string) string {
	if said, ok := w.said[key]; ok {
		return said
	}
	said := w.words.Say("en", key, nil)
	w.said[key] = said
	return said
}

// copies: one, or two of a prompt when nobody could know about the first.
func (c *couple) copies(ch *chat, l bot.Letter) {
	if l.Edit != "" || l.ID == 0 {
		return
	}
	t := c.trace(l.ID)
	if t.copies > 0 && c.died(t.at) {
		t.doubts++
		c.trouble(ch, l)
	}
	t.copies, t.at = t.copies+1, c.wall()
	most := min(2, 1+t.doubts)
	if once := l.Page.Text == c.say("checkin.ring") || l.Page.Title == c.say("checkin.nudge.title") && l.Class == bot.Nudge; once {
		most = 1
	}
	if t.copies > most {
		c.wrong(3, "%d copies of one message after %d doubts: %q", t.copies, t.doubts, l.Page.Text)
	}
}

// left: nothing is said to somebody who has left but goodbye, and nothing more of them.
func (c *couple) left(ch *chat, l bot.Letter, begun int) {
	for _, p := range c.people {
		if p.left == 0 || begun < p.left {
			continue
		}
		bye := l.Page.Text == c.say("leave.quiet.done") || l.Page.Text == c.say("leave.close.done") ||
			l.Page.Text == c.say("leave.last") || l.Page.Text == c.say("leave.nothing")
		_, verb := subject(l.Page)
		stranger := l.Page.Title == c.say("join.notice.title") || l.Page.Text == c.say("guest") ||
			l.ID == 0 && verb == "" // who still writes or taps, or did so long ago, is answered
		if ch == p.nook && !bye && !stranger {
			c.wrong(5, "%s has left, and is told %q", p.name, l.Page.Text)
		}
		if verb == "heart" {
			c.wrong(5, "%s has left, and is shown: %q", p.name, l.Page.Text)
		}
	}
	if _, verb := subject(l.Page); c.over && verb != "" {
		c.wrong(5, "it is closed, and goes on: %q", l.Page.Text)
	}
}

// board is an open evening. It says how many have answered, and nothing else.
func (c *couple) board(ch *chat, l bot.Letter, date int) {
	e := c.evening(date)
	rest, ok := strings.CutPrefix(l.Page.Text, c.say("checkin.questions"))
	rest = strings.TrimSuffix(rest, "\n"+c.say("checkin.away"))
	one := len(e.of(0, "mood", false))+len(e.of(1, "mood", false)) > 0
	if !ok || rest != "" && rest != "\n○○" && (rest != "\n●○" || !one) {
		c.wrong(4, "an open evening says %q", l.Page.Text)
	}
	if l.Edit != "" {
		return
	}
	now := c.wall()
	e.requested = e.requested || now.Sub(c.called).Abs() < 24*time.Hour
	if nudge := l.Page.Title == c.say("checkin.nudge.title"); nudge {
		c.nudge(ch, e)
		return
	}
	if e.seen.IsZero() {
		e.seen = now
	}
	if one {
		c.verdict.seen["an open evening shown again after a tap, for its message never came"]++
		return
	}
	e.boards[ch]++
	if e.requested {
		return
	}
	if most := c.most(e); e.boards[ch] > most {
		c.wrong(3, "%d prompts for %d", e.boards[ch], date)
	}
	chart, steady := c.chartAt(now.Add(-72*time.Hour), now)
	if late := now.Sub(chart.due(date)); steady && !c.jumped(now) && (late < 0 || late > 46*time.Minute) {
		c.wrong(3, "a prompt %s after its time", late)
	}
}

// most is how often a prompt may come.
func (c *couple) most(e *evening) int {
	if e.troubled {
		return 2
	}
	return 1
}

// nudge comes once, to somebody who has not answered.
func (c *couple) nudge(ch *chat, e *evening) {
	c.verdict.seen["a nudge"]++
	if e.requested {
		return
	}
	if e.nudges[ch]++; e.nudges[ch] > 1 {
		c.wrong(3, "%d nudges", e.nudges[ch])
	}
	chart, steady := c.chartAt(c.wall().Add(-72*time.Hour), c.wall())
	for _, a := range e.of(ch.owner.who, "mood", true) {
		if steady && !c.jumped(c.wall()) && a.at.Before(chart.due(e.date).Add(89*time.Minute)) { // later it may have been on its way
			c.wrong(3, "a nudge for somebody who has answered")
		}
	}
}

var (
	moodLine   = regexp.MustCompile(`(?m)^(\S+): (😞|😕|😐|🙂|😊) `)
	streakLine = regexp.MustCompile(`(?m)^🕯 (\d+) evenings? together$`)
	faces      = map[string]string{"😞": "1", "😕": "2", "😐": "3", "🙂": "4", "😊": "5"}
)

// reveal shows both, where only both can see it.
func (c *couple) reveal(ch *chat, l bot.Letter, date, begun int) {
	e := c.evening(date)
	if !e.both(false) {
		c.wrong(4, "a reveal before both have answered")
	}
	for _, line := range moodLine.FindAllStringSubmatch(l.Page.Text, -1) {
		if e.keeps() || ch.owner == nil && c.crowd {
			c.wrong(4, "moods that nobody is to see: %q", l.Page.Text)
		}
		for who, p := range c.people {
			if p.name == line[1] && !answers(e.of(who, "mood", false), faces[line[2]]) {
				c.wrong(2, "%s never tapped %s", p.name, line[2])
			}
			if p.name == line[1] && p.erased(e, "mood", begun) {
				c.wrong(5, "%s has erased what they said, and %s is shown", p.name, line[2])
			}
		}
		c.verdict.seen["a reveal"]++
	}
	if m := streakLine.FindStringSubmatch(l.Page.Text); m != nil {
		n, _ := strconv.Atoi(m[1])
		if e.shown != 0 && e.shown != n {
			c.wrong(6, "the streak of %d was %d and is %d", date, e.shown, n)
		}
		e.shown = n
	}
}

// jumped reports whether the clock was set around a time.
func (w *world) jumped(at time.Time) bool {
	for _, j := range w.jumps {
		if j.Sub(at).Abs() < 72*time.Hour {
			return true
		}
	}
	return false
}
