package bottest

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/words"
)

// Couple is Ana and Ben, joined and set up in a room of their own, with evenings
// at eight in UTC.
func Couple(network string) bot.Couple {
	who := func(id string) bot.Partner {
		u := bot.User{Network: network, ID: id}
		return bot.Partner{User: u, Name: Name(u), Open: true}
	}
	return bot.Couple{
		Partners: [2]bot.Partner{who("ana"), who("ben")},
		Room:     bot.Chat{Network: network, ID: Room}, Members: 2,
		Evening: 20 * 60, Ready: true,
	}
}

// House is a running bot with the couple of the fixture in it.
type House struct {
	*bot.Bot
	Net   *Pretend
	Store bot.Store
	ID    bot.CoupleID
	End   func() // ends the process; the test's end does it too
	at    atomic.Pointer[time.Time]
}

// Begin starts a house at 20:00 on a Monday, where it stays unless the test lets time Pass. It ends with the test.
func Begin(t testing.TB, store bot.Store, flows []bot.Conversation, log io.Writer) *House {
	t.Helper()
	h, at := &House{}, time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)
	h.at.Store(&at)
	h.begin(t, store, flows, log, h.Now)
	return h
}

// Now is what the clock shows of a house that was started with Begin.
func (h *House) Now() time.Time { return *h.at.Load() }

// Pass moves that clock.
func (h *House) Pass(d time.Duration) {
	at := h.Now().Add(d)
	h.at.Store(&at)
}

// BeginNow starts a house on the clock of a bubble of testing/synctest.
func BeginNow(t testing.TB, store bot.Store, flows []bot.Conversation, log io.Writer) *House {
	t.Helper()
	h := &House{}
	h.begin(t, store, flows, log, time.Now)
	return h
}

func (h *House) begin(t testing.TB, store bot.Store, flows []bot.Conversation, log io.Writer, now func() time.Time) {
	t.Helper()
	h.Net, h.Store = NewPretend("left"), store
	couple := Couple("left")
	receipt, err := store.Commit(context.Background(), bot.Change{Couple: &couple})
	if err != nil {
		t.Fatal(err)
	}
	h.ID = receipt.ID
	catalogue, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	h.Bot = bot.New(bot.Options{
		Store: store, Adapters: []bot.Adapter{h.Net}, Flows: flows, Words: catalogue,
		Now: now, Random: rand.Reader,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Run(ctx) }()
	h.End = sync.OnceFunc(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	t.Cleanup(h.End)
}

// Settle waits until every letter has arrived.
func (h *House) Settle(t testing.TB) {
	t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	if err := h.Quiet(ctx); err != nil {
		t.Fatal("letters are stuck")
	}
}
