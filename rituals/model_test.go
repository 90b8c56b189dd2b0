package rituals

import (
	"slices"
	"time"
)

// model lives a life through quarter of an hour by quarter of an hour, looking only at
// the clock on the wall, and tells its streak as a story of things: evenings on a string,
// candles in a drawer, ash. It shares no arithmetic with Resolve, NextEvening and Fold.
type model struct {
	*life
	done    string // the last date that was settled or asked for
	counted string // the last one that was not free
	next    string // the wall time that settles the next date
	prompts []*prompt
}

type prompt struct {
	evening, noon string // noon, on the wall, closes it
	at            time.Time
	answers       [2]int
	heard         int
	closed        bool
}

const minuteForm = "2006-01-02 15:04"

func (m *model) live() Streak {
	m.done = plus(m.begin.String(), -1)
	m.next = m.begin.String() + " " + m.plan(m.begin).clock.String()
	last := plus(m.begin.String(), m.days-1)
	end := m.begin.wall(0).AddDate(0, 0, m.days+20) // no outage is longer
	var where *time.Location
	var high string // the latest that the wall where they are has shown: it may go back for an hour
	for now := m.moves[0].at; now.Before(end); now = now.Add(quarter) {
		before := where
		for _, move := range m.moves {
			if !now.Before(move.at) {
				where = move.loc
			}
		}
		wall := now.In(where).Format(minuteForm)
		if high = max(high, wall); before != where {
			high = slices.Max(lately(now, where))
		}
		down := slices.ContainsFunc(m.outages, func(o [2]time.Time) bool { return !now.Before(o[0]) && now.Before(o[1]) })
		for !down && m.done < last && high >= m.next {
			m.ask(now, where)
		}
		for _, p := range m.prompts[max(0, len(m.prompts)-4):] {
			p.closed = p.closed || wall >= p.noon
			for _, delay := range p.answers {
				if delay >= 0 && !p.closed && now.Equal(p.at.Add(time.Duration(delay)*quarter)) {
					p.heard++
				}
			}
		}
	}
	return m.tell()
}

// ask settles the next date, now that the wall has come to its evening.
func (m *model) ask(now time.Time, where *time.Location) {
	evening, late := plus(m.done, 1), 0
	for ago, wall := range lately(now, where) {
		if wall >= m.next {
			late = ago
		}
	}
	day, _ := time.Parse(time.DateOnly, evening)
	m.done, m.next = evening, plus(evening, 1)+" "+m.plan(DateOf(day)+1).clock.String()
	if m.plan(DateOf(day)).free>>day.Weekday()&1 == 1 {
		return
	}
	if m.counted = evening; !m.resting(DateOf(day)) && late < 4 {
		nth := int(day.Sub(m.begin.wall(0)).Hours()) / 24
		m.prompts = append(m.prompts, &prompt{evening, plus(evening, 1) + " 12:00", now, m.answers[nth], 0, false})
	}
}

// lately is what the wall has shown in the last three hours, now first.
func lately(now time.Time, where *time.Location) (walls []string) {
	for ago := range 12 {
		walls = append(walls, now.Add(time.Duration(-ago)*quarter).In(where).Format(minuteForm))
	}
	return walls
}

func plus(evening string, days int) string {
	day, _ := time.Parse(time.DateOnly, evening)
	return day.AddDate(0, 0, days).Format(time.DateOnly)
}

func (m *model) tell() (s Streak) {
	var str, ash, both []string // the evenings of the streak; of the one that just ended; all together
	drawer, burned, wonder := []string{"first"}, 0, "0001-01-01"
	for _, p := range m.prompts {
		if p.heard == 2 {
			both = append(both, p.evening)
			if s.Rekindled = len(ash) > 0 && p.evening >= plus(wonder, 30); s.Rekindled {
				str, wonder = ash, p.evening
			}
			str, ash, s.Lit, burned = append(str, p.evening), nil, burned, 0
			if s.Earned = len(both)%7 == 0 && len(drawer) < 2; s.Earned {
				drawer = append(drawer, p.evening)
			}
		} else if len(drawer) > 0 {
			drawer, burned = drawer[1:], burned+1
		} else {
			str, ash = nil, str
		}
		s.Best = max(s.Best, len(str))
	}
	s.Now, s.Total, s.Candles = len(str), len(both), len(drawer)
	if len(ash) > 0 && plus(m.counted, 1) >= plus(wonder, 30) {
		s.Embers = len(ash)
	}
	return s
}
