package sqlite

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

const whisper = "tell nobody, least of all the disk"

// confide leaves secrets of both partners wherever a text can stand.
func confide(t *testing.T, s *Store, id bot.CoupleID) {
	t.Helper()
	for i := range 30 {
		_, err := s.Commit(t.Context(), bot.Change{ID: id,
			States: []bot.State{{Flow: "boundary", JSON: fmt.Appendf(nil, `{"text":"%s"}`, whisper)}},
			Entries: []bot.Entry{{Date: rituals.Date(i), Kind: "note", Who: bot.One, Value: whisper}, {Date: rituals.Date(i), Kind: "note", Who: bot.Two, Value: whisper},
				{Date: rituals.Date(i), Kind: "card", Who: bot.Both, Value: whisper}},
			Letters: []bot.Letter{{Chat: place(0), Page: bot.Page{Text: whisper}}}})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func found(t *testing.T, folder, whisper string) (n int) {
	for _, data := range files(t, folder) {
		n += bytes.Count(data, []byte(whisper))
	}
	return n
}

// readable is how many secrets of each can be read: the state's, One's, Two's, the shared ones, the letters'.
func readable(t *testing.T, s *Store, id bot.CoupleID) (n [5]int) {
	t.Helper()
	rec, err := s.Load(t.Context(), id, "boundary", bot.Want{Entries: []string{"note", "card"}})
	if errors.Is(err, bot.ErrNone) {
		err = nil
	}
	if err != nil {
		t.Fatal(err)
	}
	n[0] = bytes.Count(rec.State, []byte(whisper))
	for _, e := range rec.Entries {
		if e.Value == whisper {
			n[e.Who]++
		}
	}
	letters, err := s.Waiting(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range letters {
		if l.Couple == id && l.Page.Text == whisper {
			n[4]++
		}
	}
	return n
}

// TestSealed looks for secrets and names in every file of a house in use.
func TestSealed(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	c := bot.Couple{Partners: [2]bot.Partner{{User: person(0), Name: "Scheherazade"}, {User: person(1), Name: "Shahryar"}}}
	r, err := s.Commit(t.Context(), bot.Change{Couple: &c})
	if err != nil {
		t.Fatal(err)
	}
	confide(t, s, r.ID)
	if n := readable(t, s, r.ID); n != [5]int{1, 30, 30, 30, 30} {
		t.Errorf("%v can be read", n)
	}
	for range 2 {
		for _, text := range []string{whisper, "Scheherazade", "Shahryar"} {
			if n := found(t, folder, text); n > 0 {
				t.Errorf("%q stands in the files %d times", text, n)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func rows(t *testing.T, s *Store, query string) int64 {
	t.Helper()
	row, err := s.queue.w.once(query)
	if err != nil {
		t.Fatal(err)
	}
	return number(row[0])
}

// TestMoodsLookAlike seals every answer that a board takes, and none: from outside nobody can
// tell which it was.
func TestMoodsLookAlike(t *testing.T) {
	s := open(t, t.TempDir())
	id := seat(t, s, 0)
	for date, mood := range []string{"1", "2", "3", "4", "5", "skip", "", "3 and a half, if I am honest"} {
		if _, err := s.Commit(t.Context(), bot.Change{ID: id, Entries: []bot.Entry{{Kind: "mood", Date: rituals.Date(date), Who: bot.One, Value: mood}},
			States: []bot.State{{Flow: fmt.Sprint("board", date), JSON: fmt.Appendf(nil, `{"mood":%q}`, mood)}}}); err != nil {
			t.Fatal(err)
		}
	}
	for _, query := range []string{`SELECT count(DISTINCT length(value)) + 100 * (count(DISTINCT value) = 8) FROM entry`, `SELECT count(DISTINCT length(body)) + 100 * (count(DISTINCT body) = 8) FROM state`} {
		if n := rows(t, s, query); n != 101 {
			t.Errorf("%s: %d, want one length and eight values", query, n)
		}
	}
}

// TestOneDamagedKey spoils the shared key of one couple: nothing is kept for it that could not
// be read again, and the house goes on for the others.
func TestOneDamagedKey(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id, other := seat(t, s, 0), seat(t, s, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(folder, vault.File), fmt.Sprintf(`UPDATE key SET wrapped = zeroblob(60) WHERE id = (SELECT id FROM ring WHERE couple = %d AND owner = 3)`, id))
	s = open(t, folder)
	tap := bot.Change{ID: id, States: []bot.State{{Flow: "checkin", JSON: []byte(`{}`)}}}
	if _, err := s.Commit(t.Context(), tap); !errors.Is(err, vault.ErrTampered) {
		t.Errorf("Commit: %v", err)
	}
	if _, err := s.Load(t.Context(), id, "checkin", bot.Want{}); !errors.Is(err, vault.ErrTampered) {
		t.Errorf("Load: %v", err)
	}
	tap.ID = other
	if _, err := s.Commit(t.Context(), tap); err != nil {
		t.Errorf("the other couple: %v", err)
	}
}
