package sqlite

import (
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// remains is what can be found of a couple in the bytes of the files: its wrapped keys
// and its sealed texts, by owner.
type remains map[bot.Who][][]byte

func remainsOf(t *testing.T, s *Store, folder string, id bot.CoupleID) remains {
	t.Helper()
	all := remains{}
	for _, table := range s.queue.w.tables() {
		rows, err := table.of(id)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all[r.owner] = append(all[r.owner], r.sealed)
		}
	}
	for owner, keys := range wrapped(t, folder, id) {
		all[owner] = append(all[owner], keys...)
	}
	return all
}

// wrapped reads the keys of a couple as they stand in keys.db.
func wrapped(t *testing.T, folder string, id bot.CoupleID) map[bot.Who][][]byte {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, vault.File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`SELECT owner, wrapped FROM ring JOIN key USING (id) WHERE couple = ?`, id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	keys := map[bot.Who][][]byte{}
	for rows.Next() {
		var owner bot.Who
		var key []byte
		if err := rows.Scan(&owner, &key); err != nil {
			t.Fatal(err)
		}
		keys[owner] = append(keys[owner], key)
	}
	return keys
}

// gone fails if anything of these owners stands in any file.
func (r remains) gone(t *testing.T, folder string, owners ...bot.Who) {
	t.Helper()
	for _, owner := range owners {
		if len(r[owner]) < 2 {
			t.Fatalf("of %v there was nothing", owner)
		}
		n := 0
		for _, what := range r[owner] {
			n += found(t, folder, string(what))
		}
		if n > 0 {
			t.Errorf("what was %v's stands in the files %d times", owner, n)
		}
	}
}

// stages plays a change and copies the files each time something has become durable: the keys
// have changed; the rows have, and the old keys are still there; all is done.
func stages(t *testing.T, s *Store, folder string, ch bot.Change) (images [3]string, id bot.CoupleID) {
	t.Helper()
	c := &change{Change: ch}
	if err := c.freeze(); err != nil {
		t.Fatal(err)
	}
	reached, on, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	j := job{kept: func() { s.shelf.note(ch) }, apply: func(w *writer) (refused, err error) {
		refused, err = c.apply(w)
		reached <- struct{}{}
		<-on
		return refused, err
	}}
	if c.ID == 0 {
		j.fresh = &c.fresh
	}
	turning := &s.queue.w.turning
	turning.RLock() // a reader, for whom the old keys must wait
	go func() { done <- s.queue.do(t.Context(), j) }()
	<-reached
	images[0] = image(t, folder)
	close(on)
	var err error
	ended := false
	for !ended && turning.TryRLock() { // until somebody waits for the reader
		turning.RUnlock()
		select {
		case err = <-done:
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
	images[1] = image(t, folder)
	turning.RUnlock()
	if !ended {
		err = <-done
	}
	if err != nil {
		t.Fatal(err)
	}
	images[2] = image(t, folder)
	return images, c.receipt.ID
}

// TestCrashAtEachStage kills the house at each stage of what changes keys and rows. The next
// start finishes it, and what was to be gone stands in none of the files.
func TestCrashAtEachStage(t *testing.T) {
	for name, c := range map[string]struct {
		change       bot.Change
		begun, ended [5]int // what can be read after the first stage, and after the others
		gone         []bot.Who
	}{
		"one leaves":      {bot.Change{Reset: true, Forget: bot.One}, [5]int{1, 0, 30, 30, 30}, [5]int{0, 0, 30, 0, 0}, []bot.Who{bot.One, bot.Both}},
		"the other goes":  {bot.Change{Forget: bot.Two}, [5]int{1, 30, 0, 30, 30}, [5]int{1, 30, 0, 0, 0}, []bot.Who{bot.Two, bot.Both}},
		"they begin anew": {bot.Change{Reset: true}, [5]int{1, 30, 30, 30, 30}, [5]int{0, 30, 30, 30, 0}, []bot.Who{bot.Both}},
		"the last leaves": {bot.Change{Delete: true}, [5]int{}, [5]int{}, []bot.Who{bot.One, bot.Two, bot.Both}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			s := open(t, folder)
			id, other := seat(t, s, 0), seat(t, s, 1)
			confide(t, s, id)
			confide(t, s, other)
			left, kept := remainsOf(t, s, folder, id), remainsOf(t, s, folder, other)
			c.change.ID = id
			images, _ := stages(t, s, folder, c.change)
			left.gone(t, folder, c.gone...)
			for stage, folder := range images {
				want := c.ended
				if stage == 0 {
					want = c.begun
				}
				for range 2 { // the second start finds nothing left to do
					s := open(t, folder)
					if n := readable(t, s, id); n != want {
						t.Errorf("stage %d: %v can be read, want %v", stage, n, want)
					}
					if n := readable(t, s, other); n != [5]int{1, 30, 30, 30, 30} {
						t.Errorf("stage %d: of the other couple %v can be read", stage, n)
					}
					left.gone(t, folder, c.gone...)
					if n := rows(t, s, `SELECT count(*) FROM couple`); (n == 1) != c.change.Delete {
						t.Errorf("stage %d: %d couples", stage, n)
					}
					if keys := wrapped(t, folder, id); (len(keys[bot.Both]) == 0) != c.change.Delete || len(keys[bot.Both]) > 1 {
						t.Errorf("stage %d: %d shared keys", stage, len(keys[bot.Both]))
					}
					if err := s.Close(); err != nil {
						t.Fatal(err)
					}
				}
				unfinished(t, folder)
			}
			if found(t, images[2], string(kept[bot.One][0])) == 0 {
				t.Error("nothing of the other couple was found: that was no trial")
			}
		})
	}
}

// unfinished fails if anything is left to do in a closed house.
func unfinished(t *testing.T, folder string) {
	t.Helper()
	v, err := vault.Open(t.Context(), vault.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	if left, err := v.Unfinished(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("unfinished: %v %v", left, err)
	}
}

// TestCrashOfANewCouple kills the house between a new couple's keys and the couple: the keys go.
func TestCrashOfANewCouple(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	seat(t, s, 1)
	c := bot.Couple{Partners: [2]bot.Partner{{User: person(0)}, {User: person(1)}}, Room: place(0)}
	images, id := stages(t, s, folder, bot.Change{Couple: &c})
	if len(wrapped(t, images[0], id)) != 3 {
		t.Error("there were no keys yet: that was no trial")
	}
	for stage, folder := range images {
		s := open(t, folder)
		f, err := s.Find(t.Context(), person(0), place(0), nil, time.Time{})
		if err != nil || (f.ByUser == id) != (stage > 0) {
			t.Errorf("stage %d: %+v %v", stage, f, err)
		}
		if n := len(slices.Concat(wrapped(t, folder, id)[bot.One], wrapped(t, folder, id)[bot.Both])); n != min(2, 2*stage) {
			t.Errorf("stage %d: %d keys", stage, n)
		}
		if next := seat(t, s, 5); next <= id {
			t.Errorf("couple %d came after %d", next, id)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		unfinished(t, folder)
	}
}
