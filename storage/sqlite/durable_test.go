package sqlite

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// seat makes couple n.
func seat(t testing.TB, s *Store, n int) bot.CoupleID {
	t.Helper()
	r, err := s.Commit(t.Context(), bot.Change{Couple: &bot.Couple{
		Partners: [2]bot.Partner{{User: person(2 * n), Name: "Ana"}, {User: person(2*n + 1), Name: "Ben"}}, Room: place(n)}})
	if err != nil {
		t.Fatalf("Commit: %v", err)
	}
	return r.ID
}

// evenfalls is what a couple has after one evening: a state, an alarm, a letter
// that waits and one that was posted.
func evenfalls(t *testing.T, s *Store, id bot.CoupleID) (waiting, posted bot.Letter) {
	t.Helper()
	waiting = bot.Letter{Couple: id, Chat: place(0), Flow: "checkin", Round: 1, Slot: "extra", Page: bot.Page{Text: "still waiting"}}
	posted = bot.Letter{Couple: id, Chat: place(0), Flow: "checkin", Round: 1, Slot: "prompt"}
	r, err := s.Commit(t.Context(), bot.Change{ID: id, Letters: []bot.Letter{waiting, posted},
		States: []bot.State{{Flow: "checkin", JSON: []byte(`{"round":1}`), Wake: time.Unix(1000, 0)}}})
	if err != nil {
		t.Fatal(err)
	}
	waiting.ID, posted.ID = r.Letters[0], r.Letters[1]
	if err := s.Settle(t.Context(), []bot.Outcome{{Letter: posted, Message: "m1", Done: true}}); err != nil {
		t.Fatal(err)
	}
	return waiting, posted
}

// still fails unless what evenfalls left is there.
func still(t *testing.T, s *Store, waiting, posted bot.Letter) {
	t.Helper()
	rec, err := s.Load(t.Context(), waiting.Couple, "checkin", bot.Want{})
	if err != nil || string(rec.State) != `{"round":1}` || rec.Couple.Partners[1].Name != "Ben" {
		t.Errorf("the couple: %+v %v", rec, err)
	}
	letters, err := s.Waiting(t.Context(), 0, 10)
	if err != nil || len(letters) != 1 || letters[0].ID != waiting.ID || letters[0].Page.Text != waiting.Page.Text {
		t.Errorf("the letters: %+v %v", letters, err)
	}
	if m, err := s.Posted(t.Context(), posted); err != nil || m != "m1" {
		t.Errorf("the message: %q %v", m, err)
	}
	due, err := s.Due(t.Context(), time.Unix(1000, 0), bot.Alarm{}, 10)
	if err != nil || len(due) != 1 {
		t.Errorf("the alarm: %+v %v", due, err)
	}
}

func TestRestart(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	waiting, posted := evenfalls(t, s, seat(t, s, 0))
	last := waiting.ID
	for range 3 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = open(t, folder)
		still(t, s, waiting, posted)
		r, err := s.Commit(t.Context(), bot.Change{ID: waiting.Couple, Letters: []bot.Letter{posted}})
		if err != nil || r.Letters[0] <= last {
			t.Fatalf("letter %d came after %d, %v", r.Letters, last, err)
		}
		last = r.Letters[0]
		posted.ID = last
		if err := s.Settle(t.Context(), []bot.Outcome{{Letter: posted, Message: "m1", Done: true}}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKilled opens what a process leaves behind that had no time to close: the file
// and its log, without the log's index.
func TestKilled(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	waiting, posted := evenfalls(t, s, seat(t, s, 0))
	still(t, open(t, image(t, folder)), waiting, posted)
	seat(t, s, 1) // reading the file from outside has not cost the store its locks
}

// image copies the files as a kill would leave them.
func image(t *testing.T, folder string) string {
	t.Helper()
	to := t.TempDir()
	for name, data := range files(t, folder) {
		if name == Lock || strings.HasSuffix(name, "-shm") {
			continue
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

// TestCloseUnderLoad closes a store that many write to: what was confirmed is
// there afterwards, and the rest was refused.
func TestCloseUnderLoad(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	const people, rounds = 16, 5
	var confirmed, kept [people]int
	for round := range rounds {
		var all, started sync.WaitGroup
		started.Add(people)
		for n := range people {
			all.Go(func() {
				for i := 0; ; i++ {
					day := rituals.Date((n*rounds+round)*10_000 + i)
					_, err := s.Commit(t.Context(), bot.Change{ID: id, Days: []rituals.Day{{Date: day}}})
					if i == 0 {
						started.Done()
					}
					if err != nil {
						if !errors.Is(err, ErrClosed) {
							t.Errorf("Commit: %v", err)
						}
						return
					}
					confirmed[n]++
				}
			})
		}
		started.Wait()
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		all.Wait()
		s = open(t, folder)
	}
	rec, err := s.Load(t.Context(), id, "", bot.Want{Days: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range rec.Days {
		kept[d.Date/rounds/10_000]++
	}
	if kept != confirmed {
		t.Errorf("kept %v, confirmed %v", kept, confirmed)
	}
}
