package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"

	"evenfall/bot"
)

// Discord's limits, in UTF-16 units where they are lengths: the strictest reading.
const (
	contentMost  = 2000
	labelMost    = 80
	customIDMost = 100
	linkMost     = 512
	rowsMost     = 5
	rowMost      = 5
	nonceMost    = 25

	grey, linked = 2, 5

	// view and send, also in threads, embed links, attach files, read the history.
	permissions = 274878024704
)

// body is a message as Discord takes it.
type body struct {
	Content    string          `json:"content,omitempty"`
	Flags      int             `json:"flags,omitempty"`
	Mentions   *mentions       `json:"allowed_mentions,omitempty"`
	Components *[]componentRow `json:"components,omitempty"`
	Nonce      string          `json:"nonce,omitempty"`
	Enforce    bool            `json:"enforce_nonce,omitempty"`

	file *bot.File
}

type mentions struct {
	Parse []string `json:"parse"`
}

// noMentions keeps words that look like a mention from calling anybody.
var noMentions = &mentions{Parse: []string{}}

type componentRow struct {
	Type       int           `json:"type"`
	Components []buttonField `json:"components"`
}

type buttonField struct {
	Type     int    `json:"type"`
	Style    int    `json:"style"`
	Label    string `json:"label"`
	CustomID string `json:"custom_id,omitempty"`
	URL      string `json:"url,omitempty"`
}

// MarshalJSON writes an empty content too where there are components: an edit must take old words away.
func (b body) MarshalJSON() ([]byte, error) {
	type plainBody body
	if b.Components == nil {
		return json.Marshal(plainBody(b))
	}
	return json.Marshal(struct {
		plainBody
		Content string `json:"content"`
	}{plainBody(b), b.Content})
}

// body puts a page into Discord's form. Errors: bot.ErrRefused for a page without anything.
func (a *Adapter) body(ctx context.Context, p bot.Page) (body, error) {
	rows, err := a.rows(ctx, p.Buttons)
	if err != nil {
		return body{}, err
	}
	var title string
	if t := strings.Join(strings.Fields(plain(p.Title)), " "); t != "" {
		title = "**" + escape(cut(t, 200)) + "**"
	}
	text := strings.TrimRight(escape(plain(p.Text)), " \n")
	if title != "" && text != "" {
		title += "\n"
	}
	b := body{
		Content:    title + cut(text, contentMost-units(title)),
		Flags:      noEmbeds,
		Mentions:   noMentions,
		Components: &rows,
		file:       p.File,
	}
	if b.Content == "" && len(rows) == 0 {
		return body{}, fmt.Errorf("discord: nothing to say: %w", bot.ErrRefused)
	}
	return b, nil
}

// numbered gives the body the letter's nonce. A fingerprint of the page is part of
// it: after a restored backup another letter may bear the number of one just sent.
func (b body) numbered(l bot.Letter) body {
	raw, _ := json.Marshal(b)
	h := fnv.New32a()
	h.Write([]byte(l.Chat.ID))
	h.Write(raw)
	if b.file != nil {
		h.Write(b.file.Data)
	}
	nonce := strconv.FormatInt(l.ID, 10) + "-" + strconv.FormatUint(uint64(h.Sum32()), 36)
	b.Nonce, b.Enforce = nonce[:min(len(nonce), nonceMost)], true
	return b
}

// rows lays the buttons out: at most five rows of five. Rows that are too many or
// too long are filled up anew; what is over 25 is left out and counted.
func (a *Adapter) rows(ctx context.Context, keys [][]bot.Key) ([]componentRow, error) {
	rows := []componentRow{}
	taken := map[string]bool{}
	var all []buttonField
	for _, line := range keys {
		var buttons []buttonField
		for _, k := range line {
			b, ok, err := a.button(ctx, k, taken)
			if err != nil {
				return nil, err
			}
			if ok {
				buttons = append(buttons, b)
			}
		}
		all = append(all, buttons...)
		rows = fill(rows, buttons)
	}
	if len(rows) > rowsMost {
		rows = fill([]componentRow{}, all)
	}
	if len(rows) > rowsMost {
		a.counts.add("buttons left out")
		a.log.Error("a message has more buttons than discord shows", "buttons", len(all))
		rows = rows[:rowsMost]
	}
	return rows, nil
}

// fill appends buttons in rows of at most five.
func fill(rows []componentRow, buttons []buttonField) []componentRow {
	for len(buttons) > 0 {
		n := min(rowMost, len(buttons))
		rows = append(rows, componentRow{Type: row, Components: buttons[:n:n]})
		buttons = buttons[n:]
	}
	return rows
}

// button is one key; ok is false when Discord has nothing of the kind.
func (a *Adapter) button(ctx context.Context, k bot.Key, taken map[string]bool) (b buttonField, ok bool, err error) {
	b = buttonField{Type: button, Style: grey, Label: cut(plain(k.Label), labelMost)}
	if b.Label == "" {
		b.Label = "·"
	}
	if k.Link == "" {
		if k.Payload == "" {
			return b, false, nil
		}
		if b.CustomID = customID(k.Payload, k.Words, taken); len(b.CustomID) > customIDMost {
			return b, false, fmt.Errorf("discord: a payload of %d bytes: %w", len(k.Payload), bot.ErrRefused)
		}
		return b, true, nil
	}
	b.Style = linked
	b.URL, err = a.address(ctx, k.Link)
	return b, b.URL != "" && units(b.URL) <= linkMost, err
}

// address is where a link leads, or "" when Discord has no such link.
func (a *Adapter) address(ctx context.Context, link string) (string, error) {
	kind, token, _ := strings.Cut(link, ":")
	switch {
	case kind == "https" || kind == "http":
		if u, err := url.Parse(link); err == nil && u.Host != "" {
			return link, nil
		}
	case kind == "nook" && token == "":
		me, err := a.me(ctx)
		if err != nil {
			return "", unknownSelf(err)
		}
		return discordgo.EndpointDiscord + "users/" + me.user, nil
	case kind == "group":
		me, err := a.me(ctx)
		if err != nil {
			return "", unknownSelf(err)
		}
		return invite(me.app), nil
	}
	return "", nil // "nook:PAYLOAD" is a form here, "invite:TOKEN" is typed
}

// unknownSelf is what it means for a letter that Discord did not say who the bot is: it
// stayed here, and the refusal, which is not wrapped, says nothing about its chat.
func unknownSelf(err error) error {
	var later *bot.Later
	if errors.As(err, &later) || errors.Is(err, bot.ErrUnsent) {
		return err
	}
	return fmt.Errorf("%w: %v", bot.ErrUnsent, err)
}

// invite is the address that puts the bot into a server.
func invite(app string) string {
	q := url.Values{"client_id": {app}, "scope": {"bot applications.commands"}, "permissions": {strconv.Itoa(permissions)}}
	return discordgo.EndpointDiscord + "oauth2/authorize?" + q.Encode()
}

// me is who the bot is; asked for when the gateway has not told yet.
func (a *Adapter) me(ctx context.Context) (*self, error) {
	if me := a.self.Load(); me != nil {
		return me, nil
	}
	raw, err := a.rest.call(ctx, http.MethodGet, discordgo.EndpointApplication("@me"), "application", nil)
	if err != nil {
		return nil, err
	}
	var app struct {
		ID  string
		Bot struct{ ID string } `json:"bot"`
	}
	if err := json.Unmarshal(raw, &app); err != nil || app.ID == "" {
		return nil, errors.New("discord: the application was told without an id")
	}
	me := &self{user: app.Bot.ID, app: app.ID}
	if me.user == "" {
		me.user = app.ID // the same for all but the oldest bots
	}
	return me, nil
}
