package discordtest

import (
	"net/http"
	"time"
)

// Reply is what the person who did something sees of it, alone.
type Reply struct {
	Ticked bool   // the app shows that it worked; false = "This interaction failed"
	Text   string // the message that only this person sees, or ""
	Form   *Form  // a form to fill in
	Late   bool   // "thinking…" was shown first
}

// Form is a form for words.
type Form struct {
	CustomID, Title, Label string
	Most                   int
}

// pending is an interaction that waits for its answer.
type pending struct {
	answered bool
	done     bool
	expired  bool
	tap      bool
	reply    Reply
}

// Tap presses a button of a message.
func (s *Server) Tap(u User, channel, message, customID string) Reply {
	s.t.Helper()
	return s.interact(u, channel, 3, message, map[string]any{"component_type": 2, "custom_id": customID, "id": 1})
}

// Slash gives a slash command; text is the value of its option, "" = none.
func (s *Server) Slash(u User, channel, name, text string) Reply {
	s.t.Helper()
	data := map[string]any{"id": s.id(), "name": name, "type": 1}
	if text != "" {
		data["options"] = []any{map[string]any{"name": "text", "type": 3, "value": text}}
	}
	return s.interact(u, channel, 2, "", data)
}

// Modal sends a filled-in form that a button of the message opened.
func (s *Server) Modal(u User, channel, message, customID, text string) Reply {
	s.t.Helper()
	return s.interact(u, channel, 5, message, map[string]any{"custom_id": customID, "components": []any{
		map[string]any{"type": 1, "id": 1, "components": []any{
			map[string]any{"type": 4, "id": 2, "custom_id": "words", "value": text},
		}},
	}})
}

// Interact sends an interaction of any kind and waits for its answer.
func (s *Server) interact(u User, channel string, kind int, message string, data map[string]any) Reply {
	s.t.Helper()
	s.AwaitReady()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.channels[channel]
	if c == nil {
		s.t.Errorf("discordtest: there is no channel %s", channel)
		return Reply{}
	}
	i := s.interactionJSON(kind, u, c, data)
	if message != "" {
		i["message"] = s.messageJSON(c, message)
	}
	p := &pending{tap: message != ""}
	s.pending[i["token"].(string)] = p
	for _, n := range s.gateway.sessions {
		n.emit("INTERACTION_CREATE", i)
	}
	if !s.awaitFor(s.Deadline, "", func() bool { return p.answered }) {
		p.expired = true
		return p.reply
	}
	s.awaitFor(s.Thinking, "", func() bool { return p.done })
	return p.reply
}

// messageJSON is the message that bears a button. The mutex is held.
func (s *Server) messageJSON(c *channel, id string) map[string]any {
	j := map[string]any{"id": id, "channel_id": c.id, "type": 0, "components": []any{}, "author": map[string]any{"id": s.Bot.ID, "bot": true}}
	for _, m := range c.messages {
		if m.ID == id {
			j["content"], j["components"] = m.Content, m.raw["components"]
		}
	}
	return j
}

// DM says something to the bot in the private chat. It waits for nothing.
func (s *Server) DM(u User, text string) {
	s.t.Helper()
	s.AwaitReady()
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.nook(u.ID)
	for _, n := range s.gateway.sessions {
		n.emit("MESSAGE_CREATE", map[string]any{
			"id": s.nextID(), "channel_id": c.id, "type": 0, "content": text, "author": u.json(),
			"timestamp": time.Now().UTC().Format(time.RFC3339), "components": []any{}, "attachments": []any{}, "channel_type": 1,
		})
	}
}

// expecting is the interaction of a token, or nil when the call was refused.
func (s *Server) expecting(w http.ResponseWriter, token string) *pending {
	p := s.pending[token]
	if p == nil || p.expired {
		refuse(w, http.StatusNotFound, 10062)
		return nil
	}
	return p
}

func (s *Server) callback(w http.ResponseWriter, c call) {
	p := s.expecting(w, c.ids[1])
	if p == nil {
		return
	}
	if p.answered {
		refuse(w, http.StatusBadRequest, 40060)
		return
	}
	data := asMap(c.body["data"])
	kind, _ := c.body["type"].(float64)
	switch kind {
	case 4:
		_, p.reply.Text = See(asText(data["content"]))
		p.reply.Ticked, p.done = true, true
	case 5:
		p.reply.Late = true
	case 6:
		if !p.tap {
			s.t.Error("discordtest: silence is no answer to a command")
			refuse(w, http.StatusBadRequest, 50035)
			return
		}
		p.reply.Ticked, p.done = true, true
	case 9:
		p.reply.Form, p.done = form(data), true
	}
	p.answered = true
	reply(w, http.StatusNoContent, nil)
}

func form(data map[string]any) *Form {
	f := &Form{CustomID: asText(data["custom_id"]), Title: asText(data["title"])}
	for _, row := range asList(data["components"]) {
		for _, c := range asList(asMap(row)["components"]) {
			f.Label = asText(asMap(c)["label"])
			most, _ := asMap(c)["max_length"].(float64)
			f.Most = int(most)
		}
	}
	return f
}

func (s *Server) editOriginal(w http.ResponseWriter, c call) {
	if p := s.expecting(w, c.ids[1]); p != nil {
		if c.ids[0] != s.App || !p.answered {
			refuse(w, http.StatusNotFound, 10015)
			return
		}
		_, p.reply.Text = See(asText(c.body["content"]))
		p.reply.Ticked, p.done = true, true
		reply(w, 200, map[string]any{"id": s.nextID()})
	}
}

func (s *Server) deleteOriginal(w http.ResponseWriter, c call) {
	if p := s.expecting(w, c.ids[1]); p != nil {
		if c.ids[0] != s.App || !p.answered {
			refuse(w, http.StatusNotFound, 10015)
			return
		}
		p.reply.Ticked, p.done = true, true
		reply(w, http.StatusNoContent, nil)
	}
}
