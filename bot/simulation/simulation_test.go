package simulation

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// TestSimulation lives through worlds; see the package's comment.
func TestSimulation(t *testing.T) {
	s, seeds := size{40, 60}, 3
	switch {
	case os.Getenv("EVENFALL_LONG") != "":
		s, seeds = size{10_000, 730}, 10
	case raced, testing.Short():
		s, seeds = size{12, 40}, 2
	}
	if text := os.Getenv("EVENFALL_WORLD"); text != "" {
		if _, err := fmt.Sscanf(text, "%dx%d", &s.couples, &s.days); err != nil {
			t.Fatalf("EVENFALL_WORLD=%s is not like 20x60", text)
		}
		seeds = max(seeds, 5)
	}
	all := []int{}
	for seed := range seeds {
		all = append(all, seed+1)
	}
	if text := os.Getenv("EVENFALL_SEED"); text != "" {
		seed, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		all = []int{seed}
	}
	for _, seed := range all {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			one(t, uint64(seed), s)
		})
	}
}

// one lives through the world of one seed.
func one(t *testing.T, seed uint64, s size) {
	start := time.Now()
	var w *world
	folder := shelter(t)
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, seed, s, folder)
		w.play()
	})
	v := w.verdict
	t.Logf("%d couples, %d days, %d evenings (%d unclear), %d deaths and ends, in %s", s.couples, s.days, v.judged, v.unclear, w.crashes, time.Since(start).Round(time.Millisecond))
	for _, what := range slices.Sorted(maps.Keys(v.seen)) {
		t.Logf("%9d %s", v.seen[what], what)
	}
	for _, wrong := range v.wrong {
		t.Error(wrong)
	}
	if len(v.wrong) == 0 && v.judged > 2000 { // such a world must have seen everything
		for _, what := range []string{"a note", "a nudge", "a reveal", "a tick with its row", "a note with its row", "a leave", "a copy", "all of somebody erased",
			"a streak at the end", "marked t for sure", "marked n for sure", "marked m for sure"} {
			if v.seen[what] == 0 {
				t.Errorf("nobody has seen %s", what)
			}
		}
		if 3*v.unclear > v.judged {
			t.Error("too many evenings may be marked in more than one way")
		}
	}
	if len(v.wrong) > 0 {
		t.Errorf("to play it again: EVENFALL_WORLD=%dx%d EVENFALL_SEED=%d go test -run TestSimulation ./bot/simulation", s.couples, s.days, seed)
	}
}

// shelter is a folder for the database, in memory where the system has such a place: here
// nobody cuts the power.
func shelter(t *testing.T) string {
	if runtime.GOOS == "linux" {
		if folder, err := os.MkdirTemp("/dev/shm", "evenfall"); err == nil {
			t.Cleanup(func() { os.RemoveAll(folder) })
			return folder
		}
	}
	return t.TempDir()
}
