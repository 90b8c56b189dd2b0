package discord

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"
	"github.com/gorilla/websocket"

	"evenfall/adapters/outgoing"
	"evenfall/bot"
)

// grace is how long handlers may go on after Run was told to stop.
const grace = 5 * time.Second

// errLost says that a connection ended and another try makes sense.
var errLost = errors.New("discord: the connection ended")

// Run reads the gateway until ctx ends, or until Discord says something final.
func (a *Adapter) Run(ctx context.Context, handle bot.Handler) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work, release := context.WithCancel(context.WithoutCancel(ctx))
	defer release()
	a.handle, a.ready, a.lanes = handle, make(chan struct{}, 1), newLanes(work)
	select {
	case <-a.final: // an earlier word about the token: it is asked about anew
	default:
	}
	var others sync.WaitGroup
	others.Go(func() { a.publish(ctx) })
	err := a.listen(ctx)
	cancel()
	defer time.AfterFunc(grace, release).Stop()
	a.lanes.close()
	others.Wait()
	if a.own != nil {
		a.own.CloseIdleConnections()
	}
	return err
}

// listen keeps one connection to the gateway after another.
func (a *Adapter) listen(ctx context.Context) error {
	var s *session
	for attempt := 0; ; attempt++ {
		if attempt > 0 && sleep(ctx, a.pause(attempt-1)) != nil {
			return nil
		}
		if s == nil {
			if err := a.ration(ctx); err == nil {
				s, err = a.session(ctx)
				if err != nil {
					return err
				}
			}
		}
		lasted, err := time.Duration(0), errLost
		if s != nil {
			lasted, err = a.connect(ctx, s)
		}
		if ctx.Err() != nil {
			return nil
		}
		select {
		case err := <-a.final:
			return err
		default:
		}
		if err := finalError(err); err != nil {
			return err
		}
		if closeCode(err) != 0 || !s.resumable() {
			s = nil // it cannot be resumed: identify anew
		}
		if lasted >= steadyFrom {
			attempt = 0
		}
		a.counts.add("reconnects")
		if errors.Is(err, outgoing.ErrAddress) {
			a.log.Warn("discord's gateway cannot be used", "reason", outgoing.ErrAddress)
		}
		a.log.Info("the connection to discord ended, connecting again", "code", closeCode(err))
	}
}

// ration asks Discord whether the token is known and how many identifies it has
// left today, and waits when they are few: a crash loop must not use them up.
func (a *Adapter) ration(ctx context.Context) error {
	raw, err := a.rest.call(ctx, http.MethodGet, discordgo.EndpointGatewayBot, "gateway", nil)
	if err != nil {
		return err
	}
	var g gateway
	if err := json.Unmarshal(raw, &g); err != nil {
		return err
	}
	if wait := g.pause(); wait > 0 {
		a.log.Warn("few starts are left for today, waiting before the next", "left", g.Limit.Remaining, "seconds", int(wait.Seconds()))
		return sleep(ctx, wait)
	}
	return nil
}

// gateway is the answer of /gateway/bot.
type gateway struct {
	Shards int `json:"shards"`
	Limit  struct {
		Remaining int   `json:"remaining"`
		Reset     int64 `json:"reset_after"` // milliseconds
	} `json:"session_start_limit"`
}

// pause spreads the last identifies of a day over what remains of it.
func (g gateway) pause() time.Duration {
	if g.Limit.Remaining >= 100 || g.Limit.Reset <= 0 {
		return 0
	}
	return time.Duration(g.Limit.Reset) * time.Millisecond / time.Duration(max(g.Limit.Remaining, 1))
}

// session is one gateway session, over one connection after another.
type session struct {
	*discordgo.Session
	link  *link
	ended chan struct{} // discordgo gave up a connection
	ready bool          // READY or RESUMED came on the last connection
	ever  bool          // … or on an earlier one: there is something to resume
	fails int           // connections in a row on which neither came
}

func (s *session) resumable() bool { return s != nil && s.ever && s.fails < 3 && !s.link.bursting() }

func (a *Adapter) session(ctx context.Context) (*session, error) {
	inner, err := newSession(a.options.Token)
	if err != nil {
		return nil, errors.New("discord: the session could not be made")
	}
	s := &session{Session: inner, ended: make(chan struct{}, 1)}
	t := *a.rest.session.Client.Transport.(*transport)
	t.ctx = ctx
	s.Client = newClient(&t)
	s.Client.Timeout = a.rest.session.Client.Timeout
	s.SyncEvents = true // in order; the handler below only sorts and queues
	s.Identify.Compress = false
	s.Identify.Intents = discordgo.IntentsGuilds | discordgo.IntentsDirectMessages
	s.AddHandler(func(_ *discordgo.Session, e *discordgo.Event) { a.event(e.Type, e.RawData) })
	s.AddHandler(func(*discordgo.Session, *discordgo.Disconnect) {
		select {
		case s.ended <- struct{}{}:
		default:
		}
	})
	return s, nil
}

// connect opens a connection and stays until it ends; lasted counts from READY or RESUMED.
func (a *Adapter) connect(ctx context.Context, s *session) (lasted time.Duration, err error) {
	drain(s.ended)
	drain(a.ready)
	s.ready = false
	s.fails++
	s.link = &link{ctx: ctx, open: a.reach}
	s.Dialer = &websocket.Dialer{NetDialContext: s.link.dial, HandshakeTimeout: dialMost, Proxy: http.ProxyFromEnvironment}
	release := context.AfterFunc(ctx, s.link.kill)
	timer := time.AfterFunc(openMost, s.link.kill)
	err = s.Open()
	timer.Stop()
	if !release() {
		s.link.kill()
	}
	if err != nil {
		return 0, err
	}
	defer s.Close()
	defer a.online.Store(false)
	late := time.NewTimer(readyMost)
	defer late.Stop()
	var since time.Time
	for {
		select {
		case <-a.ready:
			late.Stop()
			s.ready, s.ever, s.fails, since = true, true, 0, time.Now()
			a.online.Store(true)
		case <-late.C:
			s.link.kill()
			return 0, errLost
		case <-s.ended:
			if s.ready {
				lasted = time.Since(since)
			}
			return lasted, errLost
		case err := <-a.final:
			a.stop(err)
			return 0, err
		case <-ctx.Done():
			return 0, nil
		}
	}
}

// reach dials the gateway, unless the token was refused while its address was asked for.
func (a *Adapter) reach(ctx context.Context, network, address string) (net.Conn, error) {
	if len(a.final) > 0 {
		return nil, net.ErrClosed
	}
	return a.dial(ctx, network, address)
}

func drain(c chan struct{}) {
	select {
	case <-c:
	default:
	}
}

// pauseBefore grows from half a second to five minutes, spread so that not all bots come back at once.
func pauseBefore(attempt int) time.Duration {
	d := min(time.Second<<min(attempt, 9), 5*time.Minute)
	return d/2 + rand.N(d/2)
}
