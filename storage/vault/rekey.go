package vault

import (
	"context"
	"database/sql"
	"fmt"

	"evenfall/bot"
)

// Rekey wraps every key under another master key, in one transaction: at any instant
// either the old one opens everything or the new one does. The file of the old master
// key is the caller's to replace, afterwards.
func (v *Vault) Rekey(ctx context.Context, to Master) error {
	v.changing.Lock()
	defer v.changing.Unlock()
	v.mu.Lock() // until the new one is in its place: a new couple's keys need it
	defer v.mu.Unlock()
	v.erased = true
	err := v.alone(ctx, func(tx *sql.Tx) error { return v.rewrap(ctx, tx, to) })
	if err == nil {
		v.master = to
	}
	return err
}

// rewrap goes through the keys in steps, for there may be millions of them.
func (v *Vault) rewrap(ctx context.Context, tx *sql.Tx, to Master) error {
	type row struct {
		couple  bot.CoupleID
		id      int64
		owner   bot.Who
		wrapped []byte
	}
	next := func(after row) (rows []row, err error) {
		found, err := tx.QueryContext(ctx, `SELECT couple, id, owner, wrapped FROM ring JOIN key USING (id)
			WHERE (couple, id) > (?, ?) ORDER BY couple, id LIMIT 1000`, after.couple, after.id)
		if err != nil {
			return nil, err
		}
		defer found.Close()
		for found.Next() {
			var r row
			if err := found.Scan(&r.couple, &r.id, &r.owner, &r.wrapped); err != nil {
				return nil, err
			}
			rows = append(rows, r)
		}
		return rows, found.Err()
	}
	set, err := tx.PrepareContext(ctx, `UPDATE key SET wrapped = ? WHERE id = ?`)
	if err != nil {
		return err
	}
	rows, err := next(row{})
	for ; err == nil && len(rows) > 0; rows, err = next(rows[len(rows)-1]) {
		for _, r := range rows {
			raw, err := v.master.unwrap(r.wrapped, r.id, r.couple, r.owner)
			if err != nil {
				return fmt.Errorf("%w: a key of couple %d", err, r.couple)
			}
			if _, err := set.ExecContext(ctx, to.wrap(raw, r.id, r.couple, r.owner), r.id); err != nil {
				return err
			}
		}
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'check'`, to.check())
	return err
}
