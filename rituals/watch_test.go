package rituals

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWatch sets the wall clock while the heart beats, every minute from the start,
// and wants to know in which minutes nothing was begun.
func TestWatch(t *testing.T) {
	const slept = 8 * time.Hour
	for name, c := range map[string]struct {
		set   map[int]time.Duration // half a minute before this minute the clock is off by so much from then on
		held  []int
		lines int
	}{
		"never":                      {nil, nil, 0},
		"a little ahead":             {map[int]time.Duration{3: leap}, nil, 0},
		"a little back":              {map[int]time.Duration{3: -leap}, nil, 0},
		"ahead":                      {map[int]time.Duration{3: leap + time.Second}, []int{3, 4, 5, 6, 7}, 2},
		"back":                       {map[int]time.Duration{3: -leap - time.Second}, []int{3, 4, 5, 6, 7}, 2},
		"from a clock never set":     {map[int]time.Duration{2: 56 * 365 * 24 * time.Hour}, []int{2, 3, 4, 5, 6}, 2},
		"slept":                      {map[int]time.Duration{5: slept}, []int{5, 6, 7, 8, 9}, 2},
		"ahead and soon right again": {map[int]time.Duration{3: 2 * time.Hour, 6: 0}, []int{3, 4, 5, 6, 7, 8, 9, 10}, 2},
		"ahead and then nudged":      {map[int]time.Duration{3: time.Hour, 5: time.Hour + 10*time.Second}, []int{3, 4, 5, 6, 7, 8, 9}, 2},
		"ahead and then slewed":      {map[int]time.Duration{3: time.Hour, 5: time.Hour + slew}, []int{3, 4, 5, 6, 7}, 2},
		"twice":                      {map[int]time.Duration{2: time.Hour, 12: 0}, []int{2, 3, 4, 5, 6, 12, 13, 14, 15, 16}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const minutes = 20
				var log bytes.Buffer
				begun := time.Now()
				wall := func() time.Time {
					off := time.Duration(0)
					for m := range minutes {
						if d, ok := c.set[m]; ok && time.Since(begun) >= time.Duration(m)*time.Minute-30*time.Second {
							off = d
						}
					}
					return time.Now().Add(off)
				}
				w := NewWatch(wall, slog.New(slog.NewTextHandler(&log, nil)))
				ctx, stop := context.WithTimeout(t.Context(), minutes*time.Minute+time.Second)
				defer stop()
				held := make([]int, 0, minutes)
				for m := range minutes {
					held = append(held, m)
				}
				err := Heartbeat(ctx, slog.New(slog.DiscardHandler), w.Guard(func(context.Context) error {
					m := int(time.Since(begun).Minutes())
					held = slices.DeleteFunc(held, func(h int) bool { return h == m })
					return nil
				}))
				if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(held, c.held) {
					t.Errorf("held in the minutes %v, want %v", held, c.held)
				}
				if n := strings.Count(log.String(), "\n"); n != c.lines {
					t.Errorf("%d lines, want %d:\n%s", n, c.lines, log.String())
				}
				if w.Holds() {
					t.Error("it holds for ever")
				}
			})
		})
	}
}

// TestWatchSeesTheWall: of two times with a monotonic reading the difference never
// shows that the wall clock was set. (Pretend time has no such reading.)
func TestWatchSeesTheWall(t *testing.T) {
	w := NewWatch(time.Now, slog.New(slog.DiscardHandler))
	w.look()
	if shown := w.shown.String(); strings.Contains(shown, " m=") {
		t.Errorf("%s bears a monotonic reading", shown)
	}
}
