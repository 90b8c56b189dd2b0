package vault

import (
	"context"
	"database/sql"
	"fmt"
)

// House tells which house the keys belong to, a random number that stands in evenfall.db
// too, and how often the house was started, by which an older copy is known.
func (v *Vault) House(ctx context.Context) (house, generation int64, err error) {
	err = v.reader.QueryRowContext(ctx, `SELECT a.value, b.value FROM meta a, meta b WHERE a.name = 'house' AND b.name = 'generation'`).Scan(&house, &generation)
	if err != nil {
		return 0, 0, fmt.Errorf("vault: the keys cannot be read: %w", err)
	}
	return house, generation, nil
}

// Started notes the generation of this start. It is durable when it returns.
func (v *Vault) Started(ctx context.Context, generation int64) error {
	return v.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE meta SET value = ? WHERE name = 'generation'`, generation)
		return err
	})
}
