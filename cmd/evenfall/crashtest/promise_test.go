//go:build crash

package crashtest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/sqlite"

	_ "modernc.org/sqlite"
)

// promise is what people had been told by a moment.
type promise struct {
	recorded
	ticks    int
	evenings map[int64]*owing // by room
}

type owing struct {
	moods  [2]press // the latest ticked
	both   bool     // both were ticked
	hearts [2]string
}

func (p *promise) clone() *promise {
	q := &promise{p.recorded, p.ticks, map[int64]*owing{}}
	for room, o := range p.evenings {
		owing := *o
		q.evenings[room] = &owing
	}
	return q
}

func (p *promise) ticked(query string) {
	p.ticks++
	tap := p.tapped[query]
	if tap.Flow != "checkin" {
		return
	}
	o := p.evenings[tap.room]
	if o == nil {
		o = &owing{}
		p.evenings[tap.room] = o
	}
	switch tap.Verb {
	case "mood":
		if toast := p.toasts[query]; strings.HasPrefix(toast, "Kept") {
			o.moods[tap.who] = tap
		}
		o.both = o.moods[0].at > 0 && o.moods[1].at > 0
	case "heart":
		o.hearts[tap.who] = tap.Arg
	}
}

// kept opens an image and looks whether all is there.
func (p *promise) kept(t *testing.T, image map[string][]byte) error {
	above, err := os.MkdirTemp("", "image")
	if err != nil {
		return err
	}
	defer os.RemoveAll(above)
	folder := filepath.Join(above, "data")
	if err := lay(folder, image); err != nil {
		return err
	}
	s, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder})
	if err != nil {
		return fmt.Errorf("after %d ticks it does not open: %w", p.ticks, err)
	}
	for room, o := range p.evenings {
		if err := p.home(t, s, p.homes[room], o); err != nil {
			s.Close()
			return fmt.Errorf("after %d ticks couple %d: %w", p.ticks, p.homes[room].n, err)
		}
	}
	if err := s.Close(); err != nil {
		return err
	}
	return whole(folder)
}

// home looks at one couple's evening.
func (p *promise) home(t *testing.T, s *sqlite.Store, h *home, o *owing) error {
	found, err := s.Find(t.Context(), bot.User{Network: "telegram", ID: strconv.FormatInt(h.people[1].id, 10)}, bot.Chat{}, nil, time.Now())
	if err != nil || found.ByUser == 0 {
		return fmt.Errorf("it is gone: %v", err)
	}
	rec, err := s.Load(t.Context(), found.ByUser, "checkin", bot.Want{Days: true})
	if err != nil {
		return err
	}
	var state struct {
		Answers [2]struct{ Mood, Heart int }
	}
	if rec.State != nil {
		if err := json.Unmarshal(rec.State, &state); err != nil {
			return err
		}
	}
	if h.out[0] && rec.Couple.Seated() != bot.Both {
		return nil // one has left, and with them what they answered
	}
	for i, person := range h.people {
		who := rec.Couple.Which(bot.User{Network: "telegram", ID: strconv.FormatInt(person.id, 10)}).Index()
		if got := strconv.Itoa(state.Answers[who].Mood); o.moods[i].at > 0 && !p.fair(o.moods[i], got) {
			return fmt.Errorf("the mood %s was ticked, and %s is kept", o.moods[i].Arg, got)
		}
	}
	if n := rituals.Fold(rec.Days).Total; o.both && n != 1 {
		return fmt.Errorf("both were ticked, and %d evenings are counted", n)
	}
	return nil
}

// fair reports whether a mood is the ticked one, or that of a tap which came after it.
func (p *promise) fair(ticked press, got string) bool {
	for _, tap := range p.tapped {
		if tap.at >= ticked.at && tap.home == ticked.home && tap.who == ticked.who && tap.Verb == "mood" && tap.Round == ticked.Round && tap.Arg == got {
			return true
		}
	}
	return false
}

// whole asks SQLite about every database of a folder.
func whole(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.db"))
	if err != nil {
		return err
	}
	for _, file := range files {
		db, err := sql.Open("sqlite", "file:"+file+"?mode=ro")
		if err != nil {
			return err
		}
		var verdict string
		err = db.QueryRow("PRAGMA integrity_check").Scan(&verdict)
		db.Close()
		if err != nil || verdict != "ok" {
			return fmt.Errorf("%s: %s %v", filepath.Base(file), verdict, err)
		}
	}
	return nil
}
