package web

import (
	"context"
	"slices"
	"strconv"
	"time"

	"evenfall/bot"
)

// accept keeps events until the house has them, and shows the words that were
// said, if any, in the chat. It returns the number of the last event.
func (c *chats) accept(words string, now time.Time, in ...bot.Incoming) (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	before := c.kept.Waiting
	c.kept.Waiting = slices.Clone(before)
	for _, i := range in {
		c.kept.Last++
		i.ID = strconv.FormatInt(c.kept.Last, 10)
		c.kept.Waiting = append(c.kept.Waiting, &event{ID: c.kept.Last, In: i})
	}
	id, chat := c.kept.Last, in[0].Chat.ID
	var err error
	if words != "" {
		c.kept.Last++
		err = c.put(chat, &message{
			ID: strconv.FormatInt(c.kept.Last, 10), From: in[0].User.ID, At: now,
			Page: bot.Page{Text: directions.Replace(words)},
		}, -1)
	} else {
		err = c.save()
	}
	if err != nil {
		c.kept.Waiting = before
		return 0, err
	}
	c.ring(chat)
	return id, nil
}

// ring tells a lane that it has something to do. The caller holds mu.
func (c *chats) ring(chat string) {
	select {
	case c.bell[chat] <- struct{}{}:
	default:
	}
}

// next is the oldest event of a chat that the house does not have, or nil.
func (c *chats) next(chat string) *event {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.kept.Waiting {
		if e.In.Chat.ID == chat {
			return e
		}
	}
	return nil
}

// done strikes an event off. If that cannot be saved the event may come once more
// after a restart, which the house bears.
func (c *chats) done(e *event) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kept.Waiting = slices.DeleteFunc(slices.Clone(c.kept.Waiting), func(x *event) bool { return x.ID == e.ID })
	return c.save()
}

// lane hands the events of one chat to the house, one after another, each until
// the house has it.
func (a *Adapter) lane(ctx context.Context, chat string, handle bot.Handler) {
	for ctx.Err() == nil {
		e := a.chats.next(chat)
		if e == nil {
			select {
			case <-ctx.Done():
			case <-a.chats.bell[chat]:
			}
			continue
		}
		answer, err := a.insist(ctx, handle, e.In)
		if err != nil {
			return
		}
		if err := a.chats.done(e); err != nil {
			a.Log.Warn("web: the chats could not be saved", "error", err)
		}
		a.answer(e, answer)
	}
}

// insist hands over one event until it is taken or ctx ends.
func (a *Adapter) insist(ctx context.Context, handle bot.Handler, in bot.Incoming) (bot.Answer, error) {
	pause := 100 * time.Millisecond
	for {
		answer, err := handle(ctx, in)
		if err == nil {
			return answer, nil
		}
		if ctx.Err() == nil {
			a.Log.Warn("web: an event was not taken and is tried again", "pause", pause)
		}
		select {
		case <-ctx.Done():
			return bot.Answer{}, ctx.Err()
		case <-time.After(pause):
		}
		pause = min(2*pause, 5*time.Second)
	}
}

// expect makes the answer to an event go to the returned channel instead of to the
// open pages. It must be called before the event can be handled.
func (a *Adapter) expect(in bot.Incoming) (int64, chan bot.Answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	id, err := a.chats.accept("", a.Now(), in)
	if err != nil {
		return 0, nil, err
	}
	ch := make(chan bot.Answer, 1)
	a.waiting[id] = ch
	return id, ch, nil
}

// forget is the end of an expectation; what comes later goes to the open pages.
func (a *Adapter) forget(id int64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.waiting, id)
}

// answer tells the person who did it.
func (a *Adapter) answer(e *event, answer bot.Answer) {
	a.mu.Lock()
	ch := a.waiting[e.ID]
	delete(a.waiting, e.ID)
	a.mu.Unlock()
	if ch != nil {
		ch <- answer
		return
	}
	if answer.Toast != "" {
		a.chats.mu.Lock()
		defer a.chats.mu.Unlock()
		a.chats.tell(update{Kind: "toast", ID: e.In.User.ID, Text: answer.Toast})
	}
}
