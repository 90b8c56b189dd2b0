package simulation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// unsettled is how many days back evenings are not yet judged: something may be late.
const unsettled = 6

// review asks the store about the last days of everybody, and judges them.
func (w *world) review() {
	h := w.house
	if h == nil || h.dead.Load() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.in(time.Hour, w.review)
		return
	}
	for _, c := range w.couples {
		c.review(h.store, day(w.now())-unsettled)
	}
}

// review judges a couple's evenings up to a date.
func (c *couple) review(store bot.Store, until int) {
	rec, err := store.Load(context.Background(), c.id, "checkin", bot.Want{Days: true, Entries: []string{"mood", "note"}, Since: rituals.Date(c.judged)})
	if err != nil && !errors.Is(err, bot.ErrNone) {
		c.Fatal(err)
	}
	marks := map[int]int{}
	for _, d := range rec.Days {
		marks[int(d.Date)] = int(d.Mark)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.judged++; c.judged <= until; c.judged++ {
		c.settle(c.judged, marks, rec.Entries)
		delete(c.evenings, c.judged-10)
	}
	c.judged--
	c.letters = map[int64]*traced{}
}

// settle judges one evening. The mutex is held.
func (c *couple) settle(date int, marks map[int]int, entries []bot.Entry) {
	c.about = date
	defer func() { c.about = 0 }()
	mark, ok := marks[date]
	if !ok {
		mark = unmarked
	}
	e := c.evening(date)
	right, why := c.marks(e)
	c.verdict.judged++
	if len(right) > 1 {
		c.verdict.unclear++
		c.verdict.seen["unclear, for "+why]++
	}
	if !strings.Contains(right, string(markNames[mark])) {
		number := 6
		if e.both(true) {
			number = 1
		}
		c.wrong(number, "%s is marked %c, right is one of %s", rituals.Date(date), markNames[mark], right)
	}
	c.rows(e, entries)
	c.streak.tell(date, mark)
	if mark == together && e.shown != 0 && e.shown != c.streak.row {
		c.wrong(6, "the streak of %s was told as %d, and is %d", rituals.Date(date), e.shown, c.streak.row)
	}
	c.verdict.seen[fmt.Sprintf("marked %c for sure", right[0])] += map[bool]int{true: 1}[len(right) == 1]
}

// markNames are n(eutral), t(ogether), m(issed) and - for none.
const markNames = "ntm-"

// marks are the marks that an evening may have, as far as anybody outside can know, and
// why there is more than one.
func (c *couple) marks(e *evening) (right, why string) {
	noon := time.Unix(int64(e.date)*86400+43200, 0)
	now, steady := c.chartAt(noon.Add(-36*time.Hour), noon.Add(34*time.Hour))
	if e.both(true) && steady {
		return "t", ""
	}
	if e.both(false) {
		right = "t"
	}
	switch {
	case !steady:
		return right + "n-m", "somebody changed something"
	case c.over || now.couple.Seated() != bot.Both:
		return right + "n-m", "one is alone"
	case c.jumped(noon):
		return right + "n-m", "the clock was set"
	}
	due, until := now.due(e.date), now.at(e.date+1, 12*60)
	rests := resting(now.couple, e.date)
	if e.seen.IsZero() {
		switch {
		case now.couple.Free.Has(noon.Weekday()) && e.wanted:
			return right + "n-m", "somebody asked for it on a free day"
		case now.couple.Free.Has(noon.Weekday()):
			return right + "-", "a free day"
		case e.troubled || !c.reachable(noon):
			return right + "n-m", "its message never came"
		case !c.clean(due):
			return right + "n-", "the house was away when it was due"
		case rests || right != "":
			return right + "n", "a doubtful tick"
		}
		return "?", "" // it was never asked
	}
	switch sure, maybe := c.outage(e, due, until); {
	case rests || sure:
		return right + "n", "a doubtful tick"
	case maybe:
		return right + "nm", "the house was away around its beginning or end"
	case e.troubled || c.died(e.seen):
		return right + "nm", "its message may never have come"
	}
	return right + "m", "a doubtful tick"
}

// resting reports whether nobody is asked on a date.
func resting(c bot.Couple, date int) bool {
	return int(c.Rest) > date || int(c.Partners[0].Rest) > date || int(c.Partners[1].Rest) > date
}

// reachable reports whether the house could write to the two on a day.
func (c *couple) reachable(noon time.Time) bool {
	return c.room != nil || !slices.ContainsFunc(c.blocks, func(at time.Time) bool { return at.Before(noon.Add(34 * time.Hour)) })
}

// clean reports whether nothing stood in the way of a prompt that was due.
func (w *world) clean(due time.Time) bool {
	for _, d := range append(w.spans, w.outages...) {
		if d.from.Before(due.Add(50*time.Minute)) && (d.to.IsZero() || d.to.After(due.Add(-10*time.Minute))) {
			return false
		}
	}
	return true
}

// outage reports whether the house was away while the evening was open, surely or perhaps.
func (w *world) outage(e *evening, due, until time.Time) (sure, maybe bool) {
	if e.seen.Before(due) {
		due = e.seen // somebody asked for it before its time
	}
	for _, d := range w.spans {
		to := d.to
		if to.IsZero() {
			to = w.wall()
		}
		if d.from.After(until.Add(10*time.Minute)) || to.Before(due.Add(-10*time.Minute)) || to.Sub(d.from) < 110*time.Second {
			continue
		}
		maybe = true
		sure = sure || !d.from.Before(e.seen) && d.from.Before(until.Add(-2*time.Minute)) && to.Sub(d.from) > 3*time.Minute
	}
	return sure, maybe
}

// rows: every tick has its row, with the last answer, and no row comes from nowhere.
func (c *couple) rows(e *evening, entries []bot.Entry) {
	for who := range c.people {
		kept := map[string]bot.Entry{}
		for _, entry := range entries {
			if int(entry.Date) == e.date && entry.Who.Index() == who {
				kept[entry.Kind] = entry
			}
		}
		mood, ok := kept["mood"]
		all, ticked := e.of(who, "mood", false), e.of(who, "mood", true)
		if ok && !answers(all, mood.Value) {
			c.wrong(2, "a mood %s of %s that nobody tapped", mood.Value, c.people[who].name)
		}
		if ok && mood.Shared && !e.both(false) {
			c.wrong(4, "a mood counts as shown, and was not")
		}
		if len(ticked) == 0 || c.parted(e.date) {
			continue
		}
		last := slices.MaxFunc(ticked, func(a, b *answered) int { return a.order - b.order })
		unsure := len(all) > len(ticked)
		if !ok || mood.Value != last.value && !unsure {
			c.wrong(1, "%s was ticked %s on %s, and there is %v", c.people[who].name, last.value, rituals.Date(e.date), kept)
		}
		c.verdict.seen["a tick with its row"]++
		for _, note := range e.of(who, "note", true) {
			if kept["note"].Value != note.value {
				c.wrong(1, "a note of %s was ticked on %s, and there is %v", c.people[who].name, rituals.Date(e.date), kept)
			}
			c.verdict.seen["a note with its row"]++
		}
	}
}

// parted reports whether somebody left after an evening, or on it: then answers are erased.
func (c *couple) parted(date int) bool {
	for _, l := range c.leaves {
		if l.date >= date-1 {
			return true
		}
	}
	return false
}

// last judges what is left in the end.
func (w *world) last() {
	h := w.house
	w.review()
	h.lived()
	h.end()
	file := w.look()
	defer file.Close()
	for what, query := range map[string]string{
		"letters wait":         `SELECT count(*) FROM letter`,
		"alarms are overdue":   fmt.Sprintf(`SELECT count(*) FROM state WHERE wake < %d`, w.now().Add(-time.Hour).Unix()),
		"evenings never close": fmt.Sprintf(`SELECT count(*) FROM state WHERE flow = 'checkin' AND open <> 0 AND wake < %d`, w.now().Unix()),
	} {
		var n int
		if err := file.QueryRow(query).Scan(&n); err != nil {
			w.Fatal(err)
		}
		if n > 0 {
			w.verdict.wrong = append(w.verdict.wrong, fmt.Sprintf("(8) %d %s", n, what))
		}
	}
	for _, line := range w.log.bad {
		w.verdict.wrong = append(w.verdict.wrong, "(7) in the log: "+line)
	}
	for _, ch := range w.places {
		if len(ch.inbox) > 0 || ch.expects != "" {
			w.verdict.wrong = append(w.verdict.wrong, fmt.Sprintf("(8) %s waits for the house", ch))
		}
	}
}
