package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"filippo.io/age"

	"evenfall/storage/internal/dbfile"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// What Restore can be refused for, besides what a copy can, to be told apart with errors.Is.
var (
	ErrOccupied  = errors.New("there is a house in the data folder already")
	ErrExpired   = errors.New("the copy of the keys is older than a week")
	ErrOtherKeys = errors.New("the keys do not open what is in the backup")
)

const shell = ".restoring" // inside the data folder: where the house is put together

// Return says what to restore where to.
type Return struct {
	Folder        string // the data folder, without a house in it
	MasterKeyFile string
	File          string // a copy of evenfall.db
	Keys          string // a copy of keys.db, or a keys.db itself; "" = File + Ending
	Identities    []age.Identity
	Now           time.Time
}

// Restore makes a house of copies. Errors: those of a copy, ErrOccupied, ErrExpired, ErrOtherKeys,
// those of sqlite.Open, and those of files; with an error the folder is as it was.
func Restore(ctx context.Context, r Return) (t sqlite.Tally, err error) {
	if r.Keys == "" {
		r.Keys = r.File + Ending
	}
	if err := dbfile.Settle(); err != nil {
		return t, err
	}
	if _, err := vault.ReadMaster(r.MasterKeyFile); err != nil {
		return t, err
	}
	r.Folder, err = filepath.Abs(r.Folder)
	if err != nil {
		return t, err
	}
	free, err := sqlite.Hold(r.Folder)
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, free()) }()
	if err := vacant(r.Folder); err != nil {
		return t, err
	}
	draft := filepath.Join(r.Folder, shell)
	if err := os.Mkdir(draft, 0o700); err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(draft)) }()
	if err := bring(ctx, draft, r); err != nil {
		return t, err
	}
	if t, err = settle(ctx, draft, r.MasterKeyFile); err != nil {
		return t, err
	}
	return t, moveIn(draft, r.Folder)
}

// vacant refuses a folder with a house in it, and clears away what a crash left of an
// earlier Restore.
func vacant(folder string) error {
	draft, keys, rows := filepath.Join(folder, shell), filepath.Join(folder, vault.File), filepath.Join(folder, sqlite.File)
	if there(filepath.Join(draft, vault.File)) && !there(filepath.Join(draft, sqlite.File)) && !there(keys) && there(rows) {
		if err := os.Remove(rows); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(draft); err != nil {
		return err
	}
	for _, file := range []string{rows, keys} {
		for _, end := range []string{"", "-wal", "-journal"} {
			if there(file + end) {
				return fmt.Errorf("%w: %s", ErrOccupied, file+end)
			}
		}
	}
	return nil
}

// there reports whether a file is there, or may be.
func there(file string) bool {
	_, err := os.Lstat(file)
	return !errors.Is(err, fs.ErrNotExist)
}

// bring unpacks both copies into the draft folder.
func bring(ctx context.Context, draft string, r Return) error {
	if err := fetch(r.File, filepath.Join(draft, sqlite.File), ofRows, r.Identities); err != nil {
		return err
	}
	keys := filepath.Join(draft, vault.File)
	if living(r.Keys) {
		if err := snapshot(ctx, r.Keys, keys); err != nil {
			return err
		}
	} else if err := fetch(r.Keys, keys, ofKeys, r.Identities); err != nil {
		return err
	} else if err := fresh(ctx, keys, r.Now); err != nil {
		return fmt.Errorf("%w: %s; name a newer one with --keys, or the keys.db of the house itself", err, r.Keys)
	}
	for _, name := range []string{sqlite.File, vault.File} {
		if err := dbfile.Whole(ctx, filepath.Join(draft, name)); err != nil {
			return err
		}
	}
	return execute(ctx, keys, `DELETE FROM meta WHERE name = 'copied'`)
}

// living reports whether the file is a database and not a copy.
func living(file string) bool {
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, len(magicSQLite))
	_, err = io.ReadFull(f, head)
	return err == nil && string(head) == magicSQLite
}

func fetch(from, to, of string, identities []age.Identity) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := errors.Join(unpack(out, in, of, identities), out.Sync(), out.Close()); err != nil {
		return fmt.Errorf("%s: %w", from, err)
	}
	return nil
}

// fresh refuses a copy of keys that is older than a week. Errors: ErrExpired, ErrDamaged.
func fresh(ctx context.Context, file string, now time.Time) error {
	db, err := dbfile.Connect(file, dbfile.Reading, 1)
	if err != nil {
		return dbfile.Explain(file, err)
	}
	defer db.Close()
	var copied int64
	err = db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'copied'`).Scan(&copied)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: it does not say of when it is", ErrDamaged)
	} else if err != nil {
		return dbfile.Explain(file, err)
	}
	if now.Sub(time.Unix(copied, 0)) > Week {
		return ErrExpired
	}
	return nil
}

// settle opens the house once, as an older copy of itself.
func settle(ctx context.Context, draft, masterKeyFile string) (t sqlite.Tally, err error) {
	s, err := sqlite.Open(ctx, sqlite.Options{Folder: draft, MasterKeyFile: masterKeyFile, Restored: true})
	if err != nil {
		return t, err
	}
	t = *s.Restored
	if t.Foreign > 0 {
		err = fmt.Errorf("%w: those of %d couples", ErrOtherKeys, t.Foreign)
	}
	return t, errors.Join(err, s.Close())
}

// moveIn puts the house in its place, the keys last: see doc.go.
func moveIn(draft, folder string) error {
	rows := filepath.Join(folder, sqlite.File)
	if err := os.Rename(filepath.Join(draft, sqlite.File), rows); err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(draft, vault.File), filepath.Join(folder, vault.File)); err != nil {
		return errors.Join(err, os.Remove(rows))
	}
	return dbfile.Flush(folder)
}
