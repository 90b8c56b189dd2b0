package simulation

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"evenfall/bot"
)

// records are what is known of a couple from outside.
type records struct {
	evenings map[int]*evening
	charts   []chart
	changing []down    // when somebody was about to change something, until it was known whether
	called   time.Time // when somebody last asked for the evening
	crowd    bool      // the house certainly knows that there is a third person in the room
	leaves   []leave
	blocks   []time.Time // when somebody without a room blocked the bot; nobody knows when it hears that they are back
	judged   int         // the last date that was judged
	about    int         // the date that is being judged; 0 = none
	streak   story
	lines    []happening
}

// chart is the couple as it was from some time on.
type chart struct {
	from   time.Time
	couple bot.Couple
}

// leave is when somebody left, or erased what they had said.
type leave struct {
	who  int
	date int
}

func newRecords() records { return records{evenings: map[int]*evening{}} }

// evening is what was seen of an evening.
type evening struct {
	date      int
	seen      time.Time // its first message arrived; zero = none did
	requested bool      // somebody had asked for it
	wanted    bool      // somebody asked for it, or for the one before or after
	troubled  bool      // its message had a hard time getting through
	boards    map[*chat]int
	nudges    map[*chat]int
	answers   [2][]*answered
	shown     int  // the streak as told at the reveal; 0 = it was not
	paired    bool // both have answered, as far as the house knows
}

// trouble notes that the message of an evening has a hard time. The mutex is held.
func (w *world) trouble(ch *chat, l bot.Letter) {
	if date, verb := subject(l.Page); verb == "mood" {
		ch.couple.evening(date).troubled = true
	}
}

// answered is something that somebody did about an evening.
type answered struct {
	kind, value string
	begun       bool // the house has it
	toast       string
	ticked      bool // the network got an answer to the first try
	at          time.Time
	order       int
}

// evening is the couple's evening of a date.
func (c *couple) evening(date int) *evening {
	e := c.evenings[date]
	if e == nil {
		e = &evening{date: date, boards: map[*chat]int{}, nudges: map[*chat]int{}}
		c.evenings[date] = e
	}
	return e
}

// watch follows an answer on its way.
func (e *evening) watch(p *person, ev *event, a *answered) {
	e.answers[p.who] = append(e.answers[p.who], a)
	ev.begun = func() {
		a.begun = true
		if !e.paired && e.both(false) {
			e.paired = true
			delete(p.rings, p.room)
			delete(p.rings, p.people[0].nook)
			delete(p.rings, p.people[1].nook)
		}
	}
	ev.heard = func(toast string, sure bool) {
		a.toast, a.at, a.order = toast, p.wall(), p.count
		a.ticked = sure && strings.HasPrefix(toast, kept)
	}
}

// kept begins every toast that promises something.
const kept = "Kept"

// of are a person's answers of a kind that the house has; sure only those that were ticked.
func (e *evening) of(who int, kind string, sure bool) (all []*answered) {
	for _, a := range e.answers[who] {
		if a.kind == kind && (a.ticked || !sure && a.begun && !a.refused()) {
			all = append(all, a)
		}
	}
	return all
}

// refused reports whether the answer was certainly not taken.
func (a *answered) refused() bool { return a.toast != "" && !strings.HasPrefix(a.toast, kept) }

// both reports whether both have answered, surely or perhaps.
func (e *evening) both(sure bool) bool {
	return len(e.of(0, "mood", sure)) > 0 && len(e.of(1, "mood", sure)) > 0
}

// keeps reports whether a mood must certainly not be shown.
func (e *evening) keeps() bool {
	for who := range e.answers {
		var all []*answered
		for _, a := range e.answers[who] {
			if a.kind == "keep" && a.begun {
				all = append(all, a)
			}
		}
		if len(all) == 1 && strings.HasPrefix(all[0].toast, "Your mood stays") {
			return true
		}
	}
	return false
}

// subject is the evening that a page's buttons are about, and the first thing they do.
func subject(p bot.Page) (date int, verb string) {
	for _, row := range p.Buttons {
		for _, key := range row {
			if rest, ok := strings.CutPrefix(key.Payload, "checkin/"); ok {
				day, verb, _ := strings.Cut(rest, "/")
				verb, _, _ = strings.Cut(verb, "/")
				date, _ = strconv.Atoi(day)
				return date, verb
			}
		}
	}
	return 0, ""
}

// canary are words that exist once in the world.
func canary(couple, who, date int) string { return fmt.Sprintf("zq%dx%dx%d", couple, who, date) }

var canaries = regexp.MustCompile(`zq(\d+)x(\d+)x(\d+)`)

// chartAt is the couple as it was known at a time, and whether nothing changed, or might have, around it.
func (c *couple) chartAt(from, to time.Time) (now chart, steady bool) {
	steady = true
	for _, ch := range c.charts {
		if !ch.from.After(from) {
			now = ch
		} else if ch.from.Before(to) {
			steady = false
		}
	}
	for _, d := range c.changing {
		if d.from.Before(to) && (d.to.IsZero() || d.to.After(from)) {
			steady = false
		}
	}
	return now, steady
}

// due is when an evening begins, by a chart.
func (ch chart) due(date int) time.Time {
	return ch.at(date, int(ch.couple.Evening))
}

func (ch chart) at(date, minute int) time.Time {
	loc, err := time.LoadLocation(ch.couple.Zone)
	if err != nil {
		panic(err)
	}
	return time.Date(1970, 1, 1+date, minute/60, minute%60, 0, 0, loc)
}

// day is the date of an instant in UTC.
func day(t time.Time) int { return int(t.Unix() / 86400) }

// happening is a line of the log, put into words only when somebody reads it.
type happening struct {
	at     time.Time
	format string
	args   []any
}

func (c *couple) note(format string, args ...any) { c.lines = c.remember(c.lines, format, args) }

// remember adds a line, and forgets the oldest ones: a world of many couples remembers less of each.
func (w *world) remember(lines []happening, format string, args []any) []happening {
	keep := max(40, min(400, 100_000/w.size.couples))
	if len(lines) >= 2*keep {
		lines = append(lines[:0], lines[keep:]...)
	}
	return append(lines, happening{w.wall(), format, args})
}

func (l happening) String() string {
	return l.at.Format("2006-01-02 15:04:05 ") + fmt.Sprintf(l.format, l.args...)
}
