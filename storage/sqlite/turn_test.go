package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// TestOldKeysWaitForReaders lets somebody leave while another reads the state of before:
// the old keys go when the reader has ended, and not under their hands.
func TestOldKeysWaitForReaders(t *testing.T) {
	s := open(t, t.TempDir())
	id := seat(t, s, 0)
	confide(t, s, id)
	lent := <-s.readers
	defer func() { s.readers <- lent }()
	began, committed, read := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		read <- s.look(lent, func(r *reader) error {
			_, err := r.begin.exec()
			row, err2 := r.load.one("", int64(id)) // from now on it reads the state of this moment
			close(began)
			<-committed
			var rec bot.Record
			if err = errors.Join(err, err2, r.record(&rec, id, "boundary")); err == nil && (row == nil || len(rec.State) == 0) {
				err = bot.ErrNone
			}
			_, end := r.end.exec()
			return errors.Join(err, end)
		})
	}()
	<-began
	left := make(chan error, 1)
	go func() {
		_, err := s.Commit(t.Context(), bot.Change{ID: id, Reset: true})
		left <- err
	}()
	var err error
	ended := false
	for turning := &s.queue.w.turning; !ended && turning.TryRLock(); {
		turning.RUnlock()
		select {
		case err = <-left:
			ended = true
		case <-time.After(time.Millisecond):
		}
	}
	close(committed)
	if err := <-read; err != nil {
		t.Errorf("the reader: %v", err)
	}
	if !ended {
		err = <-left
	}
	if err != nil {
		t.Fatal(err)
	}
	if n := readable(t, s, id); n != [5]int{0, 30, 30, 30, 0} {
		t.Errorf("afterwards %v can be read", n)
	}
}

// TestKeysWithoutRows lets a leaving fail after its keys have changed: nobody goes on with a
// couple that is half gone, and the next start finishes it.
func TestKeysWithoutRows(t *testing.T) {
	for name, ch := range map[string]bot.Change{"one leaves": {Reset: true, Forget: bot.One}, "all leave": {Delete: true}} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			s := open(t, folder)
			ch.ID = seat(t, s, 0)
			confide(t, s, ch.ID)
			c := &change{Change: ch}
			if err := c.freeze(); err != nil {
				t.Fatal(err)
			}
			err := s.queue.do(t.Context(), job{apply: func(w *writer) (refused, err error) {
				if refused, err := c.apply(w); refused != nil || err != nil {
					return refused, err
				}
				_, err = w.once(`INSERT INTO meta (name, value) VALUES ('letter', 0)`) // it is there
				return nil, err
			}})
			if !errors.Is(err, ErrFailed) {
				t.Fatalf("the change: %v, want ErrFailed", err)
			}
			if _, err := s.Load(t.Context(), ch.ID, "", bot.Want{}); !errors.Is(err, ErrFailed) {
				t.Errorf("Load: %v, want ErrFailed", err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = open(t, folder)
			if n := rows(t, s, `SELECT count(*) FROM entry WHERE who = 1`); n != 0 {
				t.Errorf("%d rows of who left", n)
			}
			if n := readable(t, s, ch.ID); (n == [5]int{1, 0, 30, 30, 30}) == ch.Delete {
				t.Errorf("%v can be read", n)
			}
		})
	}
}

// TestLeavingBesidePoison plays a batch again in which one leaves and another's change is
// refused by the tables: who leaves has left.
func TestLeavingBesidePoison(t *testing.T) {
	s := open(t, t.TempDir())
	one, all, none := seat(t, s, 0), seat(t, s, 1), seat(t, s, 2)
	for _, id := range []bot.CoupleID{one, all, none} {
		confide(t, s, id)
	}
	errs := gather(t, s, []bot.Change{
		{ID: one, Reset: true, Forget: bot.One}, {ID: all, Delete: true},
		{Couple: &bot.Couple{Partners: [2]bot.Partner{{User: person(8)}}}, Invite: &bot.Invite{Hash: []byte("short")}},
		{ID: none, Invite: &bot.Invite{Hash: []byte("short")}},
	})()
	for i, err := range errs {
		if (err == nil) != (i < 2) || errors.Is(err, ErrFailed) {
			t.Errorf("change %d: %v", i, err)
		}
	}
	for id, want := range map[bot.CoupleID][5]int{one: {0, 0, 30, 0, 0}, all: {}, none: {1, 30, 30, 30, 30}} {
		if n := readable(t, s, id); n != want {
			t.Errorf("of couple %d %v can be read, want %v", id, n, want)
		}
	}
	if n := rows(t, s, `SELECT count(*) FROM couple`); n != 2 {
		t.Errorf("%d couples", n)
	}
}

// TestLogOfTheLastProcess starts after a kill while another program reads, so that the log of
// before cannot be emptied at once. The next commit does it.
func TestLogOfTheLastProcess(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	id := seat(t, s, 0)
	confide(t, s, id)
	left := remainsOf(t, s, folder, id)
	images, _ := stages(t, s, folder, bot.Change{ID: id, Reset: true, Forget: bot.One})
	killed := images[1]
	if found(t, killed, string(left[bot.Both][0])) == 0 {
		t.Fatal("the log was emptied already: that was no trial")
	}
	var others []*sql.Conn
	for _, name := range []string{File, vault.File} {
		db, err := sql.Open("sqlite", "file:"+filepath.Join(killed, name)+"?mode=rw")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		c, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var n int
		if err := c.QueryRowContext(t.Context(), `SELECT count(*) FROM sqlite_schema`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		others = append(others, c)
	}
	s = open(t, killed)
	for _, c := range others {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Sweep(context.Background(), time.Now(), nil); err != nil {
		t.Fatal(err)
	}
	left.gone(t, killed, bot.One, bot.Both)
}
