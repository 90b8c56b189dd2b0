package telegram

import "sync"

// remembered is how many updates that were kept are still recognised when they
// come again.
const remembered = 10_000

// patience is how often an update is tried before it may be given up: half a minute.
const patience = 8

// ledger knows which updates are being worked on and which are kept. Telegram
// forgets everything below the offset of a request, so the offset is never past an
// update that is still open.
//
// Numbers are no measure of age: after an idle week they begin anew anywhere.
// Hence sets, and never "higher than the last".
type ledger struct {
	mu      sync.Mutex
	open    map[int64]*entry
	kept    map[int64]bool
	ring    []int64 // the kept ones, the oldest at turn
	turn    int
	next    int64 // one past the newest update of the last answer; 0 = none yet
	changed chan struct{}
}

type entry struct {
	tries int
	gone  chan struct{} // closed when the update is given up
}

func newLedger() *ledger {
	return &ledger{
		open: map[int64]*entry{}, kept: map[int64]bool{},
		ring: make([]int64, 0, remembered), changed: make(chan struct{}, 1),
	}
}

// begin opens an update; false when it is known already.
func (l *ledger) begin(id int64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[id] != nil || l.kept[id] {
		return false
	}
	l.open[id] = &entry{gone: make(chan struct{})}
	return true
}

// keep closes an update that is durable, or that nobody needs.
func (l *ledger) keep(id int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[id] == nil {
		return
	}
	delete(l.open, id)
	l.remember(id)
	select {
	case l.changed <- struct{}{}:
	default:
	}
}

func (l *ledger) remember(id int64) {
	l.kept[id] = true
	if len(l.ring) < remembered {
		l.ring = append(l.ring, id)
		return
	}
	delete(l.kept, l.ring[l.turn])
	l.ring[l.turn] = id
	l.turn = (l.turn + 1) % remembered
}

// failed counts a try that failed and returns how many there were, and what is
// closed when the update is given up.
func (l *ledger) failed(id int64) (int, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.open[id]
	if e == nil {
		done := make(chan struct{})
		close(done)
		return 0, done
	}
	e.tries++
	return e.tries, e.gone
}

// answered notes the newest update of an answer.
func (l *ledger) answered(newest int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = newest + 1
}

// offset is the first update that Telegram has to keep; 0 = all of them.
func (l *ledger) offset() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lowest()
}

func (l *ledger) lowest() int64 {
	low := l.next
	for id := range l.open {
		low = min(low, id)
	}
	return low
}

// idle reports whether nothing is open.
func (l *ledger) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.open) == 0
}

// dam gives up the oldest update when it alone keeps Telegram from telling anything
// new: it has failed again and again while most of what came after it was kept.
// When everything fails, a full disk say, nothing is given up. It reports whether it did.
func (l *ledger) dam(batch int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	low := l.lowest()
	e := l.open[low]
	if e == nil || e.tries < patience || len(l.open) > batch/2 {
		return false
	}
	close(e.gone)
	delete(l.open, low)
	l.remember(low)
	return true
}
