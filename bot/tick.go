package bot

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"evenfall/rituals"
)

const (
	wakeBatch  = 512 // alarms read at once
	wakeAtOnce = 64  // alarms played at the same time, so that they share commits
)

// Beat is what the heartbeat calls each minute. It notes that the house lives, wakes what is
// due, tells every open state if the house was away meanwhile, and once a day forgets
// what was kept long enough.
func (b *Bot) Beat(ctx context.Context) error {
	now := b.now()
	away, err := b.store.Beat(ctx, now)
	if err != nil {
		return err
	}
	b.away.Store(&away)
	if err := b.Tick(ctx); err != nil {
		return err
	}
	for _, span := range away {
		if span.To.Equal(now) {
			if err := b.returned(ctx, now); err != nil {
				return err
			}
		}
	}
	return b.sweep(ctx, now)
}

// Tick wakes every flow whose alarm is due.
func (b *Bot) Tick(ctx context.Context) error {
	if err := b.post.load(ctx); err != nil {
		return err
	}
	now := b.now()
	return b.each(ctx, func(ctx context.Context, after Alarm) ([]Alarm, error) {
		return b.store.Due(ctx, now, after, wakeBatch)
	},
		func(ctx context.Context, a Alarm) error { return b.rouse(ctx, a, Event{Kind: Woke}, Prompts) })
}

// returned tells every open state that the house was away: taps may have been lost.
func (b *Bot) returned(ctx context.Context, now time.Time) error {
	return b.each(ctx, func(ctx context.Context, after Alarm) ([]Alarm, error) { return b.store.Open(ctx, after, wakeBatch) },
		func(ctx context.Context, a Alarm) error { return b.rouse(ctx, a, Event{Kind: Returned}, Digests) })
}

// unsent tells a flow that a letter of its round never got out.
func (b *Bot) unsent(ctx context.Context, l Letter) error {
	ev := Event{Kind: Unsent, Action: Action{Flow: l.Flow, Round: l.Round, Verb: l.Slot}}
	return b.rouse(ctx, Alarm{Couple: l.Couple, Flow: l.Flow}, ev, Prompts)
}

// each plays all that a list of the store names, some at the same time.
func (b *Bot) each(ctx context.Context, list func(context.Context, Alarm) ([]Alarm, error), play func(context.Context, Alarm) error) error {
	for after := (Alarm{}); ; {
		batch, err := list(ctx, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		after = batch[len(batch)-1]
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(wakeAtOnce)
		for _, a := range batch {
			group.Go(func() error { return play(ctx, a) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
}

// rouse plays what the house itself has to tell a flow; an alarm that was set anew meanwhile
// is passed over. A step that panics is left for the next beat and holds up nobody.
func (b *Bot) rouse(ctx context.Context, a Alarm, ev Event, lane Lane) error {
	defer b.lock(a.Couple, Chat{})()
	return b.roused(ctx, a, ev, lane)
}

// roused is rouse for who holds the couple.
func (b *Bot) roused(ctx context.Context, a Alarm, ev Event, lane Lane) error {
	defer func() {
		if cause := recover(); cause != nil {
			b.fault("rouse "+a.Flow, cause)
		}
	}()
	flow := b.byName[a.Flow]
	if flow == nil {
		return nil // of a flow this version does not have: a newer one may
	}
	rec, err := b.store.Load(ctx, a.Couple, a.Flow, Want{})
	if errors.Is(err, ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	zone := rec.Couple.Location(Nobody)
	t := &turn{b: b, way: way{id: a.Couple}, couple: rec.Couple, next: rec.Couple, lane: lane}
	ev.At = b.now().In(zone)
	if ev.Kind == Woke {
		ev.Due = a.At.In(zone)
	}
	out, err := t.step(ctx, flow, rec, ev, false)
	if err != nil {
		return err
	}
	if ev.Kind == Woke {
		if !out.before.Wake.Equal(a.At) {
			return nil
		}
		if out.stage.Wake.Equal(a.At) { // would be due again at once, for ever
			out.stage.Wake = ev.At.Add(time.Minute)
			b.fault("wake "+a.Flow, "the alarm was not moved")
		}
	}
	if err := t.apply(ctx, flow, out, ev); err != nil {
		return err
	}
	return t.commit(ctx)
}

// outages are those of the last days.
func (b *Bot) outages() []Span {
	if away := b.away.Load(); away != nil {
		return *away
	}
	return nil
}

// sweep forgets, once a day, what was kept long enough.
func (b *Bot) sweep(ctx context.Context, now time.Time) error {
	today := int64(rituals.DateOf(now.UTC()))
	if b.swept.Load() == today {
		return nil
	}
	days := map[string]int{}
	for _, f := range b.flows {
		for kind, keep := range f.keeps() {
			days[kind] = keep
		}
	}
	if err := b.store.Sweep(ctx, now, days); err != nil {
		return err
	}
	b.swept.Store(today)
	return nil
}
