package telegramtest

import (
	"strconv"
	"time"
)

func me() object {
	return object{"id": BotID, "is_bot": true, "first_name": "Evenfall", "username": Username}
}

func (s *Server) user(id int64) object {
	if id == BotID {
		return me()
	}
	p := s.person(id)
	return object{"id": id, "is_bot": false, "first_name": p.name, "language_code": p.language}
}

func (c *chat) object() object {
	return object{"id": c.id, "type": c.kind}
}

// messageObject is a message as the API shows it.
func (s *Server) messageObject(c *chat, m *Message) object {
	n, _ := strconv.Atoi(m.ID)
	o := object{"message_id": n, "date": s.now().Unix(), "chat": c.object(), "from": s.user(m.From)}
	switch {
	case m.File != nil:
		o["document"] = object{"file_id": "F" + m.ID, "file_unique_id": "U" + m.ID, "file_name": m.File.Name, "file_size": len(m.File.Data)}
		o["caption"] = m.body
	case m.body != "":
		o["text"] = m.body
	}
	return o
}

func (s *Server) membership(by int64, c *chat, before, after string) object {
	member := func(status string) object {
		m := object{"status": status, "user": me()}
		if status == "kicked" {
			m["until_date"] = 0
		}
		return m
	}
	return object{
		"chat": c.object(), "from": s.user(by), "date": s.now().Unix(),
		"old_chat_member": member(before), "new_chat_member": member(after),
	}
}

// service puts a service message into a group. The bot always sees those.
func (s *Server) service(by int64, c *chat, what object) {
	s.message++
	o := s.messageObject(c, &Message{ID: strconv.Itoa(s.message), From: by})
	for k, v := range what {
		o[k] = v
	}
	s.push("message", o)
}

func (s *Server) say(who, in int64, to, text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(in)
	if !c.members[who] {
		s.t.Errorf("telegramtest: %d is not in chat %d", who, in)
	}
	s.message++
	m := &Message{ID: strconv.Itoa(s.message), From: who, Text: text, body: text, at: s.now()}
	c.messages = append(c.messages, m)
	o := s.messageObject(c, m)
	if cmd := command.FindString(text); cmd != "" {
		o["entities"] = []any{object{"type": "bot_command", "offset": 0, "length": units(cmd)}}
	}
	if r := c.find(to); r != nil {
		o["reply_to_message"] = s.messageObject(c, r)
	}
	if s.hears(c, text, to) {
		s.push("message", o)
	}
	return m.ID
}

// Anonymous says something in a group as an administrator who hides their name.
func (s *Server) Anonymous(chat int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(chat)
	s.message++
	o := s.messageObject(c, &Message{ID: strconv.Itoa(s.message), body: text})
	o["from"] = object{"id": 1087968824, "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"}
	o["sender_chat"] = c.object()
	s.push("message", o)
}

// Press taps a button and returns at once with the number of the query. Clients may
// send data that the message does not bear, or no longer: so may a test.
func (s *Server) Press(who, chat int64, message, data string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(chat)
	s.query++
	id := strconv.Itoa(900_000 + s.query)
	s.queries[id] = &query{at: s.now()}
	n, _ := strconv.Atoi(message)
	bearer := object{"message_id": n, "date": 0, "chat": c.object()} // inaccessible
	if m := c.find(message); m != nil {
		bearer = s.messageObject(c, m)
	}
	s.push("callback_query", object{
		"id": id, "from": s.user(who), "message": bearer, "chat_instance": "1", "data": data,
	})
	return id
}

// Toast is what the tapper was shown: "" for a silent tick, false for nothing yet.
func (s *Server) Toast(query string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, ok := s.queries[query]
	if !ok || !q.answered {
		return "", false
	}
	return q.toast, true
}

// Tap taps a button and waits until the tap is ticked or has died.
func (s *Server) Tap(who, chat int64, message, data string) (toast string, ticked bool) {
	id := s.Press(who, chat, message, data)
	s.until(func() bool {
		q := s.queries[id]
		return q.answered || s.now().Sub(q.at) > tapLife+time.Minute
	})
	return s.Toast(id)
}

// Key is the data or the address of the button with a label, in the newest message
// of the chat that has one.
func (s *Server) Key(chat int64, label string) (message string, b Button, ok bool) {
	all := s.Messages(chat)
	for i := len(all) - 1; i >= 0; i-- {
		for _, row := range all[i].Buttons {
			for _, b := range row {
				if b.Label == label {
					return all[i].ID, b, true
				}
			}
		}
	}
	return "", Button{}, false
}
