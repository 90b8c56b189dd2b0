package discordtest

import "slices"

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
