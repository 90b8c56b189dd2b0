package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"

	"evenfall/storage/vault"
)

// Both databases count the starts of the house. evenfall.db counts first, so a crash
// leaves it ahead of keys.db and never behind: where it is behind, it is an older copy that
// somebody put back.

// numbering is the migration that gives the database its house and its first generation.
func numbering(keys *vault.Vault) *goose.Migration {
	return goose.NewGoMigration(5, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		house, generation, err := keys.House(ctx)
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('house', ?), ('generation', ?)`, house, generation)
		}
		return err
	}}, nil)
}

// begun is what a start does first: it counts itself, and finishes what a crash left.
func (w *writer) begun(ctx context.Context, restored bool) (*Tally, error) {
	older, err := w.count(ctx, restored)
	if err == nil {
		err = w.finish(ctx)
	}
	return older, err
}

// count counts this start, and treats an older copy as one. Nothing is tallied otherwise.
func (w *writer) count(ctx context.Context, restored bool) (older *Tally, err error) {
	theirs, after, err := w.keys.House(ctx)
	if err != nil {
		return nil, err
	}
	row, err := w.once(`SELECT a.value, b.value FROM meta a, meta b WHERE a.name = 'house' AND b.name = 'generation'`)
	if err != nil {
		return nil, err
	}
	if row == nil || number(row[0]) != theirs {
		return nil, fmt.Errorf("%w: put back those that were copied together", ErrMixed)
	}
	ours := number(row[1])
	next := max(ours, after) + 1
	if restored || ours < after {
		older = &Tally{}
	}
	err = w.transact([]*job{{apply: func(w *writer) (refused, err error) {
		if older != nil {
			if *older, err = w.revive(); err != nil {
				return nil, err
			}
		}
		return nil, w.execute(`UPDATE meta SET value = ? WHERE name = 'generation'`, next)
	}}})
	if err != nil {
		return nil, err
	}
	if err := w.wipe(); err != nil {
		return nil, err
	}
	return older, w.keys.Started(ctx, next)
}
