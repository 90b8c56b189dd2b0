package web

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"evenfall/bot"
)

// person is a copy of the person with the id.
func (c *chats) person(id string) (person, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.kept.People {
		if p.ID == id {
			return *p, true
		}
	}
	return person{}, false
}

// people are copies of both.
func (c *chats) people() []person {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]person, len(c.kept.People))
	for i, p := range c.kept.People {
		list[i] = *p
	}
	return list
}

// maxName is the most characters of a person's name.
const maxName = 40

// change gives a person another name or language; "" leaves it as it was.
func (c *chats) change(id, name, locale string) error {
	name = strings.Join(strings.Fields(directions.Replace(name)), " ")
	if utf8.RuneCountInString(name) > maxName {
		name = string([]rune(name)[:maxName])
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := slices.IndexFunc(c.kept.People, func(p *person) bool { return p.ID == id })
	before := *c.kept.People[at]
	p := before
	if name != "" {
		p.Name = name
	}
	if locale != "" {
		p.Locale = locale
	}
	c.kept.People[at] = &p
	if err := c.save(); err != nil {
		c.kept.People[at] = &before
		return err
	}
	c.tell(update{Kind: "person", Person: &p})
	return nil
}

// arrive brings the bot into the room, the first time that the page is opened.
// Both phones begin in the language of that browser.
func (c *chats) arrive(locale string, now time.Time) error {
	c.mu.Lock()
	if c.kept.Arrived {
		c.mu.Unlock()
		return nil
	}
	c.kept.Arrived = true
	for _, p := range c.kept.People {
		if p.Locale == "" {
			p.Locale = locale
		}
	}
	first := *c.kept.People[0]
	c.mu.Unlock()
	_, err := c.accept("", now, first.did(bot.Arrived, Room.ID))
	if err != nil {
		c.mu.Lock()
		c.kept.Arrived = false
		c.mu.Unlock()
	}
	return err
}

// did is something the person did in a chat.
func (p person) did(kind bot.Kind, chat string) bot.Incoming {
	in := bot.Incoming{
		Kind: kind, User: bot.User{Network: Network, ID: p.ID}, Name: p.Name, Locale: p.Locale,
		Chat: bot.Chat{Network: Network, ID: chat}, Members: 2, Open: true,
	}
	if chat != Room.ID {
		in.Members = 1
	}
	return in
}
