package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"evenfall/adapters/web"
	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/words"
)

// noon is when the demos of these tests begin, in a week without a change of clocks.
var noon = time.Date(2031, 3, 3, 12, 0, 30, 0, time.UTC)

// playDemo opens a demo whose couple has begun its evenings.
func playDemo(t *testing.T, folder string) *demo {
	t.Helper()
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := openDemo(t.Context(), settings{Data: folder, Web: "127.0.0.1:0"}, catalogue, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.bot.Run(ctx) }() // without the heart: only the clock of the test beats
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// beginEvenings seats a couple and opens its first evening.
func (d *demo) beginEvenings(t *testing.T) bot.CoupleID {
	t.Helper()
	if err := d.clock.move(noon); err != nil {
		t.Fatal(err)
	}
	c := bottest.Couple(web.Network)
	c.Room = web.Room
	c.Partners[0].User.ID, c.Partners[1].User.ID = "ana", "ben"
	receipt, err := d.store.Commit(t.Context(), bot.Change{Couple: &c})
	if err != nil {
		t.Fatal(err)
	}
	in := bot.Incoming{Kind: bot.Called, Command: "checkin", User: c.Partners[0].User, Chat: c.Room, Members: 2}
	if _, err := d.bot.Handle(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return receipt.ID
}

// diary is what is kept of the couple's evenings, and the messages of the room.
func (d *demo) diary(t *testing.T, id bot.CoupleID, folder string) (bot.Record, string) {
	t.Helper()
	rec, err := d.store.Load(t.Context(), id, "checkin", bot.Want{Days: true})
	if err != nil {
		t.Fatal(err)
	}
	chats, err := os.ReadFile(filepath.Join(folder, "demo", "web-chats.json"))
	if err != nil {
		t.Fatal(err)
	}
	return rec, string(chats)
}

// A week that is jumped over goes as one in which every minute was waited for.
func TestForward(t *testing.T) {
	fast, slow := t.TempDir(), t.TempDir()
	a, b := playDemo(t, fast), playDemo(t, slow)
	one, two := a.beginEvenings(t), b.beginEvenings(t)
	end := noon.AddDate(0, 0, 7).Add(17*time.Minute + 11*time.Second)
	if err := a.forward(t.Context(), end); err != nil {
		t.Fatal(err)
	}
	for at := minute(noon); at.Before(end); at = at.Add(time.Minute) {
		if err := b.clock.move(at); err != nil {
			t.Fatal(err)
		}
		if err := b.bot.Tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := b.bot.Quiet(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	got, talk := a.diary(t, one, fast)
	want, slowTalk := b.diary(t, two, slow)
	if !reflect.DeepEqual(got.Days, want.Days) || string(got.State) != string(want.State) {
		t.Errorf("jumped over:\n%v %s\nwaited for:\n%v %s", got.Days, got.State, want.Days, want.State)
	}
	if len(got.Days) < 7 {
		t.Errorf("only %d days were marked in a week: %v", len(got.Days), got.Days)
	}
	if n, m := strings.Count(talk, `"text"`), strings.Count(slowTalk, `"text"`); n != m || n < 7 {
		t.Errorf("%d messages when jumped over, %d when waited for", n, m)
	}
	if now := a.clock.now(); now.Before(end) || now.After(end.Add(time.Hour)) {
		t.Errorf("the clock shows %v, not %v", now, end)
	}
}

// The button "next evening" finds what is due next, and there something happens.
func TestNextEvening(t *testing.T) {
	d := playDemo(t, t.TempDir())
	if at, err := d.evening(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("with nobody there, the next evening is %v (%v)", at, err)
	}
	id := d.beginEvenings(t)
	at, err := d.evening(t.Context())
	if err != nil || !at.After(d.clock.now()) || at.Second() != 0 {
		t.Fatalf("the next evening is %v (%v)", at, err)
	}
	before, err := d.store.Load(t.Context(), id, "checkin", bot.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.forward(t.Context(), at); err != nil {
		t.Fatal(err)
	}
	after, err := d.store.Load(t.Context(), id, "checkin", bot.Want{})
	if err != nil {
		t.Fatal(err)
	}
	if string(before.State) == string(after.State) {
		t.Errorf("nothing happened at %v", at)
	}
}

// The demo's clock goes on from where it was, and never back.
func TestClock(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clock")
	c, err := openClock(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.move(noon); err != nil {
		t.Fatal(err)
	}
	if err := c.move(noon.Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	again, err := openClock(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, now := range []time.Time{c.now(), again.now()} {
		if now.Before(noon) || now.After(noon.Add(30*time.Minute)) {
			t.Errorf("the clock shows %v, not %v", now, noon)
		}
	}
	for _, text := range []string{"", "soon", "-1h"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openClock(file); err == nil {
			t.Errorf("a clock that says %q was taken", text)
		}
	}
}

// A house that was away wakes what came due meanwhile with its first beat.
func TestLive(t *testing.T) {
	folder := t.TempDir()
	var id bot.CoupleID
	t.Run("before", func(t *testing.T) {
		d := playDemo(t, folder)
		id = d.beginEvenings(t)
		if err := d.clock.move(noon.AddDate(0, 0, 2)); err != nil {
			t.Fatal(err)
		}
	})
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	d, err := openDemo(t.Context(), settings{Data: folder, Web: "127.0.0.1:0"}, catalogue, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer d.store.Close()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.live(ctx) }()
	await(t, func() bool {
		due, err := d.store.Due(ctx, d.clock.now(), bot.Alarm{}, 1)
		return err == nil && len(due) == 0
	})
	rec, err := d.store.Load(ctx, id, "checkin", bot.Want{Days: true})
	if err != nil || len(rec.Days) == 0 {
		t.Errorf("the evening of two days ago has no mark (%v)", err)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
