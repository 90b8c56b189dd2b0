package telegram

import (
	"context"
	"errors"
	"math/rand/v2"
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
		return time.Duration(no.after) * time.Second
	}
	d := min(first<<min(try, 20), most)
	return d/2 + rand.N(d/2+1)
}
