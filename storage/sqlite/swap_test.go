package sqlite

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

// cell is a place in the database where a sealed text stands.
type cell struct {
	id    bot.CoupleID
	table table
	row
	text string // what it tells
}

func (c cell) String() string { return fmt.Sprintf("couple %d, %+v", c.id, c.at) }

// cells are all those of a couple, each with a text of its own.
func cells(t *testing.T, s *Store, n int) (all []cell) {
	t.Helper()
	next := 0
	text := func() string { next++; return fmt.Sprintf("secret %d of %d", next, n) }
	ch := bot.Change{Couple: &bot.Couple{Partners: [2]bot.Partner{{User: person(2 * n), Name: text()}, {User: person(2*n + 1)}}, Room: place(n)}}
	for _, flow := range []string{"checkin", "boundary"} {
		ch.States = append(ch.States, bot.State{Flow: flow, JSON: fmt.Appendf(nil, "%q", text())})
	}
	for _, kind := range []string{"mood", "note"} {
		for date := range 2 {
			for _, who := range []bot.Who{bot.One, bot.Two, bot.Both} {
				ch.Entries = append(ch.Entries, bot.Entry{Kind: kind, Date: rituals.Date(date), Who: who, Shared: date == 1, Value: text()})
			}
		}
	}
	for _, chat := range []bot.Chat{place(n), bot.Nook(person(2 * n)), place(n)} {
		ch.Letters = append(ch.Letters, bot.Letter{Chat: chat, Page: bot.Page{Text: text()}})
	}
	r, err := s.Commit(t.Context(), ch)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range s.queue.w.tables() {
		rows, err := table.of(r.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			c := cell{id: r.ID, table: table, row: row}
			if c.text, err = c.told(t, s); err != nil || c.text == "" {
				t.Fatalf("%v: %q %v", c, c.text, err)
			}
			all = append(all, c)
		}
	}
	if len(all) != next {
		t.Fatalf("%d texts stand in %d places", next, len(all))
	}
	return all
}

// told is what the store tells of a cell; "" = as if it were not there.
func (c cell) told(t *testing.T, s *Store) (text string, err error) {
	t.Helper()
	var rec bot.Record
	switch c.at.Table {
	case "couple":
		err = s.own.record(&rec, c.id, "")
		text = rec.Couple.Partners[0].Name
	case "state":
		if err = s.own.record(&rec, c.id, c.at.Row); err == nil && rec.State != nil {
			err = json.Unmarshal(rec.State, &text)
		}
	case "entry":
		err = s.own.history(&rec, c.id, bot.Want{Entries: []string{c.key[0].(string)}})
		for _, e := range rec.Entries {
			if int64(e.Date) == c.key[1] && int64(e.Who) == c.key[2] {
				text = e.Value
			}
		}
	case "letter":
		var letters []bot.Letter
		letters, err = s.Waiting(t.Context(), 0, 100)
		if i := slices.IndexFunc(letters, func(l bot.Letter) bool { return l.ID == c.at.Number }); i >= 0 {
			text = letters[i].Page.Text
		}
	}
	if errors.Is(err, bot.ErrNone) {
		err = nil
	}
	return text, err
}

// TestSwaps puts every sealed text of two couples into every other place there is: rows,
// columns, tables, partners, couples. Nowhere is it told.
func TestSwaps(t *testing.T) {
	s := open(t, t.TempDir())
	all := append(cells(t, s, 0), cells(t, s, 1)...)
	refused := 0
	for _, to := range all {
		for _, from := range all {
			if from.id == to.id && from.at == to.at {
				continue
			}
			if _, err := s.queue.w.begin.exec(); err != nil {
				t.Fatal(err)
			}
			n, err := to.table.seal.exec(append([]any{from.sealed, int64(to.id)}, to.key...)...)
			if err != nil || n != 1 {
				t.Fatal(n, err)
			}
			switch text, err := to.told(t, s); {
			case text != "":
				t.Errorf("%v tells what stood in %v: %q", to, from, text)
			case errors.Is(err, vault.ErrTampered):
				refused++
			case err != nil:
				t.Errorf("%v: %v", to, err)
			case from.id == to.id && to.at.Table != "letter":
				t.Errorf("%v passes over what stood in %v", to, from)
			}
			if _, err := s.queue.w.rollback.exec(); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := 2 * 15 * 17; refused != want { // but for letters and the other couple's, which are passed over
		t.Errorf("%d were refused as tampered with, want %d", refused, want)
	}
}

// TestRowsDoNotMove changes what stands around a sealed text: it is not read as
// something that it is not.
func TestRowsDoNotMove(t *testing.T) {
	for name, change := range map[string]string{
		"an answer of the other":   `UPDATE entry SET who = 2 WHERE who = 1 AND date = 100`,
		"of both":                  `UPDATE entry SET who = 3 WHERE who = 1 AND date = 100`,
		"revealed":                 `UPDATE entry SET shared = 1 WHERE who = 1 AND date = 100`,
		"another day":              `UPDATE entry SET date = 101 WHERE date = 100`,
		"another kind":             `UPDATE entry SET kind = 'card' WHERE date = 100`,
		"another conversation":     `UPDATE state SET flow = 'boundary' WHERE flow = 'checkin'`,
		"another couple's answers": `UPDATE entry SET couple = couple % 2 + 1, date = date + couple`,
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := open(t, folder)
			for n := range 2 {
				id := seat(t, s, n)
				if _, err := s.Commit(t.Context(), bot.Change{ID: id, Entries: []bot.Entry{{Date: 100, Kind: "note", Who: bot.One, Value: fmt.Sprint(id)}},
					States: []bot.State{{Flow: "checkin", JSON: []byte(`{}`)}}}); err != nil {
					t.Fatal(err)
				}
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			run(t, filepath.Join(folder, File), change)
			s = open(t, folder)
			rec, err := s.Load(t.Context(), 1, "boundary", bot.Want{Entries: []string{"note", "card"}})
			if !errors.Is(err, vault.ErrTampered) && (err != nil || len(rec.Entries)+len(rec.State) > 0) {
				t.Errorf("%+v %v", rec, err)
			}
		})
	}
}

// TestLetterStaysInItsChat sends a waiting letter to another chat by a change in the
// file: it is not sent at all, and the others are.
func TestLetterStaysInItsChat(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	for range 3 {
		if _, err := s.Commit(t.Context(), bot.Change{ID: id, Letters: []bot.Letter{{Chat: place(0), Page: bot.Page{Text: whisper}}}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.queue.w.once(`UPDATE letter SET chat = 'elsewhere' WHERE id = (SELECT min(id) FROM letter)`); err != nil {
		t.Fatal(err)
	}
	letters, err := s.Waiting(t.Context(), 0, 1)
	if err != nil || len(letters) != 1 || letters[0].Chat != place(0) {
		t.Errorf("%+v %v", letters, err)
	}
	if letters, err := s.Waiting(t.Context(), 0, 10); err != nil || len(letters) != 2 {
		t.Errorf("%d letters, %v", len(letters), err)
	}
}
