package rituals

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// FuzzFindZones: whatever people type, what they may choose from are places whose clocks are known.
func FuzzFindZones(f *testing.F) {
	for _, seed := range []string{"London", "londres", "Valencia, Venezuela", "Europe/Madrid", "são", "México", "DE", ", Spain", ",", "München", "../etc/passwd", "Etc/GMT+3", "İstanbul", "\xff", ""} {
		f.Add(seed, 6)
	}
	f.Add("a", -1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		found := FindZones(text, limit)
		if len(found) > max(0, limit) {
			t.Fatalf("%q: %d places, and at most %d were wanted", text, len(found), limit)
		}
		for _, p := range found {
			if _, err := Location(p.Zone); err != nil || p.Zone == "" || p.City == "" {
				t.Errorf("%q is %+v: %v", text, p, err)
			}
			if p.Country != "" && CountryName(p.Country, "en") == "" {
				t.Errorf("%q is in %q, which is no country", text, p.Country)
			}
		}
		if again := FindZones(" "+strings.ToUpper(text)+" ", limit); upper(text) && !slices.Equal(zones(again), zones(found)) {
			t.Errorf("%q is %v, and in capitals %v", text, zones(found), zones(again))
		}
	})
}

// upper reports whether capitals change nothing but the size of the letters.
func upper(text string) bool {
	for _, r := range text {
		if r > 127 {
			return false
		}
	}
	return true
}

func zones(places []Place) (all []string) {
	for _, p := range places {
		all = append(all, p.Zone)
	}
	return all
}

// FuzzZonesShowing: what a clock shows belongs only to places where clocks show about that.
func FuzzZonesShowing(f *testing.F) {
	f.Add("19:40", int64(1772476800))
	f.Add("half past eight", int64(0))
	f.Add("8", int64(1<<31))
	f.Fuzz(func(t *testing.T, text string, unix int64) {
		at := time.Unix(unix%(1<<33), 0)
		for _, c := range ParseNow(text) {
			for _, p := range ZonesShowing(c, at) {
				loc, err := Location(p.Zone)
				if err != nil {
					t.Fatal(err)
				}
				there := at.In(loc)
				off := (there.Hour()*60 + there.Minute() - int(c) + 2*1440) % 1440
				if min(off, 1440-off) > 7 {
					t.Errorf("at %s %s shows %s, not %s", at, p.Zone, there.Format("15:04"), c)
				}
			}
		}
	})
}
