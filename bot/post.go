package bot

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	sendTimeout  = 30 * time.Second
	longestPause = 5 * time.Minute
	sendAgain    = 90 * time.Second // a prompt of which nobody knows whether it arrived
	mostAttempts = 24               // about an hour and a half of trying
	settleWithin = 50 * time.Millisecond
)

// post is the post office. Letters lie in the store; post keeps them in order for
// each chat, one under way at a time, and settles in the store what became of them.
//
//	            ┌── certainly not sent: Copies−1, try again with growing pauses ──┐
//	            ▼                                                                 │
//	commit → waiting ── new message: Copies+1, durable ──► under way ──► sent: settled, gone
//	            │  └──── edit: may be repeated ─────────────────▲  │
//	            │                                               │  │ nobody knows whether it arrived
//	            │                                               │  ▼
//	            │                       90 s, a Prompt, once ── unsure ──► a tap on it proves that it arrived
//	            │                                                  │
//	            └── past Until, refused, chat gone ──► given up ◄──┘ a Nudge, or the second time
//
// Copies is in the store before a new message is on its way: after a crash whatever was
// under way comes back as unsure, and no class ever gets more copies than it may have. A prompt
// that is given up is told to its flow (Unsent).
type post struct {
	b        *Bot
	mu       sync.Mutex
	rest     *sync.Cond // nothing is ready and nothing under way
	boxes    map[Chat]*box
	desks    map[string]*desk // by network
	open     bool
	busy     int            // letters under way
	outcomes []Outcome      // to be settled
	void     map[int64]bool // letters whose couple wants them no more
	done     sync.WaitGroup
	loading  sync.Mutex
	loaded   atomic.Bool
}

// box holds the letters of one chat, oldest first.
type box struct {
	letters []Letter
	idle    bool // neither in ready nor with a carrier
	resting bool // waits for a pause to end
	pause   int  // number of the pause
}

func newPost(b *Bot) *post {
	p := &post{b: b, boxes: map[Chat]*box{}, desks: map[string]*desk{}, void: map[int64]bool{}}
	p.rest = sync.NewCond(&p.mu)
	for network := range b.adapters {
		p.desks[network] = &desk{work: sync.NewCond(&p.mu)}
	}
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

// drop gives up all letters of a couple that wait here. One that is under way may still arrive.
func (p *post) drop(id CoupleID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, bx := range p.boxes {
		for _, l := range bx.letters {
			if l.Couple == id {
				p.void[l.ID] = true
			}
		}
	}
}

// dropped reports whether a letter is given up.
func (p *post) dropped(l Letter) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.void[l.ID]
}

// line puts a box at the end of the ready ones of its network. The mutex is held.
func (p *post) line(bx *box) {
	bx.idle = false
	p.desks[bx.letters[0].Chat.Network].line(bx)
}

// empty reports whether nothing is to be sent now. The mutex is held.
func (p *post) empty() bool {
	for _, d := range p.desks {
		if !d.empty() {
			return false
		}
	}
	return p.busy == 0
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
	for _, d := range p.desks {
		for range carriers {
			p.done.Go(func() { p.carry(d) })
		}
	}
}

// stop lets the letters under way arrive, and leaves the rest in the store.
func (p *post) stop() {
	p.mu.Lock()
	p.open = false
	for _, d := range p.desks {
		d.work.Broadcast()
	}
	p.mu.Unlock()
	p.done.Wait()
	p.flush()
}

// quiet waits until nothing is ready and nothing is under way.
func (p *post) quiet(ctx context.Context) error {
	defer context.AfterFunc(ctx, p.rest.Broadcast)()
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.empty() && ctx.Err() == nil {
		p.rest.Wait()
	}
	return ctx.Err()
}

// aside does what a letter leads to beside the carriers: it takes the couple's lock, for which somebody may
// be waiting who waits for a carrier. Until it is done, it is not quiet.
func (p *post) aside(do func()) {
	p.mu.Lock()
	p.busy++
	p.mu.Unlock()
	p.done.Go(func() {
		do()
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.busy--; p.empty() {
			p.rest.Broadcast()
		}
	})
}

// carry sends the first letter of one of a network's boxes after another.
func (p *post) carry(d *desk) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for {
		bx := d.next()
		for ; bx == nil && p.open; bx = d.next() {
			d.work.Wait()
		}
		if !p.open {
			return
		}
		l := bx.letters[0]
		calm := 0
		if l.Lane != Answers {
			calm = 1
		}
		p.busy, d.calm = p.busy+1, d.calm+calm
		p.mu.Unlock()
		outcome, pause := p.send(l)
		p.mu.Lock()
		p.busy, d.calm = p.busy-1, d.calm-calm
		p.after(bx, outcome, pause)
		if d.work.Signal(); p.empty() {
			p.rest.Broadcast()
		}
	}
}

// after puts a box where it belongs once its first letter came back. The mutex is held.
func (p *post) after(bx *box, o Outcome, pause time.Duration) {
	bx.idle = true
	if o.Done {
		delete(p.void, o.Letter.ID)
		bx.letters = bx.letters[1:]
	} else {
		bx.letters[0] = o.Letter
	}
	if len(bx.letters) == 0 || pause == 0 {
		p.goOn(bx, o.Letter.Chat)
		return
	}
	bx.resting = true
	bx.pause++
	number := bx.pause
	time.AfterFunc(pause, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if bx.resting && bx.pause == number {
			p.goOn(bx, o.Letter.Chat)
		}
	})
}

// goOn lines a box up again, or takes it away when it is empty. The mutex is held.
func (p *post) goOn(bx *box, chat Chat) {
	bx.resting = false
	if len(bx.letters) > 0 {
		p.line(bx)
	} else if p.boxes[chat] == bx {
		delete(p.boxes, chat)
	}
}

// arrived notes that somebody tapped on a message: if the first letter of its chat is one of
// which nobody knew whether it arrived, it did.
func (p *post) arrived(chat Chat, a Action, message string) {
	p.mu.Lock()
	bx := p.boxes[chat]
	if bx == nil || !bx.resting || len(bx.letters) == 0 || message == "" {
		p.mu.Unlock()
		return
	}
	l := bx.letters[0]
	if l.Copies == 0 || l.Flow != a.Flow || l.Round != a.Round {
		p.mu.Unlock()
		return
	}
	delete(p.void, l.ID)
	bx.letters = bx.letters[1:]
	bx.pause++ // the pause's end finds nothing to do
	p.mu.Unlock()
	p.settle(Outcome{Letter: l, Message: message, Done: true}) // before the next letter asks for it
	p.mu.Lock()
	defer p.mu.Unlock()
	p.goOn(bx, chat)
}
