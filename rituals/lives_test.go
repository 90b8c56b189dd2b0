package rituals

import (
	"flag"
	"os"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const quarter = 15 * time.Minute // everything in a life happens at full quarters of an hour

// life is some months of a couple: what they settled, where they went, what they
// answered. Both the house's arithmetic and the model make their streak of it.
type life struct {
	begin   Date
	days    int
	plans   []plan         // by their first date
	moves   []move         // by time; the first at the very start
	rests   [][2]Date      // from, and the first date after
	outages [][2]time.Time // from, until; apart from each other
	answers [][2]int       // by date: quarters of an hour after the prompt, -1 = never
}

type plan struct {
	from  Date
	clock Clock
	free  Weekdays
}

type move struct {
	at  time.Time
	loc *time.Location
}

func (l *life) plan(d Date) (p plan) {
	for _, next := range l.plans {
		if next.from <= d {
			p = next
		}
	}
	return p
}

func (l *life) resting(d Date) bool {
	for _, r := range l.rests {
		if r[0] <= d && d < r[1] {
			return true
		}
	}
	return false
}

// lives makes lives up, most of them in zones and seasons where the clocks do something.
func lives(zones []*time.Location) *rapid.Generator[*life] {
	years := []string{"2009-11-15", "2011-11-01", "2026-02-20", "2026-09-20", "2027-02-01", "2027-03-10"}
	return rapid.Custom(func(t *rapid.T) *life {
		begin, err := ParseDate(rapid.SampledFrom(years).Draw(t, "begin"))
		if err != nil {
			t.Fatal(err)
		}
		l := &life{begin: begin, days: rapid.IntRange(20, 90).Draw(t, "days")}
		day := rapid.IntRange(0, l.days-1)
		span := rapid.IntRange(1, 10)
		clock := rapid.OneOf(rapid.IntRange(72, 95), rapid.IntRange(0, 12), rapid.IntRange(0, 95)) // quarters
		l.plans = []plan{{begin, Clock(15 * clock.Draw(t, "clock")), 0}}
		for d := range rapid.SliceOfNDistinct(day, 0, 3, rapid.ID).Draw(t, "plans") {
			free := Weekdays(rapid.IntRange(0, 126).Draw(t, "free"))
			l.plans = append(l.plans, plan{begin + Date(30*d+1), Clock(15 * clock.Draw(t, "clock")), free})
		}
		at := begin.wall(0).Add(-slack)
		zone := rapid.SampledFrom(zones)
		l.moves = []move{{at, zone.Draw(t, "zone")}}
		for range rapid.IntRange(0, 4).Draw(t, "moves") {
			at = at.Add(quarter * time.Duration(rapid.IntRange(1, 40*96).Draw(t, "until")))
			l.moves = append(l.moves, move{at, zone.Draw(t, "zone")})
		}
		at = begin.wall(0)
		for range rapid.IntRange(0, 4).Draw(t, "outages") {
			at = at.Add(quarter * time.Duration(rapid.IntRange(1, 20*96).Draw(t, "until")))
			down := at
			at = at.Add(quarter * time.Duration(rapid.OneOf(rapid.IntRange(1, 8), rapid.IntRange(1, 300)).Draw(t, "long")))
			l.outages = append(l.outages, [2]time.Time{down, at})
		}
		for range rapid.IntRange(0, 2).Draw(t, "rests") {
			from := begin + Date(day.Draw(t, "rest"))
			l.rests = append(l.rests, [2]Date{from, from + Date(span.Draw(t, "long"))})
		}
		faithful := rapid.IntRange(1, 12).Draw(t, "faithful") // the higher the fewer evenings are missed
		delay := rapid.Custom(func(t *rapid.T) int {
			if rapid.IntRange(0, faithful).Draw(t, "misses") == 0 {
				return rapid.SampledFrom([]int{-1, 40, 64, 80}).Draw(t, "late")
			}
			return rapid.IntRange(0, 12).Draw(t, "after")
		})
		for range l.days {
			l.answers = append(l.answers, [2]int{delay.Draw(t, "one"), delay.Draw(t, "two")})
		}
		return l
	})
}

// reached is the first instant from which on the couple's wall clock, wherever they are
// then, has shown c on d, and the zone they are in. If running, instants in an outage do not count.
func (l *life) reached(d Date, c Clock, running bool) (time.Time, *time.Location) {
	for i, m := range l.moves {
		end := m.at.AddDate(100, 0, 0)
		if i+1 < len(l.moves) {
			end = l.moves[i+1].at
		}
		at := Resolve(d, c, m.loc)
		if at.Before(m.at) {
			at = m.at
		}
		for _, out := range l.outages {
			if running && !at.Before(out[0]) && at.Before(out[1]) {
				at = out[1]
			}
		}
		if at.Before(end) {
			return at, m.loc
		}
	}
	panic("a life without end")
}

// marks is what the house writes down about the life, by its own calendar.
func (l *life) marks() (days []Day) {
	for d := l.begin; d < l.begin+Date(l.days); d++ {
		p := l.plan(d)
		if evening, ok := NextEvening(d-1, p.free); !ok || evening != d {
			continue
		}
		asked, loc := l.reached(d, p.clock, true)
		if l.resting(d) || asked.Sub(Resolve(d, p.clock, loc)) > 45*time.Minute {
			days = append(days, Day{d, Neutral})
			continue
		}
		closed, _ := l.reached(d+1, 12*60, false)
		mark := Together
		for _, after := range l.answers[d-l.begin] {
			if after < 0 || !asked.Add(quarter*time.Duration(after)).Before(closed) {
				mark = Missed
			}
		}
		days = append(days, Day{d, mark})
	}
	return days
}

// TestStreakAgainstTheModel plays 2,000 made-up lives, and 100,000 with
//
//	EVENFALL_LONG=1 go test -run TestStreakAgainstTheModel -timeout 60m ./rituals
func TestStreakAgainstTheModel(t *testing.T) {
	number := 2000
	if os.Getenv("EVENFALL_LONG") != "" {
		number = 100_000
	}
	checks := flag.Lookup("rapid.checks").Value
	defer checks.Set(checks.String())
	if err := checks.Set(strconv.Itoa(number)); err != nil {
		t.Fatal(err)
	}
	var zones []*time.Location
	for _, name := range []string{
		"UTC", "Europe/Madrid", "America/New_York", "America/Nuuk", "Africa/Cairo", "Asia/Beirut", "Pacific/Apia",
		"Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
		"Africa/Casablanca", "America/Santiago", "America/St_Johns", "Pacific/Auckland",
	} {
		zones = append(zones, location(t, name))
	}
	played, seen := 0, make(map[string]bool)
	rapid.Check(t, func(t *rapid.T) {
		l := lives(zones).Draw(t, "life")
		days := l.marks()
		got, want := Fold(days), (&model{life: l}).live()
		if got != want {
			t.Fatalf("the house says\n%+v\nthe model says\n%+v\nof %v", got, want, days)
		}
		played++
		seen["a rekindled streak"] = seen["a rekindled streak"] || got.Rekindled
		seen["embers"] = seen["embers"] || got.Embers > 0
		seen["two candles burned"] = seen["two candles burned"] || got.Lit == 2
		seen["a candle earned"] = seen["a candle earned"] || got.Earned
	})
	if testing.Short() {
		return // rapid played too few to see everything
	}
	if played < number {
		t.Errorf("%d lives played", played)
	}
	for what, so := range seen {
		if !so {
			t.Errorf("no life ended with %s", what)
		}
	}
}
