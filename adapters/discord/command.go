package discord

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bwmarrin/discordgo"

	"evenfall/bot"
)

const (
	textOption      = "text" // of /start: an invitation's code
	descriptionMost = 100
)

// command is a slash command as Discord keeps it.
type command struct {
	Type          int               `json:"type"`
	Name          string            `json:"name"`
	Description   string            `json:"description"`
	Localizations map[string]string `json:"description_localizations,omitempty"`
	Options       []commandOption   `json:"options,omitempty"`
	Contexts      []int             `json:"contexts"`
	Integrations  []int             `json:"integration_types"`
}

type commandOption struct {
	Type          int               `json:"type"`
	Name          string            `json:"name"`
	Description   string            `json:"description"`
	Localizations map[string]string `json:"description_localizations,omitempty"`
}

// locales are Discord's names of the languages of the house, where they differ.
var locales = map[string][]string{"es": {"es-ES", "es-419"}, "pt": {"pt-BR"}, "sv": {"sv-SE"}, "zh": {"zh-CN", "zh-TW"}}

// menu is the commands as Discord shall have them: in servers and in the private chat.
func menu(commands []bot.Command) []command {
	list := make([]command, 0, len(commands))
	for _, c := range commands {
		made := command{
			Type: chatCommand, Name: c.Name, Description: cut(c.Description["en"], descriptionMost),
			Localizations: localized(c.Description),
			Contexts:      []int{inGuild, inNook}, Integrations: []int{0},
		}
		if c.Name == "start" {
			made.Options = []commandOption{{
				Type: stringOption, Name: textOption, Description: made.Description, Localizations: made.Localizations,
			}}
		}
		list = append(list, made)
	}
	return list
}

func localized(description map[string]string) map[string]string {
	out := map[string]string{}
	for lang, words := range description {
		if lang == "en" {
			continue
		}
		names, ok := locales[lang]
		if !ok {
			names = []string{lang}
		}
		for _, name := range names {
			out[name] = cut(words, descriptionMost)
		}
	}
	return out
}

// fingerprint is the same for menus that show the same, in whatever order.
func fingerprint(list []command) []byte {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b command) int { return strings.Compare(a.Name, b.Name) })
	raw, _ := json.Marshal(list)
	sum := sha256.Sum256(raw)
	return sum[:]
}

// publish puts the menu of commands in place, and tries again while that fails.
func (a *Adapter) publish(ctx context.Context) {
	for n := 0; ; n++ {
		err := a.publishOnce(ctx)
		if err == nil || ctx.Err() != nil {
			return
		}
		if code := code(err); code != 0 || n == 8 {
			a.log.Error("the menu of commands could not be set", "error", err)
			return
		}
		if sleep(ctx, a.pause(n)) != nil {
			return
		}
	}
}

// publishOnce overwrites the menu only when Discord has another: there are 200 creations a day.
func (a *Adapter) publishOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	me, err := a.me(ctx)
	if err != nil {
		return err
	}
	address := discordgo.EndpointApplicationGlobalCommands(me.app)
	raw, err := a.rest.call(ctx, http.MethodGet, address+"?with_localizations=true", "commands", nil)
	if err != nil {
		return err
	}
	var there []command
	want := menu(a.options.Commands)
	if err := json.Unmarshal(raw, &there); err == nil && bytes.Equal(fingerprint(there), fingerprint(want)) {
		return nil
	}
	raw, err = a.rest.call(ctx, http.MethodPut, address, "commands", want)
	if err == nil && (json.Unmarshal(raw, &there) != nil || len(there) != len(want)) {
		err = errAnswer
	}
	return err
}
