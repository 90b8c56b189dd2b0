package rituals

import "time"

// slack is more than any zone was ever away from UTC.
const slack = 26 * time.Hour

// Resolve is the first instant at which the wall clock in loc shows c on d, or
// anything later. So a time that a clock change leaves out is the first instant after
// the gap, even when the gap is a whole day; a time that comes twice is its first
// coming; and a later wall time never comes before an earlier one. The result is in loc.
//
// time.Date promises none of this: it lands before some gaps and after others.
func Resolve(d Date, c Clock, loc *time.Location) time.Time {
	wall := d.wall(c)
	at := wall.Add(-slack).In(loc) // no zone shows c on d as early as this
	for {
		_, offset := at.Zone()
		due := wall.Add(-time.Duration(offset) * time.Second)
		if due.Before(at) {
			return at // the clocks jumped over it just now
		}
		_, end := at.ZoneBounds()
		if end.IsZero() || due.Before(end) {
			return due.In(loc)
		}
		at = end
	}
}

// NextEvening is the first date after the given one whose weekday is not free.
// When all seven are free there is none.
func NextEvening(after Date, free Weekdays) (Date, bool) {
	for d := after + 1; d <= after+7; d++ {
		if !free.Has(d.Weekday()) {
			return d, true
		}
	}
	return 0, false
}
