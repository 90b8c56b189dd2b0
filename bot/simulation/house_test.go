package simulation

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"

	"evenfall/bot"
	"evenfall/bot/flows"
	"evenfall/rituals"
	"evenfall/storage/sqlite"
)

// house is one life of the program, from its start to its end or death.
type house struct {
	*world
	bot    *bot.Bot
	store  *sqlite.Store
	file   *sql.DB // our own look at the database
	due    *sql.Stmt
	watch  *rituals.Watch
	beat   func(context.Context) error
	stop   context.CancelFunc
	ended  chan error
	beaten time.Time // the last beat, by the bubble's clock
	dead   atomic.Bool
	failed atomic.Bool   // the disk takes nothing any more
	gone   chan struct{} // closed with dead
}

// up starts the program, if it is not running.
func (w *world) up() {
	if w.house != nil {
		return
	}
	store, err := sqlite.Open(context.Background(), sqlite.Options{Folder: w.folder})
	if err != nil {
		w.Fatalf("the house does not open: %v", err)
	}
	h := &house{world: w, store: store, ended: make(chan error, 1), gone: make(chan struct{})}
	h.file = w.look()
	if h.due, err = h.file.Prepare(`SELECT EXISTS (SELECT 1 FROM state WHERE wake <= ?)`); err != nil {
		w.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.bot = bot.New(bot.Options{Store: &seam{store, h}, Flows: flows.All(), Words: w.words, Now: w.now, Random: rand.Reader, Log: log,
		Adapters: []bot.Adapter{&line{h, left}, &line{h, right}}})
	h.watch = rituals.NewWatch(w.now, log)
	h.beat = h.watch.Guard(h.bot.Beat)
	if len(w.spans) == 0 {
		w.settle(store)
	}
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	go func() { h.ended <- h.bot.Run(ctx) }()
	w.mu.Lock()
	w.house = h
	for _, ch := range w.places {
		w.pump(ch)
	}
	w.mu.Unlock()
	h.pulse()
}

// look opens the database for us.
func (w *world) look() *sql.DB {
	file, err := sql.Open("sqlite", "file:"+filepath.Join(w.folder, sqlite.File)+"?_busy_timeout=5000")
	if err != nil {
		w.Fatal(err)
	}
	file.SetMaxOpenConns(1)
	return file
}

// minute comes every five minutes: the heart beats if something is due, and every hour.
func (w *world) minute() {
	h := w.house
	if h == nil || h.dead.Load() || h.failed.Load() {
		return
	}
	due := h.watch.Holds() || time.Since(h.beaten) >= time.Hour
	if !due {
		if err := h.due.QueryRow(w.now().Unix()).Scan(&due); err != nil {
			w.Fatal(err)
		}
	}
	if due {
		h.lived()
		h.pulse()
	}
}

// pulse is one beat. After it the house has certainly come back.
func (h *house) pulse() {
	h.beaten = time.Now()
	err := h.beat(context.Background())
	if err != nil && !h.dead.Load() && !h.failed.Load() {
		h.Errorf("a beat: %v", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if last := len(h.spans) - 1; err == nil && !h.dead.Load() && !h.failed.Load() && !h.watch.Holds() && last >= 0 && h.spans[last].to.IsZero() {
		h.spans[last].to = h.wall()
		h.note("the program is back")
	}
}

// lived tells the store of the minutes since the last beat that were not played.
func (h *house) lived() {
	minute := h.now().Truncate(time.Minute)
	if h.watch.Holds() || h.failed.Load() || time.Since(h.beaten) < time.Minute {
		return
	}
	if _, err := h.file.Exec(`UPDATE meta SET value = ? WHERE name = 'beat' AND value < ?`, minute.Unix(), minute.Unix()); err != nil {
		h.Fatal(err)
	}
}

// die ends the program as SIGKILL does: from now on nothing that it does has an effect, and
// nobody hears its answers. It may be called from anywhere in the house.
func (h *house) die() {
	if h.dead.Swap(true) {
		return
	}
	close(h.gone)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.crashes++
	h.note("the program dies")
	h.deaths = append(h.deaths, down{h.wall(), h.wall()})
	h.fell()
	h.in(0, func() { h.bury() })
	h.in(h.gap(h.crashes), h.world.up)
}

// fell notes that there is no house from now on. The mutex is held.
func (w *world) fell() {
	if last := len(w.spans) - 1; last < 0 || !w.spans[last].to.IsZero() {
		w.spans = append(w.spans, down{from: w.wall().Truncate(time.Minute)})
	}
}

// died reports whether the program died just after something was sent, or could not write
// then: it may not have noted that it was. The mutex is held.
func (w *world) died(at time.Time) bool {
	return slices.ContainsFunc(w.deaths, func(d down) bool { return !d.from.After(at.Add(2*time.Second)) && !d.to.Before(at) })
}

// gap is how long the house stays down: mostly a moment.
func (w *world) gap(n int) time.Duration {
	switch p := w.share(forGap, n); {
	case w.calm || p < 0.6:
		return w.span(5*time.Second, 40*time.Second, forGap, n, 1).Round(time.Second)
	case p < 0.85:
		return w.span(4*time.Minute, 40*time.Minute, forGap, n, 1).Round(time.Second)
	case p < 0.97:
		return w.span(time.Hour, 12*time.Hour, forGap, n, 1).Round(time.Second)
	}
	return w.span(24*time.Hour, 72*time.Hour, forGap, n, 1).Round(time.Second)
}

// bury clears away what is left of a life of the program.
func (h *house) bury() {
	h.lived()
	h.stop()
	err := errors.Join(<-h.ended, h.store.Close(), h.file.Close())
	if err != nil && !h.dead.Load() {
		h.Errorf("the house ended with %v", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.world.house = nil
}

// end stops the program as SIGTERM does.
func (h *house) end() {
	h.mu.Lock()
	h.note("the program ends")
	h.fell()
	h.mu.Unlock()
	h.bury()
	h.dead.Store(true)
	close(h.gone)
}

// settle puts the couples into a new store. Their first alarm is due: then they plan.
func (w *world) settle(store bot.Store) {
	now := w.now()
	alarm := bot.State{Flow: "checkin", Wake: now, JSON: fmt.Appendf(nil, `{"wake":%q}`, now.Format(time.RFC3339))}
	for _, c := range w.couples {
		receipt, err := store.Commit(context.Background(), bot.Change{Couple: c.given(), States: []bot.State{alarm}})
		if err != nil {
			w.Fatal(err)
		}
		c.id = receipt.ID
	}
}
