package backup

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"filippo.io/age"

	"evenfall/bot"
	"evenfall/storage/sqlite"
)

// TestDamage flips bits of copies and cuts them off: what is restored is right, or nothing is.
func TestDamage(t *testing.T) {
	times := 100
	if os.Getenv("EVENFALL_LONG") != "" {
		times = 10_000
	}
	h := newHouse(t)
	id := h.seat(t, 0)
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	plain, _ := h.copy(t, Order{})
	sealed, _ := h.copy(t, Order{Recipients: []age.Recipient{key.Recipient()}})
	rng := rand.New(rand.NewPCG(7, 11))
	right := 0
	for n := range times {
		good := []string{plain, sealed}[n%2]
		bad := filepath.Join(t.TempDir(), "copy")
		for i, end := range []string{"", Ending} {
			data := bytesOf(t, good+end)
			if n/2%2 == i {
				data = spoil(rng, data)
			}
			if err := os.WriteFile(bad+end, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := Return{Folder: t.TempDir(), MasterKeyFile: h.master(), File: bad, Identities: []age.Identity{key}, Now: noon}
		if _, err := Restore(t.Context(), r); err != nil {
			if s := list(t, r.Folder); len(s) != 1 {
				t.Errorf("what stays behind: %v", s)
			}
			continue
		}
		s := &house{Store: open(t, r.Folder, h.master())}
		s.same(t, id)
		right++
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if right > times/4 {
		t.Errorf("%d of %d were restored: the damage is not where it counts", right, times)
	}
	t.Logf("%d of %d were restored, and right", right, times)
}

// spoil flips some bits, or cuts off.
func spoil(rng *rand.Rand, data []byte) []byte {
	data = bytes.Clone(data)
	if rng.IntN(3) == 0 {
		return data[:rng.IntN(len(data))]
	}
	for range 1 + rng.IntN(3) {
		data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
	}
	return data
}

// FuzzRestore restores copies that nobody made: as they are, and as the content of sound ones.
func FuzzRestore(f *testing.F) {
	h := newHouse(f)
	h.seat(f, 0)
	file, _ := h.copy(f, Order{})
	rows, keys := bytesOf(f, file), bytesOf(f, file+Ending)
	f.Add(rows, false, false)
	f.Add(keys, true, false)
	f.Add(inside(f, file), false, true)
	f.Add(inside(f, file+Ending), true, true)
	f.Add(rows[:len(rows)/2], false, false)
	f.Add(keys, false, false)
	f.Add([]byte(magicAge), true, false)
	f.Add([]byte(magicGzip), false, false)
	f.Add([]byte(magicSQLite), true, true)
	f.Add([]byte{}, false, false)
	f.Fuzz(func(t *testing.T, data []byte, ofTheKeys, wrap bool) {
		copies := map[bool][]byte{false: rows, true: keys}
		copies[ofTheKeys] = data
		if wrap {
			var packed bytes.Buffer
			if err := pack(&packed, bytes.NewReader(data), label{map[bool]string{false: ofRows, true: ofKeys}[ofTheKeys], noon}, nil); err != nil {
				t.Fatal(err)
			}
			copies[ofTheKeys] = packed.Bytes()
		}
		bad := filepath.Join(t.TempDir(), "copy")
		for is, end := range map[bool]string{false: "", true: Ending} {
			if err := os.WriteFile(bad+end, copies[is], 0o600); err != nil {
				t.Fatal(err)
			}
		}
		r := Return{Folder: t.TempDir(), MasterKeyFile: h.master(), File: bad, Now: noon}
		if _, err := Restore(t.Context(), r); err != nil {
			if s := list(t, r.Folder); len(s) != 1 {
				t.Errorf("what stays behind: %v", s)
			}
			return
		}
		s, err := sqlite.Open(t.Context(), sqlite.Options{Folder: r.Folder, MasterKeyFile: h.master()})
		if err != nil {
			t.Fatalf("what was restored cannot be opened: %v", err)
		}
		rec, err := s.Load(t.Context(), 1, "checkin", bot.Want{Days: true, Entries: []string{"note", "card"}})
		if err == nil && rec.Couple.Partners[0].Name != canary {
			t.Errorf("somebody else's: %+v", rec)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
}
