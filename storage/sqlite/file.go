package sqlite

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"evenfall/storage/internal/dbfile"
)

// Names of the files in the folder. Beside File SQLite keeps its log (-wal) and
// the log's index (-shm) while the database is open.
const (
	File = "evenfall.db"
	Lock = "evenfall.lock"
)

// What Open and the calls of a Store can fail with, to be told apart with errors.Is;
// besides, there is what the vault tells about a master key.
var (
	ErrFolder  = dbfile.ErrFolder
	ErrBroken  = dbfile.ErrBroken
	ErrForeign = dbfile.ErrForeign
	ErrNewer   = dbfile.ErrNewer
	ErrFull    = dbfile.ErrFull
	ErrLocked  = errors.New("another evenfall is running on this data folder")
	ErrKeys    = errors.New("the couples' keys are missing")
	ErrMixed   = errors.New("evenfall.db and keys.db belong to different houses")
	ErrOlder   = errors.New("the database is of an older evenfall")
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

func stamp(demo bool) uint32 {
	if demo {
		return stampDemo
	}
	return stampReal
}

// How a connection is opened. The sizes are kilobytes of page cache.
const (
	writing = dbfile.Writing + "&_pragma=cache_size(-8000)"
	reading = dbfile.Reading + "&_pragma=cache_size(-2000)"
)

// Hold takes a data folder for this process until free is called. Errors: ErrFolder, ErrLocked.
func Hold(folder string) (free func() error, err error) {
	lock, err := hold(folder)
	if err != nil {
		return nil, err
	}
	return lock.Unlock, nil
}

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
