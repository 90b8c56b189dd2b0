package discordtest

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
