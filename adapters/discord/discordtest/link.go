package discordtest

import (
	"time"

	"github.com/coder/websocket"
)

// Drop cuts the bot's connection without a word.
func (s *Server) Drop() {
	s.t.Helper()
	s.AwaitReady()
	s.mu.Lock()
	n := s.gateway.current
	s.gateway.current = nil
	if n == nil {
		s.mu.Unlock()
		return
	}
	c := n.conn
	n.conn = nil
	s.mu.Unlock()
	c.cut()
}

// Close closes the bot's connection with a code.
func (s *Server) Close(code int) {
	s.t.Helper()
	if c := s.leave(); c != nil {
		c.ws.Close(websocket.StatusCode(code), "")
	}
}

// Reconnect asks the bot to connect anew.
func (s *Server) Reconnect() {
	s.t.Helper()
	if c := s.leave(); c != nil {
		c.send(pack(opReconnect, nil, 0, ""))
	}
}

// Invalidate ends the bot's session on the connection that stays.
func (s *Server) Invalidate() {
	s.t.Helper()
	s.AwaitReady()
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := s.gateway.current; n != nil {
		delete(s.gateway.sessions, n.id)
		s.gateway.current = nil
		n.conn.send(pack(opInvalid, false, 0, ""))
	}
}

// Forget ends all sessions: a resume is answered with "invalid session".
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.gateway.sessions)
}

// leave takes the connection from its session: events wait for a resume.
func (s *Server) leave() *conn {
	s.t.Helper()
	s.AwaitReady()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.gateway.current
	if n == nil {
		return nil
	}
	c := n.conn
	n.conn, s.gateway.current = nil, nil
	return c
}

// CloseIdentify answers the next identifies with close codes.
func (s *Server) CloseIdentify(codes ...int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.closeWith = append(s.gateway.closeWith, codes...)
}

// InvalidIdentify answers the next n identifies with "invalid session".
func (s *Server) InvalidIdentify(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.invalid = n
}

// Starts sets what /gateway/bot tells: identifies left, when there are more, and the shards wanted.
func (s *Server) Starts(remaining int, reset time.Duration, shards int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits = gatewayLimits{remaining, reset, shards}
}

// Identifies is how often the bot identified, Resumes how often it resumed.
func (s *Server) Identifies() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.identifies
}

// Resumes is how often the bot took a session up again.
func (s *Server) Resumes() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.gateway.resumes
}

// Mute makes the next n connections hear nothing from the gateway.
func (s *Server) Mute(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gateway.mute = n
}

// AwaitConnection waits until somebody is connected, identified or not.
func (s *Server) AwaitConnection() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.await("a connection", func() bool { return len(s.gateway.conns) > 0 })
}

// AwaitNobody waits until nobody is connected.
func (s *Server) AwaitNobody() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.await("the bot to leave the gateway", func() bool { return len(s.gateway.conns) == 0 })
}
