package discord

import (
	"sync"
	"time"
)

// Discord blocks an address that causes 10,000 answers 401, 403 or 429 in ten
// minutes. The breaker stops sending at a tenth of that.
const (
	invalidMost = 1000
	invalidSpan = 10 * time.Minute
)

type breaker struct {
	mu    sync.Mutex
	now   func() time.Time
	start time.Time
	n     int
	open  time.Time // nothing is sent before
}

// invalid counts one such answer.
func (b *breaker) invalid() {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if now.Sub(b.start) >= invalidSpan {
		b.start, b.n = now, 0
	}
	if b.n++; b.n >= invalidMost {
		b.open, b.start, b.n = now.Add(invalidSpan), now, 0
	}
}

// wait is how long nothing may be sent; 0 = go on.
func (b *breaker) wait() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.open.Sub(b.now()))
}
