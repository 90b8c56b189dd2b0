package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"evenfall/bot"
	"evenfall/storage/internal/dbfile"
	"evenfall/storage/vault"
)

// jump is how many letter numbers an older copy passes over: those that were given
// after it was made.
const jump = 1 << 40

// Tally says what became of the couples and letters of an older copy.
type Tally struct {
	Couples int // that are there, and open
	Gone    int // whose keys are gone: they have left since, and are dropped
	Foreign int // whose text other keys have sealed: left as it is
	Letters int // that waited: their time is over, the engine gives them up
}

// Count tallies the couples of a folder on which nobody works, and changes nothing about
// them. Errors: as Open.
func Count(ctx context.Context, o Options) (t Tally, err error) {
	path, err := filepath.Abs(filepath.Join(o.Folder, File))
	if err != nil {
		return t, err
	}
	version, err := dbfile.Version(ctx, path, kind(o.Demo, nil))
	if err != nil {
		return t, err
	}
	if version < SealedSince {
		return t, fmt.Errorf("%w: it is brought up to this version at the next start", ErrOlder)
	}
	keys, err := vault.Open(ctx, vault.Options{Folder: o.Folder, MasterKeyFile: o.MasterKeyFile})
	if err != nil {
		return t, err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	c, err := dial(ctx, dbfile.DSN(path, reading))
	if err != nil {
		return t, dbfile.Explain(path, err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	return t, c.survey(keys, &t, func(bot.CoupleID, bool) error { return nil })
}

// revive makes an older copy fit for living on. What happened since it was made is lost
// like what happens during an outage, so it counts as one, however short it was.
func (w *writer) revive() (t Tally, err error) {
	if t.Letters, err = w.expire(); err != nil {
		return t, err
	}
	if err := w.survey(w.keys, &t, func(id bot.CoupleID, gone bool) error {
		if gone {
			return w.erase(w.dropCouple, int64(id))
		}
		return w.mend(id)
	}); err != nil {
		return t, err
	}
	return t, cmp.Or(w.execute(`UPDATE meta SET value = value + ? WHERE name = 'letter'`, int64(jump)),
		w.execute(`UPDATE meta SET value = max(value - ?, 0) WHERE name = 'beat'`, int64(bot.Gap/time.Second)+1))
}

// survey goes over the couples and tallies which of them these keys open.
func (c *conn) survey(keys *vault.Vault, t *Tally, each func(id bot.CoupleID, gone bool) error) error {
	var list *stmt
	if err := c.prepare(map[**stmt]string{&list: `SELECT id, body FROM couple WHERE id > ? ORDER BY id LIMIT 1000`}); err != nil {
		return err
	}
	type couple struct {
		id  bot.CoupleID
		err error
	}
	for last := bot.CoupleID(0); ; {
		var found []couple
		if err := list.each(func(row []driver.Value) error {
			id := bot.CoupleID(number(row[0]))
			_, err := keys.Open(id, inCouple(), blob(row[1]))
			found = append(found, couple{id, err})
			return nil
		}, int64(last)); err != nil {
			return err
		}
		if len(found) == 0 {
			return nil
		}
		last = found[len(found)-1].id
		for _, c := range found {
			switch {
			case c.err == nil:
				t.Couples++
			case errors.Is(c.err, vault.ErrShredded):
				t.Gone++
			case errors.Is(c.err, vault.ErrTampered):
				t.Foreign++
				continue
			default:
				return c.err
			}
			if err := each(c.id, c.err != nil); err != nil {
				return err
			}
		}
	}
}

// expire ends the time of every letter that waits: it may have been sent long ago. The
// engine gives them up as it does all that come too late, and tells their flows.
func (w *writer) expire() (n int, err error) {
	var list *stmt
	if err := w.prepare(map[**stmt]string{&list: `SELECT id, couple, network, chat, body FROM letter`}); err != nil {
		return 0, err
	}
	var rows []row
	var ids []bot.CoupleID
	if err := list.each(func(v []driver.Value) error {
		id := number(v[0])
		rows = append(rows, row{inLetter(id, bot.Chat{Network: text(v[2]), ID: text(v[3])}), bot.Both, blob(v[4]), []any{id}})
		ids = append(ids, bot.CoupleID(number(v[1])))
		return nil
	}); err != nil {
		return 0, err
	}
	for i, r := range rows {
		switch err := w.outdate(ids[i], r); {
		case errors.Is(err, vault.ErrShredded), errors.Is(err, vault.ErrTampered): // never to be read again
		case err != nil:
			return n, err
		default:
			n++
		}
	}
	return n, nil
}

func (w *writer) outdate(couple bot.CoupleID, r row) error {
	body, err := w.keys.Open(couple, r.at, r.sealed)
	if err != nil {
		return err
	}
	var l packed
	if err := json.Unmarshal(body, &l); err != nil {
		return err
	}
	l.Until = 1 // long ago
	if body, err = json.Marshal(l); err != nil {
		return err
	}
	sealed, err := w.keys.Seal(couple, r.owner, r.at, body)
	if err == nil {
		_, err = w.sealLetter.exec(sealed, int64(couple), r.key[0])
	}
	return err
}

// execute runs a statement that is seldom wanted.
func (c *conn) execute(text string, args ...any) error {
	var s *stmt
	if err := c.prepare(map[**stmt]string{&s: text}); err != nil {
		return err
	}
	_, err := s.exec(args...)
	return err
}
