package backup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"evenfall/bot"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

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
