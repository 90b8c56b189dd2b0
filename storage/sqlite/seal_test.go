package sqlite

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

const whisper = "tell nobody, least of all the disk"

// confide leaves secrets of both partners wherever a text can stand.
func confide(t *testing.T, s *Store, id bot.CoupleID) {
	t.Helper()
	for i := range 30 {
		_, err := s.Commit(t.Context(), bot.Change{ID: id,
			States: []bot.State{{Flow: "boundary", JSON: fmt.Appendf(nil, `{"text":"%s"}`, whisper)}},
			Entries: []bot.Entry{{Date: rituals.Date(i), Kind: "note", Who: bot.One, Value: whisper}, {Date: rituals.Date(i), Kind: "note", Who: bot.Two, Value: whisper},
				{Date: rituals.Date(i), Kind: "card", Who: bot.Both, Value: whisper}},
			Letters: []bot.Letter{{Chat: place(0), Page: bot.Page{Text: whisper}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func found(t *testing.T, folder, whisper string) (n int) {
	for _, data := range files(t, folder) {
		n += bytes.Count(data, []byte(whisper))
	}
	return n
}

// readable is how many secrets of each can be read: the state's, One's, Two's, the shared ones, the letters'.
func readable(t *testing.T, s *Store, id bot.CoupleID) (n [5]int) {
	t.Helper()
	rec, err := s.Load(t.Context(), id, "boundary", bot.Want{Entries: []string{"note", "card"}})
	if errors.Is(err, bot.ErrNone) {
		err = nil
	}
	if err != nil {
		t.Fatal(err)
	}
	n[0] = bytes.Count(rec.State, []byte(whisper))
	for _, e := range rec.Entries {
		if e.Value == whisper {
			n[e.Who]++
		}
	}
	letters, err := s.Waiting(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		if l.Couple == id && l.Page.Text == whisper {
			n[4]++
		}
	}
	return n
}

// TestSealed looks for secrets and names in every file of a house in use.
func TestSealed(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	c := bot.Couple{Partners: [2]bot.Partner{{User: person(0), Name: "Scheherazade"}, {User: person(1), Name: "Shahryar"}}}
	r, err := s.Commit(t.Context(), bot.Change{Couple: &c})
	if err != nil {
		t.Fatal(err)
	}
	confide(t, s, r.ID)
	if n := readable(t, s, r.ID); n != [5]int{1, 30, 30, 30, 30} {
		t.Errorf("%v can be read", n)
	}
	for range 2 {
		for _, text := range []string{whisper, "Scheherazade", "Shahryar"} {
			if n := found(t, folder, text); n > 0 {
				t.Errorf("%q stands in the files %d times", text, n)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestLeft takes a copy of evenfall.db from before somebody left, and today's keys: the
// leaver's secrets, and those that were under way, cannot be read in it any more.
func TestLeft(t *testing.T) {
	for name, c := range map[string]struct {
		change      bot.Change
		after, copy [5]int
	}{
		"one":     {bot.Change{Reset: true, Forget: bot.One}, [5]int{0, 0, 30, 0, 0}, [5]int{}},
		"two":     {bot.Change{Forget: bot.Two}, [5]int{1, 30, 0, 0, 30}, [5]int{}},
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

// TestCrashBetween kills the house after the keys have changed and before the rows
// have. The next start finishes it.
func TestCrashBetween(t *testing.T) {
	for name, c := range map[string]struct {
		keys func(s *Store, id bot.CoupleID) error
		want [5]int
	}{
		"one leaves": {func(s *Store, id bot.CoupleID) error { return s.keys.Rotate(t.Context(), id, bot.One) }, [5]int{1, 0, 30, 30, 30}},
		"all leave":  {func(s *Store, id bot.CoupleID) error { return s.keys.Shred(t.Context(), id, bot.Both) }, [5]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := open(t, folder)
			id := seat(t, s, 0)
			confide(t, s, id)
			if err := c.keys(s, id); err != nil {
				t.Fatal(err)
			}
			before := image(t, folder)
			for range 2 { // the second start finds nothing left to do
				s = open(t, before)
				if n := readable(t, s, id); n != c.want {
					t.Errorf("%v can be read, want %v", n, c.want)
				}
				if n := rows(t, s, `SELECT count(*) FROM entry WHERE who = 1`); n != 0 {
					t.Errorf("%d rows of who left are there", n)
				}
				if n := rows(t, s, `SELECT count(*) FROM couple`); (n != 0) != (c.want != [5]int{}) {
					t.Errorf("%d couples", n)
				}
				left, err := s.keys.Unfinished(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if name == "one leaves" && len(left) > 0 {
					t.Errorf("unfinished: %v", left)
				}
			}
		})
	}
}

// TestCrashBeforeRows kills the house after a new couple's keys are there and before
// the couple is: its keys go.
func TestCrashBeforeRows(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id, err := s.keys.NewCouples(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	s = open(t, image(t, folder))
	if _, err := s.keys.Seal(id, bot.Both, inCouple(), nil); !errors.Is(err, vault.ErrShredded) {
		t.Errorf("the keys are there: %v", err)
	}
	if next := seat(t, s, 0); next <= id {
		t.Errorf("couple %d came after %d", next, id)
	}
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

func rows(t *testing.T, s *Store, query string) int64 {
	t.Helper()
	row, err := s.queue.w.once(query)
	if err != nil {
		t.Fatal(err)
	}
	return number(row[0])
}

// TestRowsDoNotMove changes what stands around a sealed text: it is not read as
// something that it is not.
func TestRowsDoNotMove(t *testing.T) {
	for name, c := range map[string]struct {
		sql  string
		want [5]int // what can still be read, if anything
	}{
		"an answer of the other":   {`UPDATE entry SET who = 2 WHERE who = 1 AND date = 100`, [5]int{}},
		"revealed":                 {`UPDATE entry SET shared = 1 WHERE who = 1 AND date = 100`, [5]int{}},
		"another day":              {`UPDATE entry SET date = 101 WHERE date = 100`, [5]int{}},
		"another kind":             {`UPDATE entry SET kind = 'card' WHERE date = 100`, [5]int{}},
		"another conversation":     {`UPDATE state SET flow = 'boundary' WHERE flow = 'checkin'`, [5]int{}},
		"another couple's answers": {`UPDATE entry SET value = (SELECT value FROM entry WHERE couple = 2) WHERE couple = 1`, [5]int{}},
		"another couple's words":   {`UPDATE couple SET body = (SELECT body FROM couple WHERE id = 2) WHERE id = 1`, [5]int{}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := open(t, folder)
			for n := range 2 {
				id := seat(t, s, n)
				if _, err := s.Commit(t.Context(), bot.Change{ID: id, Entries: []bot.Entry{{Date: 100, Kind: "note", Who: bot.One, Value: fmt.Sprint(id)}},
					States: []bot.State{{Flow: "checkin", JSON: []byte(`{}`)}}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			run(t, filepath.Join(folder, File), c.sql)
			s = open(t, folder)
			rec, err := s.Load(t.Context(), 1, "boundary", bot.Want{Entries: []string{"note", "card"}})
			if !errors.Is(err, vault.ErrTampered) && !errors.Is(err, bot.ErrNone) && (err != nil || len(rec.Entries)+len(rec.State) > 0) {
				t.Errorf("%+v %v", rec, err)
			}
		})
	}
}

// TestLetterStaysInItsChat sends a waiting letter to another chat by a change in the
// file: it is not sent at all, and the others are.
func TestLetterStaysInItsChat(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	for range 3 {
		if _, err := s.Commit(t.Context(), bot.Change{ID: id, Letters: []bot.Letter{{Chat: place(0), Page: bot.Page{Text: whisper}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.queue.w.once(`UPDATE letter SET chat = 'elsewhere' WHERE id = (SELECT min(id) FROM letter)`); err != nil {
		t.Fatal(err)
	}
	letters, err := s.Waiting(t.Context(), 0, 1)
	if err != nil || len(letters) != 1 || letters[0].Chat != place(0) {
		t.Errorf("%+v %v", letters, err)
	}
	if letters, err := s.Waiting(t.Context(), 0, 10); err != nil || len(letters) != 2 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
}

// before makes a house as it was before texts were sealed.
func before(t *testing.T, folder string) {
	t.Helper()
	s := open(t, folder)
	seat(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, File)
	if err := os.Remove(filepath.Join(folder, vault.File)); err != nil {
		t.Fatal(err)
	}
	run(t, path, `DELETE FROM goose_db_version WHERE version_id >= 3`, `DELETE FROM meta WHERE name IN ('house', 'generation')`, `DELETE FROM couple`, `DROP TABLE entry`,
		`CREATE TABLE entry (couple INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE, kind TEXT NOT NULL, date INTEGER NOT NULL,
			who INTEGER NOT NULL, shared INTEGER NOT NULL, value TEXT NOT NULL, PRIMARY KEY (couple, kind, date, who)) STRICT, WITHOUT ROWID`)
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	exec := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Exec(text, args...); err != nil {
			t.Fatal(err)
		}
	}
	for id := 1; id <= 2*houses; id += 2 { // some have left
		exec(`INSERT INTO couple (id, body) VALUES (?, ?)`, id, fmt.Appendf(nil, `{"partners":[{"name":"Scheherazade"},{}]}`))
		exec(`INSERT INTO state (couple, flow, body, wake) VALUES (?, 'boundary', ?, 1000)`, id, fmt.Appendf(nil, `{"text":"%s"}`, whisper))
		exec(`INSERT INTO letter (id, couple, network, chat, attempts, body) VALUES (?, ?, 'telegram', '1', 0, ?)`, id, id, fmt.Appendf(nil, `{"page":{"Text":"%s"}}`, whisper))
		for who := 1; who <= 3; who++ {
			kind := "note"
			if who == 3 {
				kind = "card"
			}
			exec(`INSERT INTO entry (couple, kind, date, who, shared, value) VALUES (?, ?, 7, ?, 1, ?)`, id, kind, who, whisper)
		}
	}
}

const houses = 1200 // more than one step

// sealedNow fails unless the whole house is sealed and can be read.
func sealedNow(t *testing.T, folder string) {
	t.Helper()
	s := open(t, folder)
	for _, text := range []string{whisper, "Scheherazade"} {
		if n := found(t, folder, text); n > 0 {
			t.Errorf("%q stands in the files %d times", text, n)
		}
	}
	for id := bot.CoupleID(1); id <= 2*houses; id += 400 {
		rec, err := s.Load(t.Context(), id, "boundary", bot.Want{Entries: []string{"note", "card"}})
		if err != nil || rec.Couple.Partners[0].Name != "Scheherazade" || !bytes.Contains(rec.State, []byte(whisper)) || len(rec.Entries) != 3 {
			t.Fatalf("couple %d: %+v %v", id, rec, err)
		}
		for _, e := range rec.Entries {
			if e.Value != whisper || !e.Shared {
				t.Errorf("couple %d: %+v", id, e)
			}
		}
	}
	letters, err := s.Waiting(t.Context(), 0, houses+1)
	if err != nil || len(letters) != houses || letters[houses-1].Page.Text != whisper {
		t.Errorf("%d letters, %v", len(letters), err)
	}
	due, err := s.Due(t.Context(), time.Unix(1000, 0), bot.Alarm{}, houses+1)
	if err != nil || len(due) != houses {
		t.Errorf("%d due, %v", len(due), err)
	}
	if id := seat(t, s, 5); id <= 2*houses-1 {
		t.Errorf("a new couple has the number %d", id)
	}
}

// TestSealsTheOldHouse opens a house of before: afterwards all of it is sealed.
func TestSealsTheOldHouse(t *testing.T) {
	folder := t.TempDir()
	before(t, folder)
	if found(t, folder, whisper) == 0 {
		t.Fatal("the house was sealed already")
	}
	sealedNow(t, folder)
}

// TestSealingIsCutShort kills the sealing where it can be met half done: when keys are
// there and no text is sealed, and when texts are sealed and the file is not written anew.
func TestSealingIsCutShort(t *testing.T) {
	folder := t.TempDir()
	before(t, folder)
	keys, err := vault.Open(t.Context(), vault.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, File))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, commit := range []bool{false, true} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := sealAll(t.Context(), tx, keys); err != nil {
			t.Fatal(err)
		}
		if !commit {
			if err := tx.Rollback(); err != nil {
				t.Fatal(err)
			}
			sealedNow(t, image(t, folder))
			continue
		}
		if _, err := tx.Exec(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (3, 1)`); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		cut := image(t, folder)
		if found(t, cut, whisper) == 0 {
			t.Error("the second half has nothing to do")
		}
		sealedNow(t, cut)
	}
}
