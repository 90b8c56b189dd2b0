package discord

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/bwmarrin/discordgo"
)

// Finding is one line of the doctor's report: what is so, and what to do when it is not well.
type Finding struct {
	OK   bool
	Line string
	Fix  string // "" when OK
}

// wanted are the permissions that the bot needs, in plain words.
var wanted = []struct {
	bit  uint64
	name string
}{
	{viewChannel, "View Channels"},
	{1 << 11, "Send Messages"},
	{1 << 38, "Send Messages in Threads"},
	{1 << 14, "Embed Links"},
	{1 << 15, "Attach Files"},
	{1 << 16, "Read Message History"},
}

// application is what the doctor reads of /applications/@me.
type application struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Flags    int    `json:"flags"`
	Grant    bool   `json:"bot_require_code_grant"`
	Endpoint string `json:"interactions_endpoint_url"`
}

// Check looks whether everything on Discord's side is as the bot needs it. It
// changes nothing. The first finding that is not OK may hide later ones.
func (a *Adapter) Check(ctx context.Context) []Finding {
	var app application
	if f := a.ask(ctx, discordgo.EndpointApplication("@me"), &app); f != nil {
		return []Finding{*f}
	}
	if app.ID == "" {
		return []Finding{notUnderstood}
	}
	link := invite(app.ID)
	found := []Finding{{OK: true, Line: fmt.Sprintf("Discord knows the token: the bot is %q", app.Name)}}
	found = append(found, settings(app)...)
	var g gateway
	if f := a.ask(ctx, discordgo.EndpointGatewayBot, &g); f != nil {
		return append(found, *f)
	}
	found = append(found, starts(g)...)
	return append(found, a.servers(ctx, link)...)
}

// ask reads one answer; a finding says why there is none.
func (a *Adapter) ask(ctx context.Context, address string, into any) *Finding {
	raw, err := a.rest.call(ctx, http.MethodGet, address, "check "+address, nil)
	var refused *apiError
	switch {
	case errors.As(err, &refused) && refused.status == http.StatusUnauthorized:
		return &Finding{Line: "Discord does not accept the token",
			Fix: "copy a fresh token from the Bot page of https://discord.com/developers/applications into EVENFALL_DISCORD_TOKEN"}
	case err != nil:
		return &Finding{Line: "Discord does not answer as it should: " + err.Error(),
			Fix: "check the network and EVENFALL_DISCORD_API, then try again"}
	case json.Unmarshal(raw, into) != nil:
		f := notUnderstood
		return &f
	}
	return nil
}

var notUnderstood = Finding{Line: "Discord's answer is not understood", Fix: "check EVENFALL_DISCORD_API"}

// settings looks at what was chosen in the developer portal.
func settings(app application) []Finding {
	const readsMessages, seesMembers, seesPresence = 1<<18 | 1<<19, 1<<14 | 1<<15, 1<<12 | 1<<13
	var found []Finding
	if app.Endpoint != "" {
		found = append(found, Finding{Line: "buttons and commands are sent to a web address, not to this program",
			Fix: "empty the field Interactions Endpoint URL on the General Information page of the developer portal"})
	}
	if app.Grant {
		found = append(found, Finding{Line: "the bot cannot be invited: it requires an OAuth2 code grant",
			Fix: "switch off Requires OAuth2 Code Grant on the Bot page of the developer portal"})
	}
	var more []string
	for _, i := range []struct {
		bits int
		name string
	}{{readsMessages, "Message Content"}, {seesMembers, "Server Members"}, {seesPresence, "Presence"}} {
		if app.Flags&i.bits != 0 {
			more = append(more, i.name)
		}
	}
	if len(more) > 0 {
		return append(found, Finding{Line: "the bot may do more than it needs: " + strings.Join(more, ", ") + " Intent",
			Fix: "switch that off under Privileged Gateway Intents on the Bot page; the bot works without"})
	}
	return append(found, Finding{OK: true, Line: "no privileged intents: the bot cannot read what the couple write to each other"})
}

func starts(g gateway) []Finding {
	var found []Finding
	if g.Limit.Remaining < 100 {
		found = append(found, Finding{Line: fmt.Sprintf("only %d starts are left for today", g.Limit.Remaining),
			Fix: "find out what restarts the bot so often; at 0 it has to wait, and Discord may reset the token"})
	}
	if g.Shards > 1 {
		found = append(found, Finding{Line: "the bot is in too many servers for one connection",
			Fix: "leave some servers, or use a second bot"})
	}
	return found
}

// server is what the doctor reads of a server in /users/@me/guilds.
type server struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Permissions string `json:"permissions"`
}

const serversMost = 200 // of one page

func (a *Adapter) servers(ctx context.Context, link string) []Finding {
	var found []Finding
	n, after := 0, "0"
	for {
		var page []server
		if f := a.ask(ctx, discordgo.EndpointUserGuilds("@me")+"?limit="+strconv.Itoa(serversMost)+"&after="+after, &page); f != nil {
			return append(found, *f)
		}
		for _, s := range page {
			if lacks := lacking(s.Permissions); len(lacks) > 0 {
				found = append(found, Finding{Line: fmt.Sprintf("in the server %q the bot lacks: %s", s.Name, strings.Join(lacks, ", ")),
					Fix: "give the bot's role these permissions, or invite it anew: " + link})
			}
			after = s.ID
		}
		if n += len(page); len(page) < serversMost {
			break
		}
	}
	if n == 0 {
		return append(found, Finding{Line: "the bot is in no server yet", Fix: "open this and choose your server: " + link})
	}
	return append(found, Finding{OK: true, Line: fmt.Sprintf("the bot is in %d server(s); to add it to another, open %s", n, link)})
}

func lacking(permissions string) []string {
	var lacks []string
	for _, w := range wanted {
		if !has(permissions, w.bit) && !has(permissions, administrator) {
			lacks = append(lacks, w.name)
		}
	}
	return lacks
}
