package sqlite

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/gofrs/flock"
)

// readers is how many reads can go on at the same time.
const readers = 4

// Options says which database to open.
type Options struct {
	Folder string // must be there; holds File and the lock
	Demo   bool   // the house of the demo, which is never mixed up with a real one
}

// Store is a bot.Store on one SQLite file. Close it before the same folder is opened again.
type Store struct {
	lock    *flock.Flock
	queue   *queue
	shelf   *shelf
	own     *reader // on the writer's connection, for who holds the gate
	readers chan *reader
}

// Open opens the database of the folder, or makes it when there is none, and holds
// the folder until Close. Errors: ErrFolder, ErrLocked, ErrBroken, ErrForeign,
// ErrNewer, ErrDemo, ErrReal; each is one clear line and leaves the file as it was.
func Open(ctx context.Context, o Options) (*Store, error) {
	if err := settle(); err != nil {
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
	if err := ready(ctx, path, o.Demo); err != nil {
		return err
	}
	w, err := openWriter(ctx, path)
	if err != nil {
		return explain(path, err)
	}
	s.queue = newQueue(w)
	if s.own, err = newReader(w.conn); err != nil {
		return errors.Join(explain(path, err), s.end())
	}
	for range readers {
		r, err := openReader(ctx, path)
		if err != nil {
			return errors.Join(explain(path, err), s.end())
		}
		s.readers <- r
	}
	return nil
}

func openWriter(ctx context.Context, path string) (*writer, error) {
	c, err := dial(ctx, dsn(path, writing))
	if err != nil {
		return nil, err
	}
	w, err := newWriter(c)
	if err == nil {
		err = fit(c)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return w, nil
}

func openReader(ctx context.Context, path string) (*reader, error) {
	c, err := dial(ctx, dsn(path, reading))
	if err != nil {
		return nil, err
	}
	r, err := newReader(c)
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return r, nil
}

// Close waits for what is being committed, empties the log into the file and lets
// the folder go. Closing again does nothing.
func (s *Store) Close() error {
	if !s.queue.close() {
		return nil
	}
	return errors.Join(s.end(), s.lock.Unlock())
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
