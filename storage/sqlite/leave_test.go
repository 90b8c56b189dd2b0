package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// TestLeft takes a copy of evenfall.db from before somebody left, and today's keys: the
// leaver's secrets, and those that were under way, cannot be read in it any more.
func TestLeft(t *testing.T) {
	for name, c := range map[string]struct {
		change      bot.Change
		after, copy [5]int
	}{
		"one":     {bot.Change{Reset: true, Forget: bot.One}, [5]int{0, 0, 30, 0, 0}, [5]int{}},
		"two":     {bot.Change{Forget: bot.Two}, [5]int{1, 30, 0, 0, 0}, [5]int{}},
		"restart": {bot.Change{Reset: true}, [5]int{0, 30, 30, 30, 0}, [5]int{}},
		"both":    {bot.Change{Delete: true}, [5]int{}, [5]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := open(t, folder)
			c.change.ID = seat(t, s, 0)
			other := seat(t, s, 1)
			confide(t, s, c.change.ID)
			confide(t, s, other)
			old := image(t, folder)
			if _, err := s.Commit(t.Context(), c.change); err != nil {
				t.Fatal(err)
			}
			if n := readable(t, s, c.change.ID); n != c.after {
				t.Errorf("afterwards %v can be read, want %v", n, c.after)
			}
			if left, err := s.keys.Unfinished(t.Context()); err != nil || len(left) > 0 && name != "both" {
				t.Errorf("unfinished: %v %v", left, err)
			}
			kept := image(t, folder)
			for _, end := range []string{"", "-wal"} { // today's keys under yesterday's rows
				data, err := os.ReadFile(filepath.Join(kept, vault.File+end))
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(old, vault.File+end), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			again := open(t, old)
			if n := readable(t, again, c.change.ID); n != c.copy {
				t.Errorf("in the copy %v can be read, want %v", n, c.copy)
			}
			if n := readable(t, again, other); n != [5]int{1, 30, 30, 30, 30} {
				t.Errorf("of the other couple %v can be read", n)
			}
			again = open(t, kept)
			if n := readable(t, again, c.change.ID); n != c.after {
				t.Errorf("after a restart %v can be read, want %v", n, c.after)
			}
		})
	}
}

// TestKeysOfBeforeAndAfter holds every sealed text against the keys of the other time: with
// today's keys nothing of a copy of evenfall.db can be opened but what is the other's own, and
// with a copy of keys.db nothing that was sealed since.
func TestKeysOfBeforeAndAfter(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	confide(t, s, id)
	before, older := texts(t, s, id), keysOf(t, folder)
	if n := opened(t, older, id, before); n != [4]int{0, 30, 30, 30 + 1 + 1 + 30} {
		t.Fatalf("before, %v open", n)
	}
	if _, err := s.Commit(t.Context(), bot.Change{ID: id, Forget: bot.One, Couple: &bot.Couple{Partners: [2]bot.Partner{1: {User: person(1)}}, Room: place(0)}}); err != nil {
		t.Fatal(err)
	}
	after, newer := texts(t, s, id), keysOf(t, folder)
	if n := opened(t, newer, id, after); n != [4]int{0, 0, 30, 2} {
		t.Fatalf("afterwards %v open", n)
	}
	if n := opened(t, newer, id, before); n != [4]int{0, 0, 30, 0} {
		t.Errorf("today's keys open %v of yesterday's texts", n)
	}
	if n := opened(t, older, id, after); n != [4]int{0, 0, 30, 0} {
		t.Errorf("yesterday's keys open %v of today's texts", n)
	}
}

func texts(t *testing.T, s *Store, id bot.CoupleID) (all []row) {
	t.Helper()
	for _, table := range s.queue.w.tables() {
		rows, err := table.of(id)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, rows...)
	}
	return all
}

// keysOf opens a copy of keys.db as it is now.
func keysOf(t *testing.T, folder string) *vault.Vault {
	t.Helper()
	keys, err := vault.Open(t.Context(), vault.Options{Folder: image(t, folder)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { keys.Close() })
	return keys
}

// opened counts, by owner, the texts that these keys open.
func opened(t *testing.T, keys *vault.Vault, id bot.CoupleID, texts []row) (n [4]int) {
	t.Helper()
	for _, r := range texts {
		switch _, err := keys.Open(id, r.at, r.sealed); {
		case err == nil:
			n[r.owner]++
		case !errors.Is(err, vault.ErrShredded):
			t.Errorf("%+v: %v", r.at, err)
		}
	}
	return n
}

// TestRefusedLeavesNoKeys refuses a new couple.
func TestRefusedLeavesNoKeys(t *testing.T) {
	s := open(t, t.TempDir())
	id := seat(t, s, 0)
	if _, err := s.Commit(t.Context(), bot.Change{Couple: &bot.Couple{Room: place(0)}}); !errors.Is(err, bot.ErrTaken) {
		t.Fatal(err)
	}
	if _, err := s.keys.Seal(id+1, bot.Both, inCouple(), nil); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("a refused couple has keys: %v", err)
	}
}
