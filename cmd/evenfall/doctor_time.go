package main

import (
	"bufio"
	"context"
	"os"
	"slices"
	"strings"
	"time"

	"evenfall/rituals"
)

// A clock outside these years was never set.
const (
	firstYear = 2026
	lastYear  = 2100
)

// checkTime looks at the computer's clock and at what is known about zones: the
// evenings hang on both.
func checkTime(context.Context) []finding {
	return append(checkClock(time.Now()), checkZones()...)
}

func checkClock(now time.Time) []finding {
	if y := now.UTC().Year(); y < firstYear || y > lastYear {
		return []finding{ill("set the clock, and let it be kept by NTP", "clock: it says %s, which cannot be", now.UTC().Format(time.DateTime))}
	}
	time.Sleep(300 * time.Millisecond)
	then := time.Now()
	if drift := jump(now, then, then.Sub(now)); drift.Abs() > 100*time.Millisecond {
		return []finding{ill("find out what sets the clock again and again; one NTP program is enough", "clock: it jumped by %s just now", drift.Round(time.Millisecond))}
	}
	return []finding{well("clock: %s UTC, and it runs steadily", then.UTC().Format(time.DateTime))}
}

// jump is by how much the wall clock went otherwise than the steady clock, which nobody
// sets and on which so much time ran.
func jump(from, to time.Time, ran time.Duration) time.Duration {
	return to.Round(0).Sub(from.Round(0)) - ran
}

// checkZones asks for facts about zones that newer zone data know.
func checkZones() []finding {
	const fix = "update the computer's time zone data (on Debian: apt-get install tzdata), or take it away: evenfall has its own"
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Africa/Cairo", "America/Nuuk", "Asia/Kolkata"} {
		if _, err := rituals.Location(name); err != nil {
			return []finding{ill(fix, "zones: %s is not known", name)}
		}
	}
	// Kazakhstan went from +06 to +05 on 1 March 2024.
	loc, err := rituals.Location("Asia/Almaty")
	if err != nil {
		return []finding{ill(fix, "zones: Asia/Almaty is not known")}
	}
	if _, offset := time.Date(2024, 6, 1, 12, 0, 0, 0, loc).Zone(); offset != 5*3600 {
		return []finding{ill(fix, "zones: the time zone data are older than 2024")}
	}
	return []finding{well("zones: they load; the data are %s", zoneData())}
}

// zoneData says where zone data come from: Go takes the computer's before its own.
func zoneData() string {
	for _, folder := range []string{"/usr/share/zoneinfo", "/usr/share/lib/zoneinfo", "/usr/lib/locale/TZ", "/etc/zoneinfo"} {
		if _, err := os.Stat(folder + "/Europe/Berlin"); err != nil {
			continue
		}
		f, err := os.Open(folder + "/tzdata.zi") // its first line: # version 2026a
		if err != nil {
			return "the computer's"
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		if version, ok := "", lines.Scan(); ok {
			if version, ok = strings.CutPrefix(lines.Text(), "# version "); ok {
				return "the computer's, " + version
			}
		}
		return "the computer's"
	}
	return "those inside evenfall"
}

// sorted is words in order, as a list to read.
func sorted(words []string) string {
	slices.Sort(words)
	return strings.Join(words, ", ")
}
