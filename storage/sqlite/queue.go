package sqlite

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"

	"evenfall/bot"
	"evenfall/storage/internal/dbfile"
)

// most is how many jobs share a transaction at the most.
const most = 256

// job is something to write. apply says either that the job is refused, having
// written nothing, or that the database failed.
type job struct {
	apply func(w *writer) (refused, err error)
	fresh *bot.CoupleID // where the number of a new couple goes; nil = there is none
	kept  func()        // told once it is durable, before do returns; or nil
	err   error
	done  chan struct{}
}

// queue makes many jobs durable with one commit. There is no writer goroutine and
// no timer: whoever gets the gate commits everything that waits, its own job among
// it, while those who come later wait for the next one.
type queue struct {
	w       *writer
	gate    chan struct{} // holds a token while somebody writes
	crowd   bool          // several came with the last commit; for who holds the gate
	closed  chan struct{}
	broken  chan struct{} // closed when the database failed
	mu      sync.Mutex    // guards the rest
	waiting []*job
	failed  error
}

func newQueue(w *writer) *queue {
	return &queue{w: w, gate: make(chan struct{}, 1), closed: make(chan struct{}), broken: make(chan struct{})}
}

// do returns when the job is durable, refused, or lost. ctx counts only before the
// job is queued: afterwards nobody could tell whether it was kept.
func (q *queue) do(ctx context.Context, j job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.done = make(chan struct{})
	q.mu.Lock()
	q.waiting = append(q.waiting, &j)
	q.mu.Unlock()
	for {
		select {
		case <-j.done:
			return j.err
		case <-q.closed:
			select { // it may have been in the last commit
			case <-j.done:
				return j.err
			default:
				return ErrClosed
			}
		case q.gate <- struct{}{}:
			if q.crowd {
				runtime.Gosched() // whoever is about to queue comes along: twice the batch, for nothing
			}
			batch := q.take()
			q.crowd = len(batch) > 1
			q.write(batch)
			<-q.gate
		}
	}
}

// take is the next batch.
func (q *queue) take() []*job {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), most)
	batch := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	if len(q.waiting) == 0 {
		q.waiting = nil
	}
	return batch
}

// write makes a batch durable and answers everybody in it. The gate is held.
func (q *queue) write(batch []*job) {
	if len(batch) == 0 {
		return
	}
	err := q.failure()
	if err == nil {
		err = q.w.welcome(batch)
	}
	if err == nil {
		err = q.w.transact(batch)
	}
	again := poisoned(err) && len(batch) > 1
	if e := q.w.part(batch, err, again); e != nil {
		q.fail(e)
		err = q.failure()
		again = false
	}
	if again {
		for _, j := range batch {
			q.write([]*job{j})
		}
		return
	}
	if err != nil && !poisoned(err) && !busy(err) {
		q.fail(err)
		err = q.failure()
	}
	if err == nil {
		if e := q.w.wipe(); e != nil { // before anybody is told that something is gone
			q.fail(e)
		}
	}
	for _, j := range batch {
		if err != nil {
			j.err = err
		} else if j.err == nil && j.kept != nil {
			j.kept()
		}
		close(j.done)
	}
}

// failure is the first error of the database, or nil.
func (q *queue) failure() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.failed
}

// fail stops the store for good. After a failed fsync SQLite accepts the next
// commit, but nobody knows what of the earlier ones reached the disk.
func (q *queue) fail(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failed != nil {
		return
	}
	if dbfile.Primary(err) == sqlite3.SQLITE_FULL {
		err = fmt.Errorf("%w: %w", ErrFull, err)
	}
	q.failed = fmt.Errorf("%w: %w", ErrFailed, err)
	close(q.broken)
}

// close waits for the commit under way and lets nobody in afterwards: what still
// waits is refused. It reports false when the queue was closed already.
func (q *queue) close() bool {
	select {
	case <-q.closed:
		return false
	case q.gate <- struct{}{}:
	}
	close(q.closed)
	return true
}

// lost reports whether an error of reading says that nothing the file or the disk tells can be
// trusted any more.
func lost(err error) bool {
	switch dbfile.Primary(err) {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FULL:
		return true
	}
	return false
}

// poisoned reports whether one job of the batch holds what the tables do not take.
func poisoned(err error) bool {
	switch dbfile.Primary(err) {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH:
		return true
	}
	return false
}

// busy reports whether another program held the database for the whole busy timeout.
func busy(err error) bool { return dbfile.Primary(err) == sqlite3.SQLITE_BUSY }
