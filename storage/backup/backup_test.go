package backup

import (
	"bytes"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"filippo.io/age"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/sqlite"
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
