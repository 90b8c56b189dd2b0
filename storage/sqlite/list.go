package sqlite

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"

	"evenfall/bot"
	"evenfall/storage/vault"
)

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

// errEnough ends a list early.
var errEnough = errors.New("enough")

// Waiting is bot.Store's. A letter that cannot be opened is passed over: it must not
// hold up the others.
func (s *Store) Waiting(ctx context.Context, after int64, limit int) (letters []bot.Letter, err error) {
	err = s.read(ctx, func(r *reader) error {
		return r.waiting.each(func(row []driver.Value) error {
			if len(letters) >= limit {
				return errEnough
			}
			l := bot.Letter{ID: number(row[0]), Couple: bot.CoupleID(number(row[1])),
				Chat: bot.Chat{Network: text(row[2]), ID: text(row[3])}, Attempts: int(number(row[4])), Copies: int(number(row[5]))}
			body, err := r.keys.Open(l.Couple, inLetter(l.ID, l.Chat), blob(row[6]))
			if errors.Is(err, vault.ErrShredded) || errors.Is(err, vault.ErrTampered) {
				return nil
			}
			if err == nil {
				err = unpack(&l, body)
			}
			letters = append(letters, l)
			return err
		}, after)
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
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
