package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/bot/words"
	"evenfall/storage/sqlite"

	_ "modernc.org/sqlite"
)

// sink is a network that takes everything at once.
type sink struct{ sent atomic.Int64 }

func (*sink) Network() string { return "left" }
func (*sink) Run(ctx context.Context, _ bot.Handler) error {
	<-ctx.Done()
	return nil
}
func (s *sink) Send(context.Context, bot.Letter) (string, error) {
	return strconv.FormatInt(s.sent.Add(1), 10), nil
}

// couples is a house with many couples, each in a room of its own, with the evening open.
type couples struct {
	*bot.Bot
	round int
	store *sqlite.Store
}

func gather(b *testing.B, n int, adapter bot.Adapter) *couples {
	b.Helper()
	store, err := sqlite.Open(b.Context(), sqlite.Options{Folder: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { store.Close() })
	return begin(b, n, store, adapter)
}

func begin(b *testing.B, n int, store *sqlite.Store, adapter bot.Adapter) *couples {
	at := time.Date(2026, 3, 2, 20, 0, 0, 0, time.UTC)
	catalogue, err := words.Load()
	if err != nil {
		b.Fatal(err)
	}
	h := &couples{store: store, round: 20514}
	h.Bot = bot.New(bot.Options{Store: store, Adapters: []bot.Adapter{adapter}, Flows: flows.All(), Words: catalogue,
		Now: func() time.Time { return at }, Random: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	b.Cleanup(func() { stop(); <-done })
	var all sync.WaitGroup
	slots := make(chan struct{}, 64)
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			c := bottest.Couple("left")
			c.Room.ID = room(i)
			c.Partners[0].User.ID, c.Partners[1].User.ID = user(i), "b"+strconv.Itoa(i)
			if _, err := store.Commit(ctx, bot.Change{Couple: &c}); err != nil {
				b.Error(err)
			}
			in := bot.Incoming{Kind: bot.Called, Command: "checkin", User: c.Partners[0].User, Chat: c.Room, Members: 2}
			if _, err := h.Handle(ctx, in); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	if err := h.Quiet(ctx); err != nil {
		b.Fatal(err)
	}
	return h
}

func room(i int) string { return "-100" + strconv.Itoa(i) }
func user(i int) string { return "7" + strconv.Itoa(i) }

// tap is the n-th tap on a couple's evening: another mood each time, and "later" in
// between never.
func (h *couples) tap(couple, n int) error {
	_, err := h.Handle(context.Background(), bot.Incoming{
		Kind: bot.Tapped, User: bot.User{Network: "left", ID: user(couple)}, Name: "Ana", Members: 2,
		Chat:    bot.Chat{Network: "left", ID: room(couple)},
		Payload: "checkin/" + strconv.Itoa(h.round) + "/mood/" + strconv.Itoa(n%5+1), Message: "1",
	})
	return err
}

// bare is the least a durable tap can cost: one upsert, one commit, at synchronous=FULL.
func bare(b *testing.B) func(i int) {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { db.Close() })
	if _, err := db.Exec(`CREATE TABLE answer (couple INTEGER, who INTEGER, mood INTEGER, PRIMARY KEY (couple, who)) STRICT, WITHOUT ROWID`); err != nil {
		b.Fatal(err)
	}
	upsert, err := db.Prepare(`INSERT INTO answer VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET mood = excluded.mood`)
	if err != nil {
		b.Fatal(err)
	}
	return func(i int) {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Stmt(upsert).Exec(i%1000, 1, i%5+1); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTap is one tap after another, each the first of its couple's evening (so
// that each has a letter to send), beside the bare upsert, in turns of 50.
// Aim: ratio ≥ 0.6.
func BenchmarkTap(b *testing.B) {
	n := max(b.N, 50)
	h := gather(b, n, &sink{})
	upsert := bare(b)
	var taps, upserts time.Duration
	b.ResetTimer()
	for i := 0; i < n; i += 50 {
		start := time.Now()
		for j := i; j < min(i+50, n); j++ {
			if err := h.tap(j, 4); err != nil {
				b.Fatal(err)
			}
		}
		middle := time.Now()
		for j := i; j < min(i+50, n); j++ {
			upsert(j)
		}
		taps += middle.Sub(start)
		upserts += time.Since(middle)
	}
	b.ReportMetric(upserts.Seconds()/taps.Seconds(), "ratio")
	b.ReportMetric(float64(n)/taps.Seconds(), "taps/s")
	b.ReportMetric(float64(n)/upserts.Seconds(), "bare/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkTapsAtOnce is 64 couples tapping at the same time, beside one.
// Aim: ratio ≥ 5.
func BenchmarkTapsAtOnce(b *testing.B) {
	n := max(b.N, 640)
	h := gather(b, n+n/10, &sink{})
	start := time.Now()
	b.ResetTimer()
	for i := range n / 10 {
		if err := h.tap(n+i, 4); err != nil {
			b.Fatal(err)
		}
	}
	single := float64(n/10) / time.Since(start).Seconds()
	var next atomic.Int64
	var all sync.WaitGroup
	start = time.Now()
	for range 64 {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				if err := h.tap(i, 4); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	many := float64(n) / time.Since(start).Seconds()
	b.ReportMetric(many/single, "ratio")
	b.ReportMetric(many, "taps/s")
	b.ReportMetric(single, "single/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkHeartbeat is one beat with the same 1,000 evenings due among ever more couples,
// and with 1,000 scattered all over them (each then lies on a page of its own). Aim: the
// same 1,000 among a million at most 1.2 times as long as alone.
func BenchmarkHeartbeat(b *testing.B) {
	var first float64
	for _, n := range []int{1_000, 100_000, 1_000_000} {
		if testing.Short() {
			n = min(n, 2_000+n/100_000)
		}
		for how, every := range map[string]int{"same": 1, "scattered": n / 1000} {
			if n == 1_000 && how == "scattered" {
				continue
			}
			b.Run(fmt.Sprint(n, "/", how), func(b *testing.B) {
				took := min(beat(b, n, every), beat(b, n, every))
				if first == 0 {
					first = took
				}
				b.ReportMetric(took/first, "ratio")
				b.ReportMetric(took*1000, "ms/beat")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// beat seeds n couples, of which every so-manieth is due until a thousand are, and
// returns the seconds one beat takes.
func beat(b *testing.B, n, every int) float64 {
	store := full(b, n, every)
	defer store.Close()
	var evenings sink
	h := begin(b, 0, store, &evenings)
	start := time.Now()
	if err := h.Tick(b.Context()); err != nil {
		b.Fatal(err)
	}
	took := time.Since(start).Seconds()
	if err := h.Quiet(b.Context()); err != nil {
		b.Fatal(err)
	}
	if sent := evenings.sent.Load(); sent != int64(min(1000, n/every)) {
		b.Fatalf("%d evenings were begun", sent)
	}
	return took
}
