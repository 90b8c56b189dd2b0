package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"evenfall/adapters/discord"
	"evenfall/adapters/telegram"
	"evenfall/bot"
	"evenfall/bot/flows"
	"evenfall/bot/words"
	"evenfall/rituals"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// perSecond is how many messages go to Telegram in any second over all chats: it
// allows about 30, and the adapter obeys when it turns out to be less.
const perSecond = 30

// house is one store with its bot and its networks.
type house struct {
	name     string // "real" or "demo"
	folder   string
	store    *sqlite.Store
	bot      *bot.Bot
	networks []network
	pulse    func(context.Context) error // what the heartbeat does each minute
	beaten   atomic.Pointer[time.Time]   // when a beat last went well
	log      *slog.Logger
}

// build puts a house together on an open store.
func build(store *sqlite.Store, catalogue *words.Catalogue, adapters []bot.Adapter, now func() time.Time, log *slog.Logger) *house {
	b := bot.New(bot.Options{Store: store, Adapters: adapters,
		Flows: flows.All(), Words: catalogue, Now: now, Random: rand.Reader, Log: log})
	h := &house{name: "real", store: store, log: log, bot: b}
	h.pulse = h.noting(b.Beat)
	for _, a := range adapters {
		if n, ok := a.(network); ok {
			h.networks = append(h.networks, n)
		}
	}
	return h
}

// live keeps the house until ctx ends or a network gives up, and returns when all
// that was under way is over.
func (h *house) live(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	heart := make(chan error, 1)
	go func() { heart <- rituals.Heartbeat(ctx, h.log, h.pulse) }()
	err := h.bot.Run(ctx)
	stop()
	return errors.Join(err, <-heart)
}

// menu is the commands that the networks show. It takes a bot to know them, and
// networks to make a bot: this one has none.
func menu(catalogue *words.Catalogue, log *slog.Logger) []bot.Command {
	return bot.New(bot.Options{Flows: flows.All(), Words: catalogue, Log: log}).Commands()
}

// settle makes the data folder if it is not there; never the folders above it, for
// a misspelt path would make a new home instead of finding the old one.
func settle(folder string, log *slog.Logger) error {
	err := os.Mkdir(folder, 0o700)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return &settingError{fmt.Errorf("EVENFALL_DATA: the folder %s cannot be made, because %s is not there", folder, filepath.Dir(filepath.Clean(folder)))}
	case !errors.Is(err, fs.ErrExist):
		return fmt.Errorf("EVENFALL_DATA: the folder cannot be made: %w", err)
	}
	info, err := os.Stat(folder)
	if err != nil {
		return fmt.Errorf("EVENFALL_DATA: the folder cannot be used: %w", err)
	}
	if !info.IsDir() {
		return &settingError{fmt.Errorf("EVENFALL_DATA: %s is not a folder", folder)}
	}
	if info.Mode().Perm()&0o077 != 0 {
		log.Warn("the data folder is open to other users of this computer; close it with chmod 700", "mode", info.Mode().Perm().String())
	}
	return nil
}

// openReal opens the house of the real couples. started is set once Telegram knew
// the token.
func openReal(ctx context.Context, s settings, catalogue *words.Catalogue, started *atomic.Bool, log *slog.Logger) (*house, error) {
	commands := menu(catalogue, log)
	var adapters []bot.Adapter
	if s.TelegramToken != "" {
		a, err := telegram.New(telegram.Options{Token: s.TelegramToken, API: s.TelegramAPI, Commands: commands, Log: log,
			PerSecond: perSecond, Started: func(string) { started.Store(true); log.Info("telegram: connected") }})
		if err != nil {
			return nil, err
		}
		adapters = append(adapters, a)
	}
	if s.DiscordToken != "" {
		a, err := discord.New(discord.Options{Token: s.DiscordToken, API: s.DiscordAPI, Commands: commands, Log: log})
		if err != nil {
			return nil, err
		}
		adapters = append(adapters, a)
	}
	store, err := sqlite.Open(ctx, sqlite.Options{Folder: s.Data, MasterKeyFile: s.MasterKeyFile})
	for _, human := range []error{vault.ErrMasterMissing, vault.ErrMasterExposed, vault.ErrMasterMalformed, vault.ErrMasterWrong} {
		if errors.Is(err, human) { // a restart mends none of them
			err = &settingError{err}
		}
	}
	if err != nil {
		return nil, err
	}
	if store.MadeMaster {
		log.Warn("a master key was made: keep a copy somewhere else, for without it nothing can be read; better still, move it out of the data folder and name its place in EVENFALL_MASTER_KEY_FILE", "file", s.masterKey())
	}
	if older := store.Restored; older != nil {
		log.Warn("the database is an older copy that was put back: what waited in it is not sent any more", "letters", older.Letters, "couples", older.Couples, "left", older.Gone, "unreadable", older.Foreign)
	}
	setAside(s.Data, log)
	h := build(store, catalogue, adapters, time.Now, log)
	h.folder = s.Data
	return h, nil
}
