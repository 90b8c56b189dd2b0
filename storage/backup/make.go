package backup

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"
	"github.com/gofrs/flock"

	"evenfall/storage/internal/dbfile"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// Ending is what the copy of the keys is called, after the other copy's name.
const Ending = ".keys"

// Week is how long a copy of the keys may be used.
const Week = 7 * 24 * time.Hour

// Names inside the data folder.
const (
	workshop = ".backup" // where the copies are made
	latch    = "backup.lock"
)

// What Make can be refused for, to be told apart with errors.Is.
var (
	ErrNone   = errors.New("there is nothing to copy")
	ErrExists = errors.New("the file is there already")
	ErrBusy   = errors.New("another backup of this data folder is being made")
)

// Order says what to copy where to.
type Order struct {
	Folder        string // the data folder; the house in it may be running
	MasterKeyFile string // to see whether it opens the copy; it may be missing
	File          string // where evenfall.db goes; keys.db goes to File + Ending
	Recipients    []age.Recipient
	Now           time.Time
}

// Made is what Make has done.
type Made struct {
	sqlite.Tally
	Proven bool     // the master key opened the copy; without it nothing is tallied
	Old    []string // copies of keys that were a week old and are gone now
}

// Make copies a house into two files, which must not be there yet, and takes copies of
// keys away beside them that are older than a Week. Errors: ErrNone, ErrExists, ErrBusy, those of
// sqlite.Open, and those of writing; then there is no new file. That an old one could not be
// taken away is an error too, after the new ones were made.
func Make(ctx context.Context, o Order) (m Made, err error) {
	if err := dbfile.Settle(); err != nil {
		return m, err
	}
	if o.Folder, err = filepath.Abs(o.Folder); err != nil {
		return m, err
	}
	for _, file := range []string{o.File, o.File + Ending} {
		if there(file) {
			return m, fmt.Errorf("%w: %s", ErrExists, file)
		}
	}
	for _, name := range []string{sqlite.File, vault.File} {
		if _, err := os.Lstat(filepath.Join(o.Folder, name)); err != nil {
			return m, fmt.Errorf("%w: %w", ErrNone, err)
		}
	}
	lock := flock.New(filepath.Join(o.Folder, latch), flock.SetPermissions(0o600))
	if got, err := lock.TryLock(); err != nil {
		return m, err
	} else if !got {
		return m, fmt.Errorf("%w: %s", ErrBusy, o.Folder)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	draft := filepath.Join(o.Folder, workshop)
	defer func() { err = errors.Join(err, os.RemoveAll(draft)) }()
	if m, err = copies(ctx, draft, o); err != nil {
		return m, err
	}
	if err := deliver(draft, o); err != nil {
		return m, err
	}
	m.Old, err = expire(filepath.Dir(o.File), o.Now)
	return m, err
}

// copies puts copies of both databases into the draft folder.
func copies(ctx context.Context, draft string, o Order) (m Made, err error) {
	const tries = 3
	for range tries {
		if err := os.RemoveAll(draft); err != nil {
			return m, err
		}
		if err := os.Mkdir(draft, 0o700); err != nil {
			return m, err
		}
		for _, name := range []string{sqlite.File, vault.File} { // in this order: see doc.go
			if err := snapshot(ctx, filepath.Join(o.Folder, name), filepath.Join(draft, name)); err != nil {
				return m, err
			}
		}
		if err := stamp(ctx, filepath.Join(draft, vault.File), o.Now); err != nil {
			return m, err
		}
		m, err = prove(ctx, draft, o.MasterKeyFile)
		if err != nil || m.Gone == 0 {
			return m, err
		}
	}
	return m, nil // a crash has left them without keys; the next start drops them
}

// prove looks through the copies as a restoring would.
func prove(ctx context.Context, draft, masterKeyFile string) (m Made, err error) {
	for _, name := range []string{sqlite.File, vault.File} {
		if err := dbfile.Whole(ctx, filepath.Join(draft, name)); err != nil {
			return m, err
		}
	}
	m.Tally, err = sqlite.Count(ctx, sqlite.Options{Folder: draft, MasterKeyFile: masterKeyFile})
	m.Proven = err == nil
	if errors.Is(err, vault.ErrMasterMissing) {
		err = nil
	}
	return m, err
}

// snapshot copies a database, which may be in use, as of one instant.
func snapshot(ctx context.Context, from, to string) error {
	from, err := filepath.Abs(from)
	if err != nil {
		return err
	}
	db, err := dbfile.Connect(from, dbfile.Copying, 1)
	if err != nil {
		return dbfile.Explain(from, err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, `VACUUM INTO ?`, to); err != nil {
		return dbfile.Explain(from, err)
	}
	return nil
}

// stamp writes into a copy of the keys when it was made.
func stamp(ctx context.Context, file string, now time.Time) error {
	return execute(ctx, file, `INSERT OR REPLACE INTO meta (name, value) VALUES ('copied', ?)`, now.Unix())
}

func execute(ctx context.Context, file, text string, args ...any) error {
	file, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	db, err := dbfile.Connect(file, dbfile.Writing, 1)
	if err != nil {
		return dbfile.Explain(file, err)
	}
	_, err = db.ExecContext(ctx, text, args...)
	if err = errors.Join(err, db.Close()); err != nil {
		return dbfile.Explain(file, err)
	}
	return nil
}

// deliver packs the copies and puts them where they belong, the keys first: who finds the
// one has the other.
func deliver(draft string, o Order) (err error) {
	var placed []string
	defer func() {
		for _, file := range placed {
			if err != nil {
				err = errors.Join(err, os.Remove(file))
			}
		}
	}()
	for _, c := range []struct{ of, name, to string }{{ofKeys, vault.File, o.File + Ending}, {ofRows, sqlite.File, o.File}} {
		part, e := write(filepath.Join(draft, c.name), c.to, label{c.of, o.Now}, o.Recipients)
		if e != nil {
			return e
		}
		placed = append(placed, part)
	}
	for i, to := range []string{o.File + Ending, o.File} {
		if err := os.Rename(placed[i], to); err != nil {
			return err
		}
		placed[i] = to
	}
	return dbfile.Flush(filepath.Dir(o.File))
}

// write packs a copy into a file beside its place.
func write(from, to string, l label, recipients []age.Recipient) (part string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+".*"+unfinished) // 0600
	if err != nil {
		return "", err
	}
	err = errors.Join(pack(out, in, l, recipients), out.Sync(), out.Close())
	if err != nil {
		return "", errors.Join(err, os.Remove(out.Name()))
	}
	return out.Name(), nil
}

const unfinished = ".part" // how files end that a crash may leave behind

// expire takes away what is older than a week and ours: copies of keys, and what crashes left.
func expire(folder string, now time.Time) (old []string, err error) {
	all, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	for _, entry := range all {
		file := filepath.Join(folder, entry.Name())
		keys, part := strings.HasSuffix(file, Ending), strings.HasSuffix(file, unfinished)
		if !entry.Type().IsRegular() || !keys && !part {
			continue
		}
		l, ok := read(file)
		if !ok || keys && l.of != ofKeys || now.Sub(l.made) <= Week {
			continue
		}
		if e := os.Remove(file); e != nil {
			err = errors.Join(err, e)
			continue
		}
		old = append(old, file)
	}
	return old, errors.Join(err, dbfile.Flush(folder))
}
