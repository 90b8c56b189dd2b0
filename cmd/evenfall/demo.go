package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"evenfall/adapters/web"
	"evenfall/bot"
	"evenfall/bot/words"
	"evenfall/storage/sqlite"
)

// demo is the house of the two-phone page. Its couple is a pretend one, with a store
// of its own in a folder inside the data folder, and a clock that can be moved.
type demo struct {
	*house
	clock  *clock
	page   *web.Adapter
	moving sync.Mutex
}

// openDemo opens the pretend couple's house and takes the page's port.
func openDemo(ctx context.Context, s settings, catalogue *words.Catalogue, log *slog.Logger) (*demo, error) {
	folder := filepath.Join(s.Data, "demo")
	if err := settle(folder, log); err != nil {
		return nil, err
	}
	store, err := sqlite.Open(ctx, sqlite.Options{Folder: folder, Demo: true})
	if err != nil {
		return nil, err
	}
	d := &demo{}
	if err := d.open(s.Web, folder, store, catalogue, log); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return d, nil
}

func (d *demo) open(addr, folder string, store *sqlite.Store, catalogue *words.Catalogue, log *slog.Logger) (err error) {
	if d.clock, err = openClock(filepath.Join(folder, "clock")); err != nil {
		return err
	}
	d.page, err = web.New(web.Options{Addr: addr, Folder: folder, Commands: menu(catalogue, log), Log: log,
		Now: d.clock.now, Forward: d.forward, Evening: d.evening})
	if err != nil {
		return err
	}
	d.house = build(store, catalogue, []bot.Adapter{d.page}, d.clock.now, log)
	d.name, d.folder = "demo", folder
	d.pulse = d.noting(d.bot.Tick) // its clock leaps: that is no outage
	if err := d.page.Listen(); err != nil {
		return fmt.Errorf("EVENFALL_WEB: %w", err)
	}
	return nil
}

// forward moves the clock and plays what would have happened meanwhile. It goes
// from one minute in which something is due to the next one: in the minutes between
// a heartbeat would find nothing.
func (d *demo) forward(ctx context.Context, to time.Time) error {
	d.moving.Lock()
	defer d.moving.Unlock()
	for {
		now := d.clock.now()
		if !now.Before(to) {
			return nil
		}
		due, err := d.store.Due(ctx, to, bot.Alarm{}, 1)
		if err != nil {
			return err
		}
		next := to
		if len(due) > 0 {
			// An alarm that stays due must not hold up the clock: on by a minute at least.
			next = earlier(to, later(minute(due[0].At), minute(now.Add(1))))
		}
		if err := d.clock.move(next); err != nil {
			return err
		}
		if err := d.bot.Tick(ctx); err != nil {
			return err
		}
		if err := d.bot.Quiet(ctx); err != nil {
			return err
		}
	}
}

// evening is the next minute in which something is due; zero = nothing is.
func (d *demo) evening(ctx context.Context) (time.Time, error) {
	now := d.clock.now()
	due, err := d.store.Due(ctx, now.AddDate(100, 0, 0), bot.Alarm{At: now.Truncate(time.Second), Couple: math.MaxInt64}, 1)
	if err != nil || len(due) == 0 {
		return time.Time{}, err
	}
	return minute(due[0].At), nil
}

// minute is the first full minute that is not before t.
func minute(t time.Time) time.Time {
	if m := t.Truncate(time.Minute); m.Before(t) {
		return m.Add(time.Minute)
	}
	return t
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// clock is the demo's: the computer's, and so much ahead. How much is kept in a file, for
// the pretend couple's evenings have those dates.
type clock struct {
	file  string
	mu    sync.Mutex
	ahead time.Duration
}

func openClock(file string) (*clock, error) {
	c := &clock{file: file}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err == nil {
		c.ahead, err = time.ParseDuration(strings.TrimSpace(string(text)))
	}
	if err != nil || c.ahead < 0 {
		return nil, fmt.Errorf("the demo's clock in %s cannot be read; take the folder away to begin the demo anew", file)
	}
	return c, nil
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

// move sets the clock to t, if that is ahead of it.
func (c *clock) move(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	ahead := time.Until(t)
	if ahead <= c.ahead {
		return nil
	}
	draft := c.file + ".new"
	if err := os.WriteFile(draft, []byte(ahead.String()+"\n"), 0o600); err != nil {
		return fmt.Errorf("the demo's clock cannot be kept: %w", err)
	}
	if err := os.Rename(draft, c.file); err != nil {
		return fmt.Errorf("the demo's clock cannot be kept: %w", err)
	}
	c.ahead = ahead
	return nil
}
