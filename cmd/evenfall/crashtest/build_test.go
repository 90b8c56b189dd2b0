//go:build crash

package crashtest

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// patch exchanges an expression in a file of the program's source while it is built.
// With no old it adds the file.
type patch struct{ file, old, new string }

// settableClock lets the program's days pass quickly. Its clock is ahead of the machine's by
// what stands in the file CRASHTEST_CLOCK, and while that is less than what stands beside
// it in ….to, every beat takes the clock on by less than two minutes: nothing is left out, and the
// program never has to think that it was away.
var settableClock = []patch{
	{"cmd/evenfall/house.go", "adapters, time.Now,", "adapters, pretendNow,"},
	{"adapters/telegram/pace.go", "chatMost  = 1", "chatMost  = 100"},     // a day's messages …
	{"adapters/telegram/pace.go", "groupMost = 20", "groupMost = 10_000"}, // … in seconds
	{"cmd/evenfall/house.go", "h.log, h.pulse)", "h.log, quick(h.pulse))"},
	{"cmd/evenfall/pretend.go", "", `package main

import (
	"context"
	"os"
	"sync/atomic"
	"time"
)

var ahead = func() (d atomic.Int64) { d.Store(int64(read(""))); return d }()

func read(end string) time.Duration {
	text, err := os.ReadFile(os.Getenv("CRASHTEST_CLOCK") + end)
	if err != nil {
		panic(err)
	}
	d, err := time.ParseDuration(string(text))
	if err != nil {
		panic(err)
	}
	return d
}

func pretendNow() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }

// quick is a beat that goes on for as long as the program runs.
func quick(beat func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for ctx.Err() == nil {
			if err := beat(ctx); err != nil {
				return err
			}
			now := time.Duration(ahead.Load())
			left := read(".to") - now
			if left <= 0 {
				time.Sleep(20 * time.Millisecond)
				continue
			}
			now += min(left, 110*time.Second)
			draft := os.Getenv("CRASHTEST_CLOCK") + ".new"
			if err := os.WriteFile(draft, []byte(now.String()), 0o600); err != nil {
				return err
			}
			if err := os.Rename(draft, os.Getenv("CRASHTEST_CLOCK")); err != nil {
				return err
			}
			ahead.Store(int64(now))
		}
		return nil
	}
}
`},
}

// clock is what a program with a settable clock reads.
type clock struct{ file string }

// newClock begins at an instant.
func newClock(t testing.TB, at time.Time) clock {
	c := clock{filepath.Join(t.TempDir(), "clock")}
	if err := os.WriteFile(c.file, []byte(time.Until(at).String()), 0o600); err != nil {
		t.Fatal(err)
	}
	c.forward(t, at)
	return c
}

// forward lets the time pass until an instant, at once or when the program runs next.
func (c clock) forward(t testing.TB, to time.Time) {
	draft := c.file + ".to.new"
	if err := errors.Join(os.WriteFile(draft, []byte(time.Until(to).String()), 0o600), os.Rename(draft, c.file+".to")); err != nil {
		t.Fatal(err)
	}
}

// there reports whether the time has passed.
func (c clock) there() bool {
	now, err1 := os.ReadFile(c.file)
	to, err2 := os.ReadFile(c.file + ".to")
	return err1 == nil && err2 == nil && string(now) == string(to)
}

// build compiles the program with a clock that can be set, and with these patches.
func build(t testing.TB, patches ...patch) (program string) {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	for _, p := range append(settableClock[:len(settableClock):len(settableClock)], patches...) {
		path := filepath.Join(root, p.file)
		made, ok := overlay.Replace[path]
		if !ok {
			made = filepath.Join(folder, strings.ReplaceAll(p.file, "/", "_"))
			overlay.Replace[path] = made
		}
		source := p.new
		if p.old != "" {
			from := path
			if ok {
				from = made
			}
			old, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(old), p.old); n != 1 {
				t.Fatalf("%s has %q %d times: the proof must follow the source", p.file, p.old, n)
			}
			source = strings.Replace(string(old), p.old, p.new, 1)
		}
		if err := os.WriteFile(made, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	list, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	names := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(names, list, 0o600); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(folder, "evenfall")
	out, err := exec.Command("go", "build", "-overlay", names, "-o", program, "evenfall/cmd/evenfall").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// long reports whether the long form of the proofs is wanted.
func long() bool { return os.Getenv("EVENFALL_LONG") != "" }
