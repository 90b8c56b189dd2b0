package sqlite

import (
	"cmp"
	"context"
	"database/sql/driver"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// stride is how many couples one step of Sweep goes over: nobody waits long behind it.
const stride = 1000

const memory = int64(bot.Memory / time.Second)

// remembered is the moment, of (now, memory), that the outages which are remembered have ended after.
const remembered = `coalesce((SELECT min(since, ?1) FROM outage WHERE until > ?1 - ?2 ORDER BY since LIMIT 1), ?1) - ?2`

// Beat is bot.Store's.
func (s *Store) Beat(ctx context.Context, now time.Time) (away []bot.Span, err error) {
	err = s.queue.do(ctx, job{apply: func(w *writer) (refused, err error) {
		row, err := w.lastBeat.one()
		if err != nil {
			return nil, err
		}
		last := number(row[0])
		if gap := now.Unix() - last; last != 0 && gap > int64(bot.Gap/time.Second) {
			if _, err := w.addOutage.exec(last, now.Unix()); err != nil {
				return nil, err
			}
		}
		_, err = w.setBeat.exec(now.Unix())
		return nil, err
	}})
	if err != nil {
		return nil, err
	}
	err = s.read(ctx, func(r *reader) error {
		return r.outages.each(func(row []driver.Value) error {
			away = append(away, bot.Span{From: time.Unix(number(row[0]), 0).UTC(), To: time.Unix(number(row[1]), 0).UTC()})
			return nil
		}, now.Unix(), memory)
	})
	return away, err
}

// Sweep is bot.Store's. It goes over the couples in strides, each a commit of its own.
func (s *Store) Sweep(ctx context.Context, now time.Time, days map[string]int) error {
	before := now.Add(-bot.Memory).Unix()
	if err := s.erase(ctx, func(w *writer) error {
		return cmp.Or(w.erase(w.sweepSeen, before), w.erase(w.sweepOutages, now.Unix(), memory), w.erase(w.sweepInvites, now.Unix()), w.keys.Wipe(context.Background()))
	}); err != nil {
		return err
	}
	var last int64
	if err := s.read(ctx, func(r *reader) error {
		row, err := r.lastCouple.one()
		if err == nil {
			last = number(row[0])
		}
		return err
	}); err != nil {
		return err
	}
	today := int64(rituals.DateOf(now.UTC()))
	for first := int64(1); first <= last; first += stride {
		if err := s.erase(ctx, func(w *writer) error {
			for kind, keep := range days {
				if err := w.erase(w.sweepEntries, first, first+stride-1, kind, today-int64(keep)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) erase(ctx context.Context, drop func(w *writer) error) error {
	return s.queue.do(ctx, job{apply: func(w *writer) (refused, err error) { return nil, drop(w) }})
}

// erase drops rows; what stood in them does not stay in the log either.
func (w *writer) erase(drop *stmt, args ...any) error {
	n, err := drop.exec(args...)
	w.erased = w.erased || n > 0
	return err
}
