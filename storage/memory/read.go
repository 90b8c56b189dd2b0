package memory

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// Load is bot.Store's. Days come by date; entries by date, kind and partner.
func (s *Store) Load(ctx context.Context, id bot.CoupleID, flow string, want bot.Want) (bot.Record, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return bot.Record{}, err
	}
	defer unlock()
	h := s.houses[id]
	if h == nil {
		return bot.Record{}, bot.ErrNone
	}
	r := bot.Record{State: bytes.Clone(h.states[flow].JSON)}
	if r.Couple, err = thaw(h.couple, id); err != nil {
		return bot.Record{}, err
	}
	if want.Days {
		for date, mark := range h.days {
			r.Days = append(r.Days, rituals.Day{Date: date, Mark: mark})
		}
		slices.SortFunc(r.Days, func(a, b rituals.Day) int { return cmp.Compare(a.Date, b.Date) })
	}
	for _, e := range h.entries {
		own := want.Own != bot.Nobody && (e.Shared || e.Who&want.Own != 0)
		if own || e.Date >= want.Since && slices.Contains(want.Entries, e.Kind) {
			r.Entries = append(r.Entries, e)
		}
	}
	slices.SortFunc(r.Entries, func(a, b bot.Entry) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), strings.Compare(a.Kind, b.Kind), cmp.Compare(a.Who, b.Who))
	})
	return r, nil
}

// Due is bot.Store's.
func (s *Store) Due(ctx context.Context, now time.Time, after bot.Alarm, limit int) ([]bot.Alarm, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var due []bot.Alarm
	for id, h := range s.houses {
		for flow, st := range h.states {
			a := bot.Alarm{At: st.Wake, Couple: id, Flow: flow}
			if !st.Wake.IsZero() && st.Wake.Unix() <= now.Unix() && compare(a, after) > 0 {
				due = append(due, a)
			}
		}
	}
	slices.SortFunc(due, compare)
	return due[:min(len(due), max(limit, 0))], nil
}

func compare(a, b bot.Alarm) int {
	return cmp.Or(cmp.Compare(a.At.Unix(), b.At.Unix()), cmp.Compare(a.Couple, b.Couple), strings.Compare(a.Flow, b.Flow))
}

// Open is bot.Store's.
func (s *Store) Open(ctx context.Context, after bot.Alarm, limit int) ([]bot.Alarm, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var open []bot.Alarm
	for id, h := range s.houses {
		for flow, st := range h.states {
			if a := (bot.Alarm{Couple: id, Flow: flow}); st.Open && compare(a, bot.Alarm{Couple: after.Couple, Flow: after.Flow}) > 0 {
				open = append(open, a)
			}
		}
	}
	slices.SortFunc(open, compare)
	return open[:min(len(open), max(limit, 0))], nil
}

// Waiting is bot.Store's.
func (s *Store) Waiting(ctx context.Context, after int64, limit int) ([]bot.Letter, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	var out []bot.Letter
	for _, l := range s.letters {
		if l.ID > after && len(out) < limit {
			out = append(out, copyLetter(l))
		}
	}
	return out, nil
}

// Posted is bot.Store's.
func (s *Store) Posted(ctx context.Context, l bot.Letter) (string, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return "", err
	}
	defer unlock()
	if h := s.houses[l.Couple]; h != nil {
		if p := h.posted[place{l.Flow, l.Slot, l.Chat}]; p.round == l.Round {
			return p.message, nil
		}
	}
	return "", nil
}
