package rituals

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestOn(t *testing.T) {
	for _, c := range []struct {
		name string
		s    Schedule
		want []string // the first three from 2027-01-01 on
	}{
		{"once", Schedule{Start: date(t, "2027-01-31")}, []string{"2027-01-31"}},
		{"weekdays", Schedule{Unit: Weekly, Days: everyDay &^ weekend}, []string{"2027-01-01", "2027-01-04", "2027-01-05"}},
		{"every other Friday", Schedule{Unit: Weekly, Every: 2, Days: 1 << 5, Start: date(t, "2027-01-05")}, []string{"2027-01-08", "2027-01-22", "2027-02-05"}},
		{"Sunday belongs to the week before Monday", Schedule{Unit: Weekly, Every: 2, Days: 1<<0 | 1<<1, Start: date(t, "2027-01-03")}, []string{"2027-01-03", "2027-01-11", "2027-01-17"}},
		{"the last Friday", Schedule{Unit: Monthly, Nth: -1, Days: 1 << 5}, []string{"2027-01-29", "2027-02-26", "2027-03-26"}},
		{"the first Monday of every third month", Schedule{Unit: Monthly, Every: 3, Nth: 1, Days: 1 << 1, Start: date(t, "2027-01-05")}, []string{"2027-04-05", "2027-07-05", "2027-10-04"}},
		{"the 31st", Schedule{Unit: Monthly, Day: 31}, []string{"2027-01-31", "2027-02-28", "2027-03-31"}},
		{"a birthday in a leap year", Schedule{Unit: Yearly, Month: 2, Day: 29}, []string{"2027-02-28", "2028-02-29", "2029-02-28"}},
		{"until an end", Schedule{Unit: Weekly, Days: everyDay, End: date(t, "2027-01-02")}, []string{"2027-01-01", "2027-01-02"}},
		{"but not then", Schedule{Unit: Weekly, Days: 1 << 5, Except: []Date{date(t, "2027-01-08")}}, []string{"2027-01-01", "2027-01-15", "2027-01-22"}},
		{"never", Schedule{Unit: Weekly}, nil},
	} {
		var got []string
		for d, ok := c.s.Next(date(t, "2026-12-31")); ok && len(got) < 3; d, ok = c.s.Next(d) {
			got = append(got, d.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// anySchedule is one that people may have made.
func anySchedule(t *rapid.T) Schedule {
	s := Schedule{
		Unit:  rapid.SampledFrom([]Unit{Once, Weekly, Monthly, Yearly}).Draw(t, "unit"),
		Days:  Weekdays(rapid.IntRange(1, 127).Draw(t, "days")),
		Day:   rapid.IntRange(1, 31).Draw(t, "day"),
		Month: time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
		Start: DateOf(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)) + Date(rapid.IntRange(0, 800).Draw(t, "start")),
		At:    Clock(rapid.IntRange(0, 1439).Draw(t, "at")),
	}
	switch s.Unit {
	case Weekly:
		s.Every = rapid.IntRange(0, 52).Draw(t, "every")
	case Monthly:
		s.Every = rapid.IntRange(0, 12).Draw(t, "every")
		if s.Nth = rapid.SampledFrom([]int{-1, 0, 1, 2, 3, 4}).Draw(t, "nth"); s.Nth != 0 {
			s.Days = 1 << rapid.IntRange(0, 6).Draw(t, "weekday")
		}
	}
	if rapid.Bool().Draw(t, "ends") {
		s.End = s.Start + Date(rapid.IntRange(0, 1000).Draw(t, "end"))
	}
	if rapid.Bool().Draw(t, "long") {
		s.To = s.At + Clock(rapid.IntRange(1, 1440).Draw(t, "to"))
	}
	for range rapid.IntRange(0, 3).Draw(t, "exceptions") {
		s.Except = append(s.Except, s.Start+Date(rapid.IntRange(0, 60).Draw(t, "except")))
	}
	return s
}

// enumerated lists the dates of six years the way a wall calendar is filled in: week by week,
// month by month, year by year. It shares nothing with Schedule but its fields.
func enumerated(s Schedule) (dates []Date) {
	start := time.Unix(int64(s.Start)*86400, 0).UTC()
	end := start.AddDate(6, 0, 0)
	put := func(t time.Time) {
		d := DateOf(t)
		if !t.Before(start) && t.Before(end) && (s.End == 0 || d <= s.End) && !slices.Contains(s.Except, d) {
			dates = append(dates, d)
		}
	}
	every := s.Every
	if every == 0 {
		every = 1
	}
	switch s.Unit {
	case Once:
		put(start)
	case Weekly:
		week := start
		for week.Weekday() != time.Monday {
			week = week.AddDate(0, 0, -1)
		}
		for ; week.Before(end); week = week.AddDate(0, 0, 7*every) {
			for i := range 7 {
				if day := week.AddDate(0, 0, i); s.Days.Has(day.Weekday()) {
					put(day)
				}
			}
		}
	case Monthly:
		for m := time.Date(start.Year(), start.Month(), 1, 0, 0, 0, 0, time.UTC); m.Before(end); m = m.AddDate(0, every, 0) {
			put(dayOf(s, m))
		}
	case Yearly:
		for y := start.Year(); y <= end.Year(); y++ {
			put(dayOf(s, time.Date(y, s.Month, 1, 0, 0, 0, 0, time.UTC)))
		}
	}
	return dates
}

// dayOf is the day of a month that is meant; first is the month's first day.
func dayOf(s Schedule, first time.Time) time.Time {
	var fit []time.Time
	for day := first; day.Month() == first.Month(); day = day.AddDate(0, 0, 1) {
		if s.Unit == Monthly && s.Nth != 0 && !s.Days.Has(day.Weekday()) || (s.Unit != Monthly || s.Nth == 0) && day.Day() > s.Day {
			continue
		}
		fit = append(fit, day)
	}
	if s.Unit == Monthly && s.Nth > 0 {
		return fit[s.Nth-1]
	}
	return fit[len(fit)-1]
}

func TestScheduleAgainstACalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := anySchedule(t)
		want := enumerated(s)
		var got []Date
		end := DateOf(time.Unix(int64(s.Start)*86400, 0).UTC().AddDate(6, 0, 0))
		for d, ok := s.Next(s.Start - 1); ok && d < end; d, ok = s.Next(d) {
			got = append(got, d)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%+v\n got %v\nwant %v", s, got, want)
		}
	})
}

// TestHoldsAgainstAWalk walks every zone minute by minute around the changes of its clocks. Something
// begins at the first minute at which the wall clock has come to its beginning, and ends likewise.
func TestHoldsAgainstAWalk(t *testing.T) {
	walked := map[[2]int64]bool{} // change and offset
	for i, name := range zoneNames(t) {
		loc := location(t, name)
		for at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); at.Year() < 2028; at = at.Add(6 * time.Hour) {
			_, before := at.In(loc).Zone()
			_, after := at.Add(6 * time.Hour).In(loc).Zone()
			change := [2]int64{at.Unix(), int64(before)<<32 | int64(uint32(after))}
			if before == after || walked[change] {
				continue
			}
			walked[change] = true
			for j, s := range []Schedule{
				{Unit: Weekly, Days: everyDay, At: 19 * 60, To: 21 * 60},
				{Unit: Weekly, Days: everyDay, At: 23*60 + 30, To: 26*60 + 15},
				{Unit: Weekly, Days: 1 << 0, At: 0, To: 24 * 60},
				{Unit: Weekly, Days: everyDay, At: 2*60 + Clock(i%60), To: 3*60 + Clock(i%45)},
				{Unit: Weekly, Days: everyDay, At: 150},
			} {
				if wrong, ok := holdsAsWalked(s, loc, at); !ok {
					t.Fatalf("%s, schedule %d: wrong at %s", name, j, wrong)
				}
			}
		}
	}
	if len(walked) < 50 {
		t.Errorf("only %d changes of clocks seen", len(walked))
	}
}

func holdsAsWalked(s Schedule, loc *time.Location, change time.Time) (wrong time.Time, ok bool) {
	const day = 24 * 60
	came := 0 // the latest wall minute that has come
	for at := change.Add(-60 * time.Hour); at.Before(change.Add(40 * time.Hour)); at = at.Add(time.Minute) {
		l := at.In(loc)
		came = max(came, int(DateOf(l))*day+l.Hour()*60+l.Minute())
		holds := false
		for d := came/day - 3; d <= came/day; d++ {
			if s.Days.Has(time.Unix(int64(d)*86400, 0).UTC().Weekday()) && s.To != 0 {
				holds = holds || came >= d*day+int(s.At) && came < d*day+int(s.To)
			}
		}
		if at.After(change.Add(-30*time.Hour)) && s.Holds(l) != holds {
			return l, false
		}
	}
	return wrong, true
}
