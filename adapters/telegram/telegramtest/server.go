package telegramtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"
)

// The bot everybody talks to. Its token is a canary: no log may hold it.
const (
	Token    = "7000001:CANARY-telegram-token-5ec2e7"
	Username = "evenfall_test_bot"
	BotID    = int64(7000001)
)

// Server is the pretend Telegram. All methods are safe for concurrent use.
type Server struct {
	URL      string        // base address, for telegram.Options.API
	Patience time.Duration // how long the server waits for what has to happen

	t    testing.TB
	http *httptest.Server
	stop chan struct{}

	mu       sync.Mutex
	changed  chan struct{} // closed and made anew whenever something happens
	ahead    time.Duration // the clock runs ahead of the machine's
	people   map[int64]*person
	chats    map[int64]*chat
	message  int
	queue    []queued
	update   int64
	allowed  []string
	queries  map[string]*query
	query    int
	faults   []*fault
	calls    map[string]int
	menus    map[string]json.RawMessage
	webhook  string
	nosy     bool // privacy mode is off
	shy      bool // the bot cannot be put into groups
	poll     poll
	repeat   []queued // handed out once more
	last     []queued // what the last answer held
	reversed bool     // the next answer is in the wrong order
	rates    *rates
}

type person struct {
	name, language string
	open           bool // pressed Start
	blocked        bool
}

type chat struct {
	id       int64
	kind     string // private, group, supergroup
	members  map[int64]bool
	bot      bool // the bot is in it
	wrote    bool // the bot was the last bot to write
	moved    int64
	messages []*Message
}

// New starts a Telegram on loopback that ends with the test.
func New(t testing.TB) *Server { return On(t, nil) }

// On is New with a listener; nil = loopback.
func On(t testing.TB, l net.Listener) *Server {
	s := &Server{
		t: t, stop: make(chan struct{}), changed: make(chan struct{}),
		people: map[int64]*person{}, chats: map[int64]*chat{}, queries: map[string]*query{},
		calls: map[string]int{}, menus: map[string]json.RawMessage{},
		message: 100, update: 500_000_000, Patience: 20 * time.Second,
	}
	s.http = httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	if l != nil {
		s.http.Listener.Close()
		s.http.Listener = l
	}
	s.http.Start()
	s.URL = s.http.URL
	t.Cleanup(s.Close)
	return s
}

// Close stops the server; a test that ends does it too.
func (s *Server) Close() {
	s.mu.Lock()
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	s.mu.Unlock()
	s.http.CloseClientConnections()
	s.http.Close()
}

// Advance lets the clock jump ahead.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ahead += d
	s.touch()
}

// Calls counts the requests with a method so far, failed ones too.
func (s *Server) Calls(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[method]
}

// Menu is the command menu of a language ("" = the default) as it was set.
func (s *Server) Menu(language string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return string(s.menus[language])
}

// Settings of the bot that are made in BotFather or by another program: privacy
// mode off, groups forbidden, a webhook. The zero values are the right ones.
func (s *Server) Settings(nosy, shy bool, webhook string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nosy, s.shy, s.webhook = nosy, shy, webhook
}

func (s *Server) now() time.Time { return time.Now().Add(s.ahead) }

// touch wakes whoever waits for something to happen. Call it with the lock held.
func (s *Server) touch() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// Await waits until something is true that changes with what the server is told;
// false when it never was.
func (s *Server) Await(ok func() bool) bool {
	return s.until(func() bool {
		s.mu.Unlock()
		defer s.mu.Lock()
		return ok()
	})
}

// until waits until ok, called with the lock held, is true; false when it never was.
func (s *Server) until(ok func() bool) bool {
	deadline := time.NewTimer(s.Patience)
	defer deadline.Stop()
	for {
		s.mu.Lock()
		changed := s.changed // before ok, which may let go of the lock
		done := ok()
		s.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-changed:
		case <-deadline.C:
			return false
		case <-s.stop:
			return false
		}
	}
}

func (s *Server) person(id int64) *person {
	p, ok := s.people[id]
	if !ok {
		p = &person{name: fmt.Sprint("Person", id), language: "en"}
		s.people[id] = p
	}
	return p
}

// chat is a chat by number, nil when there is none. A person's is made on demand.
func (s *Server) chat(id int64) *chat {
	c, ok := s.chats[id]
	if !ok && id > 0 && s.people[id] != nil {
		c = &chat{id: id, kind: "private", members: map[int64]bool{id: true}}
		s.chats[id] = c
	}
	return c
}

// must is a chat that a test names and so has to be there.
func (s *Server) must(id int64) *chat {
	if id > 0 {
		s.person(id)
	}
	c := s.chat(id)
	if c == nil {
		s.t.Errorf("telegramtest: there is no chat %d; the chats are %v", id, slices.Collect(maps.Keys(s.chats)))
		c = &chat{id: id, kind: "group", members: map[int64]bool{}}
	}
	return c
}
