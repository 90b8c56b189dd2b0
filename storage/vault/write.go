package vault

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"

	sqlite3 "modernc.org/sqlite/lib"

	"evenfall/bot"
	"evenfall/storage/internal/dbfile"
)

// change takes keys of a couple away, from the file, its log and the cache.
func (v *Vault) change(ctx context.Context, couple bot.CoupleID, f func(tx *sql.Tx) error) error {
	v.changing.Lock()
	defer v.changing.Unlock()
	defer v.cache.drop(couple)
	return v.erase(ctx, f)
}

// erase is a write after which the log is emptied: secure_delete has overwritten the
// pages, but the log would keep their old text until it is used again. Another program
// that reads the database can be in the way: then the next write tries again.
func (v *Vault) erase(ctx context.Context, f func(tx *sql.Tx) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.erased = true
	return v.alone(ctx, f)
}

// write makes durable what f does, or nothing of it. ctx counts until it begins. After
// an error of the database nothing more is written: what the disk then holds nobody knows.
func (v *Vault) write(ctx context.Context, f func(tx *sql.Tx) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.alone(ctx, f)
}

// alone is write for who holds mu.
func (v *Vault) alone(ctx context.Context, f func(tx *sql.Tx) error) error {
	if err := errors.Join(v.failed, ctx.Err()); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	err := v.transact(ctx, f)
	if err == nil && v.erased {
		err = v.wipe(ctx)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrShredded), errors.Is(err, ErrTampered), dbfile.Primary(err) == sqlite3.SQLITE_BUSY:
	default:
		v.failed = err
	}
	return fmt.Errorf("vault: the keys cannot be written: %w", dbfile.Explain(v.path, err))
}

// Wipe empties the log if a dropped key may still stand in it. It is for what could not
// be wiped at once: when another program was reading, or the process was killed.
func (v *Vault) Wipe(ctx context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if !v.erased {
		return nil
	}
	return v.alone(ctx, func(*sql.Tx) error { return nil })
}

func (v *Vault) transact(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := v.writer.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after Commit it does nothing
	for _, couple := range v.done {
		if _, err := tx.ExecContext(ctx, `DELETE FROM unfinished WHERE couple = ?`, couple); err != nil {
			return err
		}
	}
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	v.done = nil
	return nil
}

func (v *Vault) wipe(ctx context.Context) error {
	var busy, pages, moved int
	err := v.writer.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &pages, &moved)
	if dbfile.Primary(err) == sqlite3.SQLITE_BUSY {
		return nil
	}
	v.erased = err != nil || busy != 0
	return err
}

// advance raises a counter and returns its new value.
func advance(ctx context.Context, tx *sql.Tx, name string, by int) (last int64, err error) {
	err = tx.QueryRowContext(ctx, `UPDATE meta SET value = value + ? WHERE name = ? RETURNING value`, by, name).Scan(&last)
	return last, err
}

// above keeps the numbers up to this one from being given.
func above(ctx context.Context, tx *sql.Tx, couple bot.CoupleID) error {
	_, err := tx.ExecContext(ctx, `UPDATE meta SET value = max(value, ?) WHERE name = 'couple'`, couple)
	return err
}

// mark says that the rows of a couple may not agree with its keys.
func mark(ctx context.Context, tx *sql.Tx, couple bot.CoupleID) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO unfinished (couple) VALUES (?) ON CONFLICT DO NOTHING`, couple)
	return err
}

// shred drops the own keys of these partners, with bot.Both all of the couple's.
func shred(ctx context.Context, tx *sql.Tx, couple bot.CoupleID, who bot.Who) error {
	return drop(ctx, tx, `couple = ?1 AND (?2 = 3 OR owner = ?2)`, couple, who)
}

// drop takes the keys away of which a condition on ring holds.
func drop(ctx context.Context, tx *sql.Tx, which string, args ...any) error {
	if _, err := tx.ExecContext(ctx, `UPDATE key SET wrapped = zeroblob(60) WHERE id IN (SELECT id FROM ring WHERE `+which+`)`, args...); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `DELETE FROM ring WHERE `+which, args...)
	return err
}

// adder adds keys whose numbers it has set aside.
type adder struct {
	ctx       context.Context
	ring, key *sql.Stmt
	master    Master
	next      int64
}

func (v *Vault) adder(ctx context.Context, tx *sql.Tx, n int) (*adder, error) {
	last, err := advance(ctx, tx, "key", n)
	if err != nil {
		return nil, err
	}
	ring, err := tx.PrepareContext(ctx, `INSERT INTO ring (couple, id, owner) VALUES (?, ?, ?)`)
	if err != nil {
		return nil, err
	}
	key, err := tx.PrepareContext(ctx, `INSERT INTO key (id, wrapped) VALUES (?, ?)`)
	return &adder{ctx, ring, key, v.master, last - int64(n) + 1}, err
}

func (a *adder) add(couple bot.CoupleID, whose ...bot.Who) error {
	for _, owner := range whose {
		raw := make([]byte, keySize)
		rand.Read(raw)
		if _, err := a.ring.ExecContext(a.ctx, couple, a.next, owner); err != nil {
			return err
		}
		if _, err := a.key.ExecContext(a.ctx, a.next, a.master.wrap(raw, a.next, couple, owner)); err != nil {
			return err
		}
		a.next++
	}
	return nil
}
