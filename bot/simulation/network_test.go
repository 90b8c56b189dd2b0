package simulation

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"evenfall/bot"
)

// The two networks. On the second one a button that wants words shows a form.
const (
	left  = "left"
	right = "right"
)

// chat is a place on a network as people see it.
type chat struct {
	bot.Chat
	number   int
	couple   *couple
	owner    *person // nil = a room
	messages []message
	last     int       // number of the last message
	sends    int       // how often something was sent here
	told     int       // number of the last event here
	blocked  bool      // by its owner: the bot cannot write here
	shaky    time.Time // when a send last came to nobody knows what
	waits    time.Time // when a letter last found the network away
	expects  string    // how the streak will be told here
	inbox    []*event
	pumping  bool
}

type message struct {
	id string
	bot.Page
}

const remembered = 14 // messages of a chat that people still find

// traced is what became of one letter, as its network knows it.
type traced struct {
	copies int       // new messages that arrived
	at     time.Time // when the last one did
	doubts int       // tries after which the house cannot know whether the message arrived
}

// line is a network's adapter in one life of the program.
type line struct {
	h    *house
	name string
}

func (l *line) Network() string { return l.name }

func (l *line) Run(ctx context.Context, _ bot.Handler) error {
	<-ctx.Done()
	return nil
}

// fate is what a send meets.
type fate struct {
	pause       time.Duration // before anything else
	dies, shows bool          // the program dies; the letter arrives
	err         error         // what the program hears
}

var errReset = errors.New("simulation: the connection was reset")

// Send shows a letter, or meets its fate.
func (l *line) Send(ctx context.Context, letter bot.Letter) (string, error) {
	w := l.h.world
	w.mu.Lock()
	ch := w.chats[letter.Chat]
	if ch == nil {
		w.mu.Unlock()
		w.Errorf("a letter to a chat that never was")
		return "", bot.ErrGone
	}
	w.count++
	begun, f := w.count, w.fate(ch, letter)
	w.mu.Unlock()
	if f.pause > 0 {
		select {
		case <-time.After(f.pause):
		case <-l.h.gone:
		}
	}
	w.mu.Lock()
	if l.h.dead.Load() {
		if letter.Edit == "" && letter.ID != 0 {
			w.trouble(ch, letter) // the house may have counted it as perhaps sent
		}
		w.mu.Unlock()
		return "", errDead
	}
	id := letter.Edit
	if f.shows {
		id = w.show(ch, letter, begun)
	}
	w.doubt(ch, letter, f)
	w.mu.Unlock()
	if f.dies {
		l.h.die()
		return "", errDead
	}
	return id, f.err
}

// fate throws the dice for a send. The mutex is held.
func (w *world) fate(ch *chat, l bot.Letter) fate {
	ch.sends++
	p := w.share(forSend, ch.number, ch.sends)
	unsent := fmt.Errorf("no route: %w", bot.ErrUnsent)
	switch {
	case ch.blocked:
		return fate{err: bot.ErrGone}
	case w.calm || l.ID == 0: // whispers are said under a couple's lock, and pretend time stands still while somebody waits for one
		return fate{shows: true}
	case w.away[ch.Network].After(w.wall()):
		ch.waits = w.wall()
		return fate{err: unsent}
	}
	if w.wall().Sub(ch.shaky) < 5*time.Minute && p < 0.4 { // trouble seldom comes alone
		ch.shaky = w.wall()
		return fate{err: errReset, shows: p < 0.3}
	}
	wait := w.span(time.Second, 20*time.Second, forWait, ch.number, ch.sends)
	dies := w.rarely() / 4
	for _, c := range []struct {
		p float64
		fate
	}{
		{0.006, fate{err: unsent}},
		{0.006, fate{err: errReset}},
		{0.006, fate{err: errReset, shows: true}},
		{0.006, fate{err: &bot.Later{After: 2 * wait}}},
		{0.006, fate{shows: true, pause: wait}},
		{0.002, fate{err: context.DeadlineExceeded, shows: true, pause: 30 * time.Second}},
		{dies, fate{dies: true}},
		{dies, fate{dies: true, shows: true}},
	} {
		if p -= c.p; p < 0 {
			if errors.Is(c.err, errReset) {
				ch.shaky = w.wall()
			}
			return c.fate
		}
	}
	return fate{shows: true}
}

// doubt notes what the house cannot know. The mutex is held.
func (w *world) doubt(ch *chat, l bot.Letter, f fate) {
	if l.Edit != "" || l.ID == 0 {
		return
	}
	if f.dies || f.err != nil {
		w.trouble(ch, l)
	}
	t := w.trace(l.ID)
	var later *bot.Later
	if f.dies || f.err != nil && !errors.Is(f.err, bot.ErrUnsent) && !errors.As(f.err, &later) {
		t.doubts++
	}
}

func (w *world) trace(id int64) *traced {
	t := w.letters[id]
	if t == nil {
		t = &traced{}
		w.letters[id] = t
	}
	return t
}

// show does what the letter asks for. The mutex is held.
func (w *world) show(ch *chat, l bot.Letter, begun int) string {
	for i := range ch.messages {
		if l.Edit != "" && ch.messages[i].id == l.Edit {
			ch.messages[i].Page = l.Page
			if l.Delete {
				ch.messages = append(ch.messages[:i:i], ch.messages[i+1:]...)
				return l.Edit
			}
		}
	}
	w.note("%s shows%s", ch, sketched(l))
	if l.Delete {
		return l.Edit
	}
	w.judge(ch, l, begun)
	id := l.Edit
	if id == "" {
		ch.last++
		id = strconv.Itoa(ch.last)
		if len(ch.messages) == remembered {
			ch.messages = append(ch.messages[:0], ch.messages[1:]...)
		}
		ch.messages = append(ch.messages, message{id, l.Page})
	}
	w.notice(ch, l)
	return id
}
