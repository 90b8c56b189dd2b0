package backup

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"filippo.io/age"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// TestDrill restores a house: everything about the couples is there, no letter of long ago is
// sent, and no word stands in the copies.
func TestDrill(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		h := newHouse(t)
		ids := []bot.CoupleID{h.seat(t, 0), h.seat(t, 1)}
		var o Order
		var r Return
		if encrypted {
			id, err := age.GenerateX25519Identity()
			if err != nil {
				t.Fatal(err)
			}
			other, err := age.GenerateX25519Identity()
			if err != nil {
				t.Fatal(err)
			}
			o.Recipients, r.Identities = []age.Recipient{other.Recipient(), id.Recipient()}, []age.Identity{id}
		}
		file, m := h.copy(t, o)
		if want := (sqlite.Tally{Couples: 2}); m.Tally != want {
			t.Errorf("%+v, want %+v", m.Tally, want)
		}
		for _, f := range []string{file, file + Ending} {
			data := bytesOf(t, f)
			if !encrypted {
				data = inside(t, f)
			} else if bytes.Contains(data, []byte(magicGzip)) && bytes.HasPrefix(data, []byte(magicGzip)) || bytes.Contains(data, []byte("SQLite")) {
				t.Errorf("%s is not encrypted", f)
			}
			if bytes.Contains(data, []byte("CANARY")) || bytes.Contains(data, bytes.TrimSpace(bytesOf(t, h.master()))) {
				t.Errorf("a secret stands in %s", f)
			}
			if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%v, %v", info.Mode(), err)
			}
		}
		if s := list(t, h.copies); len(s) != 2 {
			t.Errorf("beside the copies are %v", s)
		}
		h.commit(t, bot.Change{ID: ids[0], Entries: []bot.Entry{{Date: 1, Kind: "note", Who: bot.One, Value: "later"}}})

		r.File = file
		n, tally := h.restored(t, r)
		if want := (sqlite.Tally{Couples: 2, Letters: 2}); tally != want {
			t.Errorf("%+v, want %+v", tally, want)
		}
		for _, id := range ids {
			n.same(t, id)
		}
		letters, err := n.Waiting(t.Context(), 0, 10)
		if err != nil || len(letters) != 2 {
			t.Fatalf("%d letters, %v", len(letters), err)
		}
		for _, l := range letters {
			if l.Until.IsZero() || l.Until.After(noon) {
				t.Errorf("a letter of long ago can still be sent: until %v", l.Until)
			}
		}
		if n.Restored != nil {
			t.Error("the start after it treats the house as an older copy again")
		}
	}
}

// TestWhileTheyTap copies a house in which couples come and tap all the while: what was
// confirmed before the copy was begun is in it, nothing is in it that was never said, and no
// couple comes without its keys.
func TestWhileTheyTap(t *testing.T) {
	h := newHouse(t)
	const couples, rounds = 8, 4
	var ids [couples]bot.CoupleID
	for n := range ids {
		ids[n] = h.seat(t, n)
	}
	var said, ticked [couples]atomic.Int64
	var stop atomic.Bool
	var all sync.WaitGroup
	for n := range ids {
		all.Go(func() {
			for i := int64(1); !stop.Load(); i++ {
				said[n].Store(i)
				h.commit(t, bot.Change{ID: ids[n], Entries: []bot.Entry{{Date: rituals.Date(i), Kind: "mood", Who: bot.Two, Value: fmt.Sprint(i)}}})
				ticked[n].Store(i)
			}
		})
	}
	all.Go(func() {
		for n := couples; !stop.Load(); n++ {
			h.seat(t, n)
		}
	})
	for range rounds {
		var before [couples]int64
		for n := range before {
			before[n] = ticked[n].Load()
		}
		file, m := h.copy(t, Order{})
		if m.Gone+m.Foreign > 0 || m.Couples < couples {
			t.Errorf("nobody left, but: %+v", m.Tally)
		}
		var after [couples]int64
		for n := range after {
			after[n] = said[n].Load()
		}
		r, tally := h.restored(t, Return{File: file})
		if tally.Couples != m.Couples || tally.Gone != 0 {
			t.Errorf("restored %+v of %+v", tally, m.Tally)
		}
		for n, id := range ids {
			rec, err := r.Load(t.Context(), id, "checkin", bot.Want{Entries: []string{"mood"}})
			if got := int64(len(rec.Entries)); err != nil || got < before[n] || got > after[n] {
				t.Errorf("couple %d has %d answers, %v; there were %d before and %d after", id, got, err, before[n], after[n])
			}
			for i, e := range rec.Entries {
				if e.Value != fmt.Sprint(i+1) || e.Date != rituals.Date(i+1) {
					t.Fatalf("answer %d is %+v", i+1, e)
				}
			}
		}
	}
	stop.Store(true)
	all.Wait()
}

// TestLeftSince restores an old copy with the keys of today: nothing of who has left since
// is there, of the others everything.
func TestLeftSince(t *testing.T) {
	h := newHouse(t)
	gone, half, here := h.seat(t, 0), h.seat(t, 1), h.seat(t, 2)
	old, _ := h.copy(t, Order{})
	h.commit(t, bot.Change{ID: gone, Delete: true})
	h.commit(t, bot.Change{ID: half, Reset: true, Forget: bot.One, Couple: &bot.Couple{
		Partners: [2]bot.Partner{{}, {User: person(3), Name: "Ben"}}}})
	today, _ := h.copy(t, Order{Now: noon.AddDate(0, 0, 30)})
	for _, keys := range []string{today + Ending, filepath.Join(h.folder, vault.File)} {
		r, tally := h.restored(t, Return{File: old, Keys: keys, Now: noon.AddDate(0, 0, 30)})
		if want := (sqlite.Tally{Couples: 1, Gone: 2, Letters: 1}); tally != want {
			t.Errorf("%+v, want %+v", tally, want)
		}
		r.same(t, here)
		for _, id := range []bot.CoupleID{gone, half} {
			if rec, err := r.Load(t.Context(), id, "checkin", bot.Want{}); !errors.Is(err, bot.ErrNone) {
				t.Errorf("couple %d is back: %+v %v", id, rec, err)
			}
		}
		if f, err := r.Find(t.Context(), person(0), place(0), nil, noon); err != nil || f != (bot.Found{}) {
			t.Errorf("who has left is known: %+v %v", f, err)
		}
	}
}

// TestLeavesInBetween lets a couple leave between the copies of the two databases. It is
// noticed, and the copies are made again.
func TestLeavesInBetween(t *testing.T) {
	h := newHouse(t)
	leaves, stays := h.seat(t, 0), h.seat(t, 1)
	draft := filepath.Join(h.folder, workshop)
	if err := os.Mkdir(draft, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{sqlite.File, vault.File} {
		if i == 1 {
			h.commit(t, bot.Change{ID: leaves, Delete: true})
		}
		if err := snapshot(t.Context(), filepath.Join(h.folder, name), filepath.Join(draft, name)); err != nil {
			t.Fatal(err)
		}
	}
	if m, err := prove(t.Context(), draft, h.master()); err != nil || m.Gone != 1 || m.Couples != 1 {
		t.Errorf("%+v %v", m, err)
	}
	if err := os.RemoveAll(draft); err != nil {
		t.Fatal(err)
	}

	leaves = h.seat(t, 2)
	h.commit(t, bot.Change{ID: stays, States: []bot.State{{Flow: "big", JSON: bytes.Repeat([]byte("much to copy "), 1_000_000)}}})
	var all sync.WaitGroup
	all.Go(func() {
		for at := filepath.Join(draft, sqlite.File); ; time.Sleep(50 * time.Microsecond) {
			if info, err := os.Stat(at); err == nil && info.Size() > 0 {
				if there(filepath.Join(draft, vault.File)) {
					t.Error("the keys are copied first: who comes now is without")
				}
				h.commit(t, bot.Change{ID: leaves, Delete: true})
				return
			}
		}
	})
	_, m := h.copy(t, Order{})
	all.Wait()
	if m.Gone != 0 || m.Couples > 2 {
		t.Errorf("somebody left in between, and the copy is %+v", m.Tally)
	}
	h.same(t, stays)
}

// TestAWeek is about the copies of the keys: how long they are taken, and which are taken away.
func TestAWeek(t *testing.T) {
	h := newHouse(t)
	id := h.seat(t, 0)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	open, _ := h.copy(t, Order{})
	sealed, _ := h.copy(t, Order{Recipients: []age.Recipient{key.Recipient()}})
	with := []age.Identity{key}
	for _, file := range []string{open, sealed} {
		r, _ := h.restored(t, Return{File: file, Identities: with, Now: noon.Add(Week)})
		r.same(t, id)
		if err := h.refused(t, Return{File: file, Identities: with, Now: noon.Add(Week + time.Second)}); !errors.Is(err, ErrExpired) {
			t.Errorf("%v, want ErrExpired", err)
		}
	}
	for name, text := range map[string]string{"mine.keys": "not a copy", "age.keys": magicAge + "-> X25519 abc\n", "old.gz": "", "empty.keys": "", ".a.part": "mine"} {
		if err := os.WriteFile(filepath.Join(h.copies, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(open, filepath.Join(h.copies, ".x.part")); err != nil { // what a crash leaves behind
		t.Fatal(err)
	}
	if _, m := h.copy(t, Order{Now: noon.Add(Week)}); len(m.Old) != 0 {
		t.Errorf("within the week are taken away: %v", m.Old)
	}
	before := list(t, h.copies)
	_, m := h.copy(t, Order{Now: noon.Add(Week + time.Second)})
	want := []string{filepath.Join(h.copies, ".x.part"), open + Ending, sealed + Ending}
	if !slices.Equal(m.Old, want) {
		t.Errorf("taken away are %v, not %v", m.Old, want)
	}
	after := list(t, h.copies)
	if len(after) != len(before)-3+2 || slices.Contains(after, filepath.Base(open+Ending)) {
		t.Errorf("there are %v, there were %v", after, before)
	}
	today, _ := h.copy(t, Order{Now: noon.AddDate(1, 0, 0)})
	r, _ := h.restored(t, Return{File: sealed, Keys: today + Ending, Identities: with, Now: noon.AddDate(1, 0, 0)})
	r.same(t, id)
}

// TestRefused is about whose copies are not restored, and where none are.
func TestRefused(t *testing.T) {
	h, stranger := newHouse(t), newHouse(t)
	h.seat(t, 0)
	stranger.seat(t, 0)
	file, _ := h.copy(t, Order{})
	theirs, _ := stranger.copy(t, Order{})
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := h.copy(t, Order{Recipients: []age.Recipient{key.Recipient()}})
	for _, c := range []struct {
		r    Return
		want error
	}{
		{Return{File: file + Ending, Keys: file + Ending}, ErrForeign},
		{Return{File: file, Keys: file}, ErrForeign},
		{Return{File: filepath.Join(h.folder, sqlite.File), Keys: file + Ending}, ErrForeign},
		{Return{File: file, Keys: filepath.Join(h.folder, sqlite.File)}, nil},
		{Return{File: theirs, Keys: theirs + Ending}, vault.ErrMasterWrong},
		{Return{File: theirs, Keys: file + Ending}, sqlite.ErrMixed},
		{Return{File: sealed}, ErrEncrypted},
		{Return{File: sealed, Identities: []age.Identity{other}}, ErrIdentity},
		{Return{File: file + "x"}, os.ErrNotExist},
	} {
		if err := h.refused(t, c.r); c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	folder := t.TempDir()
	r := Return{Folder: folder, MasterKeyFile: h.master(), File: file, Now: noon}
	if _, err := Restore(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	before := bytesOf(t, filepath.Join(folder, sqlite.File))
	if _, err := Restore(t.Context(), r); !errors.Is(err, ErrOccupied) || !bytes.Equal(before, bytesOf(t, filepath.Join(folder, sqlite.File))) {
		t.Errorf("a house was overwritten: %v", err)
	}
	for _, o := range []Order{{File: file}, {File: filepath.Join(t.TempDir(), "none", "copy")}} {
		o.Folder, o.MasterKeyFile, o.Now = h.folder, h.master(), noon
		if _, err := Make(t.Context(), o); err == nil {
			t.Errorf("a copy was made: %s", o.File)
		}
	}
	if err := os.Remove(file); err != nil { // of its keys there is still a copy
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), Order{Folder: h.folder, MasterKeyFile: h.master(), Now: noon, File: file}); !errors.Is(err, ErrExists) {
		t.Errorf("%v, want ErrExists", err)
	}
	if slices.Contains(list(t, h.folder), workshop) {
		t.Error("what was begun stays behind")
	}
}

// TestCutShort begins with what a crash of the same command left behind.
func TestCutShort(t *testing.T) {
	h := newHouse(t)
	id := h.seat(t, 0)
	if err := os.MkdirAll(filepath.Join(h.folder, workshop, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, _ := h.copy(t, Order{})
	if slices.Contains(list(t, h.folder), workshop) {
		t.Error("what a crash left stays behind")
	}
	for name, left := range map[string][]string{
		"unpacking": {shell + "/" + sqlite.File},
		"opening":   {shell + "/" + sqlite.File, shell + "/" + vault.File},
		"moving":    {shell + "/" + vault.File, sqlite.File},
	} {
		folder := t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, shell), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range left {
			if err := os.WriteFile(filepath.Join(folder, f), []byte("half a house"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Restore(t.Context(), Return{Folder: folder, MasterKeyFile: h.master(), File: file, Now: noon}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		(&house{Store: open(t, folder, h.master())}).same(t, id)
	}
}
