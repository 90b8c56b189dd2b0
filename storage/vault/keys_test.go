package vault

import (
	"bytes"
	"database/sql"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"evenfall/bot"
)

// wrapped is the wrapped keys that stand in the file for a couple.
func wrapped(t *testing.T, v *Vault, id bot.CoupleID) (keys [][]byte) {
	t.Helper()
	rows, err := v.reader.Query(`SELECT wrapped FROM ring JOIN key USING (id) WHERE couple = ? ORDER BY id`, id)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var k []byte
		if err := rows.Scan(&k); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, k)
	}
	return keys
}

// found counts how often these bytes stand in any file of the folder.
func found(t *testing.T, folder string, what []byte) (n int) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(folder, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		n += bytes.Count(data, what)
	}
	return n
}

// TestShred looks for the keys of those who left, in every file of a vault in use.
func TestShred(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	first := couple(t, v)
	for range 299 { // pages that split and merge leave copies behind
		couple(t, v)
	}
	kept := map[bot.CoupleID][][]byte{}
	for id := first; id < first+300; id++ {
		all := wrapped(t, v, id)
		if len(all) != 3 || found(t, folder, all[0]) == 0 {
			t.Fatalf("couple %d: %d keys", id, len(all))
		}
		mine, theirs := seal(t, v, id, bot.One, mood, "4"), seal(t, v, id, bot.Two, mood, "5")
		who, gone := bot.One, all[:1]
		if id%2 == 0 {
			who, gone = bot.Both, all
		}
		for range 2 { // again is the same as once
			if err := v.Shred(t.Context(), id, who); err != nil {
				t.Fatal(err)
			}
			refuses(t, v, id, mood, mine, ErrShredded)
			if who == bot.One {
				opens(t, v, id, mood, theirs, "5")
			} else {
				refuses(t, v, id, mood, theirs, ErrShredded)
			}
		}
		for _, k := range gone {
			if n := found(t, folder, k); n > 0 {
				t.Fatalf("couple %d: a shredded key stands in the files %d times", id, n)
			}
		}
		kept[id] = all[len(gone):]
		if who == bot.Both {
			if _, err := v.Seal(id, bot.Both, mood, nil); !errors.Is(err, ErrShredded) {
				t.Errorf("Seal: %v", err)
			}
		}
	}
	for _, id := range rand.Perm(300) {
		id := first + bot.CoupleID(id)
		if err := v.Shred(t.Context(), id, bot.Both); err != nil {
			t.Fatal(err)
		}
		for _, k := range kept[id] {
			if n := found(t, folder, k); n > 0 {
				t.Fatalf("couple %d: a key stands in the files %d times after the second has left", id, n)
			}
		}
	}
}

// TestShredIsDurable opens what stands on the disk at the moment Shred returns.
func TestShredIsDurable(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	id := couple(t, v)
	mine := seal(t, v, id, bot.One, mood, "4")
	if err := v.Shred(t.Context(), id, bot.One); err != nil {
		t.Fatal(err)
	}
	refuses(t, open(t, image(t, folder)), id, mood, mine, ErrShredded)
}

// image copies the files as a kill would leave them.
func image(t *testing.T, folder string) string {
	t.Helper()
	to := t.TempDir()
	for _, name := range []string{File, File + "-wal", MasterFile} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func TestRotate(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	id := couple(t, v)
	before := wrapped(t, v, id)
	mine, theirs, ours := seal(t, v, id, bot.One, mood, "1"), seal(t, v, id, bot.Two, mood, "2"), seal(t, v, id, bot.Both, mood, "3")
	if err := v.Rotate(t.Context(), id, bot.One); err != nil {
		t.Fatal(err)
	}
	refuses(t, v, id, mood, mine, ErrShredded)
	opens(t, v, id, mood, theirs, "2")
	opens(t, v, id, mood, ours, "3")
	for sealed, want := range map[*[]byte]bool{&theirs: true, &ours: false, &mine: false} {
		if got, err := v.Current(id, *sealed); err != nil || got != want {
			t.Errorf("Current: %v %v, want %v", got, err, want)
		}
	}
	anew := seal(t, v, id, bot.Both, mood, "3")
	if ok, err := v.Current(id, anew); err != nil || !ok {
		t.Errorf("what was sealed anew is not current: %v", err)
	}
	newcomer := seal(t, v, id, bot.One, mood, "6")
	for _, again := range []*Vault{v, open(t, image(t, folder))} { // the second as after a kill
		left, err := again.Unfinished(t.Context())
		if err != nil || !slices.Equal(left, []bot.CoupleID{id}) {
			t.Errorf("Unfinished: %v %v", left, err)
		}
		if err := again.Retire(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		refuses(t, again, id, mood, ours, ErrShredded)
		opens(t, again, id, mood, anew, "3")
		opens(t, again, id, mood, theirs, "2")
		opens(t, again, id, mood, newcomer, "6")
		if left, err := again.Unfinished(t.Context()); err != nil || len(left) > 0 {
			t.Errorf("Unfinished: %v %v", left, err)
		}
	}
	for i, k := range before {
		if n := found(t, folder, k); (n > 0) != (i == 1) {
			t.Errorf("key %d of before stands in the files %d times", i, n)
		}
	}
	if err := v.Shred(t.Context(), id, bot.Both); err != nil {
		t.Fatal(err)
	}
	if err := v.Rotate(t.Context(), id, bot.One); !errors.Is(err, ErrShredded) {
		t.Errorf("Rotate without keys: %v", err)
	}
	couple(t, v) // a refusal does not close the vault
}

// TestNumbers sees to it that no couple gets the number of another, nor keys of one.
func TestNumbers(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	last := couple(t, v)
	rises := func() {
		t.Helper()
		id := couple(t, v)
		if id <= last {
			t.Fatalf("couple %d came after %d", id, last)
		}
		last = id
	}
	rises()
	if err := v.Shred(t.Context(), last, bot.Both); err != nil {
		t.Fatal(err)
	}
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	v = open(t, folder)
	rises()
	sealed := seal(t, v, last, bot.One, mood, "4")
	if err := v.Adopt(t.Context(), []bot.CoupleID{last, last + 1000}); err != nil {
		t.Fatal(err)
	}
	opens(t, v, last, mood, sealed, "4")
	seal(t, v, last+1000, bot.Both, mood, "4")
	last += 1000
	rises()
	if err := v.Above(t.Context(), 5000); err != nil {
		t.Fatal(err)
	}
	last = 5000
	rises()
	if _, err := v.writer.Exec(`UPDATE meta SET value = 0 WHERE name = 'couple'`); err != nil {
		t.Fatal(err)
	}
	rises()
}

// TestDone sees which couples a kill leaves to look after.
func TestDone(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	first, err := v.NewCouples(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	v.Done(first)
	if err := v.Shred(t.Context(), first+1, bot.One); err != nil {
		t.Fatal(err)
	}
	left, err := open(t, image(t, folder)).Unfinished(t.Context())
	if err != nil || !slices.Equal(left, []bot.CoupleID{first + 1, first + 2}) {
		t.Errorf("after a kill: %v %v", left, err)
	}
	v.Done(first+1, first+2)
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := open(t, folder).Unfinished(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("after a close: %v %v", left, err)
	}
}

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
