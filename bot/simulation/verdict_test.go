package simulation

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"evenfall/bot"
)

// verdict is what the judge found.
type verdict struct {
	wrong   []string
	judged  int // evenings
	unclear int // of these, such as could be marked in more than one way
	seen    map[string]int
}

// enough reports whether there is no sense in going on.
func (v *verdict) enough() bool { return len(v.wrong) > 0 }

// wrong is a violation of one of the eight. The mutex is held.
func (c *couple) wrong(number int, format string, args ...any) {
	if len(c.verdict.wrong) > 5 {
		return
	}
	from, to := c.wall().Add(-72*time.Hour), c.wall()
	if c.about != 0 { // an evening that is reviewed
		from = time.Unix(int64(c.about-1)*86400, 0)
		to = from.Add(96 * time.Hour)
	}
	var log strings.Builder
	for _, l := range slices.SortedStableFunc(slices.Values(slices.Concat(c.lines, c.happened)), func(a, b happening) int { return a.at.Compare(b.at) }) {
		if l.at.After(from) && !l.at.After(to) {
			fmt.Fprintln(&log, "   ", l)
		}
	}
	c.verdict.wrong = append(c.verdict.wrong, fmt.Sprintf("couple %d, %s: (%d) %s\n%s",
		c.number, c.wall().Format("2006-01-02 15:04:05"), number, fmt.Sprintf(format, args...), log.String()))
}

// leaks is the log of the house, in which nobody's words may stand.
type leaks struct {
	mu  sync.Mutex
	bad []string
}

func (l *leaks) Write(line []byte) (int, error) {
	if canaries.Match(line) {
		l.mu.Lock()
		l.bad = append(l.bad, string(line))
		l.mu.Unlock()
	}
	return len(line), nil
}

// note is for what happens to all. The mutex is held.
func (w *world) note(format string, args ...any) {
	if len(args) > 0 {
		if ch, ok := args[0].(*chat); ok {
			ch.couple.note(format, args...)
			return
		}
	}
	w.happened = w.remember(w.happened, format, args)
}

func (ch *chat) String() string { return ch.Network + "/" + ch.ID }

// sketch is a letter as the log remembers it.
type sketch struct {
	edit, flow, slot, title, text string
	round                         int
}

func sketched(l bot.Letter) sketch {
	return sketch{l.Edit, l.Flow, l.Slot, l.Page.Title, l.Page.Text, l.Round}
}

func (s sketch) String() string {
	what := " new "
	if s.edit != "" {
		what = " edit " + s.edit + " "
	}
	return fmt.Sprintf("%s%s/%d/%s %q %q", what, s.flow, s.round, s.slot, s.title, s.text)
}
