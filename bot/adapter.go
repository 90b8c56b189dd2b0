package bot

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Adapter is one network. It reads what happens there, and sends letters; it knows no rule of the product.
type Adapter interface {
	// Network is the name in User and Chat: "telegram", "discord", "web".
	Network() string
	// Run reads until ctx ends (then nil) or until there is no sense in going on (then
	// why, in one clear line without secrets). It hands everything that happens to
	// handle, one couple's events in the order they happened as far as the network
	// tells, different chats at the same time. An event counts as received only once
	// handle returned no error.
	Run(ctx context.Context, handle Handler) error
	// Send sends, edits or deletes, and returns the network's id of the message.
	// Errors: *Later (try again then), ErrGone (this chat will never take a letter
	// again), ErrRefused (this letter will never be taken), *MovedError (the chat has a new
	// id), ErrUnsent (it never left); any other error means nobody knows. What became of
	// the request decides, and no error holds a token, an id or words:
	//
	//	nobody there, no TLS, a forbidden address      ErrUnsent
	//	a question that comes first goes wrong         ErrUnsent (or as it says: *Later; who
	//	                                               opens the chat: ErrGone, ErrRefused)
	//	written, and reset, silent or cut short        nobody knows
	//	5xx, 409, a redirect, a page, a senseless 200  nobody knows
	//	429, with a time or without                    *Later
	//	400                                            ErrRefused
	//	403, or 400 because the chat is no more        ErrGone
	//	400 because the group has another id           *MovedError
	//	401                                            nobody knows; Run ends and says why
	Send(ctx context.Context, l Letter) (message string, err error)
}

// Handler is what Adapter.Run gives everything to: Bot.Handle. When it returns
// without error everything the event changes is durable. With an error nothing is,
// and the network must keep or repeat the event.
type Handler func(ctx context.Context, in Incoming) (Answer, error)

// Answer is what the person who did something is told at once and alone.
type Answer struct {
	Toast string // at most 200 characters; "" = a silent tick
}

// Errors of Send.
var (
	ErrGone    = errors.New("bot: the chat is gone")       // blocked, kicked, deleted, deactivated
	ErrRefused = errors.New("bot: the letter was refused") // malformed for this network
	// certainly: the request never left; any other unknown error may have taken effect.
	ErrUnsent = errors.New("bot: the letter was not sent")
)

// Later says when a letter may be tried again.
type Later struct{ After time.Duration }

func (e *Later) Error() string { return fmt.Sprintf("bot: try again in %s", e.After) }

// MovedError says that a chat lives on under another id.
type MovedError struct{ To Chat }

func (e *MovedError) Error() string { return "bot: the chat has moved" }

// Command is one line of a network's command menu.
type Command struct {
	Name        string
	Description map[string]string // by language; "en" is always there
}
