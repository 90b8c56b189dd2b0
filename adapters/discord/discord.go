package discord

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"evenfall/adapters/outgoing"
	"evenfall/bot"
)

// Network is the name of this network in bot.User and bot.Chat.
const Network = "discord"

// Options is what an adapter needs.
type Options struct {
	Token     string            // the bot's token, without "Bot "
	API       string            // base address; "" = https://discord.com
	Commands  []bot.Command     // the menu of slash commands
	Log       *slog.Logger      // nil = slog.Default()
	Transport http.RoundTripper // nil = one of its own
}

// Adapter is Discord as a bot.Adapter.
type Adapter struct {
	options Options
	log     *slog.Logger
	rest    *rest
	own     *http.Transport // nil when the transport came with the options
	dial    dialer
	counts  counts
	self    atomic.Pointer[self]
	guilds  *guilds
	nooks   *nooks
	recent  *recent
	lanes   *lanes
	handle  bot.Handler
	online  atomic.Bool // READY or RESUMED came on the connection that stands
	final   chan error  // the first reason to stop for good
	ready   chan struct{}
	now     func() time.Time
	pause   func(attempt int) time.Duration // before connecting again
	patient time.Duration                   // how long a handler may take before the answer is put off
	again   time.Duration                   // first pause before words that could not be kept are brought again
}

// self is who the bot is on Discord.
type self struct{ user, app string }

var _ bot.Adapter = (*Adapter)(nil)

// New makes an adapter. It does no network I/O.
func New(o Options) (*Adapter, error) {
	if o.Token == "" {
		return nil, errors.New("discord: the token is missing")
	}
	if o.API == "" {
		o.API = "https://discord.com"
	}
	base, err := url.Parse(o.API)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" {
		return nil, errors.New("discord: the API address must look like https://discord.com")
	}
	a := &Adapter{
		options: o,
		log:     o.Log,
		dial:    outgoing.NewGuard(base).DialContext,
		recent:  newRecent(4096),
		final:   make(chan error, 1),
		now:     time.Now,
		pause:   pauseBefore,
		patient: 1500 * time.Millisecond,
		again:   250 * time.Millisecond,
	}
	if a.log == nil {
		a.log = slog.Default()
	}
	transport := o.Transport
	if transport == nil {
		a.own = http.DefaultTransport.(*http.Transport).Clone()
		a.own.MaxIdleConnsPerHost = 64
		a.own.DialContext = a.dial
		transport = a.own
	}
	if a.rest, err = newRest(o.Token, base, transport, a); err != nil {
		return nil, fmt.Errorf("discord: %w", err)
	}
	clock := func() time.Time { return a.now() }
	a.guilds, a.nooks = newGuilds(clock), newNooks(clock)
	return a, nil
}

// Network is "discord".
func (a *Adapter) Network() string { return Network }

// Counts is how often things happened that nobody is told about: events that were
// not understood, panics, refused tokens. The names are fixed words.
func (a *Adapter) Counts() map[string]int64 { return a.counts.all() }

// Connected reports whether Discord hears the bot and tells it what happens.
func (a *Adapter) Connected() bool { return a.online.Load() }

// stop makes Run end with err.
func (a *Adapter) stop(err error) {
	select {
	case a.final <- err:
	default:
	}
}
