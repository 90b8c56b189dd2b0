// Package bottest plays conversation scripts: people, a pretend network and a
// pretend clock around a real bot. Scripts are the specification that anyone can
// read; see Play for their language.
package bottest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"

	"evenfall/bot"
)

// Network is a chat network as a script sees it: what people do there, and what they see.
type Network interface {
	Adapter() bot.Adapter
	// Tap taps a button and returns the private toast.
	Tap(user bot.User, chat bot.Chat, message string, key bot.Key) (toast string)
	// Say types words or a /command.
	Say(user bot.User, chat bot.Chat, text string) (toast string)
	// Messages are the bot's messages in a chat, oldest first.
	Messages(chat bot.Chat) []Shown
}

// Shown is a message as a person sees it.
type Shown struct {
	ID string
	bot.Page
}

// Pretend is a network in memory. It is the whole of a network's promise and no more:
// every event arrives once, every letter at once.
type Pretend struct {
	name    string
	Members int  // people in every group, besides the bot
	Closed  bool // a nook opens only when its owner writes there first

	mu     sync.Mutex
	handle bot.Handler
	chats  map[bot.Chat][]Shown
	last   int
	up     *sync.Cond
	fail   func(bot.Letter) error
}

// NewPretend makes a network with a name.
func NewPretend(name string) *Pretend {
	n := &Pretend{name: name, Members: 2, chats: map[bot.Chat][]Shown{}}
	n.up = sync.NewCond(&n.mu)
	return n
}

// Adapter is the network's own adapter.
func (n *Pretend) Adapter() bot.Adapter { return n }

// Network is the name.
func (n *Pretend) Network() string { return n.name }

// Run listens until ctx ends.
func (n *Pretend) Run(ctx context.Context, handle bot.Handler) error {
	n.mu.Lock()
	n.handle = handle
	n.up.Broadcast()
	n.mu.Unlock()
	<-ctx.Done()
	n.mu.Lock()
	n.handle = nil
	n.mu.Unlock()
	return nil
}

// Send shows a letter.
func (n *Pretend) Send(_ context.Context, l bot.Letter) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if why := Unfit(l.Page); why != "" && !l.Delete {
		return "", fmt.Errorf("%w: %s: %s", bot.ErrRefused, why, l.Page.Title)
	}
	var err error
	if n.fail != nil {
		if err = n.fail(l); err != nil && !errors.Is(err, ErrLost) {
			return "", err
		}
	}
	id := n.show(l)
	if err != nil {
		return "", err
	}
	return id, nil
}

// ErrLost from a fail function means that the send took effect, but nobody hears of it.
var ErrLost = errors.New("bottest: the answer was lost")

// show does what the letter asks for and returns the message's id.
func (n *Pretend) show(l bot.Letter) string {
	for i, m := range n.chats[l.Chat] {
		switch {
		case m.ID != l.Edit:
		case l.Delete:
			n.chats[l.Chat] = append(n.chats[l.Chat][:i:i], n.chats[l.Chat][i+1:]...)
			return l.Edit
		default:
			n.chats[l.Chat][i].Page = l.Page
			return l.Edit
		}
	}
	if l.Delete {
		return l.Edit
	}
	n.last++
	id := strconv.Itoa(n.last)
	n.chats[l.Chat] = append(n.chats[l.Chat], Shown{id, l.Page})
	return id
}

// Fail lets sends fail with what fail returns, see ErrLost; nil ends it.
func (n *Pretend) Fail(fail func(bot.Letter) error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.fail = fail
}

// Messages are what a chat shows.
func (n *Pretend) Messages(chat bot.Chat) []Shown {
	n.mu.Lock()
	defer n.mu.Unlock()
	return append([]Shown(nil), n.chats[chat]...)
}

// Tap taps.
func (n *Pretend) Tap(user bot.User, chat bot.Chat, message string, key bot.Key) string {
	in := n.from(user, chat)
	in.Kind, in.Payload, in.Message = bot.Tapped, key.Payload, message
	return n.tell(in)
}

// Say types.
func (n *Pretend) Say(user bot.User, chat bot.Chat, text string) string {
	in := n.from(user, chat)
	Typed(&in, text)
	return n.tell(in)
}

// Tell hands any event to the bot, as a network might that cannot be trusted.
func (n *Pretend) Tell(in bot.Incoming) (toast string) { return n.tell(in) }

// Arrive brings the bot into a group.
func (n *Pretend) Arrive(user bot.User, chat bot.Chat) {
	in := n.from(user, chat)
	in.Kind = bot.Arrived
	n.tell(in)
}

func (n *Pretend) from(user bot.User, chat bot.Chat) bot.Incoming {
	_, private := chat.Private()
	in := bot.Incoming{User: user, Name: Name(user), Chat: chat, Open: private || !n.Closed}
	if !private {
		in.Members = n.Members
	}
	return in
}

func (n *Pretend) tell(in bot.Incoming) string {
	n.mu.Lock()
	for n.handle == nil {
		n.up.Wait()
	}
	handle := n.handle
	n.mu.Unlock()
	answer, err := handle(context.Background(), in)
	if err != nil {
		return fmt.Sprintf("(failed: %v)", err)
	}
	return answer.Toast
}
