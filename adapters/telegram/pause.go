package telegram

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// backoff is how long to wait after the failure number try, counted from 0: what
// Telegram asks for, or twice as long each time, with some jitter.
func backoff(try int, first, most time.Duration, err error) time.Duration {
	var no *refusal
	if errors.As(err, &no) && no.after > 0 {
		return no.rest()
	}
	d := min(first<<min(try, 20), most)
	return d/2 + rand.N(d/2+1)
}

// lease is a deadline that many short calls share: one for each costs more than
// the rest of a call. Each has as long as asked for, or up to a third more.
type lease struct {
	mu    sync.Mutex
	ctx   context.Context
	renew time.Time
}

func (l *lease) context(parent context.Context, least time.Duration) context.Context {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.After(l.renew) {
		ctx, cancel := context.WithTimeout(parent, least+least/3)
		context.AfterFunc(ctx, cancel) // nobody can end it sooner: others hold it
		l.ctx, l.renew = ctx, now.Add(least/3)
	}
	return l.ctx
}
