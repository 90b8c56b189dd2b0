package telegram

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"evenfall/bot"
)

const (
	atOnce    = 64 // events in the core's hands at the same time
	tickers   = 64 // ticks on their way at the same time
	lastWork  = 5 * time.Second
	lastWord  = 2 * time.Second
	longRetry = 30 * time.Second
)

// receiver is one Run: a lane of events for every chat that has any, each with a
// goroutine, so that a chat that is stuck holds up no other.
type receiver struct {
	*Adapter
	me     self
	handle bot.Handler
	ledger *ledger

	ctx    context.Context // outlives Run's a little, so that what was begun is ended
	cancel context.CancelFunc
	stop   chan struct{}
	hands  chan struct{}
	ticks  chan tick

	mu    sync.Mutex
	lanes map[int64][]event
	alias map[int64]int64 // groups that became supergroups keep their lane

	lease                     lease
	work, ticking, background sync.WaitGroup
}

// tick is a tap to be ticked.
type tick struct{ query, toast string }

func newReceiver(a *Adapter, me self, handle bot.Handler) *receiver {
	ctx, cancel := context.WithCancel(context.Background())
	r := &receiver{
		Adapter: a, me: me, handle: handle, ledger: newLedger(),
		ctx: ctx, cancel: cancel, stop: make(chan struct{}),
		hands: make(chan struct{}, atOnce), ticks: make(chan tick, batch),
		lanes: map[int64][]event{}, alias: map[int64]int64{},
	}
	for range tickers {
		r.ticking.Go(func() {
			for t := range r.ticks {
				r.tick(t)
			}
		})
	}
	return r
}

// give puts an event at the end of its chat's lane.
func (r *receiver) give(ev event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	lane := ev.chat
	if old, ok := r.alias[lane]; ok {
		lane = old
	}
	if ev.next != 0 {
		r.alias[ev.next] = lane
	}
	queue, running := r.lanes[lane]
	r.lanes[lane] = append(queue, ev)
	if !running {
		r.work.Go(func() { r.run(lane) })
	}
}

// run works through a lane until it is empty.
func (r *receiver) run(lane int64) {
	for {
		r.mu.Lock()
		queue := r.lanes[lane]
		if len(queue) == 0 || r.stopped() {
			delete(r.lanes, lane)
			r.mu.Unlock()
			return
		}
		ev := queue[0]
		r.lanes[lane] = queue[1:]
		r.mu.Unlock()
		r.keep(ev)
	}
}

func (r *receiver) stopped() bool {
	select {
	case <-r.stop:
		return true
	default:
		return false
	}
}

// keep hands an event to the core until it is kept, then ticks the tap. It gives
// up when the run ends (Telegram will tell of it again) or the ledger does.
func (r *receiver) keep(ev event) {
	for {
		answer, err := r.once(ev)
		if err == nil {
			r.ledger.keep(ev.id)
			if ev.in != nil {
				r.counts.received.Add(1)
			}
			if ev.query != "" {
				r.ticks <- tick{ev.query, answer.Toast} // the chat's next event does not wait for it
			}
			return
		}
		if r.stopped() {
			return
		}
		r.counts.retried.Add(1)
		tries, gone := r.ledger.failed(ev.id)
		if tries == 1 {
			r.log.Warn("telegram: an update could not be kept, trying again")
		}
		t := time.NewTimer(backoff(tries-1, r.retry, longRetry, nil))
		select {
		case <-t.C:
		case <-gone:
			t.Stop()
			return
		case <-r.stop:
			t.Stop()
			return
		}
	}
}

// once hands an event to the core. A panic there is an error like any other.
func (r *receiver) once(ev event) (answer bot.Answer, err error) {
	r.hands <- struct{}{}
	defer func() { <-r.hands }()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("telegram: the handler panicked (%T)", p)
			r.log.Error("telegram: handling an update panicked")
		}
	}()
	if ev.stale {
		r.members.forget(ev.chat)
	}
	if ev.in == nil {
		return bot.Answer{}, nil
	}
	in := *ev.in
	if _, private := in.Chat.Private(); !private && in.Kind != bot.Gone && in.Kind != bot.Moved {
		in.Members = r.people(r.ctx, ev.chat)
	}
	return r.handle(r.ctx, in)
}

// tick ends the tapper's waiting and shows the toast. A tap too old to be ticked is
// kept all the same.
func (r *receiver) tick(t tick) {
	params := tgbotapi.Params{"callback_query_id": t.query}
	if t.toast != "" {
		params["text"] = cut(plain(t.toast), maxToast)
	}
	for try := range 3 {
		ctx := r.lease.context(r.ctx, r.wire.most)
		err := r.wire.call(ctx, "answerCallbackQuery", params, nil)
		var no *refusal
		if err == nil || errors.As(err, &no) && no.code == 400 || r.ctx.Err() != nil {
			return
		}
		if no != nil && no.after > 3 {
			break // by then nobody looks any more
		}
		pause(r.ctx, backoff(try, r.retry/2, time.Second, err))
	}
	r.counts.unticked.Add(1)
}

// finish lets what was begun come to its end, and then tells Telegram what was kept,
// unless somebody else reads now.
func (r *receiver) finish(tell bool) {
	close(r.stop)
	end := time.AfterFunc(lastWork, r.cancel)
	r.work.Wait()
	close(r.ticks)
	r.ticking.Wait()
	end.Stop()
	r.cancel()
	r.background.Wait()
	if offset := r.ledger.offset(); tell && offset != 0 {
		ctx, cancel := context.WithTimeout(context.Background(), lastWord)
		defer cancel()
		// What this answers is not looked at: Telegram will tell of it again.
		_, _ = r.ask(ctx, offset, 1, 0)
	}
}
