package telegram

import (
	"errors"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"evenfall/bot"
)

// network is the name in bot.User and bot.Chat.
const network = "telegram"

// DefaultAPI is Telegram's own Bot API server.
const DefaultAPI = "https://api.telegram.org"

// Options of an adapter. Only Token is needed.
type Options struct {
	Token     string
	API       string        // base address; "" = DefaultAPI
	Commands  []bot.Command // the command menu
	Log       *slog.Logger  // nil = none
	PerSecond int           // messages sent and edited a second over all chats, and Telegram's limits for each chat; 0 = no limits
	Transport http.RoundTripper
	Started   func(username string) // called once Telegram knows the token; may be nil
}

// Adapter is the bot's account on Telegram.
type Adapter struct {
	log      *slog.Logger
	wire     *wire
	commands []bot.Command
	started  func(string)
	pace     *pace // nil = none
	members  *members
	counts   counts
	online   atomic.Bool   // Telegram answered the last time
	retry    time.Duration // the first pause before something is tried again
	wait     time.Duration // how long Telegram may hold a poll that has nothing to tell

	whoami sync.Mutex
	me     atomic.Pointer[self]
}

var tokenShape = regexp.MustCompile(`^[0-9]+:[A-Za-z0-9_-]+$`)

// New makes an adapter; it does not touch the network. It refuses a token that
// cannot be one and an address that is none.
func New(o Options) (*Adapter, error) {
	if !tokenShape.MatchString(o.Token) {
		return nil, errors.New("telegram: the token is not one: @BotFather gives it in the form 123456:ABC…")
	}
	if o.API == "" {
		o.API = DefaultAPI
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w, err := newWire(strings.TrimRight(o.API, "/"), o.Token, o.Transport)
	if err != nil {
		return nil, err
	}
	a := &Adapter{log: o.Log, wire: w, commands: o.Commands, started: o.Started, members: newMembers(), retry: 200 * time.Millisecond, wait: longPoll}
	if o.PerSecond > 0 {
		a.pace = newPace(o.PerSecond)
	}
	return a, nil
}

// Network is "telegram".
func (a *Adapter) Network() string { return network }

// Connected reports whether Telegram answers the bot's polls.
func (a *Adapter) Connected() bool { return a.online.Load() }

// Counts tells how much the adapter has read, since it was made.
type Counts struct {
	Received int64 // updates handed to the core and kept
	Ignored  int64 // updates that are not for the bot, or of a kind it does not know
	Broken   int64 // updates that could not be read
	Retried  int64 // times the core could not keep an update
	Dropped  int64 // updates given up because they held up everybody else
	Unticked int64 // taps that were kept but whose tick Telegram did not take
}

// Counts tells how much the adapter has read, since it was made.
func (a *Adapter) Counts() Counts {
	c := &a.counts
	return Counts{c.received.Load(), c.ignored.Load(), c.broken.Load(), c.retried.Load(), c.dropped.Load(), c.unticked.Load()}
}

type counts struct {
	received, ignored, broken, retried, dropped, unticked atomic.Int64
}
