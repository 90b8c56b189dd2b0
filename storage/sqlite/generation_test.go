package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// reopen closes a house, lets somebody do something to its files, and opens it again.
func reopen(t *testing.T, s *Store, folder string, meanwhile func()) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	meanwhile()
	return open(t, folder)
}

// put writes a file as it once was.
func put(t *testing.T, folder, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestOlderCopy puts an older evenfall.db beside newer keys: what waited is over, and only then.
func TestOlderCopy(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	waiting, posted := evenfalls(t, s, seat(t, s, 0))
	noon := time.Unix(1_800_000_000, 0)
	if _, err := s.Beat(t.Context(), noon); err != nil {
		t.Fatal(err)
	}
	var copied []byte
	s = reopen(t, s, folder, func() { copied = files(t, folder)[File] })
	if s.Restored != nil {
		t.Fatalf("a restart was taken for an older copy: %+v", s.Restored)
	}
	still(t, s, waiting, posted)

	s = reopen(t, s, folder, func() { put(t, folder, File, copied) })
	if s.Restored == nil || *s.Restored != (Tally{Couples: 1, Letters: 1}) {
		t.Fatalf("an older copy was not known: %+v", s.Restored)
	}
	for range 2 { // the second time it is what it was
		still(t, s, waiting, posted)
		if letters, err := s.Waiting(t.Context(), 0, 10); err != nil || letters[0].Until.IsZero() || letters[0].Until.After(time.Unix(1000, 0)) {
			t.Errorf("a letter of long ago can still be sent: %+v %v", letters, err)
		}
		s = reopen(t, s, folder, func() {})
		if s.Restored != nil {
			t.Errorf("it was treated as older twice: %+v", s.Restored)
		}
	}
	if r, err := s.Commit(t.Context(), bot.Change{ID: waiting.Couple, Letters: []bot.Letter{posted}}); err != nil || r.Letters[0] < jump {
		t.Errorf("letter %d, %v: its number may have been given before", r.Letters, err)
	}
	if away, err := s.Beat(t.Context(), noon.Add(time.Second)); err != nil || len(away) != 1 {
		t.Errorf("what was lost since the copy does not count as an outage: %v %v", away, err)
	}
}

// TestStartsCutShort stops starts between the two databases.
func TestStartsCutShort(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	waiting, posted := evenfalls(t, s, seat(t, s, 0))
	for range 3 {
		s = reopen(t, s, folder, func() {
			run(t, filepath.Join(folder, File), `UPDATE meta SET value = value + 1 WHERE name = 'generation'`)
		})
		if s.Restored != nil {
			t.Fatalf("a start that was cut short was taken for an older copy: %+v", s.Restored)
		}
		still(t, s, waiting, posted)
	}
}

// TestOlderCopyWithoutKeys brings back the rows of a couple that has left since: nothing of
// them can be read, and nothing stays.
func TestOlderCopyWithoutKeys(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	gone, here := seat(t, s, 0), seat(t, s, 1)
	confide(t, s, gone)
	confide(t, s, here)
	var copied []byte
	s = reopen(t, s, folder, func() { copied = files(t, folder)[File] })
	if _, err := s.Commit(t.Context(), bot.Change{ID: gone, Delete: true}); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s, folder, func() { put(t, folder, File, copied) })
	if want := (Tally{Couples: 1, Gone: 1, Letters: 30}); s.Restored == nil || *s.Restored != want {
		t.Errorf("%+v, want %+v", s.Restored, want)
	}
	if n := readable(t, s, gone); n != [5]int{} {
		t.Errorf("of who has left can be read: %v", n)
	}
	if n := readable(t, s, here); n != [5]int{1, 30, 30, 30, 30} {
		t.Errorf("of who is here can be read: %v", n)
	}
	if n := rows(t, s, `SELECT (SELECT count(*) FROM couple) + (SELECT count(*) FROM member)`); n != 1+2 {
		t.Errorf("%d rows of couples and members", n)
	}
}

// TestMixed puts the keys of another house beside a database.
func TestMixed(t *testing.T) {
	folder, other := t.TempDir(), t.TempDir()
	for _, f := range []string{folder, other} {
		s := open(t, f)
		seat(t, s, 0)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{vault.File, vault.MasterFile} {
		put(t, folder, name, files(t, other)[name])
	}
	before := files(t, folder)
	if _, err := Open(t.Context(), Options{Folder: folder}); !errors.Is(err, ErrMixed) {
		t.Fatalf("Open: %v, want ErrMixed", err)
	}
	for name, data := range files(t, folder) {
		if string(data) != string(before[name]) {
			t.Errorf("%s was changed", name)
		}
	}
}
