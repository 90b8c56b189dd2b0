package vault

import (
	"bytes"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"evenfall/bot"
)

// TestKeyFlips turns every bit of a row of keys.db. Each is refused, and nobody's text
// opens to anything but itself.
func TestKeyFlips(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	one, two := couple(t, v), couple(t, v)
	mine, other := seal(t, v, one, bot.One, mood, "mine"), seal(t, v, two, bot.One, mood, "other")
	flip := func(update string, args ...any) {
		t.Helper()
		tx, err := v.writer.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(update, args...); err != nil {
			if !strings.Contains(err.Error(), "constraint") { // an owner that cannot be
				t.Fatal(err)
			}
			tx.Rollback()
			return
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
		v.cache.drop(one)
		v.cache.drop(two)
		if got, err := v.Open(one, mood, mine); !errors.Is(err, ErrTampered) && !errors.Is(err, ErrShredded) {
			t.Errorf("%s %v: %q %v", update, args, got, err)
		}
		if got, err := v.Open(two, mood, other); err == nil && string(got) != "other" {
			t.Errorf("%s %v: the other couple reads %q", update, args, got)
		}
	}
	restore := rows(t, v)
	good := wrapped(t, v, one)[0]
	for bit := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		flip(`UPDATE key SET wrapped = ? WHERE id = 1`, bad)
		restore()
	}
	for _, column := range []string{"couple", "id", "owner"} {
		for bit := range 63 {
			flip("UPDATE ring SET "+column+" = ("+column+" | ?1) - ("+column+" & ?1) WHERE id = 1", int64(1)<<bit) // exclusive or
			restore()
		}
	}
	for bit := range 63 {
		flip("UPDATE key SET id = (id | ?1) - (id & ?1) WHERE id = 1", int64(1)<<bit)
		restore()
	}
	v.cache.drop(one)
	opens(t, v, one, mood, mine, "mine")
}

// TestWrapped takes a wrapped key to every other row.
func TestWrapped(t *testing.T) {
	v := open(t, t.TempDir())
	raw := bytes.Repeat([]byte{7}, keySize)
	w := v.master.wrap(raw, 1, 2, bot.One)
	if got, err := v.master.unwrap(w, 1, 2, bot.One); err != nil || !bytes.Equal(got, raw) {
		t.Errorf("in its row: %v", err)
	}
	for _, other := range []struct {
		id     int64
		couple bot.CoupleID
		owner  bot.Who
	}{{2, 2, bot.One}, {1, 1, bot.One}, {1, 2, bot.Two}, {2, 1, bot.One}} {
		if _, err := v.master.unwrap(w, other.id, other.couple, other.owner); !errors.Is(err, ErrTampered) {
			t.Errorf("in %+v: %v", other, err)
		}
	}
}

// rows returns how to put the keys back as they are.
func rows(t *testing.T, v *Vault) (restore func()) {
	t.Helper()
	do := func(db *sql.DB, text string) {
		t.Helper()
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	do(v.writer, `CREATE TEMP TABLE goodkey AS SELECT * FROM key; CREATE TEMP TABLE goodring AS SELECT * FROM ring`)
	return func() {
		do(v.writer, `DELETE FROM key; INSERT INTO key SELECT * FROM goodkey; DELETE FROM ring; INSERT INTO ring SELECT * FROM goodring`)
	}
}

// TestBlobFlips turns every bit of a sealed text, and cuts it short everywhere.
func TestBlobFlips(t *testing.T) {
	v := open(t, t.TempDir())
	id := couple(t, v)
	sealed := seal(t, v, id, bot.Two, mood, "4")
	for bit := range len(sealed) * 8 {
		flipped := bytes.Clone(sealed)
		flipped[bit/8] ^= 1 << (bit % 8)
		if got, err := v.Open(id, mood, flipped); !errors.Is(err, ErrTampered) && !errors.Is(err, ErrShredded) {
			t.Errorf("bit %d: %q %v", bit, got, err)
		}
	}
	for n := range len(sealed) {
		refuses(t, v, id, mood, sealed[:n], ErrTampered)
	}
}
