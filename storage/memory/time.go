package memory

import (
	"context"
	"maps"
	"slices"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// Beat is bot.Store's.
func (s *Store) Beat(ctx context.Context, now time.Time) ([]bot.Span, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	now = time.Unix(now.Unix(), 0).UTC()
	if !s.beat.IsZero() && now.Sub(s.beat) > bot.Gap {
		s.away = append(s.away, bot.Span{From: s.beat, To: now})
	}
	s.beat = now
	return s.remembered(now), nil
}

// remembered are the outages that are not to be forgotten, the oldest first.
func (s *Store) remembered(now time.Time) (away []bot.Span) {
	since := now
	for _, span := range s.away {
		if span.To.After(now.Add(-bot.Memory)) && span.From.Before(since) {
			since = span.From
		}
	}
	for _, span := range s.away {
		if span.To.After(since.Add(-bot.Memory)) {
			away = append(away, span)
		}
	}
	slices.SortFunc(away, func(a, b bot.Span) int { return a.From.Compare(b.From) })
	return away
}

// Sweep is bot.Store's.
func (s *Store) Sweep(ctx context.Context, now time.Time, days map[string]int) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	before, today := now.Add(-bot.Memory).Unix(), rituals.DateOf(now.UTC())
	maps.DeleteFunc(s.seen, func(_ event, at time.Time) bool { return at.Unix() < before })
	s.away = s.remembered(now)
	for _, h := range s.houses {
		if h.invite != nil && h.invite.Expires.Unix() <= now.Unix() {
			h.invite = nil
		}
		maps.DeleteFunc(h.entries, func(_ line, e bot.Entry) bool {
			keep, ok := days[e.Kind]
			return ok && e.Date < today-rituals.Date(keep)
		})
	}
	return nil
}
