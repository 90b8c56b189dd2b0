package discord

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"evenfall/bot"
)

const (
	mostKept   = 10_000          // chats remembered
	strikeMost = 3               // refusals in a row before a chat is left alone …
	strikeRest = time.Hour       // … for so long
	openRest   = 2 * time.Minute // after "opening direct messages too fast"
)

// nooks remembers the channels of private chats, and which chats turn letters away:
// each refusal counts towards a ban of the address.
type nooks struct {
	mu       sync.Mutex
	now      func() time.Time
	channels map[bot.User]string
	strikes  map[bot.Chat]strike
	opening  time.Time // no private chat is opened before
}

type strike struct {
	n    int
	last time.Time
}

func newNooks(now func() time.Time) *nooks {
	return &nooks{now: now, channels: map[bot.User]string{}, strikes: map[bot.Chat]strike{}}
}

// met keeps the channel of a private chat in which somebody just did something.
func (n *nooks) met(u bot.User, channel string) {
	n.mu.Lock()
	n.keep(u, channel)
	n.mu.Unlock()
	n.heard(bot.Nook(u))
}

// keep makes room first when there are too many. The mutex is held.
func (n *nooks) keep(u bot.User, channel string) {
	for old := range n.channels {
		if len(n.channels) < mostKept {
			break
		}
		delete(n.channels, old)
	}
	n.channels[u] = channel
}

// heard takes back every strike of a chat: it is there after all.
func (n *nooks) heard(c bot.Chat) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.strikes, c)
}

// refused counts a refusal, and forgets the channel of a private chat.
func (n *nooks) refused(c bot.Chat) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for old := range n.strikes {
		if len(n.strikes) < mostKept {
			break
		}
		delete(n.strikes, old)
	}
	n.strikes[c] = strike{n: n.strikes[c].n + 1, last: n.now()}
	if u, ok := c.Private(); ok {
		delete(n.channels, u)
	}
}

// shunned reports whether a chat refused so often that it is left alone for now.
func (n *nooks) shunned(c bot.Chat) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.strikes[c]
	if n.now().Sub(s.last) >= strikeRest {
		delete(n.strikes, c)
		return false
	}
	return s.n >= strikeMost
}

// open reports whether the last letter to a chat was not refused.
func (n *nooks) open(c bot.Chat) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	s, struck := n.strikes[c]
	return !struck || n.now().Sub(s.last) >= strikeRest
}

func (n *nooks) channel(u bot.User) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	c, ok := n.channels[u]
	return c, ok
}

// tooFast holds back the opening of private chats; wait says for how long.
func (n *nooks) tooFast() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.opening = n.now().Add(openRest)
}

func (n *nooks) wait() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return max(0, n.opening.Sub(n.now()))
}

// channel is the channel that a letter to a chat goes to; a private chat is opened when need be.
func (a *Adapter) channel(ctx context.Context, c bot.Chat) (string, error) {
	u, private := c.Private()
	if !private {
		if !snowflake(c.ID) {
			return "", bot.ErrRefused
		}
		return c.ID, nil
	}
	if !snowflake(u.ID) {
		return "", bot.ErrRefused
	}
	if id, ok := a.nooks.channel(u); ok {
		return id, nil
	}
	if wait := a.nooks.wait(); wait > 0 {
		return "", &bot.Later{After: wait}
	}
	raw, err := a.rest.call(ctx, http.MethodPost, discordgo.EndpointUserChannels("@me"), "open "+lastDigits(u.ID), map[string]string{"recipient_id": u.ID})
	if err != nil {
		return "", err
	}
	var opened struct{ ID string }
	if err := json.Unmarshal(raw, &opened); err != nil || !snowflake(opened.ID) {
		return "", errors.New("discord: the private chat was opened without an id")
	}
	a.nooks.mu.Lock()
	defer a.nooks.mu.Unlock()
	a.nooks.keep(u, opened.ID)
	return opened.ID, nil
}

// lastDigits spreads the opening of chats over a hundred lanes: discordgo has one
// request under way in each, and learns Discord's limit from the answers.
func lastDigits(id string) string { return id[max(0, len(id)-2):] }

// snowflake reports whether s looks like an id of Discord.
func snowflake(s string) bool {
	if s == "" || len(s) > 20 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}
