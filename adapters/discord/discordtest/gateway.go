package discordtest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// Operations of the gateway.
const (
	opDispatch, opHeartbeat, opIdentify, opResume = 0, 1, 2, 6
	opReconnect, opInvalid, opHello, opAck        = 7, 9, 10, 11
)

// gatewayLimits is what /gateway/bot tells.
type gatewayLimits struct {
	Remaining int
	Reset     time.Duration
	Shards    int
}

// gatewayState is the gateway's side of the bot's connections.
type gatewayState struct {
	wg         sync.WaitGroup
	conns      map[*conn]bool
	sessions   map[string]*session
	current    *session // the one that is connected
	identifies int
	resumes    int
	heartbeats int
	closeWith  []int // close codes for the next identifies
	invalid    int   // how many identifies are answered with "invalid session"
	mute       int   // how many connections get no HELLO
}

// session is what can be resumed: every event since READY.
type session struct {
	id     string
	events [][]byte
	conn   *conn
}

type frame struct {
	Op   int             `json:"op"`
	Data json.RawMessage `json:"d,omitempty"`
	Seq  int             `json:"s,omitempty"`
	Type string          `json:"t,omitempty"`
}

// conn is one connection; a goroutine writes what is in out.
type conn struct {
	ws     *websocket.Conn
	out    chan []byte
	ctx    context.Context
	cancel context.CancelFunc
}

func (c *conn) cut() { c.cancel(); c.ws.CloseNow() }

func (c *conn) send(raw []byte) {
	select {
	case c.out <- raw:
	case <-c.ctx.Done():
	}
}

func pack(op int, data any, seq int, kind string) []byte {
	d, _ := json.Marshal(data)
	raw, _ := json.Marshal(frame{Op: op, Data: d, Seq: seq, Type: kind})
	return raw
}

func (s *Server) gatewayURL(w http.ResponseWriter, _ call) {
	reply(w, 200, map[string]any{"url": strings.Replace(s.URL, "http", "ws", 1) + "/pretend-gateway"})
}

func (s *Server) gatewayBot(w http.ResponseWriter, _ call) {
	reply(w, 200, map[string]any{
		"url": strings.Replace(s.URL, "http", "ws", 1) + "/pretend-gateway", "shards": s.limits.Shards,
		"session_start_limit": map[string]any{
			"total": 1000, "remaining": s.limits.Remaining, "reset_after": s.limits.Reset.Milliseconds(), "max_concurrency": 1,
		},
	})
}

func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	s.gateway.wg.Add(1)
	s.mu.Unlock()
	defer s.gateway.wg.Done()
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	ctx, cancel := context.WithCancel(context.Background())
	c := &conn{ws: ws, out: make(chan []byte, 4096), ctx: ctx, cancel: cancel}
	s.mu.Lock()
	if s.gateway.conns == nil {
		s.gateway.conns = map[*conn]bool{}
	}
	s.gateway.conns[c] = true
	s.news.Broadcast()
	mute := s.gateway.mute > 0
	if mute {
		s.gateway.mute--
	}
	s.mu.Unlock()
	s.gateway.wg.Go(func() { c.write() })
	if !mute {
		c.send(pack(opHello, map[string]any{"heartbeat_interval": 41250}, 0, ""))
	}
	s.read(c)
	s.mu.Lock()
	delete(s.gateway.conns, c)
	for _, n := range s.gateway.sessions {
		if n.conn == c {
			n.conn = nil
		}
	}
	if s.gateway.current != nil && s.gateway.current.conn == nil {
		s.gateway.current = nil
	}
	s.news.Broadcast()
	s.mu.Unlock()
	c.cut()
}

func (c *conn) write() {
	for {
		select {
		case raw := <-c.out:
			if c.ws.Write(c.ctx, websocket.MessageText, raw) != nil {
				return
			}
		case <-c.ctx.Done():
			return
		}
	}
}

// read does what the bot says until the connection ends. A close with 1000 or 1001
// ends the session too.
func (s *Server) read(c *conn) {
	var mine *session
	for {
		_, raw, err := c.ws.Read(c.ctx)
		if err != nil {
			if code := websocket.CloseStatus(err); code == 1000 || code == 1001 {
				s.mu.Lock()
				if mine != nil && mine.conn == c { // not after the server left
					delete(s.gateway.sessions, mine.id)
					mine.conn = nil
				}
				s.mu.Unlock()
			}
			return
		}
		var f frame
		if json.Unmarshal(raw, &f) != nil {
			s.t.Error("discordtest: the gateway got no JSON")
			return
		}
		switch f.Op {
		case opHeartbeat:
			s.mu.Lock()
			s.gateway.heartbeats++
			s.mu.Unlock()
			c.send(pack(opAck, nil, 0, ""))
		case opIdentify:
			mine = s.identify(c, f.Data)
		case opResume:
			mine = s.resume(c, f.Data)
		default:
			s.t.Errorf("discordtest: the gateway got op %d", f.Op)
		}
	}
}

// emit adds an event and sends it when the session is connected. The mutex is held.
func (n *session) emit(kind string, data any) {
	raw := pack(opDispatch, data, len(n.events)+1, kind)
	n.events = append(n.events, raw)
	if n.conn != nil {
		n.conn.send(raw)
	}
}

// tell sends an event to every session that is there; one that is away gets it when it resumes.
func (s *Server) tell(kind string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.gateway.sessions {
		n.emit(kind, data)
	}
}

// Dispatch waits until the bot is connected and sends it an event as it is.
func (s *Server) Dispatch(kind string, data any) {
	s.t.Helper()
	s.AwaitReady()
	s.tell(kind, data)
}

// AwaitReady waits until the bot is connected.
func (s *Server) AwaitReady() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.await("the bot on the gateway", func() bool { return s.gateway.current != nil })
}
