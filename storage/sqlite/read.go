package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// reader is a connection that cannot write.
type reader struct {
	*conn
	begin, end                             *stmt
	find, findInvited, load, days, entries *stmt
	due, open, waiting, posted             *stmt
	outages, lastCouple                    *stmt
}

// due is answered from the index of alarms alone, whatever the number of couples.
const due = `SELECT wake, couple, flow FROM state WHERE wake <= ? AND (wake, couple, flow) > (?, ?, ?)
	ORDER BY wake, couple, flow LIMIT ?`

func newReader(c *conn) (*reader, error) {
	const find = `SELECT (SELECT couple FROM member WHERE network = ? AND user = ?),
		(SELECT couple FROM room WHERE network = ? AND chat = ?)`
	r := &reader{conn: c}
	return r, c.prepare(map[**stmt]string{
		&r.begin:       `BEGIN`,
		&r.end:         `COMMIT`,
		&r.find:        find,
		&r.findInvited: find + `, (SELECT couple FROM invite WHERE hash = ? AND expires > ?)`,
		&r.load:        `SELECT couple.body, state.body FROM couple LEFT JOIN state ON couple = id AND flow = ? WHERE id = ?`,
		&r.days:        `SELECT date, mark FROM day WHERE couple = ? ORDER BY date`,
		&r.entries:     `SELECT date, who, shared, value FROM entry WHERE couple = ? AND kind = ? AND date >= ?`,
		&r.due:         due,
		&r.open: `SELECT couple, flow FROM state WHERE open <> 0 AND (couple, flow) > (?, ?)
			ORDER BY couple, flow LIMIT ?`,
		&r.outages:    `SELECT since, until FROM outage WHERE until > ? ORDER BY since`,
		&r.lastCouple: `SELECT max(id) FROM couple`,
		&r.waiting:    `SELECT id, couple, network, chat, attempts, copies, body FROM letter WHERE id > ? ORDER BY id LIMIT ?`,
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
		return f(s.own)
	default:
	}
	select {
	case r := <-s.readers:
		defer func() { s.readers <- r }()
		return f(r)
	case <-s.queue.closed:
		return ErrClosed
	}
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
	if want.Days || len(want.Entries) > 0 {
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
	rec.State = blob(row[1])
	rec.Couple, err = thaw(blob(row[0]), id)
	return err
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
	for i, kind := range want.Entries {
		if slices.Contains(want.Entries[:i], kind) {
			continue
		}
		err := r.entries.each(func(row []driver.Value) error {
			rec.Entries = append(rec.Entries, bot.Entry{Date: rituals.Date(number(row[0])), Kind: kind,
				Who: bot.Who(number(row[1])), Shared: number(row[2]) != 0, Value: text(row[3])})
			return nil
		}, int64(id), kind, int64(want.Since))
		if err != nil {
			return err
		}
	}
	slices.SortFunc(rec.Entries, func(a, b bot.Entry) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), strings.Compare(a.Kind, b.Kind), cmp.Compare(a.Who, b.Who))
	})
	return nil
}

// thaw reads the body of a couple.
func thaw(body []byte, id bot.CoupleID) (c bot.Couple, err error) {
	if err := json.Unmarshal(body, &c); err != nil {
		return c, fmt.Errorf("sqlite: a couple cannot be read: %w", err)
	}
	c.ID = id
	return c, nil
}

// Due is bot.Store's.
func (s *Store) Due(ctx context.Context, now time.Time, after bot.Alarm, limit int) (alarms []bot.Alarm, err error) {
	err = s.read(ctx, func(r *reader) error {
		return r.due.each(func(row []driver.Value) error {
			alarms = append(alarms, bot.Alarm{At: time.Unix(number(row[0]), 0).UTC(), Couple: bot.CoupleID(number(row[1])), Flow: text(row[2])})
			return nil
		}, now.Unix(), after.At.Unix(), int64(after.Couple), after.Flow, int64(max(limit, 0)))
	})
	return alarms, err
}

// Open is bot.Store's.
func (s *Store) Open(ctx context.Context, after bot.Alarm, limit int) (open []bot.Alarm, err error) {
	err = s.read(ctx, func(r *reader) error {
		return r.open.each(func(row []driver.Value) error {
			open = append(open, bot.Alarm{Couple: bot.CoupleID(number(row[0])), Flow: text(row[1])})
			return nil
		}, int64(after.Couple), after.Flow, int64(max(limit, 0)))
	})
	return open, err
}

// Waiting is bot.Store's.
func (s *Store) Waiting(ctx context.Context, after int64, limit int) (letters []bot.Letter, err error) {
	err = s.read(ctx, func(r *reader) error {
		return r.waiting.each(func(row []driver.Value) error {
			l := bot.Letter{ID: number(row[0]), Couple: bot.CoupleID(number(row[1])),
				Chat: bot.Chat{Network: text(row[2]), ID: text(row[3])}, Attempts: int(number(row[4])), Copies: int(number(row[5]))}
			err := unseal(&l, blob(row[6]))
			letters = append(letters, l)
			return err
		}, after, int64(max(limit, 0)))
	})
	return letters, err
}

// Posted is bot.Store's.
func (s *Store) Posted(ctx context.Context, l bot.Letter) (message string, err error) {
	if err := s.able(ctx); err != nil {
		return "", err
	}
	at, turn, ok := s.shelf.post(l)
	if ok {
		return at.of(l.Round), nil
	}
	err = s.read(ctx, func(r *reader) error {
		row, err := r.posted.one(int64(l.Couple), l.Flow, l.Slot, l.Chat.Network, l.Chat.ID)
		if row != nil {
			at = sent{int(number(row[0])), text(row[1])}
		}
		return err
	})
	if err != nil {
		return "", err
	}
	s.shelf.keepPost(turn, l, at)
	return at.of(l.Round), nil
}
