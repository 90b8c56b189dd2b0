package discordtest

import (
	"maps"
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

// patience is how long the server waits for what has to happen.
const patience = 20 * time.Second

// Server is the pretend Discord. Its methods may be called from many goroutines.
type Server struct {
	URL string // the API's base address
	Bot User
	App string // the application's id
	// Deadline is how long the bot has for the first answer to an interaction.
	Deadline time.Duration

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
	raw         map[string]any
}

// Button is a button under a message.
type Button struct{ Label, CustomID, URL string }

// New starts a pretend Discord that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{
		t: t, Deadline: 3 * time.Second, last: 1_300_000_000_000_000_000,
		users: map[string]User{}, guilds: map[string]*guild{}, channels: map[string]*channel{},
		nonces: map[string]string{}, pending: map[string]*pending{},
		limits: gatewayLimits{Remaining: 1000, Reset: 24 * time.Hour, Shards: 1},
	}
	s.news = sync.NewCond(&s.mu)
	s.Bot = s.User("Evenfall")
	s.App = s.id()
	s.app = map[string]any{"id": s.App, "name": "Evenfall", "flags": 0, "bot": map[string]any{"id": s.Bot.ID, "username": "evenfall", "bot": true}}
	s.gateway.sessions = map[string]*session{}
	s.http = httptest.NewServer(http.HandlerFunc(s.serve))
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
	return s.awaitFor(patience, what, done)
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

// User makes a person.
func (s *Server) User(name string) User {
	u := User{ID: s.id(), Name: name, Locale: "en-US"}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[u.ID] = u
	return u
}

// Guild is a server with one channel that all members see.
type Guild struct{ ID, Channel string }

// Guild makes a server of people and the bot; the first owns it. A bot that is
// connected hears of it.
func (s *Server) Guild(members ...User) Guild {
	g := &guild{id: s.id(), name: "home", owner: members[0].ID, permissions: "274878024704"}
	for _, m := range members {
		g.members = append(g.members, m.ID)
	}
	s.mu.Lock()
	s.guilds[g.id] = g
	s.mu.Unlock()
	channel := s.Channel(g.id)
	s.tell("GUILD_CREATE", s.guildJSON(g))
	return Guild{g.id, channel}
}

// Channel makes a channel in a server. With people, only they and the bot see it.
func (s *Server) Channel(guild string, only ...User) string {
	c := &channel{id: s.id(), guild: guild, overwrites: []any{}}
	const view = "1024"
	if len(only) > 0 {
		c.overwrites = append(c.overwrites, map[string]any{"id": guild, "type": 0, "allow": "0", "deny": view})
		for _, u := range append(only, s.Bot) {
			c.overwrites = append(c.overwrites, map[string]any{"id": u.ID, "type": 1, "allow": view, "deny": "0"})
		}
	}
	s.mu.Lock()
	s.channels[c.id] = c
	s.mu.Unlock()
	s.tell("CHANNEL_CREATE", c.json())
	return c.id
}

// Join puts more people into a server, of which Discord tells the bot nothing.
func (s *Server) Join(guild string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guilds[guild].extra += n
}

// Kick puts the bot out of a server.
func (s *Server) Kick(guild string) {
	s.mu.Lock()
	delete(s.guilds, guild)
	for id, c := range s.channels {
		if c.guild == guild {
			delete(s.channels, id)
		}
	}
	s.mu.Unlock()
	s.tell("GUILD_DELETE", map[string]any{"id": guild})
}

// RemoveChannel deletes a channel.
func (s *Server) RemoveChannel(id string) {
	s.mu.Lock()
	c := s.channels[id]
	delete(s.channels, id)
	s.mu.Unlock()
	s.tell("CHANNEL_DELETE", c.json())
}

// Permissions sets what the bot may do in a server, as a decimal bit set.
func (s *Server) Permissions(guild, bits string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.guilds[guild].permissions = bits
}

// Application sets a field of /applications/@me.
func (s *Server) Application(field string, value any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.app[field] = value
}

// Nook is the channel of the private chat of a person with the bot.
func (s *Server) Nook(u User) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.nook(u.ID).id
}

// nook opens a private chat if need be. The mutex is held.
func (s *Server) nook(user string) *channel {
	for _, c := range s.channels {
		if c.user == user {
			return c
		}
	}
	c := &channel{id: s.nextID(), user: user}
	s.channels[c.id] = c
	return c
}

// CloseDMs makes a person take no messages from the bot.
func (s *Server) CloseDMs(u User, closed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.nook(u.ID).closed = closed
}

// Messages are the messages that can be seen in a channel, oldest first.
func (s *Server) Messages(channel string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Message
	if c := s.channels[channel]; c != nil {
		for _, m := range c.messages {
			out = append(out, *m)
		}
	}
	return out
}

// Await waits until the messages of a channel are as wanted, and fails the test if they never are.
func (s *Server) Await(channel string, want func([]Message) bool) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.await("messages in a channel", func() bool {
		var out []Message
		if c := s.channels[channel]; c != nil {
			for _, m := range c.messages {
				out = append(out, *m)
			}
		}
		return want(out)
	})
}

// Vanish takes a message away, as a person with the right to would.
func (s *Server) Vanish(channel, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool { return m.ID == message })
}

// Requests are the requests with an operation, oldest first; "" = all.
func (s *Server) Requests(op string) []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Request
	for _, r := range s.requests {
		if op == "" || r.Op == op {
			out = append(out, r)
		}
	}
	return out
}

// AwaitRequests waits until there were n requests with an operation.
func (s *Server) AwaitRequests(op string, n int) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.await("requests", func() bool {
		got := 0
		for _, r := range s.requests {
			if r.Op == op {
				got++
			}
		}
		return got >= n
	})
}

// Commands is the menu of commands that the bot has set.
func (s *Server) Commands() []any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.commands)
}

// AwaitCommands waits until there is a menu.
func (s *Server) AwaitCommands() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.await("the menu of commands", func() bool { return len(s.commands) > 0 })
}
