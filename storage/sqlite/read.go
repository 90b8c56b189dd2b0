package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

// reader is a connection that cannot write.
type reader struct {
	*conn
	keys                                   *vault.Vault
	begin, end                             *stmt
	find, findInvited, load, days, entries *stmt
	own                                    *stmt
	due, open, waiting, posted             *stmt
	outages, lastCouple                    *stmt
}

// due is answered from the index of alarms alone, whatever the number of couples.
const due = `SELECT wake, couple, flow FROM state WHERE wake <= ? AND (wake, couple, flow) > (?, ?, ?)
	ORDER BY wake, couple, flow LIMIT ?`

func newReader(c *conn, keys *vault.Vault) (*reader, error) {
	const find = `SELECT (SELECT couple FROM member WHERE network = ? AND user = ?),
		(SELECT couple FROM room WHERE network = ? AND chat = ?)`
	r := &reader{conn: c, keys: keys}
	return r, c.prepare(map[**stmt]string{
		&r.begin:       `BEGIN`,
		&r.end:         `COMMIT`,
		&r.find:        find,
		&r.findInvited: find + `, (SELECT couple FROM invite WHERE hash = ? AND expires > ?)`,
		&r.load:        `SELECT couple.body, state.body FROM couple LEFT JOIN state ON couple = id AND flow = ? WHERE id = ?`,
		&r.days:        `SELECT date, mark FROM day WHERE couple = ? ORDER BY date`,
		&r.entries:     `SELECT date, who, shared, value FROM entry WHERE couple = ? AND kind = ? AND date >= ?`,
		&r.own:         `SELECT kind, date, who, shared, value FROM entry WHERE couple = ? AND (shared <> 0 OR who & ? <> 0)`,
		&r.due:         due,
		&r.open: `SELECT couple, flow FROM state WHERE open <> 0 AND (couple, flow) > (?, ?)
			ORDER BY couple, flow LIMIT ?`,
		&r.outages:    `SELECT since, until FROM outage WHERE until > ` + remembered + ` ORDER BY since`,
		&r.lastCouple: `SELECT max(id) FROM couple`,
		&r.waiting:    `SELECT id, couple, network, chat, attempts, copies, body FROM letter WHERE id > ? ORDER BY id`,
		&r.posted: `SELECT round, message FROM posted
			WHERE couple = ? AND flow = ? AND slot = ? AND network = ? AND chat = ?`,
	})
}

// able says why nothing can be read.
func (s *Store) able(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.queue.closed:
		return ErrClosed
	default:
		return s.queue.failure()
	}
}

// read lends a reader to f. When nobody writes it is the one on the writer's own
// connection, whose cache is still warm: the others read everything anew after each commit.
func (s *Store) read(ctx context.Context, f func(r *reader) error) error {
	if err := s.able(ctx); err != nil {
		return err
	}
	select {
	case s.queue.gate <- struct{}{}:
		defer func() { <-s.queue.gate }()
		return s.look(s.own, f)
	default:
	}
	select {
	case r := <-s.readers:
		defer func() { s.readers <- r }()
		return s.look(r, f)
	case <-s.queue.closed:
		return ErrClosed
	}
}

// look reads while no key goes.
func (s *Store) look(r *reader, f func(r *reader) error) error {
	s.queue.w.turning.RLock()
	defer s.queue.w.turning.RUnlock()
	err := f(r)
	if lost(err) {
		s.queue.fail(err)
		return s.queue.failure()
	}
	return err
}

// Find is bot.Store's.
func (s *Store) Find(ctx context.Context, u bot.User, c bot.Chat, invite []byte, now time.Time) (f bot.Found, err error) {
	if invite == nil && s.able(ctx) == nil {
		if f, ok := s.shelf.find(u, c); ok {
			return f, nil
		}
	}
	err = s.read(ctx, func(r *reader) error {
		if invite == nil {
			row, err := r.find.one(u.Network, u.ID, c.Network, c.ID)
			if err == nil {
				f = bot.Found{ByUser: bot.CoupleID(number(row[0])), ByChat: bot.CoupleID(number(row[1]))}
			}
			return err
		}
		row, err := r.findInvited.one(u.Network, u.ID, c.Network, c.ID, invite, now.Unix())
		if err == nil {
			f = bot.Found{ByUser: bot.CoupleID(number(row[0])), ByChat: bot.CoupleID(number(row[1])), ByInvite: bot.CoupleID(number(row[2]))}
		}
		return err
	})
	return f, err
}

// Load is bot.Store's. Days come by date; entries by date, kind and partner.
func (s *Store) Load(ctx context.Context, id bot.CoupleID, flow string, want bot.Want) (rec bot.Record, err error) {
	if err := s.able(ctx); err != nil {
		return bot.Record{}, err
	}
	if want.Days || len(want.Entries) > 0 || want.Own != bot.Nobody {
		err = s.read(ctx, func(r *reader) error { return r.whole(&rec, id, flow, want) })
		return rec, err
	}
	rec, turn, ok := s.shelf.load(id, flow)
	if ok {
		return rec, nil
	}
	if err = s.read(ctx, func(r *reader) error { return r.record(&rec, id, flow) }); err != nil {
		return bot.Record{}, err
	}
	s.shelf.keep(turn, flow, rec)
	return rec, nil
}

// whole reads record and history at one point of time.
func (r *reader) whole(rec *bot.Record, id bot.CoupleID, flow string, want bot.Want) error {
	if _, err := r.begin.exec(); err != nil {
		return err
	}
	err := r.record(rec, id, flow)
	if err == nil {
		err = r.history(rec, id, want)
	}
	_, end := r.end.exec()
	return cmp.Or(err, end)
}

func (r *reader) record(rec *bot.Record, id bot.CoupleID, flow string) error {
	row, err := r.load.one(flow, int64(id))
	if err != nil {
		return err
	}
	if row == nil {
		return bot.ErrNone
	}
	state := blob(row[1])
	if rec.Couple, err = thaw(r.keys, blob(row[0]), id); err != nil || state == nil {
		return err
	}
	rec.State, err = r.keys.Open(id, inState(flow), state)
	return gone(err)
}

func (r *reader) history(rec *bot.Record, id bot.CoupleID, want bot.Want) error {
	if want.Days {
		err := r.days.each(func(row []driver.Value) error {
			rec.Days = append(rec.Days, rituals.Day{Date: rituals.Date(number(row[0])), Mark: rituals.Mark(number(row[1]))})
			return nil
		}, int64(id))
		if err != nil {
			return err
		}
	}
	keep := func(e bot.Entry, sealed []byte) error {
		value, err := r.keys.Open(id, inEntry(e.Kind, e.Date, e.Who, e.Shared), sealed)
		if errors.Is(err, vault.ErrShredded) {
			return nil // whose it was is leaving
		}
		e.Value = string(value)
		rec.Entries = append(rec.Entries, e)
		return err
	}
	for _, kind := range want.Entries {
		err := r.entries.each(func(row []driver.Value) error {
			e := bot.Entry{Date: rituals.Date(number(row[0])), Kind: kind, Who: bot.Who(number(row[1])), Shared: number(row[2]) != 0}
			return keep(e, blob(row[3]))
		}, int64(id), kind, int64(want.Since))
		if err != nil {
			return err
		}
	}
	if want.Own != bot.Nobody {
		err := r.own.each(func(row []driver.Value) error {
			e := bot.Entry{Kind: text(row[0]), Date: rituals.Date(number(row[1])), Who: bot.Who(number(row[2])), Shared: number(row[3]) != 0}
			return keep(e, blob(row[4]))
		}, int64(id), int64(want.Own))
		if err != nil {
			return err
		}
	}
	slices.SortFunc(rec.Entries, func(a, b bot.Entry) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), strings.Compare(a.Kind, b.Kind), cmp.Compare(a.Who, b.Who))
	})
	rec.Entries = slices.Compact(rec.Entries) // asked for twice
	return nil
}

// thaw reads the body of a couple.
func thaw(keys *vault.Vault, sealed []byte, id bot.CoupleID) (c bot.Couple, err error) {
	body, err := keys.Open(id, inCouple(), sealed)
	if err != nil {
		return c, gone(err)
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, fmt.Errorf("sqlite: a couple cannot be read: %w", err)
	}
	c.ID = id
	return c, nil
}
