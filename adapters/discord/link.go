package discord

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"
)

const (
	idleMost   = 100 * time.Second // a heartbeat is answered every 41 s
	writeMost  = 10 * time.Second
	burstMost  = 15 // writes …
	burstSpan  = 10 * time.Second
	openMost   = 30 * time.Second // from dialling to the first packet
	dialMost   = 15 * time.Second
	readyMost  = 30 * time.Second
	steadyFrom = time.Minute // a connection this old starts the pauses anew
)

var errBurst = errors.New("discord: too many writes on the gateway")

// dialer is a way to the network: past the guard.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// link lies under discordgo's gateway connection, which has no deadlines and can
// hang for minutes. Once anything fails it closes at once, so that discordgo cannot
// send the close code 1000 that would end a session worth resuming.
//
// The bot says nothing on the gateway but heartbeats. A burst of writes is
// discordgo identifying again and again without a pause (op 9); since a bot has
// 1,000 identifies a day before its token is reset, the link breaks instead.
type link struct {
	ctx  context.Context
	open dialer

	mu    sync.Mutex
	conn  net.Conn
	dead  bool
	burst bool
	since time.Time
	n     int
}

func (l *link) dial(ctx context.Context, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialMost)
	defer cancel()
	defer context.AfterFunc(l.ctx, cancel)()
	conn, err := l.open(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.dead {
		conn.Close()
		return nil, net.ErrClosed
	}
	l.conn = conn
	return &guarded{Conn: conn, link: l}, nil
}

// kill closes the connection under discordgo.
func (l *link) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.dead = true
	if l.conn != nil {
		l.conn.Close()
	}
}

// bursting reports whether a burst of writes broke the link.
func (l *link) bursting() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.burst
}

// writes counts one write and reports whether it is one too many.
func (l *link) writes(now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now.Sub(l.since) > burstSpan {
		l.since, l.n = now, 0
	}
	l.n++
	l.burst = l.burst || l.n > burstMost
	return l.burst
}

type guarded struct {
	net.Conn
	link *link
}

func (g *guarded) Read(p []byte) (int, error) {
	g.Conn.SetReadDeadline(time.Now().Add(idleMost))
	n, err := g.Conn.Read(p)
	if err != nil {
		g.link.kill()
	}
	return n, err
}

func (g *guarded) Write(p []byte) (int, error) {
	now := time.Now()
	if g.link.writes(now) {
		g.link.kill()
		return 0, errBurst
	}
	g.Conn.SetWriteDeadline(now.Add(writeMost))
	n, err := g.Conn.Write(p)
	if err != nil {
		g.link.kill()
	}
	return n, err
}
