package adaptertest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"evenfall/bot"
)

// Long is how long a play waits for what has to happen. It costs nothing: the clock is
// synctest's.
const Long = 10 * time.Minute

// sendTime is what a post office gives one letter.
const sendTime = 30 * time.Second

// Exposed is a Rig whose requests all pass over a Wire.
type Exposed interface {
	Rig
	Wire() *Wire
	// Check is what the adapter's check-up finds: all its lines, and how many are not well.
	Check(ctx context.Context) (lines string, ill int)
	// Settled waits until the network has nothing left to tell and the menu of commands
	// is set, and reports whether that came.
	Settled() bool
}

// Play is one scene on one rig: what is done there, and what came of it.
type Play struct {
	*testing.T
	Exposed
	Cast
	Message string // the letter that the scene was set with

	heard chan bot.Incoming
	stop  context.CancelFunc // nil = nothing runs
	ended chan error

	mu       sync.Mutex
	answer   func(bot.Incoming) (bot.Answer, error)
	errs     []string // everything that was said of what went wrong
	verdicts []Verdict
	sent     bool // the letter of the scene went through in the end
	tapped   bool
	ticked   bool  // the tap was
	before   int   // copies when the scene began
	ends     int   // how often Run may end by itself, at least once if not 0
	unset    bool  // the menu is not to be waited for
	ill      int   // findings of the check-up
	final    error // why Run ended by itself
}

func (p *Play) handle(_ context.Context, in bot.Incoming) (bot.Answer, error) {
	p.mu.Lock()
	answer := p.answer
	p.mu.Unlock()
	if answer == nil {
		p.heard <- in
		return bot.Answer{Toast: "kept"}, nil
	}
	a, err := answer(in)
	if err == nil {
		p.heard <- in
	}
	return a, err
}

// Reply sets what the handler does from now on; nil = it keeps everything.
func (p *Play) Reply(answer func(bot.Incoming) (bot.Answer, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answer = answer
}

// Go starts the adapter, unless it runs.
func (p *Play) Go() {
	if p.stop != nil {
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	p.stop, p.ended = stop, ended
	go func() { ended <- p.Start(ctx) }()
}

// Runs reports whether the adapter runs.
func (p *Play) Runs() bool {
	if p.stop != nil {
		select {
		case err := <-p.ended:
			p.over(err)
		default:
		}
	}
	return p.stop != nil
}

// hasEnded waits for Run to end by itself, and reports whether it did.
func (p *Play) hasEnded() bool {
	if p.stop != nil {
		select {
		case err := <-p.ended:
			p.over(err)
		case <-time.After(Long):
		}
	}
	return p.stop == nil
}

// Halt stops the adapter, and wants it to end without an error.
func (p *Play) Halt() {
	p.Helper()
	if p.stop == nil {
		return
	}
	synctest.Wait() // a lock held during the end would stop the clock
	p.stop()
	select {
	case err := <-p.ended:
		p.over(err)
	case <-time.After(Long):
		p.Error("Run did not end when it was told to")
	}
}

// over notes that Run returned.
func (p *Play) over(err error) {
	p.stop()
	p.stop = nil
	if err != nil {
		p.final = err
		p.complain(err)
	}
}

// Hears wants to hear these words next. It reports false when Run ended instead.
func (p *Play) Hears(words string) bool {
	p.Helper()
	if p.stop == nil {
		return false
	}
	var in bot.Incoming
	select {
	case in = <-p.heard:
	case err := <-p.ended:
		p.over(err)
		if len(p.heard) == 0 {
			return false
		}
		in = <-p.heard // before the end
	case <-time.After(Long):
		p.Errorf("%q was never heard", words)
		return false
	}
	if in.Text != words && in.Payload != words {
		p.Errorf("heard %q%q, want %q", in.Text, in.Payload, words)
	}
	return true
}

// Deliver sends a letter as the post office does: again while it may make sense.
func (p *Play) Deliver(l bot.Letter) {
	p.Helper()
	for range 4 {
		v := p.once(l)
		if v == IsDone {
			p.sent = true
			return
		}
		p.verdicts = append(p.verdicts, v)
		if v == IsGone || v == IsRefused {
			return
		}
	}
	p.Error("the letter never went through")
}

func (p *Play) once(l bot.Letter) Verdict {
	ctx, cancel := context.WithTimeout(context.Background(), sendTime)
	defer cancel()
	id, err := p.Adapter().Send(ctx, l)
	if err == nil {
		if id == "" && !l.Delete {
			p.Error("a letter went through without an id")
		}
		return IsDone
	}
	p.complain(err)
	return verdict(err)
}

// complain keeps what an error says, in every way that it can be printed.
func (p *Play) complain(err error) {
	if err == nil {
		return
	}
	p.errs = append(p.errs, fmt.Sprintf("%v %+v %#v", err, err, err))
	switch e := err.(type) {
	case interface{ Unwrap() error }:
		p.complain(e.Unwrap())
	case interface{ Unwrap() []error }:
		for _, err := range e.Unwrap() {
			p.complain(err)
		}
	}
}

// Settle waits until all is kept and set.
func (p *Play) Settle() {
	p.Helper()
	if !p.unset && !p.Settled() {
		p.Error("the network was never told that all is kept, or the menu was never set")
	}
}

// Taps taps and notes whether it was ticked.
func (p *Play) Taps(payload string) {
	p.tapped = true
	_, p.ticked = p.Tap(p.Ana, p.Room, p.Message, payload)
	p.Hears(payload)
}

// CheckUp does one.
func (p *Play) CheckUp() {
	ctx, cancel := context.WithTimeout(context.Background(), Long)
	defer cancel()
	var lines string
	lines, p.ill = p.Check(ctx)
	p.errs = append(p.errs, lines)
}
