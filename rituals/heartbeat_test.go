package rituals

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// pulse runs a heartbeat for some pretend minutes, starting 20 seconds before a full one,
// and returns when it beat, in seconds since the start, and what was logged.
func pulse(t *testing.T, minutes int, beat func(ctx context.Context, n int) error) (beats []int, log string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(40 * time.Second) // the pretend clock begins at a full minute
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(minutes)*time.Minute)
		defer cancel()
		var out bytes.Buffer
		n := 0
		err := Heartbeat(ctx, slog.New(slog.NewTextHandler(&out, nil)), func(ctx context.Context) error {
			n++
			beats = append(beats, int(time.Since(begin).Seconds()))
			return beat(ctx, n)
		})
		if err != nil {
			t.Errorf("the heartbeat ended with %v", err)
		}
		log = out.String()
	})
	return beats, log
}

func TestHeartbeat(t *testing.T) {
	beats, log := pulse(t, 3, func(context.Context, int) error { return nil })
	if want := []int{0, 20, 80, 140}; !slices.Equal(beats, want) {
		t.Errorf("beats after %v seconds, want %v", beats, want)
	}
	if log != "" {
		t.Errorf("a healthy heart is silent, not\n%s", log)
	}
}

func TestHeartbeatGoesOnAfterTrouble(t *testing.T) {
	beats, log := pulse(t, 5, func(_ context.Context, n int) error {
		switch n {
		case 1:
			panic("what Ana wrote")
		case 2:
			return errors.New("the store is full")
		case 3:
			panic(errors.New("what Luis wrote"))
		case 4:
			_ = make([]int, 0)[n]
		}
		return nil
	})
	if want := []int{0, 20, 80, 140, 200, 260}; !slices.Equal(beats, want) {
		t.Errorf("beats after %v seconds, want %v", beats, want)
	}
	for text, want := range map[string]int{
		"the heartbeat failed": 1, "the store is full": 1, "the heartbeat panicked": 3, "index out of range": 1, "heartbeat_test.go": 3,
		"Ana": 0, "Luis": 0, // what is thrown may hold a person's words
	} {
		if got := strings.Count(log, text); (got == 0) != (want == 0) || got < want {
			t.Errorf("%q is logged %d times, want %d:\n%s", text, got, want, log)
		}
	}
}

func TestHeartbeatNeverOverlaps(t *testing.T) {
	running := 0
	beats, log := pulse(t, 6, func(_ context.Context, n int) error {
		if running++; running > 1 {
			t.Error("two beats at once")
		}
		if n == 2 {
			time.Sleep(150 * time.Second) // from second 20 to 170
		}
		running--
		return nil
	})
	if want := []int{0, 20, 200, 260, 320}; !slices.Equal(beats, want) {
		t.Errorf("beats after %v seconds, want %v", beats, want)
	}
	if got := strings.Count(log, "left out"); got != 2 {
		t.Errorf("%d beats are logged as left out, want 2:\n%s", got, log)
	}
}

func TestHeartbeatWaitsForTheFirstToo(t *testing.T) {
	beats, _ := pulse(t, 2, func(context.Context, int) error {
		time.Sleep(70 * time.Second)
		return nil
	})
	if want := []int{0, 80}; !slices.Equal(beats, want) {
		t.Errorf("beats after %v seconds, want %v", beats, want)
	}
}

// TestHeartbeatEndsWell: when the context ends, the running beat is told and waited for,
// and its error at the end is none to report.
func TestHeartbeatEndsWell(t *testing.T) {
	for _, long := range []int{1, 2} { // the first beat, and one of the schedule
		done := false
		_, log := pulse(t, 1, func(ctx context.Context, n int) error {
			if n < long {
				return nil
			}
			<-ctx.Done()
			time.Sleep(5 * time.Second)
			done = true
			return ctx.Err()
		})
		if !done {
			t.Errorf("beat %d was not waited for", long)
		}
		if strings.Contains(log, "failed") {
			t.Errorf("the end is logged as a failure:\n%s", log)
		}
	}
}

// TestEveryMinute: the schedule gives full minutes, and times that do not care when the
// machine's clock is put back.
func TestEveryMinute(t *testing.T) {
	for from, want := range map[string]string{
		"2026-11-22T20:00:00Z":           "2026-11-22T20:01:00Z",
		"2026-11-22T20:00:00.000000001Z": "2026-11-22T20:01:00Z",
		"2026-11-22T20:00:59.999Z":       "2026-11-22T20:01:00Z",
		"2026-12-31T23:59:30Z":           "2027-01-01T00:00:00Z",
	} {
		at, err := time.Parse(time.RFC3339Nano, from)
		if err != nil {
			t.Fatal(err)
		}
		if got := (everyMinute{}).Next(at).Format(time.RFC3339Nano); got != want {
			t.Errorf("after %s comes %s, want %s", from, got, want)
		}
	}
	if next := (everyMinute{}).Next(time.Now()); !strings.Contains(next.String(), " m=") {
		t.Errorf("%s has lost its monotonic reading", next)
	}
}
