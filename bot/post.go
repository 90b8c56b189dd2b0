package bot

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	carriers     = 64 // letters under way at the same time
	sendTimeout  = 30 * time.Second
	longestPause = 5 * time.Minute
	mostAttempts = 24 // about an hour and a half of trying
	settleWithin = 50 * time.Millisecond
)

// post is the post office. Letters lie in the store; post keeps them in order for
// each chat, one under way at a time, and settles in the store what became of them.
type post struct {
	b        *Bot
	mu       sync.Mutex
	work     *sync.Cond // a box is ready, or the post closes
	rest     *sync.Cond // nothing is ready and nothing under way
	boxes    map[Chat]*box
	ready    []*box // boxes with a letter to send now
	open     bool
	busy     int       // letters under way
	outcomes []Outcome // to be settled
	done     sync.WaitGroup
	loading  sync.Mutex
	loaded   atomic.Bool
}

// box holds the letters of one chat, oldest first.
type box struct {
	letters []Letter
	idle    bool // neither in ready nor with a carrier
	resting bool // waits for a pause to end
}

func newPost(b *Bot) *post {
	p := &post{b: b, boxes: map[Chat]*box{}}
	p.work, p.rest = sync.NewCond(&p.mu), sync.NewCond(&p.mu)
	return p
}

// put hands over letters that are committed.
func (p *post) put(letters []Letter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, l := range letters {
		if p.b.adapters[l.Chat.Network] == nil {
			continue // stays in the store until its network is switched on again
		}
		bx := p.boxes[l.Chat]
		if bx == nil {
			bx = &box{idle: true}
			p.boxes[l.Chat] = bx
		}
		bx.letters = append(bx.letters, l)
		if bx.idle && !bx.resting {
			p.line(bx)
		}
	}
}

// line puts a box at the end of the ready ones. The mutex is held.
func (p *post) line(bx *box) {
	bx.idle = false
	p.ready = append(p.ready, bx)
	p.work.Signal()
}

// load reads the letters an earlier run left behind, once and before this run
// commits any: they would be read again otherwise.
func (p *post) load(ctx context.Context) error {
	if p.loaded.Load() {
		return nil
	}
	p.loading.Lock()
	defer p.loading.Unlock()
	if p.loaded.Load() {
		return nil
	}
	var all []Letter
	for last := int64(0); ; last = all[len(all)-1].ID {
		left, err := p.b.store.Waiting(ctx, last, wakeBatch)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			break
		}
		all = append(all, left...)
	}
	p.put(all)
	p.loaded.Store(true)
	return nil
}

// start sets the carriers to work.
func (p *post) start() {
	p.open = true
	for range carriers {
		p.done.Go(p.carry)
	}
}

// stop lets the letters under way arrive, and leaves the rest in the store.
func (p *post) stop() {
	p.mu.Lock()
	p.open = false
	p.work.Broadcast()
	p.mu.Unlock()
	p.done.Wait()
	p.flush()
}

// quiet waits until nothing is ready and nothing is under way.
func (p *post) quiet(ctx context.Context) error {
	defer context.AfterFunc(ctx, p.rest.Broadcast)()
	p.mu.Lock()
	defer p.mu.Unlock()
	for (len(p.ready) > 0 || p.busy > 0) && ctx.Err() == nil {
		p.rest.Wait()
	}
	return ctx.Err()
}

// carry sends the first letter of one box after another.
func (p *post) carry() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		for p.open && len(p.ready) == 0 {
			p.work.Wait()
		}
		if !p.open {
			return
		}
		bx := p.ready[0]
		p.ready = p.ready[1:]
		p.busy++
		l := bx.letters[0]
		p.mu.Unlock()
		outcome, pause := p.send(l)
		p.mu.Lock()
		p.busy--
		p.after(bx, outcome, pause)
		if p.busy == 0 && len(p.ready) == 0 {
			p.rest.Broadcast()
		}
	}
}

// after puts a box where it belongs once its first letter came back. The mutex is held.
func (p *post) after(bx *box, o Outcome, pause time.Duration) {
	bx.idle = true
	if o.Done {
		bx.letters = bx.letters[1:]
	} else {
		bx.letters[0] = o.Letter
	}
	switch {
	case len(bx.letters) == 0:
		if p.boxes[o.Letter.Chat] == bx {
			delete(p.boxes, o.Letter.Chat)
		}
	case pause == 0:
		p.line(bx)
	default:
		bx.resting = true
		time.AfterFunc(pause, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			bx.resting = false
			p.line(bx)
		})
	}
}
