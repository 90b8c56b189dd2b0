package telegramtest

import (
	"net/url"
	"regexp"
	"strings"
)

// Person names somebody and the language of their app ("en", "pt-br"). People who
// are not named are called after their number and speak English.
func (s *Server) Person(id int64, name, language string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.person(id)
	p.name, p.language = name, language
}

// Open lets the bot write to people, as if they had pressed Start long ago.
func (s *Server) Open(people ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range people {
		s.person(id).open = true
	}
}

// Group makes a group of these people. The bot is not in it: see Add and Seat.
func (s *Server) Group(id int64, people ...int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &chat{id: id, kind: "group", members: map[int64]bool{}}
	if id < -1_000_000_000_000 {
		c.kind = "supergroup"
	}
	for _, p := range people {
		s.person(p)
		c.members[p] = true
	}
	s.chats[id] = c
}

// Seat puts the bot into a group without telling it, as if long ago.
func (s *Server) Seat(group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(group)
	c.bot, c.wrote = true, true
}

// Add puts the bot into a group, by a person.
func (s *Server) Add(by, group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(group)
	c.bot = true
	s.push("my_chat_member", s.membership(by, c, "left", "member"))
	s.service(by, c, object{"new_chat_members": []any{me()}})
}

// Kick takes the bot out of a group.
func (s *Server) Kick(by, group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(group)
	c.bot = false
	s.push("my_chat_member", s.membership(by, c, "member", "kicked"))
}

// Block closes the private chat with the bot.
func (s *Server) Block(who int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(who)
	s.person(who).blocked = true
	s.push("my_chat_member", s.membership(who, c, "member", "kicked"))
}

// Unblock takes it back; the person has said nothing yet.
func (s *Server) Unblock(who int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(who)
	s.person(who).blocked = false
	s.push("my_chat_member", s.membership(who, c, "kicked", "member"))
}

// Join brings a person into a group.
func (s *Server) Join(who, group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(group)
	s.person(who)
	c.members[who] = true
	s.service(who, c, object{"new_chat_members": []any{s.user(who)}})
}

// Quit takes a person out of a group.
func (s *Server) Quit(who, group int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(group)
	delete(c.members, who)
	s.service(who, c, object{"left_chat_member": s.user(who)})
}

// Migrate makes a supergroup of a group and returns its new number.
func (s *Server) Migrate(group int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.must(group)
	c.moved = group - 1_000_000_000_000
	to := &chat{id: c.moved, kind: "supergroup", members: c.members, bot: c.bot, wrote: c.wrote}
	s.chats[to.id] = to
	s.service(BotID, c, object{"migrate_to_chat_id": to.id})
	s.service(BotID, to, object{"migrate_from_chat_id": c.id})
	return to.id
}

// Say says something in a chat and returns the message. In a group the bot hears
// of it only what privacy mode lets through: commands.
func (s *Server) Say(who, chat int64, text string) string {
	return s.say(who, chat, "", text)
}

// Reply says something in answer to a message.
func (s *Server) Reply(who, chat int64, to, text string) string {
	return s.say(who, chat, to, text)
}

// Start opens the private chat with what follows the link's start=, or "".
func (s *Server) Start(who int64, param string) {
	s.Open(who)
	s.say(who, who, "", strings.TrimSpace("/start "+param))
}

// Follow opens one of the bot's links. For a startgroup link the bot is put into the group.
func (s *Server) Follow(who int64, link string, group int64) {
	u, err := url.Parse(link)
	if err != nil || u.Host != "t.me" || u.Path != "/"+Username {
		s.t.Errorf("telegramtest: %q is not a link of the bot", link)
		return
	}
	if token := u.Query().Get("startgroup"); token != "" {
		s.Add(who, group)
		s.say(who, group, "", "/start@"+Username+" "+token)
		return
	}
	s.Start(who, u.Query().Get("start"))
}

// Vanish takes a message out of a chat as people can; the bot is not told.
func (s *Server) Vanish(chat int64, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.must(chat).remove(message)
}

// Messages are the bot's messages that can be seen in a chat, oldest first.
func (s *Server) Messages(chat int64) (seen []Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.must(chat).messages {
		if m.From == BotID {
			seen = append(seen, *m)
		}
	}
	return seen
}

var command = regexp.MustCompile(`^/[A-Za-z0-9_]+(@[A-Za-z0-9_]+)?`)

// hears reports what privacy mode lets the bot hear.
func (s *Server) hears(c *chat, text, to string) bool {
	if c.kind == "private" || s.nosy {
		return true
	}
	if !c.bot {
		return false
	}
	if m := c.find(to); m != nil && m.From == BotID {
		return true
	}
	cmd := command.FindStringSubmatch(text)
	return cmd != nil && (strings.EqualFold(cmd[1], "@"+Username) || cmd[1] == "" && c.wrote)
}
