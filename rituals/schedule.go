package rituals

import (
	"slices"
	"time"
)

// Unit is what a Schedule counts in.
type Unit string

// The units. The zero Unit is Once.
const (
	Once    Unit = ""
	Weekly  Unit = "week"
	Monthly Unit = "month"
	Yearly  Unit = "year"
)

// Schedule says on which dates something is, and from when to when. It is held in wall-clock
// time: where a date begins is found out by Resolve, in whatever zone the couple lives then, so
// that eight in the evening stays eight in the evening.
type Schedule struct {
	Unit   Unit       `json:"unit,omitempty"`
	Every  int        `json:"every,omitempty"`  // so many weeks or months apart, from Start on; 0 = 1
	Days   Weekdays   `json:"days,omitempty"`   // Weekly: these days; Monthly with Nth: this one
	Nth    int        `json:"nth,omitempty"`    // Monthly: the first (1) to fourth of Days, or the last (-1); 0 = by Day
	Day    int        `json:"day,omitempty"`    // Monthly and Yearly: 1 to 31; in a shorter month its last day
	Month  time.Month `json:"month,omitempty"`  // Yearly
	Start  Date       `json:"start,omitempty"`  // Once: the date; else the first date that may be one
	End    Date       `json:"end,omitempty"`    // the last that may be one; 0 = there is none
	At     Clock      `json:"at,omitempty"`     // when it begins
	To     Clock      `json:"to,omitempty"`     // when it ends, past 24:00 on the next day; 0 = it is a moment
	Except []Date     `json:"except,omitempty"` // not on these
}

// farthest is how many days ahead the next date is looked for: nothing is more than a year apart,
// but a date now and then may be left out.
const farthest = 4 * 366

// On reports whether d is one of the dates.
func (s Schedule) On(d Date) bool {
	if d < s.Start || s.End != 0 && d > s.End || slices.Contains(s.Except, d) {
		return false
	}
	every := max(s.Every, 1)
	switch day := d.wall(0); s.Unit {
	case Weekly:
		return s.Days.Has(day.Weekday()) && (d.monday()-s.Start.monday())/7%Date(every) == 0
	case Monthly:
		return s.inMonth(d) && (months(d)-months(s.Start))%every == 0
	case Yearly:
		return day.Month() == s.Month && s.inMonth(d)
	}
	return d == s.Start
}

// inMonth reports whether d is the day of its month that is meant.
func (s Schedule) inMonth(d Date) bool {
	day, last := d.wall(0).Day(), lastDay(d)
	switch {
	case s.Nth < 0:
		return s.Days.Has(d.Weekday()) && day > last-7
	case s.Nth > 0:
		return s.Days.Has(d.Weekday()) && (day+6)/7 == s.Nth
	}
	return day == min(s.Day, last)
}

// Next is the first date after the given one. There is none after the last.
func (s Schedule) Next(after Date) (Date, bool) {
	first := max(after+1, s.Start)
	for d := first; d < first+farthest && (s.End == 0 || d <= s.End); d++ {
		if s.On(d) {
			return d, true
		}
	}
	return 0, false
}

// Begins is when it begins on a date, in loc.
func (s Schedule) Begins(d Date, loc *time.Location) time.Time { return Resolve(d, s.At, loc) }

// Ends is when it ends that began on a date: not before it begins, whatever the clocks do. What has
// no length ends as it begins.
func (s Schedule) Ends(d Date, loc *time.Location) time.Time {
	if s.To == 0 {
		return s.Begins(d, loc)
	}
	return Resolve(d+Date(s.To/(24*60)), s.To%(24*60), loc)
}

// Holds reports whether at, in its own location, is within it: from its beginning on, and no
// longer at its end. What has no length never holds.
func (s Schedule) Holds(at time.Time) bool {
	for d := DateOf(at) - 2; d <= DateOf(at)+1; d++ { // a day may be left out, or come twice
		if s.On(d) && !at.Before(s.Begins(d, at.Location())) && at.Before(s.Ends(d, at.Location())) {
			return true
		}
	}
	return false
}

// monday is the first day of d's week.
func (d Date) monday() Date { return d - Date((d.Weekday()+6)%7) }

// months counts the months since the year 0.
func months(d Date) int {
	day := d.wall(0)
	return day.Year()*12 + int(day.Month()) - 1
}

// lastDay is the number of the last day of d's month.
func lastDay(d Date) int {
	day := d.wall(0)
	return time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
