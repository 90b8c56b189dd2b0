package vault

import (
	"context"
	"database/sql"

	"evenfall/bot"
)

// owners are those of a couple's keys.
var owners = [...]bot.Who{bot.One, bot.Two, bot.Both}

// NewCouples makes the keys of n couples and numbers the couples, one after another
// from first on. No number is given twice. The couples are unfinished until Done.
func (v *Vault) NewCouples(ctx context.Context, n int) (first bot.CoupleID, err error) {
	err = v.write(ctx, func(tx *sql.Tx) error {
		var highest bot.CoupleID // should the counter be damaged, nobody's keys may be met
		if err := tx.QueryRowContext(ctx, `SELECT coalesce(max(couple), 0) FROM ring`).Scan(&highest); err != nil {
			return err
		}
		if err := above(ctx, tx, highest); err != nil {
			return err
		}
		last, err := advance(ctx, tx, "couple", n)
		if err != nil {
			return err
		}
		first = bot.CoupleID(last) - bot.CoupleID(n) + 1
		a, err := v.adder(ctx, tx, n*len(owners))
		if err != nil {
			return err
		}
		for couple := first; couple <= bot.CoupleID(last); couple++ {
			if err := mark(ctx, tx, couple); err != nil {
				return err
			}
			if err := a.add(couple, owners[:]...); err != nil {
				return err
			}
		}
		return nil
	})
	return first, err
}

// Adopt makes keys for couples that have a number already and gives no number up to
// theirs away. Couples that have keys keep them.
func (v *Vault) Adopt(ctx context.Context, couples []bot.CoupleID) error {
	return v.write(ctx, func(tx *sql.Tx) error {
		a, err := v.adder(ctx, tx, len(couples)*len(owners))
		if err != nil {
			return err
		}
		var highest bot.CoupleID
		for _, couple := range couples {
			highest = max(highest, couple)
			var has bool
			if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM ring WHERE couple = ?)`, couple).Scan(&has); err != nil {
				return err
			}
			if has {
				continue
			}
			if err := a.add(couple, owners[:]...); err != nil {
				return err
			}
		}
		return above(ctx, tx, highest)
	})
}

// Above sees to it that new couples get higher numbers than this one, whatever keys.db
// says: it may be an older copy.
func (v *Vault) Above(ctx context.Context, couple bot.CoupleID) error {
	var last bot.CoupleID
	if err := v.reader.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'couple'`).Scan(&last); err != nil {
		return v.unread(err)
	}
	if last >= couple {
		return nil
	}
	return v.write(ctx, func(tx *sql.Tx) error { return above(ctx, tx, couple) })
}

// Shred drops the own keys of these partners, with bot.Both every key of the couple.
// It is durable when it returns, and can be said again. The couple is unfinished until Done.
func (v *Vault) Shred(ctx context.Context, couple bot.CoupleID, who bot.Who) error {
	return v.change(ctx, couple, func(tx *sql.Tx) error {
		if err := mark(ctx, tx, couple); err != nil {
			return err
		}
		return shred(ctx, tx, couple, who)
	})
}

// Rotate is for when partners leave: it drops their own keys, gives their seats new
// ones, and gives the couple a new shared key. The old shared key still opens what it
// sealed until Retire. It is durable when it returns. The couple is unfinished until
// then. Errors: ErrShredded (the couple has no keys).
func (v *Vault) Rotate(ctx context.Context, couple bot.CoupleID, gone bot.Who) error {
	return v.change(ctx, couple, func(tx *sql.Tx) error {
		if err := mark(ctx, tx, couple); err != nil {
			return err
		}
		var has bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM ring WHERE couple = ?)`, couple).Scan(&has); err != nil {
			return err
		}
		if !has {
			return ErrShredded
		}
		fresh := []bot.Who{bot.Both}
		for _, who := range bot.Each {
			if !gone.Has(who) {
				continue
			}
			if err := shred(ctx, tx, couple, who); err != nil {
				return err
			}
			fresh = append(fresh, who)
		}
		a, err := v.adder(ctx, tx, len(fresh))
		if err != nil {
			return err
		}
		return a.add(couple, fresh...)
	})
}

// Retire drops the couple's keys that have a newer one beside them. Everything must be
// durable under the newer. With it the couple is finished.
func (v *Vault) Retire(ctx context.Context, couple bot.CoupleID) error {
	r, err := v.ring(couple)
	if err != nil {
		return err
	}
	if !r.rotated() {
		v.Done(couple)
		return nil
	}
	return v.change(ctx, couple, func(tx *sql.Tx) error {
		err := drop(ctx, tx, `couple = ?1 AND id NOT IN (SELECT max(id) FROM ring WHERE couple = ?1 GROUP BY owner)`, couple)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `DELETE FROM unfinished WHERE couple = ?`, couple)
		return err
	})
}

// Done says that the rows of a couple agree with its keys. It becomes durable with the
// next write; forgetting it costs only another look.
func (v *Vault) Done(couples ...bot.CoupleID) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.done = append(v.done, couples...)
}

// Unfinished lists the couples that a crash left without Done or Retire.
func (v *Vault) Unfinished(ctx context.Context) (couples []bot.CoupleID, err error) {
	rows, err := v.reader.QueryContext(ctx, `SELECT couple FROM unfinished ORDER BY couple`)
	if err != nil {
		return nil, v.unread(err)
	}
	defer rows.Close()
	for rows.Next() {
		var couple bot.CoupleID
		if err := rows.Scan(&couple); err != nil {
			return nil, v.unread(err)
		}
		couples = append(couples, couple)
	}
	if err := rows.Err(); err != nil {
		return nil, v.unread(err)
	}
	return couples, nil
}
