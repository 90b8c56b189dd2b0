package bot

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	wakeBatch  = 512 // alarms read at once
	wakeAtOnce = 64  // alarms played at the same time, so that they share commits
)

// Tick wakes every flow whose alarm is due. The heartbeat calls it each minute.
func (b *Bot) Tick(ctx context.Context) error {
	if err := b.post.load(ctx); err != nil {
		return err
	}
	now, after := b.now(), Alarm{}
	for {
		due, err := b.store.Due(ctx, now, after, wakeBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		after = due[len(due)-1]
		group, ctx := errgroup.WithContext(ctx)
		group.SetLimit(wakeAtOnce)
		for _, alarm := range due {
			group.Go(func() error { return b.wake(ctx, alarm) })
		}
		if err := group.Wait(); err != nil {
			return err
		}
	}
}

// wake plays one alarm, unless it was set anew meanwhile. A step that panics is
// left for the next beat and holds up nobody.
func (b *Bot) wake(ctx context.Context, alarm Alarm) error {
	defer b.lock(alarm.Couple, Chat{})()
	defer func() {
		if cause := recover(); cause != nil {
			b.fault("wake "+alarm.Flow, cause)
		}
	}()
	flow := b.byName[alarm.Flow]
	if flow == nil {
		return nil // of a flow this version does not have: a newer one may
	}
	rec, err := b.store.Load(ctx, alarm.Couple, alarm.Flow, Want{})
	if errors.Is(err, ErrNone) {
		return nil
	}
	if err != nil {
		return err
	}
	zone := rec.Couple.Location(Nobody)
	t := &turn{b: b, way: way{id: alarm.Couple}, couple: rec.Couple, next: rec.Couple}
	ev := Event{Kind: Woke, At: b.now().In(zone), Due: alarm.At.In(zone)}
	out, err := t.step(ctx, flow, rec, ev, false)
	if err != nil {
		return err
	}
	if !out.before.Wake.Equal(alarm.At) {
		return nil
	}
	if out.stage.Wake.Equal(alarm.At) { // would be due again at once, for ever
		out.stage.Wake = ev.At.Add(time.Minute)
		b.fault("wake "+alarm.Flow, "the alarm was not moved")
	}
	if err := t.apply(ctx, flow, out, ev); err != nil {
		return err
	}
	return t.commit(ctx)
}
