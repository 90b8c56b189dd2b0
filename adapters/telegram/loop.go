package telegram

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"time"

	tgbotapi "github.com/go-telegram-bot-api/telegram-bot-api/v5"

	"evenfall/bot"
)

const (
	batch    = 100              // Telegram's most
	longPoll = 50 * time.Second // Telegram's longest
	// The same offset asked again within half a second brings one update only.
	soon = 50 * time.Millisecond
	late = time.Second
)

// Run reads until ctx ends. It ends by itself when Telegram does not know the
// token, and when another program reads with the same one.
func (a *Adapter) Run(ctx context.Context, handle bot.Handler) error {
	defer a.wire.rest()
	me, err := a.greet(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if err != nil {
		return err
	}
	a.online.Store(true)
	defer a.online.Store(false)
	if a.started != nil {
		a.started(me.Username)
	}
	r := newReceiver(a, me, handle)
	ctx, cancel := context.WithCancel(ctx)
	r.background.Go(func() { a.menus(ctx) })
	err = r.poll(ctx)
	cancel()
	r.finish(err == nil)
	return err
}

// poll asks for updates and gives them out. It asks for the next ones while the
// last are being kept, but its offset never passes one that is not.
func (r *receiver) poll(ctx context.Context) error {
	var trouble trouble
	for {
		offset := r.ledger.offset()
		list, err := r.ask(ctx, offset, batch, r.wait)
		switch {
		case ctx.Err() != nil:
			return nil
		case err != nil:
			r.online.Store(false)
			if final := trouble.judge(ctx, r.Adapter, err); final != nil {
				return final
			}
			continue
		}
		r.online.Store(true)
		trouble.over(r.Adapter)
		if fresh := r.take(list); len(list) == batch && fresh == 0 && r.ledger.dam(batch) {
			r.counts.dropped.Add(1)
			r.log.Error("telegram: an update could not be kept again and again and was given up, because no other got through")
		}
		r.settle(ctx, offset)
	}
}

func (r *receiver) ask(ctx context.Context, offset int64, limit int, wait time.Duration) (updates, error) {
	params := tgbotapi.Params{
		"limit": strconv.Itoa(limit), "timeout": strconv.Itoa(int(wait.Seconds())), "allowed_updates": kinds,
	}
	if offset != 0 {
		params["offset"] = strconv.FormatInt(offset, 10)
	}
	var raw json.RawMessage
	if err := r.wire.callFor(ctx, wait+r.wire.most, "getUpdates", params, &raw); err != nil {
		return nil, err
	}
	return readUpdates(raw)
}

// take gives out what is new in an answer and returns how much that was.
func (r *receiver) take(list updates) (fresh int) {
	events := make([]event, 0, len(list))
	for i := range list {
		ev := r.me.event(&list[i])
		if ev.broken {
			r.counts.broken.Add(1)
			r.log.Warn("telegram: an update could not be read")
		}
		if ev.id != 0 {
			events = append(events, ev)
		}
	}
	if len(events) == 0 {
		return 0
	}
	slices.SortFunc(events, func(x, y event) int { return int(x.id - y.id) })
	r.ledger.answered(events[len(events)-1].id)
	for _, ev := range events {
		if !r.ledger.begin(ev.id) {
			continue
		}
		fresh++
		if ev.in == nil && !ev.stale {
			if !ev.broken {
				r.counts.ignored.Add(1)
			}
			r.ledger.keep(ev.id)
			continue
		}
		r.give(ev)
	}
	return fresh
}

// settle waits until it makes sense to ask again: at once when all is kept, soon
// when some is, and now and then when the oldest update is stuck.
func (r *receiver) settle(ctx context.Context, asked int64) {
	if r.ledger.idle() {
		return
	}
	s, l := time.NewTimer(soon), time.NewTimer(late)
	defer s.Stop()
	defer l.Stop()
	passed := false
	for !r.ledger.idle() && !(passed && r.ledger.offset() != asked) {
		select {
		case <-r.ledger.changed:
		case <-s.C:
			passed = true
		case <-l.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// errTwice is final: two receivers would take each other's updates away.
var errTwice = errors.New("telegram: another program is running with this token: stop it, or make a new token in @BotFather with /revoke")

// trouble is what went wrong with the polls since the last good one.
type trouble struct {
	tries, conflicts int
	hooks            int // webhooks that were removed
}

// judge waits as long as an error asks for, or returns why there is no sense in waiting.
func (t *trouble) judge(ctx context.Context, a *Adapter, err error) error {
	var no *refusal
	errors.As(err, &no)
	switch {
	case rejected(err):
		return errToken
	case no != nil && no.code == 409 && no.says("webhook"):
		if t.hooks > 1 {
			return errors.New("telegram: another program sets a webhook for this bot again and again: stop it, or make a new token in @BotFather with /revoke")
		}
		a.log.Warn("telegram: a webhook was set for this bot; it is removed, for this program fetches its updates itself")
		if err := a.wire.call(ctx, "deleteWebhook", nil, nil); err != nil {
			a.log.Warn("telegram: the webhook could not be removed", "reason", err)
		} else {
			t.hooks++
		}
	case no != nil && no.code == 409:
		// The first may be the echo of a poll that a former process, or a broken
		// connection, left behind.
		if t.conflicts++; t.conflicts > 1 {
			return errTwice
		}
	default:
		t.conflicts = 0
		if t.tries == 0 {
			a.log.Warn("telegram: updates cannot be fetched, trying again", "reason", err)
		}
	}
	pause(ctx, backoff(t.tries, a.retry, 30*time.Second, err))
	t.tries++
	return nil
}

func (t *trouble) over(a *Adapter) {
	if t.tries > 0 && t.conflicts == 0 {
		a.log.Info("telegram: updates are fetched again")
	}
	*t = trouble{hooks: t.hooks}
}
