package discordtest

import (
	"encoding/json"

	"github.com/coder/websocket"
)

func (s *Server) identify(c *conn, raw json.RawMessage) *session {
	var d struct {
		Token      string         `json:"token"`
		Properties map[string]any `json:"properties"`
		Intents    *int           `json:"intents"`
	}
	json.Unmarshal(raw, &d)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.news.Broadcast()
	s.gateway.identifies++
	code := 0
	switch {
	case len(s.gateway.closeWith) > 0:
		code, s.gateway.closeWith = s.gateway.closeWith[0], s.gateway.closeWith[1:]
	case d.Token != "Bot "+Token:
		code = 4004
	case d.Intents == nil || *d.Intents != 1<<0|1<<12:
		s.t.Error("discordtest: intents other than guilds and direct messages")
		code = 4014
	case s.gateway.invalid > 0:
		s.gateway.invalid--
		c.send(pack(opInvalid, false, 0, ""))
		return nil
	}
	if code != 0 {
		s.gateway.wg.Go(func() { c.ws.Close(websocket.StatusCode(code), "") })
		return nil
	}
	n := &session{id: "session-" + s.nextID(), conn: c}
	s.gateway.sessions[n.id], s.gateway.current = n, n
	guilds := []any{}
	for id := range s.guilds {
		guilds = append(guilds, map[string]any{"id": id, "unavailable": true})
	}
	n.emit("READY", map[string]any{
		"v": 9, "session_id": n.id, "guilds": guilds, "application": map[string]any{"id": s.App, "flags": 0},
		"user": map[string]any{"id": s.Bot.ID, "username": "evenfall", "bot": true},
	})
	for _, g := range s.guilds {
		n.emit("GUILD_CREATE", s.guildJSONLocked(g))
	}
	return n
}

func (s *Server) resume(c *conn, raw json.RawMessage) *session {
	var d struct {
		Token   string `json:"token"`
		Session string `json:"session_id"`
		Seq     int    `json:"seq"`
	}
	json.Unmarshal(raw, &d)
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.news.Broadcast()
	old := s.gateway.sessions[d.Session]
	if d.Token != "Bot "+Token {
		s.gateway.wg.Go(func() { c.ws.Close(4004, "") })
		return nil
	}
	if old == nil || d.Seq > len(old.events) {
		c.send(pack(opInvalid, false, 0, ""))
		return nil
	}
	s.gateway.resumes++
	old.conn, s.gateway.current = c, old
	for _, e := range old.events[d.Seq:] {
		c.send(e)
	}
	old.emit("RESUMED", map[string]any{})
	return old
}
