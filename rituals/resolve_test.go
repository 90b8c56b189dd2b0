package rituals

import (
	"archive/zip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// zoneNames is every name in the list of zones, and what the tool chain knows besides.
func zoneNames(t testing.TB) []string {
	t.Helper()
	var names []string
	if err := yaml.Unmarshal(zonesFile, &names); err != nil {
		t.Fatal(err)
	}
	if len(names) < 590 {
		t.Fatalf("only %d zones in the list", len(names))
	}
	archive, err := zip.OpenReader(filepath.Join(os.Getenv("GOROOT"), "lib", "time", "zoneinfo.zip"))
	if os.IsNotExist(err) {
		return names // a tool chain without sources: the list is enough
	}
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for _, f := range archive.File {
		if !strings.HasSuffix(f.Name, "/") {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := Location(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func date(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEveryZoneLoads(t *testing.T) {
	for _, name := range zoneNames(t) {
		location(t, name)
	}
	for _, name := range []string{"Local", "Europe/Nowhere", "../etc/passwd"} {
		if _, err := Location(name); err == nil {
			t.Errorf("%q loads", name)
		}
	}
}

func TestResolve(t *testing.T) {
	for _, c := range []struct{ zone, date, clock, want string }{
		{"UTC", "2026-11-22", "20:00", "2026-11-22T20:00:00Z"},
		{"Europe/Madrid", "2026-07-01", "20:00", "2026-07-01T20:00:00+02:00"},
		{"America/New_York", "2026-03-08", "02:30", "2026-03-08T03:00:00-04:00"}, // left out
		{"Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T03:00:00+02:00"},
		{"America/New_York", "2026-11-01", "01:30", "2026-11-01T01:30:00-04:00"}, // comes twice
		{"Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T02:30:00+02:00"},
		{"America/Nuuk", "2027-03-27", "23:30", "2027-03-28T00:00:00-01:00"},
		{"Africa/Cairo", "2027-04-30", "00:30", "2027-04-30T01:00:00+03:00"},
		{"Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-04T02:30:00+11:00"}, // half an hour
		{"Pacific/Apia", "2011-12-29", "20:00", "2011-12-29T20:00:00-10:00"},
		{"Pacific/Apia", "2011-12-30", "20:00", "2011-12-31T00:00:00+14:00"}, // the day that never was
		{"Pacific/Apia", "2011-12-31", "20:00", "2011-12-31T20:00:00+14:00"},
		{"Pacific/Kwajalein", "1993-08-21", "20:00", "1993-08-22T00:00:00+12:00"},
		{"Pacific/Kwajalein", "1969-09-30", "20:00", "1969-09-30T20:00:00+11:00"}, // the day that came twice
		{"Africa/Casablanca", "2027-02-07", "02:30", "2027-02-07T02:30:00+01:00"}, // Ramadan begins
	} {
		hm, err := time.Parse("15:04", c.clock)
		if err != nil {
			t.Fatal(err)
		}
		at := Resolve(date(t, c.date), Clock(hm.Hour()*60+hm.Minute()), location(t, c.zone))
		if got := at.Format(time.RFC3339); got != c.want {
			t.Errorf("%s in %s on %s: %s, want %s", c.clock, c.zone, c.date, got, c.want)
		}
	}
}

// TestResolveAgainstAWalk walks every zone minute by minute over the days around each
// change of its clocks, and writes down when each wall time first shows.
func TestResolveAgainstAWalk(t *testing.T) {
	type change struct {
		at            time.Time
		before, after int // offsets in seconds
		zone          string
	}
	long := os.Getenv("EVENFALL_LONG") != ""
	spans := [][2]int{{2010, 2012}, {2026, 2028}} // Apia's lost day among them
	if long {
		spans = [][2]int{{1973, 2037}}
	}
	walked := make(map[change]bool)
	for _, name := range zoneNames(t) {
		loc := location(t, name)
		for _, span := range spans {
			end := time.Date(span[1]+1, 1, 1, 0, 0, 0, 0, time.UTC)
			for at := time.Date(span[0], 1, 1, 0, 0, 0, 0, time.UTC); at.Before(end); at = at.Add(3 * time.Hour) {
				c := change{at: at}
				_, c.before = at.In(loc).Zone()
				if _, c.after = at.Add(3 * time.Hour).In(loc).Zone(); c.after == c.before {
					continue
				}
				if long {
					c.zone = name // even when another zone has the same change
				}
				if !walked[c] {
					walked[c] = true
					walk(t, loc, at)
				}
			}
		}
	}
	if len(walked) < 100 {
		t.Errorf("only %d changes of clocks seen", len(walked))
	}
}

// walk checks every wall time that first shows from 26 hours before a change to 26 hours after.
func walk(t *testing.T, loc *time.Location, change time.Time) {
	t.Helper()
	shows := make(map[int]time.Time) // minutes of wall clock since 1970 → first instant
	var jumps [][2]int               // wall minutes skipped: from, to
	before := -1
	for at := change.Add(-50 * time.Hour); at.Before(change.Add(53 * time.Hour)); at = at.Add(time.Minute) {
		l := at.In(loc)
		wall := int(DateOf(l))*1440 + l.Hour()*60 + l.Minute()
		if _, seen := shows[wall]; !seen {
			shows[wall] = at
		}
		if before >= 0 && wall > before+1 {
			jumps = append(jumps, [2]int{before + 1, wall})
		}
		before = wall
	}
	for _, jump := range jumps {
		for wall := jump[0]; wall < jump[1]; wall++ {
			if _, seen := shows[wall]; !seen {
				shows[wall] = shows[jump[1]]
			}
		}
	}
	for wall, want := range shows {
		if want.Sub(change).Abs() > 26*time.Hour {
			continue
		}
		if got := Resolve(Date(wall/1440), Clock(wall%1440), loc); !got.Equal(want) {
			t.Fatalf("%s: %s on %s is %s, want %s", loc, Clock(wall%1440), Date(wall/1440), got, want.In(loc))
		}
	}
}

// TestEveningsFollowOneAnother: in every zone and on every day there is one instant for
// a clock, later than the day's before. Only midnight may share the instant of a day
// that the zone leaves out.
func TestEveningsFollowOneAnother(t *testing.T) {
	from, to := date(t, "1969-01-01"), date(t, "2038-01-01")
	clocks := []Clock{0, 1, 60, 150, 20 * 60, 1439}
	for i, name := range zoneNames(t) {
		loc := location(t, name)
		c := clocks[i%len(clocks)]
		before := Resolve(from-1, c, loc)
		for d := from; d < to; d++ {
			at := Resolve(d, c, loc)
			if !at.After(before) && (c != 0 || at.Before(before)) {
				t.Fatalf("%s: %s on %s (%s) is not after the day before (%s)", name, c, d, at, before)
			}
			if gap := at.Sub(before); gap > 49*time.Hour {
				t.Fatalf("%s: %s on %s comes %s after the day before", name, c, d, gap)
			}
			before = at
		}
	}
}

func TestNextEvening(t *testing.T) {
	sunday := date(t, "2026-11-22")
	for _, c := range []struct {
		free Weekdays
		want string
	}{
		{0, "2026-11-23"},
		{1 << time.Monday, "2026-11-24"},
		{everyDay &^ (1 << time.Sunday), "2026-11-29"},
		{everyDay &^ (1 << time.Saturday), "2026-11-28"},
	} {
		if d, ok := NextEvening(sunday, c.free); !ok || d.String() != c.want {
			t.Errorf("with %07b free: %s %t, want %s", c.free, d, ok, c.want)
		}
	}
	if d, ok := NextEvening(sunday, everyDay); ok || d != 0 {
		t.Errorf("with every day free: %s %t", d, ok)
	}
}

func BenchmarkResolve(b *testing.B) {
	loc := location(b, "America/New_York")
	d := date(b, "2026-11-01")
	for i := 0; b.Loop(); i++ {
		Resolve(d+Date(i%400), 20*60, loc)
	}
}
