package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"evenfall/adapters/discord"
	"evenfall/adapters/telegram"
	"evenfall/bot/words"
	"evenfall/storage/sqlite"
)

// patience is how long the networks have to end what is under way. What they leave
// undone lies in the store and is done at the next start.
const patience = 4 * time.Second

// serve runs until SIGTERM or SIGINT and then ends well; the second signal kills. It also
// ends, with an error, when a store has failed: what a person is told from then on could
// not be kept.
func serve(s settings, stdout io.Writer, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // from here on a signal does what it does to any program

	var started atomic.Bool
	houses, page, err := open(ctx, s, &started, log)
	if err != nil {
		return relieve(s.Data, errors.Join(err, shut(houses)))
	}
	watched, err := publish(s.HTTP, s.Data, houses, log)
	if err != nil {
		return errors.Join(err, shut(houses))
	}
	defer watched.Close()
	if page != "" {
		fmt.Fprintln(stdout, page)
	}
	log.Info("evenfall is running", "version", version(), "telegram", s.TelegramToken != "", "discord", s.DiscordToken != "", "page", page != "")
	err = relieve(s.Data, live(ctx, stop, houses, log))
	if wrongSetting(err, started.Load()) {
		err = &settingError{err}
	}
	err = errors.Join(err, shut(houses))
	log.Info("evenfall has stopped", "clean", err == nil)
	return err
}

// live lets the houses live until ctx ends, a network gives up or a store fails.
func live(ctx context.Context, stop func(), houses []*house, log *slog.Logger) error {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	ended := make(chan error, 1)
	go func() {
		all, ctx := errgroup.WithContext(ctx)
		for _, h := range houses {
			go watch(ctx, h.store, fail)
			all.Go(func() error { return h.live(ctx) })
		}
		ended <- all.Wait()
	}()
	var err error
	select {
	case err = <-ended:
	case <-ctx.Done():
		stop() // before it says so: who reads it and presses again means it
		log.Info("evenfall is stopping")
		select {
		case err = <-ended:
		case <-time.After(patience):
			log.Warn("stopping: a network does not answer; what is left is sent at the next start")
		}
	}
	if cause := context.Cause(ctx); errors.Is(cause, sqlite.ErrFailed) {
		return cause // and not what else went wrong because of it
	}
	return err
}

// watch ends it all when a store fails.
func watch(ctx context.Context, store *sqlite.Store, fail context.CancelCauseFunc) {
	select {
	case <-store.Failed():
		fail(store.Failure())
	case <-ctx.Done():
	}
}

// wrongSetting reports whether a network gave up because of its token. Telegram says
// so before it was ever connected. That another program runs with the same token is
// no wrong setting: it may be gone in a moment.
func wrongSetting(err error, connected bool) bool {
	return telegram.Final(err) && !connected || errors.Is(err, discord.ErrToken)
}

// open opens the houses that the settings ask for, and returns the page's address.
// With an error it returns what it has opened so far.
func open(ctx context.Context, s settings, started *atomic.Bool, log *slog.Logger) (houses []*house, page string, err error) {
	catalogue, err := words.Load()
	if err != nil {
		return nil, "", err
	}
	if err := settle(s.Data, log); err != nil {
		return nil, "", err
	}
	if s.TelegramToken != "" || s.DiscordToken != "" {
		h, err := openReal(ctx, s, catalogue, started, log)
		if err != nil {
			return nil, "", err
		}
		houses = append(houses, h)
	}
	if s.Web == off {
		return houses, "", nil
	}
	d, err := openDemo(ctx, s, catalogue, log.With("house", "demo"))
	if err != nil {
		return houses, "", err
	}
	return append(houses, d.house), d.page.Address(), nil
}

// shut closes the stores. A store waits for what is being committed, not for networks.
func shut(houses []*house) error {
	var errs []error
	for _, h := range houses {
		errs = append(errs, h.store.Close())
	}
	return errors.Join(errs...)
}
