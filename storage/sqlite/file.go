package sqlite

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

	"github.com/gofrs/flock"
	sqlite3 "modernc.org/sqlite/lib"
)

// Names of the files in the folder. Beside File SQLite keeps its log (-wal) and
// the log's index (-shm) while the database is open.
const (
	File = "evenfall.db"
	Lock = "evenfall.lock"
)

// What Open and the calls of a Store can fail with, to be told apart with errors.Is.
var (
	ErrFolder  = errors.New("the data folder cannot be used")
	ErrLocked  = errors.New("another evenfall is running on this data folder")
	ErrBroken  = errors.New("the database is damaged")
	ErrForeign = errors.New("the file is not an Evenfall database")
	ErrNewer   = errors.New("the database was written by a newer evenfall")
	ErrDemo    = errors.New("the database belongs to the demo")
	ErrReal    = errors.New("the database is a real one, not the demo's")
	ErrFailed  = errors.New("the database failed and takes nothing more until the restart")
	ErrClosed  = errors.New("the database is closed")
)

// Stamps in the file's header (PRAGMA application_id): "EvnF" and "EvnD".
const (
	stampReal = 0x45766e46
	stampDemo = 0x45766e44
)

func stamp(demo bool) int64 {
	if demo {
		return stampDemo
	}
	return stampReal
}

// How a connection is opened. The sizes are kilobytes of page cache.
const (
	writing = "_txlock=immediate&_dqs=0&_busy_timeout=5000&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=1" +
		"&_pragma=secure_delete(ON)&_pragma=cache_size(-8000)&_pragma=wal_autocheckpoint(3000)"
	reading = "_dqs=0&_busy_timeout=5000&_pragma=cache_size(-2000)&_query_only=1"
)

// dsn names the file as a URI: of a plain path the driver drops what SQLite itself
// would have to hear. mode=rw never makes a file.
func dsn(path, how string) string {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	return "file://" + (&url.URL{Path: slashed}).EscapedPath() + "?mode=rw&" + how
}

// hold takes the folder for this process.
func hold(folder string) (*flock.Flock, error) {
	if info, err := os.Stat(folder); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	} else if !info.IsDir() {
		return nil, fmt.Errorf("%w: %s is not a folder", ErrFolder, folder)
	}
	probe, err := os.CreateTemp(folder, ".evenfall-*") // the only sure way to know on any file system
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := errors.Join(probe.Close(), os.Remove(probe.Name())); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	lock := flock.New(filepath.Join(folder, Lock), flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if !got {
		return nil, fmt.Errorf("%w: %s", ErrLocked, folder)
	}
	return lock, nil
}

// ready sees to it that the file is there, whole, ours, and of this version's schema.
func ready(ctx context.Context, path string, demo bool) error {
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return create(ctx, path, demo)
	case err != nil:
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := inspect(path, demo); err != nil {
		return err
	}
	return migrate(ctx, path)
}

// create makes the database beside its place and moves it there when it is whole,
// so that a half-made one is never met under its name.
func create(ctx context.Context, path string, demo bool) error {
	if log, err := os.Stat(path + "-wal"); err == nil && log.Size() > 0 {
		return fmt.Errorf("%w: %s is missing, but its log %s-wal is there", ErrBroken, path, File)
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
	if err := build(ctx, draft, demo); err != nil {
		return explain(draft, err)
	}
	if err := os.Rename(draft, path); err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	return flush(filepath.Dir(path))
}

// flush makes a rename in the folder durable.
func flush(folder string) error {
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
func inspect(path string, demo bool) error {
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
	switch int64(binary.BigEndian.Uint32(header[68:])) {
	case stamp(demo):
	case stampDemo:
		return fmt.Errorf("%w: %s", ErrDemo, path)
	case stampReal:
		return fmt.Errorf("%w: %s", ErrReal, path)
	default:
		return fmt.Errorf("%w: %s", ErrForeign, path)
	}
	return nil
}

// explain says in one line what SQLite's refusal to open means.
func explain(path string, err error) error {
	switch primary(err) {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT:
		return fmt.Errorf("%w: %s: %w", ErrBroken, path, err)
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w: %s: %w", ErrFolder, path, err)
	}
	return fmt.Errorf("%s: %w", path, err)
}
