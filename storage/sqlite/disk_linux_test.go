package sqlite

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"evenfall/bot"
	"evenfall/rituals"
)

// TestFullDisk lets the disk fill up at one place after another: no file may grow beyond a
// size that is a little larger each time. What was confirmed before is there afterwards, and
// what failed, failed for good.
func TestFullDisk(t *testing.T) {
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	times, step := 100, int64(1500)
	if os.Getenv("EVENFALL_LONG") != "" {
		times, step = 5_000, 30
	}
	for n := range times {
		fill(t, int64(n)*step)
	}
}

// TestNoRoom lets SQLite find no room: the store says that it is that.
func TestNoRoom(t *testing.T) {
	s := open(t, t.TempDir())
	id := seat(t, s, 0)
	if _, err := s.queue.w.once(`PRAGMA max_page_count = 1`); err != nil { // as many as it has now
		t.Fatal(err)
	}
	var err error
	for n := 0; n < 1000 && err == nil; n++ {
		_, err = s.Commit(t.Context(), bot.Change{ID: id, Days: []rituals.Day{{Date: rituals.Date(n + 1)}}})
	}
	if !errors.Is(err, ErrFailed) || !errors.Is(err, ErrFull) || !errors.Is(s.Failure(), ErrFull) {
		t.Errorf("%v, %v, want ErrFull", err, s.Failure())
	}
}

// fill writes into a house until the log has grown by so many bytes, and opens it again.
func fill(t *testing.T, room int64) {
	folder := t.TempDir()
	defer os.RemoveAll(folder)
	s := open(t, folder)
	id := seat(t, s, 0)
	log, err := os.Stat(filepath.Join(folder, File+"-wal"))
	if err != nil {
		t.Fatal(err)
	}
	confirmed, err := 0, error(nil)
	limited(t, log.Size()+room, func() {
		for ; err == nil && confirmed < 1000; confirmed++ {
			_, err = s.Commit(t.Context(), bot.Change{ID: id, Days: []rituals.Day{{Date: rituals.Date(confirmed + 1)}}})
		}
		confirmed--
	})
	if !errors.Is(err, ErrFailed) {
		t.Fatalf("%d bytes: after %d commits: %v, want ErrFailed", room, confirmed, err)
	}
	if _, err := s.Commit(t.Context(), bot.Change{ID: id}); !errors.Is(err, ErrFailed) {
		t.Errorf("%d bytes: afterwards: %v, want ErrFailed", room, err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("%d bytes: Close: %v", room, err)
	}
	s = open(t, folder)
	rec, err := s.Load(t.Context(), id, "", bot.Want{Days: true})
	if err != nil || len(rec.Days) != confirmed && len(rec.Days) != confirmed+1 {
		t.Errorf("%d bytes: %d commits were confirmed, and %d are there, %v", room, confirmed, len(rec.Days), err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// limited runs do while no file of this process can grow beyond a size.
func limited(t *testing.T, size int64, do func()) {
	t.Helper()
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(size), Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	do()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
}
