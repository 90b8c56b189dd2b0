package telegram

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"evenfall/bot"
)

// What Telegram lets a bot send and edit, as far as it tells: a message a second in a chat,
// twenty a minute in a group, and about thirty a second in all (Options.PerSecond). Ticks are free.
const (
	allSpan   = time.Second
	chatMost  = 1
	chatSpan  = time.Second
	groupMost = 20
	groupSpan = time.Minute
)

const (
	longestWait = 2 * time.Second  // for a chat; with longer to wait the letter goes back to the post office
	turnTime    = 10 * time.Second // for a turn; what is left of a letter's time is for the request
	sweepAt     = 1024             // chats remembered before the first idle ones are forgotten
	suspicion   = 5 * time.Second  // two chats refused no further apart, after the first one's rest: it is the bot
	practice    = 1000             // requests before their times are trusted: the first ones are all slow
	recovery    = time.Minute      // after this without a refusal there is one place more again
	// slack is how far apart the moments in a request's life may lie at which Telegram counts it.
	slack = 5 * time.Millisecond
)

// pace lets letters out no faster than Telegram allows, those that answer somebody first.
// It keeps three sorts of windows, and they hold without help. Since nobody knows how Telegram
// really counts, it also obeys what Telegram says when it refuses:
//
//   - A refusal does not tell whether the chat had too much or the bot. The chat rests, which
//     is the post office's business.
//   - When a second chat is refused while the first one rests, or soon after, it was the bot:
//     everything rests for as long as Telegram asks, and goes on a tenth slower. Each minute without a refusal
//     gives one place back.
type pace struct {
	mu      sync.Mutex
	all     window
	most    int           // places of all, unless Telegram refused
	gap     time.Duration // between two letters of which the later answers nobody
	chats   map[string]*chatPace
	sweepAt int
	waiting []*turn // by lane, then by age
	timer   *time.Timer
	last    time.Time     // when the last letter was let out
	fastest time.Duration // the shortest request so far …
	known   int           // … of so many

	denied string    // the chat that was refused last …
	until  time.Time // … and how long it rests
	rest   time.Time // nothing is let out before
	slower time.Time // when a place was last taken from all, or given back
}

// chatPace is the windows of one chat.
type chatPace struct {
	windows []*window
	users   int // turns that wait or are under way
}

// turn is one letter's way through the pace.
type turn struct {
	chat    string
	lane    bot.Lane
	windows []*window     // all must have a place
	began   time.Time     // when it was let out
	settled chan struct{} // closed when it is let out, or sent back
	err     error         // why it was sent back
}

func newPace(perSecond int) *pace {
	return &pace{
		most: perSecond, all: window{most: perSecond, span: allSpan},
		// Prompts do not come in one burst at the start of each second: then some place is
		// always about to become free, and an answer waits a fifth of a second at most.
		gap:   allSpan / time.Duration(perSecond) * 4 / 5,
		chats: map[string]*chatPace{}, sweepAt: sweepAt,
	}
}

// send calls out when it is a letter's turn. Errors: *bot.Later when that is not soon, and
// those of out.
func (p *pace) send(ctx context.Context, chat string, lane bot.Lane, out func() error) error {
	t, err := p.wait(ctx, chat, lane)
	if err != nil {
		return err
	}
	err = out()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answered(t, err)
	p.advance()
	return err
}

// wait waits for a turn.
func (p *pace) wait(ctx context.Context, chat string, lane bot.Lane) (*turn, error) {
	p.mu.Lock()
	t, err := p.enter(chat, lane)
	p.mu.Unlock()
	if err != nil {
		return nil, err
	}
	most := time.NewTimer(turnTime)
	defer most.Stop()
	select {
	case <-t.settled:
		return t, t.err
	case <-most.C:
	case <-ctx.Done():
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(p.waiting, t); i >= 0 {
		p.waiting = slices.Delete(p.waiting, i, i+1)
		p.chats[chat].users--
		return nil, &bot.Later{After: time.Second}
	}
	return t, t.err // its turn came at the same moment
}

// enter puts a letter in its place among those that wait. The mutex is held, as in all that follows.
func (p *pace) enter(chat string, lane bot.Lane) (*turn, error) {
	now := time.Now()
	p.sweep(now)
	c := p.chats[chat]
	if c == nil {
		c = &chatPace{windows: []*window{{most: chatMost, span: chatSpan}}}
		if strings.HasPrefix(chat, "-") {
			c.windows = append(c.windows, &window{most: groupMost, span: groupSpan})
		}
		p.chats[chat] = c
	}
	wait := p.rest.Sub(now)
	for _, w := range c.windows {
		if at, ok := w.free(now); ok {
			wait = max(wait, at.Sub(now))
		}
	}
	if wait > longestWait {
		return nil, &bot.Later{After: wait}
	}
	t := &turn{chat: chat, lane: lane, settled: make(chan struct{}), windows: append([]*window{&p.all}, c.windows...)}
	c.users++
	i := len(p.waiting)
	for i > 0 && p.waiting[i-1].lane > lane {
		i--
	}
	p.waiting = slices.Insert(p.waiting, i, t)
	p.advance()
	return t, nil
}

// advance lets out whatever can go, and sees to it that the next one goes in time.
func (p *pace) advance() {
	now := time.Now()
	if p.all.most < p.most && now.Sub(p.slower) >= recovery {
		p.all.most, p.slower = p.all.most+1, now
	}
	var next time.Time
	p.waiting = slices.DeleteFunc(p.waiting, func(t *turn) bool {
		at, ok := p.when(t, now)
		if ok && !at.After(now) {
			p.last, t.began = now, now
			for _, w := range t.windows {
				w.leave()
			}
			close(t.settled)
			return true
		}
		if ok && (next.IsZero() || at.Before(next)) {
			next = at
		}
		return false
	})
	switch {
	case next.IsZero():
	case p.timer == nil:
		p.timer = time.AfterFunc(next.Sub(now), func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.advance()
		})
	default:
		p.timer.Reset(next.Sub(now))
	}
}

// when is when a letter may go; false = not before some answer.
func (p *pace) when(t *turn, now time.Time) (time.Time, bool) {
	at := p.rest
	if even := p.last.Add(p.gap); t.lane != bot.Answers && even.After(at) {
		at = even
	}
	for _, w := range t.windows {
		free, ok := w.free(now)
		if !ok {
			return free, false
		}
		if free.After(at) {
			at = free
		}
	}
	return at, true
}

// answered notes that a request came back, with which error.
func (p *pace) answered(t *turn, err error) {
	now := time.Now()
	for _, w := range t.windows {
		w.answer(now)
	}
	p.chats[t.chat].users--
	var no *refusal
	switch {
	case err == nil:
		p.learn(now.Sub(t.began))
	case errors.As(err, &no) && (no.code == 429 || no.after > 0):
		p.refused(t.chat, now, no.rest())
	}
}

// learn makes up for the network: a place need not stay empty while requests travel that all
// take at least so long. With that a round trip of 50 ms costs half a percent of the rate and not
// five. The shortest one of very many is the careful guess: what takes longer is waited for.
func (p *pace) learn(took time.Duration) {
	if p.known == 0 || took < p.fastest {
		p.fastest = took
	}
	if p.known++; p.known >= practice {
		p.all.span = allSpan - max(0, min(p.fastest-slack, allSpan/2))
	}
}

// refused notes that Telegram wants to be left alone for a while.
func (p *pace) refused(chat string, now time.Time, rest time.Duration) {
	everybody := p.denied != "" && p.denied != chat && now.Sub(p.until) < suspicion
	p.denied, p.until = chat, now.Add(rest)
	if !everybody {
		return
	}
	if now.After(p.rest) { // what was under way meanwhile is refused for the same reason
		p.all.most, p.slower = max(p.most/5, 1, p.all.most-max(1, p.all.most/10)), now
	}
	if p.until.After(p.rest) {
		p.rest = p.until
	}
	for _, t := range p.waiting {
		t.err = &bot.Later{After: p.rest.Sub(now)}
		p.chats[t.chat].users--
		close(t.settled)
	}
	p.waiting = nil
}

// sweep forgets chats to which nothing was sent lately, whenever they have become twice as many.
func (p *pace) sweep(now time.Time) {
	if len(p.chats) < p.sweepAt {
		return
	}
	for id, c := range p.chats {
		if c.users == 0 && !slices.ContainsFunc(c.windows, func(w *window) bool { return !w.idle(now) }) {
			delete(p.chats, id)
		}
	}
	p.sweepAt = max(sweepAt, 2*len(p.chats))
}
