// Package dbfile is what the databases of the house have in common as files: how one
// is made whole or not at all, how a wrong one is told, and how it is opened.
package dbfile

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What a file can be refused for, to be told apart with errors.Is.
var (
	ErrFolder  = errors.New("the data folder cannot be used")
	ErrBroken  = errors.New("the database is damaged")
	ErrForeign = errors.New("the file is not an Evenfall database")
	ErrNewer   = errors.New("the database was written by a newer evenfall")
	ErrFull    = errors.New("the disk is full")
)

// How a connection is opened, without its page cache.
const (
	Writing = "_txlock=immediate&_dqs=0&_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1" +
		"&_pragma=secure_delete(ON)&_pragma=wal_autocheckpoint(3000)"
	Copying = "_dqs=0&_busy_timeout=5000" // VACUUM INTO is not for one that is query_only
	Reading = "_dqs=0&_busy_timeout=5000&_query_only=1"
)

// Kind is one kind of database.
type Kind struct {
	Stamp  uint32                   // stands in the header, PRAGMA application_id
	Other  func(stamp uint32) error // says what a file with another stamp is; nil = ErrForeign
	Schema fs.FS                    // the migrations, *.sql …
	Steps  []*goose.Migration       // … and those that SQL cannot say
}

// DSN names the file as a URI: of a plain path the driver drops what SQLite itself
// would have to hear. mode=rw never makes a file.
func DSN(path, how string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	return "file://" + (&url.URL{Path: slashed}).EscapedPath() + "?mode=rw&" + how
}

// Ready sees to it that the file is there, whole, of this kind, and of this version's
// schema. Errors: ErrFolder, ErrBroken, ErrForeign, ErrNewer and those of k.Other; each
// is one clear line and leaves the file as it was.
func Ready(ctx context.Context, path string, k Kind) error {
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return create(ctx, path, k)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := inspect(path, k); err != nil {
		return err
	}
	return migrate(ctx, path, k)
}

// create makes the database beside its place and moves it there when it is whole,
// so that a half-made one is never met under its name.
func create(ctx context.Context, path string, k Kind) error {
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%w: %s is missing, but its log %s-wal is there", ErrBroken, path, filepath.Base(path))
	}
	draft := path + ".new"
	for _, end := range []string{"", "-wal", "-shm", "-journal"} {
		if err := os.Remove(draft + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%w: %w", ErrFolder, err)
		}
	}
	f, err := os.OpenFile(draft, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := build(ctx, draft, k); err != nil {
		return Explain(draft, err)
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	return Flush(filepath.Dir(path))
}

// Flush makes a rename in the folder durable.
func Flush(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	return nil
}

// inspect reads the header before SQLite sees the file: SQLite takes an empty one
// for a new database. That a file is too short SQLite finds out by itself.
func inspect(path string, k Kind) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	defer f.Close()
	if err := f.Chmod(0o600); err != nil { // a restored copy may have come with less
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	header := make([]byte, 100)
	if _, err := io.ReadFull(f, header); err != nil {
		return fmt.Errorf("%w: %s ends within its header", ErrBroken, path)
	}
	if !bytes.HasPrefix(header, []byte("SQLite format 3\x00")) {
		return fmt.Errorf("%w: %s", ErrForeign, path)
	}
	stamp := binary.BigEndian.Uint32(header[68:])
	if stamp == k.Stamp {
		return nil
	}
	if k.Other != nil {
		return fmt.Errorf("%w: %s", k.Other(stamp), path)
	}
	return fmt.Errorf("%w: %s", ErrForeign, path)
}

// Explain says in one line what an error of SQLite's means for a file. What was explained
// already stays as it is.
func Explain(path string, err error) error {
	for _, known := range []error{ErrFolder, ErrBroken, ErrFull} {
		if errors.Is(err, known) {
			return err
		}
	}
	switch Primary(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT:
		return fmt.Errorf("%w: %s: %w", ErrBroken, path, err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM:
		return fmt.Errorf("%w: %s: %w", ErrFolder, path, err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %s: %w", ErrFull, path, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Primary is SQLite's code without its extension, or -1.
func Primary(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return -1
}
