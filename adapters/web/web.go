package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"evenfall/bot"
)

// Network is the name of this network in users and chats.
const Network = "web"

// DefaultAddr is where the page is when nobody says otherwise.
const DefaultAddr = "127.0.0.1:8080"

// Room is the one room of this network.
var Room = bot.Chat{Network: Network, ID: "room"}

// Options is what the page needs from the house.
type Options struct {
	Addr     string        // a loopback host and a port; "" = DefaultAddr, port 0 = any free one
	Folder   string        // where web-chats.json is kept; "" = in memory only
	Commands []bot.Command // suggested while a person types "/"
	Log      *slog.Logger  // nil = none
	Now      func() time.Time
	// Forward moves the clock and plays every minute between. nil = the clock cannot be moved.
	Forward func(ctx context.Context, to time.Time) error
	// Evening is the next instant that something is due, zero for never. nil = the page has no such button.
	Evening func(ctx context.Context) (time.Time, error)
}

// Adapter is the page as a network of the house.
type Adapter struct {
	Options
	chats  *chats
	words  catalogue
	token  string
	moving atomic.Bool // while the clock is moved

	mu       sync.Mutex
	listener net.Listener
	waiting  map[int64]chan bot.Answer // taps whose tapper is still there, by event
	life     context.Context           // ends with Run; nil before
}

// New checks the address and reads the chats of the last time.
func New(o Options) (*Adapter, error) {
	if o.Addr == "" {
		o.Addr = DefaultAddr
	}
	if err := loopback(o.Addr); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	words, err := loadWords()
	if err != nil {
		return nil, err
	}
	file := ""
	if o.Folder != "" {
		file = filepath.Join(o.Folder, "web-chats.json")
	}
	c, err := openChats(file)
	if err != nil {
		return nil, err
	}
	return &Adapter{Options: o, chats: c, words: words, token: secret(), waiting: map[int64]chan bot.Answer{}}, nil
}

// loopback refuses an address that another computer could reach.
func loopback(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("web: %q is not an address like %s", addr, DefaultAddr)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("web: %q can be reached from outside; the page opens on loopback addresses only, like %s", addr, DefaultAddr)
	}
	return nil
}

// Network is "web".
func (a *Adapter) Network() string { return Network }

// Listen takes the port. Run does it too if nobody did; doing it first tells early
// and in one line that the port is in use.
func (a *Adapter) Listen() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", a.Addr)
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) {
			err = op.Err
		}
		return fmt.Errorf("web: cannot open the page on %s: %w", a.Addr, err)
	}
	if tcp, ok := l.Addr().(*net.TCPAddr); ok && !tcp.IP.IsLoopback() {
		l.Close()
		return fmt.Errorf("web: %s can be reached from outside; the page opens on loopback addresses only", a.Addr)
	}
	a.listener = l
	return nil
}

// Address is the page's address for a browser, "http://127.0.0.1:8080/", or "" before Listen.
func (a *Adapter) Address() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.listener == nil {
		return ""
	}
	return "http://" + a.listener.Addr().String() + "/"
}

// Run serves the page until ctx ends. It may be called once.
func (a *Adapter) Run(ctx context.Context, handle bot.Handler) error {
	if err := a.Listen(); err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	a.mu.Lock()
	a.life = ctx
	a.mu.Unlock()
	server := &http.Server{
		Handler:           a.routes(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
		ErrorLog:          slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	var at sync.WaitGroup
	for _, chat := range lanes {
		at.Go(func() { a.lane(ctx, chat, handle) })
	}
	at.Go(func() { a.tick(ctx) })
	failed := make(chan error, 1)
	at.Go(func() { failed <- server.Serve(a.listener) })
	var err error
	select {
	case <-ctx.Done():
		quit, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if server.Shutdown(quit) != nil {
			server.Close()
		}
	case err = <-failed:
		err = fmt.Errorf("web: serving the page: %w", err)
	}
	stop()
	at.Wait()
	return err
}

// Send shows, edits or takes away a message. It never has to be tried again later:
// the network is this process.
func (a *Adapter) Send(_ context.Context, l bot.Letter) (string, error) {
	if !fits(l) {
		return "", fmt.Errorf("web: %w", bot.ErrRefused)
	}
	return a.chats.post(l, a.Now())
}

// fits reports whether this network could show the letter.
func fits(l bot.Letter) bool {
	if l.Chat.Network != Network || !known(l.Chat.ID) {
		return false
	}
	if l.Delete {
		return l.Edit != ""
	}
	if f := l.Page.File; f != nil && (l.Edit != "" || f.Name == "" || len(f.Data) > bot.MaxFile) {
		return false
	}
	for _, row := range l.Page.Buttons {
		for _, k := range row {
			if len(k.Payload) > bot.MaxPayload || k.Label == "" {
				return false
			}
		}
	}
	return l.Page.Title != "" || l.Page.Text != ""
}
