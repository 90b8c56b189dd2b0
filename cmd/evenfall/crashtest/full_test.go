//go:build crash

package crashtest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"evenfall/adapters/telegram/telegramtest"
)

// TestDiskFull tells the program at some write of its log that the disk is full. It gives
// back the room that it had set aside, says one clear line and ends with a failure, and
// goes on after the next start.
func TestDiskFull(t *testing.T) {
	program, folder, srv := build(t), filepath.Join(t.TempDir(), "data"), telegramtest.New(t)
	c := newClock(t, time.Now())
	start := func(wrap ...string) *process { return launch(t, program, folder, srv.URL, c, wrap...) }
	ballast := filepath.Join(folder, "ballast")
	there := func() bool { _, err := os.Stat(ballast); return err == nil }
	await := func(what string, done func() bool) {
		t.Helper()
		for end := time.Now().Add(liveness); !done(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("never %s", what)
			}
		}
	}

	p := start()
	await("was anything set aside", there)
	await("was Telegram asked", func() bool { return srv.Calls("getUpdates") > 0 })
	p.end(t, syscall.SIGTERM)

	p = start("strace", "-f", "--seccomp-bpf", "-qq", "-o", os.DevNull, "-e", "signal=none", "-P", filepath.Join(folder, "evenfall.db-wal"),
		"-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=3+")
	select {
	case <-p.ended:
	case <-time.After(liveness):
		t.Fatalf("the program goes on:\n%s", p.said.String())
	}
	last := lastLine(p.said.String())
	if code := p.ProcessState.ExitCode(); code != 1 || !strings.HasPrefix(last, "evenfall: ") || !strings.Contains(last, "the disk is full") || !strings.Contains(last, "are free now") {
		t.Errorf("it ended with %d and said:\n%s", code, p.said.String())
	}
	if _, err := os.Stat(ballast); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was set aside was not given back: %v", err)
	}

	before := srv.Calls("getUpdates")
	p = start()
	await("was anything set aside again", there)
	await("was Telegram asked again", func() bool { return srv.Calls("getUpdates") > before })
	p.end(t, syscall.SIGTERM)
}

func lastLine(said string) string {
	lines := strings.Split(strings.TrimSpace(said), "\n")
	return lines[len(lines)-1]
}
