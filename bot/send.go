package bot

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// send tries one letter, settles it, and says how long its chat has to rest.
func (p *post) send(l Letter) (Outcome, time.Duration) {
	ctx, stop := context.WithTimeout(context.Background(), sendTimeout)
	defer stop()
	o := Outcome{Letter: l}
	if p.dropped(l) || !l.Until.IsZero() && p.b.now().After(l.Until) {
		return p.giveUp(o), 0
	}
	var err error
	if l.Slot != "" && !l.Fresh {
		if o.Letter.Edit, err = p.b.store.Posted(ctx, l); err != nil {
			return o, pauseAfter(o.Letter.Attempts)
		}
	}
	if o.Letter.Edit == "" && l.Amend {
		o.Done = true
		p.settle(o)
		return o, 0
	}
	if o.Letter.Edit == "" && !l.Delete {
		if l.Copies >= l.Class.Copies() {
			return p.giveUp(o), 0
		}
		o.Letter.Copies++
		if err := p.b.store.Settle(ctx, []Outcome{o}); err != nil {
			return Outcome{Letter: l}, pauseAfter(l.Attempts)
		}
		if p.dropped(l) { // meanwhile, and what it was to edit is forgotten
			return p.giveUp(o), 0
		}
	}
	o.Message, err = p.hand(ctx, o.Letter)
	o, pause := p.judge(ctx, o, l.Copies, err)
	if o.Done && err != nil {
		return p.giveUp(o), 0
	}
	if o.Done || o.Letter.Attempts != l.Attempts || o.Letter.Copies != l.Copies {
		p.settle(o)
	}
	return o, pause
}

// hand gives a letter to its network. One that makes the network panic is given up: it would end
// the program now and after every start, and what was thrown may hold its words.
func (p *post) hand(ctx context.Context, l Letter) (message string, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			p.b.fault("send "+l.Flow, cause)
			err = ErrRefused
		}
	}()
	return p.b.adapters[l.Chat.Network].Send(ctx, l)
}

// giveUp ends a letter that will not be sent. If its flow waits for an answer, it is told
// first: a letter that the house forgets between the two is given up again at the next start.
func (p *post) giveUp(o Outcome) Outcome {
	o.Done, o.Message = true, ""
	l := o.Letter
	if l.Class != Prompt || l.Slot == "" || l.Edit != "" {
		p.settle(o)
		return o
	}
	p.aside(func() {
		if err := p.b.unsent(context.Background(), l); err != nil {
			p.b.log.Error("that a letter never got out could not be noted", "network", l.Chat.Network, "error", err)
			return
		}
		p.settle(o)
	})
	return o
}

// settle records an outcome. That an edit arrived may be noted a little later, many
// in one commit: at worst the same edit is sent twice.
func (p *post) settle(o Outcome) {
	p.mu.Lock()
	p.outcomes = append(p.outcomes, o)
	soon := o.Done && o.Letter.Edit != "" && len(p.outcomes) < wakeBatch
	if first := len(p.outcomes) == 1; soon && first {
		time.AfterFunc(settleWithin, p.flush)
	}
	p.mu.Unlock()
	if !soon {
		p.flush()
	}
}

func (p *post) flush() {
	p.mu.Lock()
	outcomes := p.outcomes
	p.outcomes = nil
	p.mu.Unlock()
	if len(outcomes) == 0 {
		return
	}
	if err := p.b.store.Settle(context.Background(), outcomes); err != nil {
		p.b.log.Error("letters could not be settled", "error", err)
	}
}

// judge decides what an error of Send means for the letter, of which so many copies may
// have been out before.
func (p *post) judge(ctx context.Context, o Outcome, before int, err error) (Outcome, time.Duration) {
	var later *Later
	var moved *MovedError
	l := &o.Letter
	switch {
	case err == nil:
		o.Done = true
		return o, 0
	case errors.As(err, &later):
		l.Copies = before
		return o, max(later.After, time.Millisecond)
	case errors.As(err, &moved):
		l.Copies = before
		l.Attempts++
		if err := p.move(ctx, l.Chat, moved.To); err == nil {
			l.Chat, l.Edit = moved.To, "" // ids of messages in the old chat are of no use
		}
	case errors.Is(err, ErrGone):
		l.Copies = before
		o.Done = true
		p.aside(func() { p.gone(l.Chat) })
		return o, 0
	case errors.Is(err, ErrRefused):
		l.Copies = before
		p.b.fault("send "+l.Flow, err)
		o.Done = true
		return o, 0
	default:
		l.Attempts++
		p.b.log.Warn("a letter did not get through", "network", l.Chat.Network, "attempt", l.Attempts, "error", err)
		if errors.Is(err, ErrUnsent) {
			l.Copies = before
		}
		if l.Copies > before { // it may have got through after all
			o.Done = l.Copies >= l.Class.Copies()
			return o, sendAgain
		}
	}
	o.Done = l.Attempts >= mostAttempts
	return o, pauseAfter(l.Attempts)
}

// gone tells the house that a chat takes no letters any more.
func (p *post) gone(c Chat) {
	user, _ := c.Private()
	if _, err := p.b.Handle(context.Background(), Incoming{Kind: Gone, User: user, Chat: c}); err != nil {
		p.b.log.Error("a chat that is gone could not be noted", "network", c.Network, "error", err)
	}
}

// move gives a chat its new id, in the store and for the letters that wait here.
func (p *post) move(ctx context.Context, from, to Chat) error {
	if err := p.b.move(ctx, from, to); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	bx := p.boxes[from]
	if bx == nil {
		return nil
	}
	for i := range bx.letters {
		bx.letters[i].Chat = to
	}
	delete(p.boxes, from)
	if p.boxes[to] == nil {
		p.boxes[to] = bx
	}
	return nil
}

// pauseAfter grows from a second to longestPause, spread so that not all come back at once.
func pauseAfter(attempts int) time.Duration {
	pause := min(time.Second<<min(attempts, 10), longestPause)
	return pause/2 + rand.N(pause/2)
}
