// Package rituals is the house's sense of time and its library: calendar
// arithmetic in local time, the streak, the one cron heartbeat, and the embedded
// content. Everything but the heartbeat is pure.
package rituals

import (
	"fmt"
	"time"
)

// Date is a calendar day without a clock or a zone, counted in days since
// 1970-01-01. Yesterday is d-1. The zero Date is 1970-01-01 and means "none"
// wherever a Date is optional.
type Date int32

// DateOf is the calendar day that t shows in its own location.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// ParseDate reads "2026-11-22".
func ParseDate(text string) (Date, error) {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		return 0, fmt.Errorf("rituals: %q is not a date like 2026-11-22", text)
	}
	return DateOf(t), nil
}

// wall is the day at the given minute, written as if UTC.
func (d Date) wall(c Clock) time.Time {
	return time.Unix(int64(d)*86400+int64(c)*60, 0).UTC()
}

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.wall(0).Weekday() }

// String is the ISO form, "2026-11-22".
func (d Date) String() string { return d.wall(0).Format(time.DateOnly) }

// Clock is a wall-clock time in minutes after midnight, 0 to 1439.
type Clock int16

// String is the 24-hour form, "20:00".
func (c Clock) String() string { return fmt.Sprintf("%02d:%02d", c/60, c%60) }

// Weekdays is a set of days of the week: bit n is time.Weekday(n).
type Weekdays uint8

// Has reports whether the set holds the day.
func (w Weekdays) Has(d time.Weekday) bool { return w>>d&1 == 1 }

// With is the set with the day's membership turned over.
func (w Weekdays) With(d time.Weekday) Weekdays { return w ^ 1<<d }

// Mark says what an evening counts for in the streak.
type Mark uint8

// The marks. A day without a mark counts as Neutral.
const (
	Neutral  Mark = iota // rest, pause, not scheduled, outage, unreachable: passed over
	Together             // both answered
	Missed               // scheduled, and not both answered
)

// Day is one evening's mark. A couple has at most one for each date.
type Day struct {
	Date Date
	Mark Mark
}
