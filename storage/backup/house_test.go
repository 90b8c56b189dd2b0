package backup

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

const canary = "CANARY: tell nobody, least of all a copy"

var noon = time.Unix(1_800_000_000, 0)

// house is a house in a folder of its own, with a folder for its copies.
type house struct {
	*sqlite.Store
	folder, copies string
	names          int
}

func newHouse(t testing.TB) *house {
	h := &house{folder: t.TempDir(), copies: t.TempDir()}
	h.Store = open(t, h.folder, filepath.Join(h.folder, vault.MasterFile))
	return h
}

// open opens a house, whose master key is made where it lives at first.
func open(t testing.TB, folder, master string) *sqlite.Store {
	t.Helper()
	if _, err := os.Stat(master); err != nil {
		master = ""
	}
	s, err := sqlite.Open(context.Background(), sqlite.Options{Folder: folder, MasterKeyFile: master})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func (h *house) master() string { return filepath.Join(h.folder, vault.MasterFile) }

func person(n int) bot.User { return bot.User{Network: "telegram", ID: fmt.Sprint(700000000 + n)} }
func place(n int) bot.Chat  { return bot.Chat{Network: "telegram", ID: fmt.Sprint(-1009000000 - n)} }

// seat makes couple n, with secrets wherever a text can stand, marks and a letter that waits.
func (h *house) seat(t testing.TB, n int) bot.CoupleID {
	t.Helper()
	r, err := h.Commit(context.Background(), bot.Change{Couple: &bot.Couple{
		Partners: [2]bot.Partner{{User: person(2 * n), Name: canary}, {User: person(2*n + 1), Name: "Ben"}}, Room: place(n)}})
	if err != nil {
		t.Fatal(err)
	}
	h.commit(t, bot.Change{ID: r.ID, States: []bot.State{{Flow: "checkin", JSON: []byte(`{"text":"` + canary + `"}`), Wake: noon, Open: true}},
		Entries: []bot.Entry{{Date: 1, Kind: "note", Who: bot.One, Value: canary}, {Date: 1, Kind: "card", Who: bot.Both, Value: canary}},
		Days:    []rituals.Day{{Date: 1, Mark: rituals.Together}, {Date: 2, Mark: rituals.Together}, {Date: 3, Mark: rituals.Neutral}},
		Letters: []bot.Letter{{Chat: place(n), Flow: "checkin", Round: 1, Slot: "board", Page: bot.Page{Text: canary}}}})
	return r.ID
}

func (h *house) commit(t testing.TB, ch bot.Change) {
	t.Helper()
	if _, err := h.Commit(context.Background(), ch); err != nil {
		t.Fatal(err)
	}
}

// copy makes a copy of the house.
func (h *house) copy(t testing.TB, o Order) (file string, m Made) {
	t.Helper()
	h.names++
	o.Folder, o.MasterKeyFile, o.File = h.folder, h.master(), filepath.Join(h.copies, fmt.Sprint("copy", h.names))
	if o.Now.IsZero() {
		o.Now = noon
	}
	m, err := Make(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !m.Proven {
		t.Error("the master key did not open the copy")
	}
	return o.File, m
}

// restored is the house that a copy makes.
func (h *house) restored(t testing.TB, r Return) (*house, sqlite.Tally) {
	t.Helper()
	r.Folder, r.MasterKeyFile = t.TempDir(), h.master()
	if r.Now.IsZero() {
		r.Now = noon
	}
	tally, err := Restore(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	if s := list(t, r.Folder); !slices.Equal(s, []string{"evenfall.db", "evenfall.lock", "keys.db"}) {
		t.Errorf("in the folder are %v", s)
	}
	return &house{Store: open(t, r.Folder, h.master()), folder: r.Folder}, tally
}

// refused wants that nothing is restored, and that the folder is as it was.
func (h *house) refused(t testing.TB, r Return) error {
	t.Helper()
	r.Folder, r.MasterKeyFile = t.TempDir(), h.master()
	if r.Now.IsZero() {
		r.Now = noon
	}
	tally, err := Restore(context.Background(), r)
	if err == nil {
		t.Errorf("it was restored: %+v", tally)
	}
	if s := list(t, r.Folder); !slices.Equal(s, []string{"evenfall.lock"}) {
		t.Errorf("what stays behind: %v", s)
	}
	return err
}

// same wants couple n as seat made it.
func (h *house) same(t testing.TB, id bot.CoupleID) {
	t.Helper()
	rec, err := h.Load(context.Background(), id, "checkin", bot.Want{Days: true, Entries: []string{"note", "card"}})
	if err != nil {
		t.Fatal(err)
	}
	if rec.Couple.Partners[0].Name != canary || string(rec.State) != `{"text":"`+canary+`"}` || len(rec.Entries) != 2 || rec.Entries[0].Value != canary {
		t.Errorf("couple %d: %+v", id, rec)
	}
	if len(rec.Days) != 3 || rec.Days[0].Mark != rituals.Together || rec.Days[2].Mark != rituals.Neutral {
		t.Errorf("the evenings of couple %d: %+v", id, rec.Days)
	}
}

func list(t testing.TB, folder string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if path != folder {
			names = append(names, d.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func bytesOf(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// inside is the database in a copy that is not encrypted.
func inside(t testing.TB, file string) []byte {
	t.Helper()
	z, err := gzip.NewReader(bytes.NewReader(bytesOf(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
