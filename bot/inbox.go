package bot

import (
	"context"
	"errors"
	"sync"
)

const (
	mostFaults  = 3    // times that an event may make a step panic before it is put aside
	mostSuspect = 1000 // events whose faults are counted at the same time
)

// errFault tells a network to bring the event again.
var errFault = errors.New("bot: the event could not be played")

// seen is how the store knows an event again.
func (b *Bot) seen(in Incoming) Seen {
	if in.ID == "" {
		return Seen{}
	}
	return Seen{Network: in.network(), ID: in.ID, At: b.now()}
}

func (in Incoming) network() string {
	if in.User.Network != "" {
		return in.User.Network
	}
	return in.Chat.Network
}

// stumble decides about an event that made a step panic. The network brings it again; after
// the third time it is put aside: noted as taken in, with a line in the log that says which one it was
// and a kind word to its person, so that it blocks nobody.
func (b *Bot) stumble(ctx context.Context, in Incoming) (Answer, error) {
	kind := Answer{Toast: b.words.Say(b.locale(in), "fault", nil)}
	if in.ID == "" || in.Once {
		return kind, nil
	}
	ev := b.seen(in)
	if n := b.faults.add(ev.Network + "/" + ev.ID); n < mostFaults {
		return Answer{}, errFault
	}
	if _, err := b.store.Commit(ctx, Change{Seen: ev}); err != nil && !errors.Is(err, ErrSeen) {
		return Answer{}, err
	}
	b.log.Error("an event was put aside: it failed again and again", "network", ev.Network, "event", ev.ID)
	return kind, nil
}

// faults counts how often events failed, in memory: after a restart an event gets new chances.
type faults struct {
	mu    sync.Mutex
	count map[string]int
}

func (f *faults) add(event string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.count) >= mostSuspect {
		f.count = nil
	}
	if f.count == nil {
		f.count = map[string]int{}
	}
	f.count[event]++
	return f.count[event]
}
