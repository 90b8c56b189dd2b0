package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"runtime/debug"
	"time"

	"evenfall/bot"
)

// event sorts one gateway event. It runs in discordgo's reading goroutine: nothing
// here may wait, and nothing may panic.
func (a *Adapter) event(kind string, raw json.RawMessage) {
	defer a.rescue("event")
	if len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return
	}
	switch kind {
	case "READY":
		a.isReady(raw)
	case "RESUMED":
		a.wakeReady()
	case "INTERACTION_CREATE":
		a.interacts(raw)
	case "MESSAGE_CREATE":
		a.says(raw)
	case "GUILD_CREATE", "GUILD_UPDATE":
		a.guilds.put(raw)
	case "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE":
		a.guilds.putRole(raw)
	case "GUILD_DELETE":
		a.guildGone(raw)
	case "CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE":
		a.guilds.putChannel(raw)
	case "CHANNEL_DELETE", "THREAD_DELETE":
		a.channelGone(raw)
	default:
		a.counts.add("events passed over")
	}
}

// rescue keeps a panic from ending the process. The value of the panic may hold
// people's words: only the place is logged.
func (a *Adapter) rescue(where string) {
	if recover() != nil {
		a.counts.add("panics")
		a.log.Error("a panic was caught", "where", where, "stack", string(debug.Stack()))
	}
}

func (a *Adapter) isReady(raw json.RawMessage) {
	var r struct {
		User        struct{ ID string } `json:"user"`
		Application struct{ ID string } `json:"application"`
		Guilds      []struct{ ID string }
	}
	if err := json.Unmarshal(raw, &r); err != nil || r.User.ID == "" {
		a.counts.add("events not understood")
		return
	}
	ids := make([]string, 0, len(r.Guilds))
	for _, g := range r.Guilds {
		ids = append(ids, g.ID)
	}
	a.guilds.only(ids, r.User.ID)
	a.self.Store(&self{user: r.User.ID, app: r.Application.ID})
	a.wakeReady()
}

func (a *Adapter) wakeReady() {
	select {
	case a.ready <- struct{}{}:
	default:
	}
}

// message is what the bot reads of a MESSAGE_CREATE.
type message struct {
	ID      string `json:"id"`
	Channel string `json:"channel_id"`
	Guild   string `json:"guild_id"`
	Webhook string `json:"webhook_id"`
	Content string `json:"content"`
	Type    int    `json:"type"`
	Author  person `json:"author"`
}

// says takes words that were written to the bot in a private chat.
func (a *Adapter) says(raw json.RawMessage) {
	var m message
	if err := json.Unmarshal(raw, &m); err != nil || m.ID == "" || m.Author.ID == "" {
		a.counts.add("events not understood")
		return
	}
	const plain, reply = 0, 19
	if m.Guild != "" || m.Webhook != "" || m.Author.Bot || m.Author.System || m.Content == "" || m.Type != plain && m.Type != reply {
		a.counts.add("messages passed over")
		return
	}
	user := bot.User{Network: Network, ID: m.Author.ID}
	a.nooks.met(user, m.Channel)
	in := bot.Incoming{Kind: bot.Said, ID: m.ID, User: user, Name: m.Author.name(), Chat: bot.Nook(user), Open: true, Text: m.Content}
	if command, rest, ok := typed(m.Content); ok {
		in.Kind, in.Command, in.Text = bot.Called, command, rest
	}
	a.insist(m.ID, in)
}

// insist brings an event that Discord sends only once, again and again with
// growing pauses until it is kept. Later events of the chat wait behind it.
func (a *Adapter) insist(id string, in bot.Incoming) {
	const tries = 12
	if id != "" && !a.recent.first(id) {
		a.counts.add("duplicates")
		return
	}
	kept := a.lanes.put(in.Chat.ID, func(ctx context.Context) {
		for n := range tries {
			if _, err := a.hand(ctx, in); err == nil {
				return
			}
			a.counts.add("events failed")
			if a.lanes.rest(min(a.again<<n, 30*time.Second)) != nil {
				return
			}
		}
		a.counts.add("events lost")
		a.log.Error("an event could not be kept and is lost")
	})
	if !kept {
		a.recent.forget(id)
		a.counts.add("events dropped")
	}
}

// hand gives an event to the house. A panic there is an error.
func (a *Adapter) hand(ctx context.Context, in bot.Incoming) (answer bot.Answer, err error) {
	err = errPanic
	defer a.rescue("handler")
	return a.handle(ctx, in)
}

func (a *Adapter) guildGone(raw json.RawMessage) {
	var g struct {
		ID          string `json:"id"`
		Unavailable bool   `json:"unavailable"`
	}
	if err := json.Unmarshal(raw, &g); err != nil || g.Unavailable {
		return // an outage of Discord: the server comes back
	}
	for _, channel := range a.guilds.drop(g.ID) {
		a.insist("", bot.Incoming{Kind: bot.Gone, Chat: bot.Chat{Network: Network, ID: channel}})
	}
}

func (a *Adapter) channelGone(raw json.RawMessage) {
	var c channel
	if err := json.Unmarshal(raw, &c); err != nil || c.ID == "" || c.Guild == "" {
		return
	}
	a.guilds.dropChannel(c.Guild, c.ID)
	a.insist("", bot.Incoming{Kind: bot.Gone, Chat: bot.Chat{Network: Network, ID: c.ID}})
}
