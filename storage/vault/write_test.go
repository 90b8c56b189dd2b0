package vault

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"evenfall/bot"
	"evenfall/storage/internal/dbfile"
)

// TestWipeAfterAKill kills the vault after a key was dropped and before the log was
// emptied: the next start empties it.
func TestWipeAfterAKill(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	id := couple(t, v)
	keys := wrapped(t, v, id)
	if err := v.Wipe(t.Context()); err != nil {
		t.Fatal(err)
	}
	reader, err := v.reader.BeginTx(t.Context(), nil) // who reads keeps the log from being emptied
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRow(`SELECT count(*) FROM ring`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	if _, err := v.writer.Exec(`PRAGMA busy_timeout = 1`); err != nil {
		t.Fatal(err)
	}
	if err := v.Shred(t.Context(), id, bot.Both); err != nil {
		t.Fatal(err)
	}
	killed := image(t, folder)
	for _, key := range keys {
		if found(t, killed, key) == 0 {
			t.Fatal("the log was emptied: that was no trial")
		}
	}
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	other, err := dbfile.Connect(filepath.Join(killed, File), dbfile.Reading, 1) // closing the last connection would empty it too
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := other.QueryRow(`SELECT count(*) FROM ring`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]*Vault{"the next start": open(t, killed), "the next time": v} {
		if err := v.Wipe(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, key := range keys {
			if n := found(t, filepath.Dir(v.path), key); n > 0 {
				t.Errorf("%s: a dropped key stands in the files %d times", name, n)
			}
		}
	}
}

// TestOneDamagedKey spoils one key of a couple: what the others have sealed can be read.
func TestOneDamagedKey(t *testing.T) {
	v := open(t, t.TempDir())
	id := couple(t, v)
	mine, theirs := seal(t, v, id, bot.One, mood, "1"), seal(t, v, id, bot.Two, mood, "2")
	if _, err := v.writer.Exec(`UPDATE key SET wrapped = zeroblob(60) WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	v.cache.drop(id)
	refuses(t, v, id, mood, mine, ErrTampered)
	opens(t, v, id, mood, theirs, "2")
	if _, err := v.Seal(id, bot.One, mood, nil); !errors.Is(err, ErrTampered) {
		t.Errorf("Seal: %v", err)
	}
	if err := v.Rotate(t.Context(), id, bot.One); err != nil {
		t.Fatal(err)
	}
	opens(t, v, id, mood, seal(t, v, id, bot.One, mood, "3"), "3")
	if err := v.Retire(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	opens(t, v, id, mood, theirs, "2")
}

// TestErrorsNameTheFile damages keys.db under a vault in use: of two databases, the
// error says which.
func TestErrorsNameTheFile(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	if _, err := v.NewCouples(t.Context(), 5000); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, File)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	v = open(t, folder)
	for at := int64(4096); at < info.Size(); at += 4096 {
		overwrite(path, at, "\xff\xff\xff\xff\xff\xff\xff\xff")
	}
	_, err = v.Seal(4000, bot.One, mood, nil)
	if !errors.Is(err, dbfile.ErrBroken) || dbfile.Explain("evenfall.db", err) != err {
		t.Errorf("Seal: %v", err)
	}
}
