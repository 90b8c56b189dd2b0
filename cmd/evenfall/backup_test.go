package main

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/words"
	"evenfall/rituals"
	"evenfall/storage/backup"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// drill is a house on a data folder, a pretend network and a clock.
type drill struct {
	*house
	net *bottest.Pretend
	at  atomic.Int64
	end func()
}

func newDrill(t *testing.T, folder, master string, at time.Time) *drill {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlite.Options{Folder: folder, MasterKeyFile: master})
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	d := &drill{net: bottest.NewPretend("left")}
	d.at.Store(at.Unix())
	d.house = build(store, catalogue, []bot.Adapter{d.net}, func() time.Time { return time.Unix(d.at.Load(), 0) }, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- d.bot.Run(ctx) }()
	d.end = func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	return d
}

// beat lets a minute begin, and waits until all that can be sent is.
func (d *drill) beat(t *testing.T, at time.Time) {
	t.Helper()
	d.at.Store(at.Unix())
	if err := d.pulse(t.Context()); err != nil {
		t.Error(err)
	}
	d.settle(t)
}

func (d *drill) settle(t *testing.T) {
	t.Helper()
	if err := d.bot.Quiet(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestRestoreDrill copies a house whose reveal waits to be sent, and restores it a week later:
// nothing of then is sent, the streak goes on as it was, and the next evening comes once.
func TestRestoreDrill(t *testing.T) {
	ana, ben := bot.User{Network: "left", ID: "ana"}, bot.User{Network: "left", ID: "ben"}
	room := bot.Chat{Network: "left", ID: bottest.Room}
	monday := time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	master := filepath.Join(folder, vault.MasterFile)

	d := newDrill(t, folder, "", monday)
	couple := bottest.Couple("left")
	made, err := d.store.Commit(t.Context(), bot.Change{Couple: &couple})
	if err != nil {
		t.Fatal(err)
	}
	d.net.Say(ana, room, "/checkin")
	d.settle(t)
	for day := range 2 {
		if day == 1 {
			d.beat(t, monday.AddDate(0, 0, 1))
			d.net.Fail(func(bot.Letter) error { return bot.ErrUnsent })
		}
		shown := d.net.Messages(room)
		board := shown[len(shown)-1]
		for _, u := range []bot.User{ana, ben} {
			d.net.Tap(u, room, board.ID, board.Buttons[0][4])
		}
		d.settle(t)
	}
	if waiting, err := d.store.Waiting(t.Context(), 0, 10); err != nil || len(waiting) < 2 {
		t.Fatalf("%d letters wait, %v: there is nothing to be sent too late", len(waiting), err)
	}
	if _, err := backup.Make(t.Context(), backup.Order{Folder: folder, MasterKeyFile: master, File: file, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	d.end()

	folder = t.TempDir()
	if _, err := backup.Restore(t.Context(), backup.Return{Folder: folder, MasterKeyFile: master, File: file, Now: time.Now()}); err != nil {
		t.Fatal(err)
	}
	week := monday.AddDate(0, 0, 8)
	d = newDrill(t, folder, master, week)
	defer d.end()
	d.beat(t, week.Add(-5*time.Hour))
	for _, c := range []bot.Chat{room, bot.Nook(ana), bot.Nook(ben)} {
		for _, m := range d.net.Messages(c) {
			t.Errorf("a week later was sent: %q %q", m.Title, m.Text)
		}
	}
	if left, err := d.store.Waiting(t.Context(), 0, 10); err != nil || len(left) > 0 {
		t.Errorf("%d letters still wait, %v", len(left), err)
	}
	rec, err := d.store.Load(t.Context(), made.ID, "checkin", bot.Want{Days: true})
	want := []rituals.Mark{rituals.Together, rituals.Together, rituals.Neutral} // the one that was due while the house was lost
	var marks []rituals.Mark
	for _, day := range rec.Days {
		marks = append(marks, day.Mark)
	}
	if err != nil || !slices.Equal(marks, want) {
		t.Errorf("the evenings are %v, %v, and not %v", rec.Days, err, want)
	}
	d.beat(t, week)
	if shown := d.net.Messages(room); len(shown) != 1 {
		t.Errorf("the first evening after it has %d messages", len(shown))
	}
}
