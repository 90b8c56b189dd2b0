package sqlite

import (
	"errors"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

// TestFailStop lets the disk fail under a commit by forbidding files to grow. The
// commit fails, the disk recovers, and still the store takes and tells nothing more.
func TestFailStop(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	log, err := os.Stat(filepath.Join(folder, File+"-wal"))
	if err != nil {
		t.Fatal(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(log.Size()), Max: old.Max}); err != nil {
		t.Fatal(err)
	}
	tap := bot.Change{ID: id, States: []bot.State{{Flow: "f", JSON: []byte(`{"n":1}`)}}}
	errs := gather(t, s, []bot.Change{tap, tap, tap})()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Fatal(err)
	}
	for _, err := range errs {
		if !errors.Is(err, ErrFailed) {
			t.Fatalf("Commit on a full disk: %v, want ErrFailed", err)
		}
	}
	if _, err := s.Commit(t.Context(), tap); !errors.Is(err, ErrFailed) || err.Error() != errs[0].Error() {
		t.Errorf("Commit afterwards: %v, want %v", err, errs[0])
	}
	if _, err := s.Load(t.Context(), id, "f", bot.Want{}); !errors.Is(err, ErrFailed) {
		t.Errorf("Load afterwards: %v, want ErrFailed", err)
	}
	select {
	case <-s.Failed():
	default:
		t.Error("nobody was told that the store has failed")
	}
	if err := s.Failure(); err == nil || err.Error() != errs[0].Error() {
		t.Errorf("Failure: %v, want %v", err, errs[0])
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, folder)
	if rec, err := s.Load(t.Context(), id, "f", bot.Want{}); err != nil || rec.State != nil {
		t.Errorf("after the restart: %s %v", rec.State, err)
	}
	if _, err := s.Commit(t.Context(), tap); err != nil {
		t.Errorf("Commit after the restart: %v", err)
	}
}

// TestReadStop: who reads what cannot be true stops the store as well. What is written on
// such a ground is worth nothing.
func TestReadStop(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	var entries []bot.Entry
	for n := range 200 {
		entries = append(entries, bot.Entry{Date: rituals.Date(n), Kind: "note", Who: bot.One, Value: "words"})
	}
	if _, err := s.Commit(t.Context(), bot.Change{ID: id, Entries: entries}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, folder)
	path := filepath.Join(folder, File)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(content); i++ {
		content[i] = 0xee
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = s.Load(t.Context(), id, "", bot.Want{Entries: []string{"note"}})
	if !errors.Is(err, ErrFailed) {
		t.Errorf("Load of a damaged page: %v, want ErrFailed", err)
	}
	select {
	case <-s.Failed():
	default:
		t.Error("nobody was told that the store has failed")
	}
	if _, err := s.Commit(t.Context(), bot.Change{ID: id, Days: []rituals.Day{{Date: 1}}}); !errors.Is(err, ErrFailed) {
		t.Errorf("Commit afterwards: %v, want ErrFailed", err)
	}
	s.Close() // it may find more that is wrong
}

// TestOpenReadOnly opens folders and files that this user may not write to. Root may
// write everywhere, so there the house is given to nobody, and a thread that will
// never be root again opens it.
func TestOpenReadOnly(t *testing.T) {
	folder := t.TempDir()
	if err := open(t, folder).Close(); err != nil {
		t.Fatal(err)
	}
	root := os.Geteuid() == 0
	for _, c := range []struct {
		name         string
		folder, file os.FileMode
		want         error
	}{{"mine", 0o700, 0o600, nil}, {"folder", 0o500, 0o600, ErrFolder}, {"file", 0o700, 0o400, ErrFolder}, {"both", 0o500, 0o400, ErrFolder}} {
		err := errors.Join(os.Chmod(filepath.Dir(folder), 0o755), os.Chmod(filepath.Join(folder, File), c.file), os.Chmod(folder, c.folder))
		for _, path := range []string{folder, filepath.Join(folder, File), filepath.Join(folder, Lock), filepath.Join(folder, vault.File), filepath.Join(folder, vault.MasterFile)} {
			if root {
				err = errors.Join(err, os.Chown(path, nobody, nobody))
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan error)
		go func() {
			runtime.LockOSThread() // and never unlock it: the thread ends with the goroutine
			if root {
				unix.SetfsuidRetUid(nobody)
			}
			s, err := Open(t.Context(), Options{Folder: folder})
			if err == nil {
				err = s.Close()
			}
			got <- err
		}()
		if err := <-got; !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
	if err := os.Chmod(folder, 0o700); err != nil {
		t.Fatal(err)
	}
}

// nobody is the user who owns nothing.
const nobody = 65534
