package discordtest

import (
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Token is the bot's token; it is not a real one.
const Token = "pretend-token.of-a-bot.canary-0451"

// Server is the pretend Discord. Its methods may be called from many goroutines.
type Server struct {
	URL string // the API's base address
	Bot User
	App string // the application's id
	// Deadline is how long the bot has for the first answer to an interaction.
	Deadline time.Duration
	// Patience is how long the server waits for what has to happen.
	Patience time.Duration
	// Thinking is how long the person looks at "thinking…" before they give up.
	Thinking time.Duration

	t    testing.TB
	http *httptest.Server
	mu   sync.Mutex
	news *sync.Cond // something changed
	last int64      // the last id given

	users    map[string]User
	guilds   map[string]*guild
	channels map[string]*channel
	nonces   map[string]string // nonce → message
	pending  map[string]*pending
	commands []any
	faults   []*Fault
	requests []Request
	bucket   bucket
	tokens   float64   // requests that the global limit still allows …
	counted  time.Time // … at this time
	app      map[string]any
	limits   gatewayLimits
	gateway  gatewayState
	closed   bool
}

// User is a person, or a bot.
type User struct {
	ID, Name, Locale string
}

// Request is a request that the server got.
type Request struct {
	Op   string
	Path string
	Body []byte
}

type guild struct {
	id, name, owner string
	members         []string
	extra           int // members besides
	permissions     string
}

type channel struct {
	id, guild  string
	user       string // of a private chat
	closed     bool   // the user takes no messages from the bot
	overwrites []any
	messages   []*Message
}

// Message is a message of the bot as people see it.
type Message struct {
	ID          string
	Channel     string
	Title, Text string
	Buttons     [][]Button
	Edits       int
	Content     string // as it was sent
	File        *File  // nil = none
	raw         map[string]any
}

// File is an attachment.
type File struct {
	Name, Type string
	Data       []byte
}

// Button is a button under a message.
type Button struct{ Label, CustomID, URL string }

// New starts a pretend Discord on loopback that ends with the test.
func New(t testing.TB) *Server { return On(t, nil) }

// On is New with a listener; nil = loopback.
func On(t testing.TB, l net.Listener) *Server {
	s := &Server{
		t: t, Deadline: 3 * time.Second, Patience: 20 * time.Second, Thinking: 20 * time.Second, last: 1_300_000_000_000_000_000,
		users: map[string]User{}, guilds: map[string]*guild{}, channels: map[string]*channel{},
		nonces: map[string]string{}, pending: map[string]*pending{},
		limits: gatewayLimits{Remaining: 1000, Reset: 24 * time.Hour, Shards: 1},
	}
	s.news = sync.NewCond(&s.mu)
	s.Bot = s.User("Evenfall")
	s.App = s.id()
	s.app = map[string]any{"id": s.App, "name": "Evenfall", "flags": 0, "bot": map[string]any{"id": s.Bot.ID, "username": "evenfall", "bot": true}}
	s.gateway.sessions = map[string]*session{}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if l != nil {
		s.http.Listener.Close()
		s.http.Listener = l
	}
	s.http.Start()
	s.URL = s.http.URL
	t.Cleanup(s.stop)
	return s
}

func (s *Server) stop() {
	s.mu.Lock()
	s.closed = true
	conns := slices.Collect(maps.Keys(s.gateway.conns))
	s.news.Broadcast()
	s.mu.Unlock()
	for _, c := range conns {
		c.cut()
	}
	s.http.CloseClientConnections()
	s.http.Close()
	s.gateway.wg.Wait()
}

func (s *Server) id() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nextID()
}

// nextID gives an id. The mutex is held.
func (s *Server) nextID() string {
	s.last += 4_194_304
	return strconv.FormatInt(s.last, 10)
}

// await waits until done, with the mutex held, or fails the test.
func (s *Server) await(what string, done func() bool) bool {
	s.t.Helper()
	return s.awaitFor(s.Patience, what, done)
}

func (s *Server) awaitFor(d time.Duration, what string, done func() bool) bool {
	s.t.Helper()
	over := false
	timer := time.AfterFunc(d, func() {
		s.mu.Lock()
		over = true
		s.news.Broadcast()
		s.mu.Unlock()
	})
	defer timer.Stop()
	for !done() {
		if over || s.closed {
			if what != "" && !s.closed {
				s.t.Errorf("discordtest: waited in vain for %s", what)
			}
			return false
		}
		s.news.Wait()
	}
	return true
}
