package sqlite

import (
	"bytes"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// before makes a house as it was before texts were sealed.
func before(t *testing.T, folder string) {
	t.Helper()
	s := open(t, folder)
	seat(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, File)
	for _, name := range []string{vault.File, vault.MasterFile} {
		if err := os.Remove(filepath.Join(folder, name)); err != nil {
			t.Fatal(err)
		}
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
	db.SetMaxOpenConns(1)
	exec(`BEGIN`)
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
	exec(`COMMIT`)
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

// TestSealingIsCutShort kills the sealing where it can be met half done: when some keys or all
// are there and no text is sealed, and when texts are sealed and the file is not written anew.
func TestSealingIsCutShort(t *testing.T) {
	folder := t.TempDir()
	before(t, folder)
	keys, err := vault.Open(t.Context(), vault.Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	if err := keys.Adopt(t.Context(), []bot.CoupleID{1, 3, 5}); err != nil {
		t.Fatal(err)
	}
	sealedNow(t, image(t, folder))
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
