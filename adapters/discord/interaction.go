package discord

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"evenfall/bot"
)

// The kinds of interactions and components that the bot understands.
const (
	isCommand, isTap, isForm = 2, 3, 5
	chatCommand              = 1
	row, button, input       = 1, 2, 4
	inGuild, inNook          = 0, 1
	stringOption             = 3
)

// interaction is what the bot reads of an INTERACTION_CREATE.
type interaction struct {
	ID      string  `json:"id"`
	App     string  `json:"application_id"`
	Type    int     `json:"type"`
	Token   string  `json:"token"`
	Guild   string  `json:"guild_id"`
	Chan    string  `json:"channel_id"`
	Channel channel `json:"channel"`
	Context *int    `json:"context"`
	Locale  string  `json:"locale"`
	User    person  `json:"user"`
	Member  struct {
		Nick string `json:"nick"`
		User person `json:"user"`
	} `json:"member"`
	Message *struct {
		ID         string      `json:"id"`
		Components []component `json:"components"`
	} `json:"message"`
	Data struct {
		Type       int         `json:"type"`
		Name       string      `json:"name"`
		Options    []option    `json:"options"`
		Component  int         `json:"component_type"`
		CustomID   string      `json:"custom_id"`
		Components []component `json:"components"`
	} `json:"data"`
}

type option struct {
	Name  string          `json:"name"`
	Type  int             `json:"type"`
	Value json.RawMessage `json:"value"`
}

// component is any component, known or not; what it contains stays raw until asked for.
type component struct {
	Type     int             `json:"type"`
	CustomID string          `json:"custom_id"`
	Label    string          `json:"label"`
	Value    json.RawMessage `json:"value"`
	Inner    json.RawMessage `json:"components"`
}

// each walks through components and what they contain.
func each(list []component, visit func(component)) {
	for _, c := range list {
		visit(c)
		var inner []component
		if json.Unmarshal(c.Inner, &inner) == nil {
			each(inner, visit)
		}
	}
}

// label is the label of the message's button with a custom id.
func (i *interaction) label(id string) string {
	var found string
	if i.Message != nil {
		each(i.Message.Components, func(c component) {
			if c.Type == button && c.CustomID == id {
				found = c.Label
			}
		})
	}
	return found
}

// interacts takes a command, a tap or a filled-in form.
func (a *Adapter) interacts(raw json.RawMessage) {
	var i interaction
	if err := json.Unmarshal(raw, &i); err != nil || i.ID == "" || i.Token == "" {
		a.counts.add("interactions not understood")
		return
	}
	in, ok := i.incoming()
	if !ok {
		a.counts.add("interactions passed over")
		return
	}
	if !a.recent.first(i.ID) {
		a.counts.add("duplicates")
		return
	}
	_, private := in.Chat.Private()
	if private {
		a.nooks.met(in.User, i.Chan)
	} else {
		a.nooks.heard(in.Chat)
	}
	in.Open = private || a.nooks.open(bot.Nook(in.User))
	r := &reply{a: a, id: i.ID, token: i.Token, app: i.App, tap: i.Message != nil, since: time.Now()}
	if i.Type == isTap && wantsWords(i.Data.CustomID) {
		if !a.lanes.put("form "+i.ID, func(ctx context.Context) { r.form(i.Data.CustomID, i.label(i.Data.CustomID)) }) {
			a.counts.add("events dropped")
		}
		return
	}
	r.begin(a.patient)
	kept := a.lanes.put(in.Chat.ID, func(ctx context.Context) {
		if !private {
			in.Members = a.members(ctx, &i)
		}
		answer, err := a.hand(ctx, in)
		if err != nil {
			r.drop() // the tap fails visibly: what was not kept must not look kept
			a.recent.forget(i.ID)
			a.counts.add("events failed")
			return
		}
		r.finish(answer)
	})
	if !kept {
		r.drop()
		a.counts.add("events dropped")
	}
}

// incoming is what the house hears of the interaction; ok is false for what the bot does not understand.
func (i *interaction) incoming() (in bot.Incoming, ok bool) {
	who, name := i.User, i.User.name()
	if i.Member.User.ID != "" {
		who, name = i.Member.User, i.Member.User.name()
		if i.Member.Nick != "" {
			name = i.Member.Nick
		}
	}
	if who.ID == "" || who.Bot || i.Chan == "" {
		return in, false
	}
	user := bot.User{Network: Network, ID: who.ID}
	in = bot.Incoming{ID: i.ID, Once: true, User: user, Name: name, Locale: i.Locale}
	switch {
	case i.Guild != "":
		in.Chat = bot.Chat{Network: Network, ID: i.Chan}
	case i.Context == nil || *i.Context == inNook:
		in.Chat = bot.Nook(user)
	default:
		return in, false // a private chat of others: the bot cannot write there
	}
	if i.Message != nil {
		in.Message = i.Message.ID
	}
	switch {
	case i.Type == isCommand && i.Data.Type == chatCommand && i.Data.Name != "":
		in.Kind, in.Command, in.Text = bot.Called, strings.ToLower(i.Data.Name), i.text()
	case i.Type == isTap && i.Data.Component == button && payload(i.Data.CustomID) != "":
		in.Kind, in.Payload = bot.Tapped, payload(i.Data.CustomID)
	case i.Type == isForm && wantsWords(i.Data.CustomID) && payload(i.Data.CustomID) != "":
		in.Kind, in.Payload, in.Text = bot.Said, payload(i.Data.CustomID), i.words()
	default:
		return in, false
	}
	return in, true
}

// text is the value of a command's option "text".
func (i *interaction) text() string {
	var text string
	for _, o := range i.Data.Options {
		if o.Name == textOption && o.Type == stringOption {
			json.Unmarshal(o.Value, &text) // anything but a string stays ""
		}
	}
	return strings.TrimSpace(text)
}

// words is what was written into a form.
func (i *interaction) words() string {
	var words string
	each(i.Data.Components, func(c component) {
		if c.Type == input && words == "" {
			json.Unmarshal(c.Value, &words)
		}
	})
	return words
}

// members counts who can read the channel; the number of a server's members is
// asked for anew from time to time, as Discord tells only privileged bots who joins.
func (a *Adapter) members(ctx context.Context, i *interaction) int {
	if a.guilds.stale(i.Guild) {
		ctx, cancel := context.WithTimeout(ctx, time.Second)
		defer cancel()
		a.recount(ctx, i.Guild)
	}
	return a.guilds.people(i.Guild, i.Chan, i.Channel.Parent)
}
