package discord

import (
	"context"
	"sync"
	"time"
)

const (
	mostWaiting = 20_000 // events in all lanes
	mostAtOnce  = 256    // lanes at work
)

// lanes does the work of one chat in order and of different chats at the same time.
type lanes struct {
	ctx    context.Context
	slots  chan struct{}
	wg     sync.WaitGroup
	mu     sync.Mutex
	queues map[string][]func(context.Context)
	n      int
	closed chan struct{}
}

func newLanes(ctx context.Context) *lanes {
	return &lanes{
		ctx:    ctx,
		slots:  make(chan struct{}, mostAtOnce),
		queues: map[string][]func(context.Context){},
		closed: make(chan struct{}),
	}
}

// put queues work. It reports false when there is too much already, or the lanes are closed.
func (l *lanes) put(key string, job func(context.Context)) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.n >= mostWaiting || l.done() {
		return false
	}
	l.n++
	queue, busy := l.queues[key]
	l.queues[key] = append(queue, job)
	if !busy {
		l.wg.Go(func() { l.work(key) })
	}
	return true
}

func (l *lanes) done() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

func (l *lanes) work(key string) {
	l.slots <- struct{}{}
	defer func() { <-l.slots }()
	for {
		l.mu.Lock()
		queue := l.queues[key]
		if len(queue) == 0 || l.done() {
			delete(l.queues, key)
			l.mu.Unlock()
			return
		}
		job := queue[0]
		l.queues[key] = queue[1:]
		l.n--
		l.mu.Unlock()
		job(l.ctx)
	}
}

// rest waits within a job. It ends at once, with an error, when the lanes close.
func (l *lanes) rest(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-l.closed:
		return context.Canceled
	}
}

// close lets the work under way end and drops the rest.
func (l *lanes) close() {
	l.mu.Lock()
	close(l.closed)
	l.mu.Unlock()
	l.wg.Wait()
}
