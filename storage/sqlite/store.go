package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"evenfall/storage/internal/dbfile"
	"evenfall/storage/vault"
)

// readers is how many reads can go on at the same time.
const readers = 4

// Options says which database to open.
type Options struct {
	Folder        string // must be there; holds File, vault.File and the lock
	Demo          bool   // the house of the demo, which is never mixed up with a real one
	MasterKeyFile string // see vault.Options
	Restored      bool   // it is an older copy, whatever it says: see Store.Restored
}

// Store is a bot.Store on one SQLite file. Close it before the same folder is opened again.
type Store struct {
	MadeMaster bool   // see vault.Vault.Made
	Restored   *Tally // evenfall.db was an older copy: what became of it; nil = it was not

	lock    *flock.Flock
	queue   *queue
	shelf   *shelf
	own     *reader // on the writer's connection, for who holds the gate
	readers chan *reader
	keys    *vault.Vault
}

// Open opens the database of the folder, or makes it when there is none, and holds
// the folder until Close. Errors: ErrFolder, ErrLocked, ErrBroken, ErrForeign,
// ErrNewer, ErrDemo, ErrReal, ErrKeys, ErrMixed, and the vault's about master keys; each is one
// clear line and leaves the files as they were.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := dbfile.Settle(); err != nil {
		return nil, err
	}
	lock, err := hold(o.Folder)
	if err != nil {
		return nil, err
	}
	s := &Store{lock: lock, shelf: newShelf(), readers: make(chan *reader, readers)}
	if err := s.open(ctx, o); err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, o Options) error {
	path, err := filepath.Abs(filepath.Join(o.Folder, File))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrFolder, err)
	}
	if err := s.unlock(ctx, path, o); err != nil {
		return err
	}
	if err := s.connect(ctx, path, o); err != nil {
		return errors.Join(err, s.keys.Close())
	}
	return nil
}

// unlock opens the keys. Where there is a house that is sealed, new keys would be of no use.
func (s *Store) unlock(ctx context.Context, path string, o Options) (err error) {
	keys := filepath.Join(filepath.Dir(path), vault.File)
	if _, err := os.Lstat(keys); errors.Is(err, fs.ErrNotExist) {
		version, err := dbfile.Version(ctx, path, kind(o.Demo, nil))
		if err != nil {
			return err
		}
		if version >= SealedSince {
			return fmt.Errorf("%w: %s is not there; put it back from a backup", ErrKeys, keys)
		}
	}
	if s.keys, err = vault.Open(ctx, vault.Options{Folder: filepath.Dir(path), MasterKeyFile: o.MasterKeyFile}); err != nil {
		return err
	}
	s.MadeMaster = s.keys.Made
	return nil
}

func (s *Store) connect(ctx context.Context, path string, o Options) error {
	if err := dbfile.Ready(ctx, path, kind(o.Demo, s.keys)); err != nil {
		return err
	}
	w, err := openWriter(ctx, path, s.keys)
	if err != nil {
		return dbfile.Explain(path, err)
	}
	if s.Restored, err = w.begun(ctx, o.Restored); err != nil {
		return errors.Join(dbfile.Explain(path, err), w.close())
	}
	s.queue = newQueue(w)
	if s.own, err = newReader(w.conn, s.keys); err != nil {
		return errors.Join(dbfile.Explain(path, err), s.end())
	}
	for range readers {
		r, err := openReader(ctx, path, s.keys)
		if err != nil {
			return errors.Join(dbfile.Explain(path, err), s.end())
		}
		s.readers <- r
	}
	return nil
}

func openWriter(ctx context.Context, path string, keys *vault.Vault) (*writer, error) {
	c, err := dial(ctx, dbfile.DSN(path, writing))
	if err != nil {
		return nil, err
	}
	w, err := newWriter(c, keys)
	if err == nil {
		err = fit(c)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return w, nil
}

func openReader(ctx context.Context, path string, keys *vault.Vault) (*reader, error) {
	c, err := dial(ctx, dbfile.DSN(path, reading))
	if err != nil {
		return nil, err
	}
	r, err := newReader(c, keys)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return r, nil
}

// Failed is closed when the database has failed, see ErrFailed. The process should end then.
func (s *Store) Failed() <-chan struct{} { return s.queue.broken }

// Failure is why every call fails since the database has failed, or nil. It wraps
// ErrFailed, and ErrFull if there was no room.
func (s *Store) Failure() error { return s.queue.failure() }

// Close waits for what is being committed, empties the log into the file and lets
// the folder go. Closing again does nothing.
func (s *Store) Close() error {
	if !s.queue.close() {
		return nil
	}
	return errors.Join(s.end(), s.keys.Close(), s.lock.Unlock())
}

// end closes the connections, the writer last: it is the one that tidies up.
func (s *Store) end() error {
	var errs []error
	for range cap(s.readers) {
		if r, ok := s.reader(); ok {
			errs = append(errs, r.close())
		}
	}
	return errors.Join(append(errs, s.queue.w.close())...)
}

// reader takes one reader out of use. After a failed Open there may be fewer than usual.
func (s *Store) reader() (*reader, bool) {
	select {
	case <-s.queue.closed:
		return <-s.readers, true
	default:
	}
	select {
	case r := <-s.readers:
		return r, true
	default:
		return nil, false
	}
}
