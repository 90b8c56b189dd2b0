//go:build ignore

// Facts_make takes the facts that the validator needs out of the description of
// the Bot API: names, types, what is required and what has limits; no prose.
//
//	go run facts_make.go api.json COMMIT > testdata/botapi.json
package main

import (
	"encoding/json"
	"log"
	"os"
	"regexp"
	"strconv"
)

type field struct {
	Name        string   `json:"name,omitempty"`
	Types       []string `json:"types"`
	Required    bool     `json:"required,omitempty"`
	Description string   `json:"description,omitempty"`
	Min         int      `json:"min,omitempty"`
	Max         int      `json:"max,omitempty"`
	Unit        string   `json:"unit,omitempty"`
}

type thing struct {
	Fields []field `json:"fields"`
}

var methods = []string{
	"answerCallbackQuery", "deleteMessage", "deleteWebhook", "editMessageText", "getChatMemberCount",
	"getMe", "getMyCommands", "getUpdates", "getWebhookInfo", "sendDocument", "sendMessage", "setMyCommands",
}

var types = []string{
	"BotCommand", "BotCommandScopeDefault", "InlineKeyboardButton", "InlineKeyboardMarkup",
	"LinkPreviewOptions", "MessageEntity",
	// What the fake answers is checked too.
	"CallbackQuery", "Chat", "ChatMemberBanned", "ChatMemberLeft", "ChatMemberMember", "ChatMemberUpdated",
	"Document", "Message", "ResponseParameters", "Update", "User", "WebhookInfo",
}

var limit = regexp.MustCompile(`(\d+)-(\d+) (characters|bytes)|between (\d+)-(\d+)|[Aa]t most (\d+) commands`)

func facts(in map[string]thing, names []string) map[string]map[string]field {
	out := map[string]map[string]field{}
	for _, name := range names {
		t, ok := in[name]
		if !ok {
			log.Fatalf("the description has no %s", name)
		}
		out[name] = map[string]field{}
		for _, f := range t.Fields {
			g := field{Types: f.Types, Required: f.Required}
			if m := limit.FindStringSubmatch(f.Description); m != nil {
				g.Min, _ = strconv.Atoi(m[1] + m[4])
				g.Max, _ = strconv.Atoi(m[2] + m[5] + m[6])
				g.Unit = m[3]
			}
			out[name][f.Name] = g
		}
	}
	return out
}

func main() {
	raw, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var api struct {
		Version        string
		Methods, Types map[string]thing
	}
	if err := json.Unmarshal(raw, &api); err != nil {
		log.Fatal(err)
	}
	out, err := json.MarshalIndent(map[string]any{
		"source":  "PaulSonOfLars/telegram-bot-api-spec: api.json (" + api.Version + ")",
		"commit":  os.Args[2],
		"licence": "MIT, Paul Larsen",
		"methods": facts(api.Methods, methods),
		"types":   facts(api.Types, types),
	}, "", " ")
	if err != nil {
		log.Fatal(err)
	}
	os.Stdout.Write(append(out, '\n'))
}
