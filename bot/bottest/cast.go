package bottest

import (
	"context"
	"strings"

	"evenfall/bot"
)

// given puts the couple of the fixture into the store, as people of the networks.
func (p *player) given() {
	p.up()
	c := Couple("")
	c.Room = p.room()
	for i, name := range []string{"ana", "ben"} {
		user, _ := p.person(name)
		c.Partners[i].User, c.Partners[i].Name = user, Name(bot.User{ID: name})
	}
	if len(p.Networks) > 1 {
		c.Room, c.Members = bot.Chat{}, 0
	}
	if _, err := p.store.Commit(context.Background(), bot.Change{Couple: &c}); err != nil {
		p.Fatal(err)
	}
}

// person finds who it is, and where they are. Ben is on the last network.
func (p *player) person(name string) (bot.User, Network) {
	network := p.Networks[0]
	if name == "ben" {
		network = p.Networks[len(p.Networks)-1]
	}
	known := false
	for _, c := range p.cast {
		known = known || c == name
	}
	if !known {
		p.cast = append(p.cast, name)
	}
	user := bot.User{Network: network.Adapter().Network(), ID: name}
	if n, ok := network.(interface{ User(string) bot.User }); ok {
		user = n.User(name)
	}
	return user, network
}

func (p *player) room() bot.Chat {
	if n, ok := p.Networks[0].(interface{ Room() bot.Chat }); ok {
		return n.Room()
	}
	return bot.Chat{Network: p.Networks[0].Adapter().Network(), ID: Room}
}

// tap finds the newest message with such a button where the person can see it.
func (p *player) tap(user bot.User, network Network, label string) string {
	chats := []bot.Chat{p.room(), bot.Nook(user)}
	if label, ok := strings.CutSuffix(label, " in the room"); ok {
		return p.tapIn(user, network, chats[:1], label)
	}
	if label, ok := strings.CutSuffix(label, " in private"); ok {
		return p.tapIn(user, network, chats[1:], label)
	}
	return p.tapIn(user, network, chats, label)
}

func (p *player) tapIn(user bot.User, network Network, chats []bot.Chat, label string) string {
	for _, chat := range chats {
		shown := network.Messages(chat)
		for i := len(shown) - 1; i >= 0; i-- {
			for _, row := range shown[i].Buttons {
				for _, key := range row {
					if key.Label == label {
						return network.Tap(user, chat, shown[i].ID, key)
					}
				}
			}
		}
	}
	p.Fatalf("%s sees no button %q", p.actor, label)
	return ""
}

// tokens puts the last invitation the actor or anyone saw in the place of TOKEN.
func (p *player) tokens(text string) string {
	if !strings.Contains(text, "TOKEN") {
		return text
	}
	for _, chat := range p.chats() {
		for _, m := range p.network(chat).Messages(chat) {
			if _, after, ok := strings.Cut(m.Text, "/start "); ok {
				return strings.ReplaceAll(text, "TOKEN", strings.Fields(after)[0])
			}
		}
	}
	p.Fatal("nobody has seen an invitation")
	return ""
}
