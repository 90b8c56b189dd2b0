package main

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/adapters/discord"
	"evenfall/adapters/discord/discordtest"
	"evenfall/adapters/telegram"
	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
	"evenfall/bot/bottest"
)

// counted counts what an adapter's handler has dealt with, so that a script can
// wait for it.
type counted struct {
	bot.Adapter
	n      atomic.Int64
	logins func() int   // how often the bot has logged in so far; nil = it needs not
	before atomic.Int64 // … when this run began; -1 = it has not
}

func (c *counted) Run(ctx context.Context, handle bot.Handler) error {
	if c.logins != nil {
		c.before.Store(int64(c.logins()))
	}
	defer c.before.Store(-1)
	return c.Adapter.Run(ctx, func(ctx context.Context, in bot.Incoming) (bot.Answer, error) {
		defer c.n.Add(1)
		return handle(ctx, in)
	})
}

// after does something and waits until the bot has dealt with one event more.
func (c *counted) after(t *testing.T, do func()) {
	t.Helper()
	await(t, func() bool {
		before := c.before.Load()
		return c.logins == nil || before >= 0 && int64(c.logins()) > before
	})
	before := c.n.Load()
	do()
	await(t, func() bool { return c.n.Load() > before })
}

func await(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !done(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the bot never heard of it")
		}
	}
}

// onTelegram is the real Telegram adapter with a pretend Telegram behind it, as scripts see it.
type onTelegram struct {
	*counted
	t    *testing.T
	srv  *telegramtest.Server
	room int64
}

var telegramPeople = map[string]int64{"ana": 1001, "ben": 1002, "carl": 1003}

func newTelegram(t *testing.T) *onTelegram {
	n := &onTelegram{t: t, srv: telegramtest.New(t), room: -500}
	a, err := telegram.New(telegram.Options{Token: telegramtest.Token, API: n.srv.URL, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	n.counted = &counted{Adapter: a}
	for name, id := range telegramPeople {
		n.srv.Person(id, bottest.Name(bot.User{ID: name}), "en")
	}
	n.srv.Group(n.room, telegramPeople["ana"], telegramPeople["ben"])
	n.srv.Seat(n.room)
	n.srv.Open(telegramPeople["ana"], telegramPeople["ben"])
	return n
}

func (n *onTelegram) Adapter() bot.Adapter { return n.counted }

func (n *onTelegram) User(name string) bot.User {
	return bot.User{Network: "telegram", ID: strconv.FormatInt(telegramPeople[name], 10)}
}

func (n *onTelegram) Room() bot.Chat {
	return bot.Chat{Network: "telegram", ID: strconv.FormatInt(n.room, 10)}
}

func number(id string) int64 {
	n, _ := strconv.ParseInt(strings.TrimPrefix(id, "@"), 10, 64)
	return n
}

func (n *onTelegram) Tap(u bot.User, c bot.Chat, message string, key bot.Key) (toast string) {
	n.after(n.t, func() {
		if key.Link != "" {
			n.srv.Follow(number(u.ID), key.Link, n.room)
			return
		}
		toast, _ = n.srv.Tap(number(u.ID), number(c.ID), message, key.Payload)
	})
	return toast
}

func (n *onTelegram) Say(u bot.User, c bot.Chat, text string) string {
	n.after(n.t, func() {
		who, chat := number(u.ID), number(c.ID)
		command, isCommand := strings.CutPrefix(text, "/")
		switch shown := n.srv.Messages(chat); {
		case who == chat && isCommand && strings.HasPrefix(command, "start"):
			n.srv.Start(who, strings.TrimSpace(strings.TrimPrefix(command, "start")))
		case isCommand && who != chat:
			name, rest, _ := strings.Cut(text, " ")
			n.srv.Say(who, chat, strings.TrimSpace(name+"@"+telegramtest.Username+" "+rest))
		case who != chat && len(shown) > 0:
			n.srv.Reply(who, chat, shown[len(shown)-1].ID, text)
		default:
			n.srv.Say(who, chat, text)
		}
	})
	return ""
}

func (n *onTelegram) Messages(c bot.Chat) (all []bottest.Shown) {
	for _, m := range n.srv.Messages(number(c.ID)) {
		shown := bottest.Shown{ID: m.ID, Page: bot.Page{Title: m.Title, Text: m.Text}}
		for _, row := range m.Buttons {
			var keys []bot.Key
			for _, b := range row {
				keys = append(keys, bot.Key{Label: b.Label, Payload: b.Data, Link: b.URL})
			}
			shown.Buttons = append(shown.Buttons, keys)
		}
		all = append(all, shown)
	}
	return all
}

// onDiscord is the real Discord adapter with a pretend Discord behind it.
type onDiscord struct {
	*counted
	t      *testing.T
	srv    *discordtest.Server
	people map[string]discordtest.User
	room   string
}

func newDiscord(t *testing.T) *onDiscord {
	n := &onDiscord{t: t, srv: discordtest.New(t), people: map[string]discordtest.User{}}
	for _, name := range []string{"ana", "ben", "carl"} {
		n.people[name] = n.srv.User(bottest.Name(bot.User{ID: name}))
	}
	n.room = n.srv.Guild(n.people["ana"], n.people["ben"]).Channel
	a, err := discord.New(discord.Options{Token: discordtest.Token, API: n.srv.URL, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	n.counted = &counted{Adapter: a, logins: func() int { return n.srv.Identifies() + n.srv.Resumes() }}
	n.before.Store(-1)
	return n
}

func (n *onDiscord) Adapter() bot.Adapter { return n.counted }

func (n *onDiscord) User(name string) bot.User {
	return bot.User{Network: discord.Network, ID: n.people[name].ID}
}

func (n *onDiscord) Room() bot.Chat { return bot.Chat{Network: discord.Network, ID: n.room} }

func (n *onDiscord) person(u bot.User) discordtest.User {
	for _, p := range n.people {
		if p.ID == u.ID {
			return p
		}
	}
	n.t.Fatalf("nobody is %s", u.ID)
	return discordtest.User{}
}

func (n *onDiscord) channel(c bot.Chat) string {
	if u, ok := c.Private(); ok {
		return n.srv.Nook(n.person(u))
	}
	return c.ID
}

func (n *onDiscord) Tap(u bot.User, c bot.Chat, message string, key bot.Key) (toast string) {
	if strings.HasPrefix(key.Payload, "?") { // a form; scripts write into it with their next line
		n.srv.Tap(n.person(u), n.channel(c), message, key.Payload)
		return ""
	}
	n.after(n.t, func() { toast = n.srv.Tap(n.person(u), n.channel(c), message, key.Payload).Text })
	return toast
}

func (n *onDiscord) Say(u bot.User, c bot.Chat, text string) (toast string) {
	n.after(n.t, func() {
		if command, ok := strings.CutPrefix(text, "/"); ok {
			name, rest, _ := strings.Cut(command, " ")
			toast = n.srv.Slash(n.person(u), n.channel(c), name, rest).Text
			return
		}
		n.srv.DM(n.person(u), text)
	})
	return strings.TrimSuffix(toast, "✓")
}

func (n *onDiscord) Messages(c bot.Chat) (all []bottest.Shown) {
	for _, m := range n.srv.Messages(n.channel(c)) {
		shown := bottest.Shown{ID: m.ID, Page: bot.Page{Title: m.Title, Text: m.Text}}
		for _, row := range m.Buttons {
			var keys []bot.Key
			for _, b := range row {
				keys = append(keys, bot.Key{Label: b.Label, Payload: b.CustomID, Link: b.URL})
			}
			shown.Buttons = append(shown.Buttons, keys)
		}
		all = append(all, shown)
	}
	return all
}
