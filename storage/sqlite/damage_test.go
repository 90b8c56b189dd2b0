package sqlite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// homes are how many couples live in a house that is damaged.
const homes = 12

var places = func() (all [homes]bot.Chat) {
	for n := range all {
		all[n] = place(n)
	}
	return all
}()

// secret is what couple n has told the house. It is nobody else's.
func secret(n int) string { return fmt.Sprintf("secret-of-%03d", n) }

// furnish fills a house: every couple with a state, history, a letter and an invitation.
func furnish(t *testing.T, s *Store) (ids []bot.CoupleID) {
	t.Helper()
	for n := range homes {
		id := seat(t, s, n)
		body, err := json.Marshal(map[string]string{"note": secret(n)})
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Commit(t.Context(), bot.Change{ID: id, States: []bot.State{{Flow: "checkin", JSON: body, Wake: time.Unix(1000, 0)}},
			Days:    []rituals.Day{{Date: 1, Mark: rituals.Together}},
			Entries: []bot.Entry{{Date: 1, Kind: "note", Who: bot.One, Value: secret(n)}},
			Letters: []bot.Letter{{Chat: place(n), Flow: "checkin", Round: 1, Slot: "board", Page: bot.Page{Text: secret(n)}}}})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	return ids
}

// TestDamage flips bits and cuts ends of every file that a house has, while it runs and
// when it is closed. The damaged house refuses to open with a clear line, or tells nobody what is
// another couple's; and once what is stored is sealed, it tells the truth or nothing.
func TestDamage(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	ids := furnish(t, s)
	running := files(t, folder)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	closed := files(t, folder)
	times := 50
	if os.Getenv("EVENFALL_LONG") != "" {
		times = 50_000
	}
	for how, house := range map[string]map[string][]byte{"running": running, "closed": closed} {
		t.Run(how, func(t *testing.T) {
			delete(house, Lock)
			delete(house, File+"-shm")
			sealed := true
			for _, content := range house {
				sealed = sealed && !bytes.Contains(content, []byte(secret(0)))
			}
			rng := rand.New(rand.NewPCG(1, 2))
			var refused, right, lacking, garbled int
			for range times {
				what, damaged := spoil(rng, house)
				switch got, err := visit(t, damaged, ids); {
				case err != nil && (strings.Contains(err.Error(), "\n") || err.Error() == ""):
					t.Errorf("%s: more than a line: %v", what, err)
				case err != nil:
					refused++
				case got == less:
					lacking++
				case got == garbage:
					if garbled++; sealed {
						t.Errorf("%s: something else is told than was written", what)
					}
				case got == foreign:
					t.Errorf("%s: a couple is told what is another's", what)
				default:
					right++
				}
			}
			t.Logf("%d refused, %d right, %d without the end, %d garbled", refused, right, lacking, garbled)
			if refused == 0 || right == 0 {
				t.Error("all the damage had the same end: that was no trial")
			}
		})
	}
}

// spoil is a house with one file damaged: a bit, a byte, or its end.
func spoil(rng *rand.Rand, house map[string][]byte) (what string, damaged map[string][]byte) {
	damaged = maps.Clone(house)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(house)), func(name string) bool { return len(house[name]) == 0 })
	name := names[rng.IntN(len(names))]
	content := slices.Clone(house[name])
	at := rng.IntN(len(content))
	switch rng.IntN(8) {
	case 0:
		content = content[:at]
		what = fmt.Sprintf("%s cut at %d", name, at)
	case 1:
		content[at] = byte(rng.Uint32())
		what = fmt.Sprintf("%s, byte %d", name, at)
	default:
		bit := rng.IntN(8)
		content[at] ^= 1 << bit
		what = fmt.Sprintf("%s, byte %d, bit %d", name, at, bit)
	}
	damaged[name] = content
	return what, damaged
}

// told is what the couples of a damaged house are told at the worst.
type told int

const (
	truth   told = iota
	less         // not all of it: SQLite ends a damaged log before the damage
	garbage      // what was never written
	foreign      // what is another couple's
)

// visit opens a house and reads everything there is for every couple. A refusal, in opening or
// later, is an error; a panic ends the test.
func visit(t *testing.T, house map[string][]byte, ids []bot.CoupleID) (worst told, err error) {
	t.Helper()
	folder := t.TempDir()
	defer os.RemoveAll(folder)
	for name, content := range house {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), Options{Folder: folder})
	if err != nil {
		return truth, err
	}
	defer s.Close()
	for n := range ids {
		found, err := s.Find(t.Context(), person(2*n), bot.Chat{}, nil, time.Time{})
		if err != nil {
			return worst, err
		}
		if found.ByUser == 0 {
			worst = max(worst, less)
			continue
		}
		rec, err := s.Load(t.Context(), found.ByUser, "checkin", bot.Want{Days: true, Entries: []string{"note"}})
		if err != nil {
			return worst, err
		}
		if rec.Couple.Which(person(2*n)) == bot.Nobody {
			worst = max(worst, garbage) // the house would treat them as a guest
			continue
		}
		worst = max(worst, heard(n, rec))
	}
	letters, err := s.Waiting(t.Context(), 0, homes+1)
	if err != nil {
		return worst, err
	}
	if len(letters) < homes {
		worst = max(worst, less)
	}
	for _, l := range letters {
		n := slices.IndexFunc(places[:], func(c bot.Chat) bool { return c == l.Chat })
		if n < 0 {
			worst = max(worst, garbage)
			continue
		}
		worst = max(worst, held(n, l.Page.Text))
	}
	return worst, nil
}

// heard is how true a couple's record is.
func heard(n int, rec bot.Record) told {
	worst := less
	if rec.State != nil {
		worst = held(n, noteOf(rec.State))
	}
	for _, e := range rec.Entries {
		worst = max(worst, held(n, e.Value))
	}
	if len(rec.Entries) < 1 || len(rec.Days) < 1 {
		worst = max(worst, less)
	}
	if len(rec.Days) > 0 && rec.Days[0].Date != 1 {
		worst = max(worst, garbage)
	}
	return worst
}

func noteOf(state []byte) string {
	var s struct{ Note string }
	if json.Unmarshal(state, &s) != nil {
		return string(state)
	}
	return s.Note
}

// held is how true words are that couple n is told.
func held(n int, words string) told {
	if words == secret(n) {
		return truth
	}
	for other := range homes {
		if other != n && strings.Contains(words, secret(other)) {
			return foreign
		}
	}
	return garbage
}
