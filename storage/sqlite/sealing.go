package sqlite

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// SealedSince is the schema from which on all texts are sealed: without keys.db they are lost.
const SealedSince = 3

// sealing is the migration that seals a house of before, in one transaction. The next
// one writes the file anew, because old text stays behind in the gaps of pages. A crash
// in between is made good by the next start.
func sealing(keys *vault.Vault) []*goose.Migration {
	return []*goose.Migration{goose.NewGoMigration(SealedSince, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		return sealAll(ctx, tx, keys)
	}}, nil)}
}

// sealAll seals every text there is. Values of entries become BLOBs.
func sealAll(ctx context.Context, tx *sql.Tx, keys *vault.Vault) error {
	const entries = `CREATE TABLE sealed (
		couple INTEGER NOT NULL REFERENCES couple (id) ON DELETE CASCADE,
		kind   TEXT    NOT NULL,
		date   INTEGER NOT NULL,
		who    INTEGER NOT NULL,
		shared INTEGER NOT NULL,
		value  BLOB    NOT NULL,
		PRIMARY KEY (couple, kind, date, who)
	) STRICT, WITHOUT ROWID`
	if _, err := tx.ExecContext(ctx, entries); err != nil {
		return err
	}
	p, err := newSealer(ctx, tx, keys)
	if err != nil {
		return err
	}
	for last := bot.CoupleID(0); ; {
		ids, err := p.after(last)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			break
		}
		last = ids[len(ids)-1]
		if err := p.step(ids[0], last, ids); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `DROP TABLE entry; ALTER TABLE sealed RENAME TO entry`)
	return err
}

// sealer goes over the couples in steps.
type sealer struct {
	ctx  context.Context
	keys *vault.Vault
	list, couples, couple, states, state,
	letters, letter, entries, entry *sql.Stmt
}

func newSealer(ctx context.Context, tx *sql.Tx, keys *vault.Vault) (*sealer, error) {
	p := &sealer{ctx: ctx, keys: keys}
	for _, s := range []struct {
		at   **sql.Stmt
		text string
	}{
		{&p.list, `SELECT id FROM couple WHERE id > ? ORDER BY id LIMIT 1000`},
		{&p.couples, `SELECT id, body FROM couple WHERE id BETWEEN ? AND ?`},
		{&p.couple, `UPDATE couple SET body = ? WHERE id = ?`},
		{&p.states, `SELECT couple, flow, body FROM state WHERE couple BETWEEN ? AND ?`},
		{&p.state, `UPDATE state SET body = ? WHERE couple = ? AND flow = ?`},
		{&p.letters, `SELECT couple, id, network, chat, body FROM letter WHERE couple BETWEEN ? AND ?`},
		{&p.letter, `UPDATE letter SET body = ? WHERE couple = ? AND id = ?`},
		{&p.entries, `SELECT couple, kind, date, who, shared, value FROM entry WHERE couple BETWEEN ? AND ?`},
		{&p.entry, `INSERT INTO sealed (value, couple, kind, date, who, shared) VALUES (?, ?, ?, ?, ?, ?)`},
	} {
		var err error
		if *s.at, err = tx.PrepareContext(ctx, s.text); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// after is the next couples.
func (p *sealer) after(last bot.CoupleID) (ids []bot.CoupleID, err error) {
	rows, err := p.list.QueryContext(p.ctx, last)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id bot.CoupleID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// step makes the keys of these couples and seals their texts.
func (p *sealer) step(first, last bot.CoupleID, ids []bot.CoupleID) error {
	if err := p.keys.Adopt(p.ctx, ids); err != nil {
		return err
	}
	for _, t := range []struct {
		list, seal *sql.Stmt
		read       func(scan func(...any) error) (bot.CoupleID, row, error)
	}{
		{p.couples, p.couple, func(scan func(...any) error) (id bot.CoupleID, r row, err error) {
			err = scan(&id, &r.sealed)
			r.at, r.owner = inCouple(), bot.Both
			return id, r, err
		}},
		{p.states, p.state, func(scan func(...any) error) (id bot.CoupleID, r row, err error) {
			var flow string
			err = scan(&id, &flow, &r.sealed)
			r.at, r.owner, r.key = inState(flow), bot.Both, []any{flow}
			return id, r, err
		}},
		{p.letters, p.letter, func(scan func(...any) error) (id bot.CoupleID, r row, err error) {
			var n int64
			var c bot.Chat
			err = scan(&id, &n, &c.Network, &c.ID, &r.sealed)
			r.at, r.owner, r.key = inLetter(n, c), bot.Both, []any{n}
			return id, r, err
		}},
		{p.entries, p.entry, func(scan func(...any) error) (id bot.CoupleID, r row, err error) {
			var e bot.Entry
			err = scan(&id, &e.Kind, &e.Date, &e.Who, &e.Shared, &r.sealed)
			r.at, r.owner, r.key = inEntry(e.Kind, e.Date, e.Who, e.Shared), ownerOf(e.Who), []any{e.Kind, int64(e.Date), int64(e.Who), flag(e.Shared)}
			return id, r, err
		}},
	} {
		if err := p.table(t.list, t.seal, first, last, t.read); err != nil {
			return err
		}
	}
	return nil
}

// table seals the rows of some couples in one table.
func (p *sealer) table(list, seal *sql.Stmt, first, last bot.CoupleID, read func(scan func(...any) error) (bot.CoupleID, row, error)) error {
	found, err := list.QueryContext(p.ctx, first, last)
	if err != nil {
		return err
	}
	defer found.Close()
	var rows []row
	for found.Next() {
		id, r, err := read(found.Scan)
		if err != nil {
			return err
		}
		if r.sealed, err = p.keys.Seal(id, r.owner, r.at, r.sealed); err != nil {
			return err
		}
		r.key = append([]any{id}, r.key...)
		rows = append(rows, r)
	}
	if err := found.Err(); err != nil {
		return err
	}
	for _, r := range rows {
		if _, err := seal.ExecContext(p.ctx, append([]any{r.sealed}, r.key...)...); err != nil {
			return err
		}
	}
	return nil
}
