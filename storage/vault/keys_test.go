package vault

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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
