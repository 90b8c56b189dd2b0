package adaptertest

import (
	"context"
	"net"
	"strconv"
	"sync"
	"syscall"
)

// Air is a network without a machine: connections that only this process sees. In a
// synctest bubble nothing else will do, for there a goroutine that waits for a real
// connection keeps the clock from moving.
type Air struct {
	mu    sync.Mutex
	masts map[string]*mast // by port
}

// mast is a listener.
type mast struct {
	air     *Air
	port    string
	callers chan net.Conn
	down    chan struct{}
	once    sync.Once
}

// Listen opens a port that was never used before.
func (a *Air) Listen() net.Listener {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.masts == nil {
		a.masts = map[string]*mast{}
	}
	m := &mast{air: a, port: strconv.Itoa(1024 + len(a.masts)), callers: make(chan net.Conn), down: make(chan struct{})}
	a.masts[m.port] = m
	return m
}

// DialContext is net.Dialer's. Every host is this one; a port that nobody opened is refused.
func (a *Air) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	m := a.masts[port]
	a.mu.Unlock()
	refused := &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	if m == nil {
		return nil, refused
	}
	near, far := net.Pipe()
	select {
	case m.callers <- far:
		return near, nil
	case <-m.down:
		return nil, refused
	case <-ctx.Done():
		return nil, &net.OpError{Op: "dial", Net: network, Err: ctx.Err()}
	}
}

func (m *mast) Accept() (net.Conn, error) {
	select {
	case c := <-m.callers:
		return c, nil
	case <-m.down:
		return nil, net.ErrClosed
	}
}

func (m *mast) Close() error {
	m.once.Do(func() { close(m.down) })
	return nil
}

func (m *mast) Addr() net.Addr {
	port, _ := strconv.Atoi(m.port)
	return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}
}
