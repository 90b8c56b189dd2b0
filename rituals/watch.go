package rituals

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// When a Watch mistrusts the computer's clock.
const (
	leap   = 5 * time.Minute // it went otherwise than time does by more than this: somebody set it
	steady = 5 * time.Minute // so long it must then run as time does
	slew   = 5 * time.Second // between two beats; programs that keep a clock push it gently by as much
)

// Watch keeps evenings from being begun on a clock that was just set: set ahead by
// mistake, it would make every prompt due at once, and set right again would leave
// evenings on dates that never were.
//
// It looks before each beat and never in between, so no beat is played on a clock that
// jumped since the one before, and what no beat sees harms nobody. The measure is the
// monotonic clock, which nobody sets. On some systems that one stands still while a
// computer sleeps: waking up looks like being set ahead, and the evenings wait as
// long as the clock needs to be set right by the network. Nothing is lost by waiting:
// what is due stays due, and what people tap and write is taken all the while.
type Watch struct {
	wall func() time.Time
	log  *slog.Logger

	mu    sync.Mutex
	seen  time.Time // the monotonic clock at the last look; zero = there was none
	shown time.Time // the wall clock then
	since time.Time // the clock is mistrusted, and was last seen to jump then; zero = it is trusted
}

// NewWatch makes a watch over a wall clock: time.Now but in tests.
func NewWatch(wall func() time.Time, log *slog.Logger) *Watch { return &Watch{wall: wall, log: log} }

// Guard is beat, left out while the clock is not trusted.
func (w *Watch) Guard(beat func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if w.look(); w.Holds() {
			return nil
		}
		return beat(ctx)
	}
}

// Holds reports whether beats are left out.
func (w *Watch) Holds() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return !w.since.IsZero()
}

func (w *Watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now, shows := time.Now(), w.wall().Round(0)
	var off time.Duration
	if !w.seen.IsZero() {
		off = shows.Sub(w.shown) - now.Sub(w.seen)
	}
	w.seen, w.shown = now, shows
	trusted := w.since.IsZero()
	switch {
	case trusted && off.Abs() > leap:
		w.since = now
		w.log.Warn("the computer's clock was set, or the computer slept: no evening is begun until it has run steadily for a while",
			"by", off.Round(time.Second).String(), "while", steady.String())
	case !trusted && off.Abs() > slew:
		w.since = now
	case !trusted && now.Sub(w.since) >= steady:
		w.since = time.Time{}
		w.log.Info("the computer's clock runs steadily again")
	}
}
