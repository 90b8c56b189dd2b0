package vault

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"evenfall/bot"
)

// safe is a vault with sealed texts of many couples.
type safe struct {
	*Vault
	folder string
	sealed [][]byte // of the couples from 1 on
}

func fill(t *testing.T, n int) *safe {
	t.Helper()
	s := &safe{folder: t.TempDir()}
	s.Vault = open(t, s.folder)
	if _, err := s.NewCouples(t.Context(), n); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		s.sealed = append(s.sealed, seal(t, s.Vault, bot.CoupleID(i+1), owners[i%3], mood, fmt.Sprint(i)))
	}
	return s
}

// whole reports whether a master key opens the folder, and fails if not everything in it opens then.
func (s *safe) whole(t *testing.T, folder, master string) bool {
	t.Helper()
	v, err := Open(t.Context(), Options{Folder: folder, MasterKeyFile: master})
	if errors.Is(err, ErrMasterWrong) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	for i, sealed := range s.sealed {
		opens(t, v, bot.CoupleID(i+1), mood, sealed, fmt.Sprint(i))
	}
	return true
}

func TestRekey(t *testing.T) {
	s := fill(t, 2500) // more than one step
	var before [][]byte
	for i := range s.sealed {
		before = append(before, wrapped(t, s.Vault, bot.CoupleID(i+1))...)
	}
	file := filepath.Join(t.TempDir(), "new.key")
	to, err := MakeMaster(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rekey(t.Context(), to); err != nil {
		t.Fatal(err)
	}
	for _, k := range before[:200] {
		if n := found(t, s.folder, k); n > 0 {
			t.Errorf("a key under the old master key stands in the files %d times", n)
		}
	}
	id := couple(t, s.Vault) // wrapped by the new one
	sealed := seal(t, s.Vault, id, bot.One, mood, "later")
	s.cache.drop(id)
	opens(t, s.Vault, id, mood, sealed, "later")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s.whole(t, s.folder, "") {
		t.Error("the old master key still opens")
	}
	if !s.whole(t, s.folder, file) {
		t.Error("the new master key does not open")
	}
}

// TestRekeyCrashes kills the re-keying after every page it writes, in the log and in
// the file: either the old master key opens everything or the new one does.
func TestRekeyCrashes(t *testing.T) {
	s := fill(t, 60)
	file := filepath.Join(t.TempDir(), "new.key")
	to, err := MakeMaster(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	old := read(t, s.folder, File)
	// What Rekey does, stopped before the log is emptied.
	if err := s.transact(t.Context(), func(tx *sql.Tx) error { return s.rewrap(t.Context(), tx, to) }); err != nil {
		t.Fatal(err)
	}
	log := read(t, s.folder, File+"-wal")
	if err := s.wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	fresh, master := read(t, s.folder, File), read(t, s.folder, MasterFile)
	crash := func(db, log []byte) (opensNew bool) {
		t.Helper()
		folder := t.TempDir()
		for name, data := range map[string][]byte{File: db, File + "-wal": log, MasterFile: master} {
			if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		withOld, withNew := s.whole(t, folder, ""), s.whole(t, folder, file)
		if withOld == withNew {
			t.Errorf("the old key opens: %v, the new key opens: %v", withOld, withNew)
		}
		return withNew
	}
	const frame = 24 + 4096
	frames := (len(log) - 32) / frame
	if frames < 3 {
		t.Fatalf("only %d pages were written", frames)
	}
	for n := range frames + 1 {
		if crash(old, log[:32+n*frame]) != (n == frames) {
			t.Errorf("after %d of %d pages in the log the wrong key opens", n, frames)
		}
		if n < frames && crash(old, log[:32+n*frame+frame/2]) {
			t.Errorf("after half of page %d the new key opens", n)
		}
	}
	for n := 0; n <= len(fresh); n += 4096 {
		if !crash(append(fresh[:n:n], old[min(n, len(old)):]...), log) {
			t.Errorf("after %d bytes in the file the old key opens", n)
		}
	}
	if !crash(fresh, nil) {
		t.Error("at the end the old key opens")
	}
}

func read(t *testing.T, folder, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}
