package telegramtest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Check judges a request by the description of the Bot API and by rules that it
// does not hold. It returns what is wrong, nothing when all is well.
func Check(method string, form url.Values) []string {
	known, ok := facts.Methods[method]
	if !ok {
		return []string{"the bot has no use for method " + method}
	}
	has, wrong := decodeForm(known, form)
	if len(wrong) > 0 {
		return wrong
	}
	wrong = fields(method, known, has)
	if len(wrong) > 0 {
		return wrong
	}
	for _, rule := range rules {
		wrong = append(wrong, rule(method, has)...)
	}
	return wrong
}

// decodeForm turns the form's strings into what JSON would have made of them.
func decodeForm(known map[string]fact, form url.Values) (map[string]any, []string) {
	has := map[string]any{}
	var wrong []string
	for name, values := range form {
		value := values[0]
		if len(values) != 1 || !utf8.ValidString(value) || strings.ContainsRune(value, 0) {
			wrong = append(wrong, name+" is not one clean string")
			continue
		}
		types := known[name].Types
		if slices.Contains(types, "String") && !slices.Contains(types, "Integer") || types == nil {
			has[name] = value
			continue
		}
		var v any
		d := json.NewDecoder(strings.NewReader(value))
		d.UseNumber()
		if err := d.Decode(&v); err != nil || d.More() {
			if slices.Contains(types, "String") {
				v = value
			} else {
				wrong = append(wrong, name+" is not JSON")
				continue
			}
		}
		has[name] = v
	}
	return has, wrong
}

// rules are what the description does not say, or says in prose.
var rules = []func(method string, has map[string]any) []string{
	chatRule, textRule, fileRule, entityRule, keyboardRule, commandRule, pollRule, editRule,
}

func one(bad bool, format string, args ...any) []string {
	if bad {
		return []string{fmt.Sprintf(format, args...)}
	}
	return nil
}

func chatRule(_ string, has map[string]any) []string {
	id, ok := has["chat_id"]
	_, number := id.(json.Number)
	return one(ok && !number, "chat_id is not a number")
}

func textRule(method string, has map[string]any) []string {
	text, ok := has["text"].(string)
	wrong := one(has["parse_mode"] != nil, "parse_mode must not touch people's words")
	if !ok || method == "answerCallbackQuery" {
		return wrong
	}
	wrong = append(wrong, one(strings.TrimSpace(text) == "", "the text is blank")...)
	options, _ := has["link_preview_options"].(map[string]any)
	return append(wrong, one(options["is_disabled"] != true, "a link preview would tell a third party")...)
}

func fileRule(method string, has map[string]any) []string {
	if method != "sendDocument" {
		return nil
	}
	file, _ := has["document"].(string)
	caption, _ := has["caption"].(string)
	wrong := one(!strings.HasPrefix(file, "attach://"), "the document is not in the request")
	return append(wrong, one(strings.TrimSpace(caption) == "", "nothing is said about the document")...)
}

func entityRule(_ string, has map[string]any) (wrong []string) {
	text, _ := has["text"].(string)
	list, _ := has["entities"].([]any)
	if caption, ok := has["caption"].(string); ok {
		text = caption
		list, _ = has["caption_entities"].([]any)
	}
	unit := utf16.Encode([]rune(text))
	low := func(i int) bool { return i < len(unit) && unit[i] >= 0xDC00 && unit[i] <= 0xDFFF }
	for _, e := range list {
		e := e.(map[string]any)
		o64, _ := e["offset"].(json.Number).Int64()
		l64, _ := e["length"].(json.Number).Int64()
		o, l := int(o64), int(l64)
		wrong = append(wrong, one(e["type"] != "bold", "entity %v is not used by the bot", e["type"])...)
		wrong = append(wrong, one(o < 0 || l < 1 || o+l > len(unit), "an entity reaches out of the text")...)
		wrong = append(wrong, one(low(o) || low(o+l), "an entity cuts a character in two")...)
	}
	return wrong
}

var (
	actions    = []string{"url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay"}
	startParam = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

func keyboardRule(_ string, has map[string]any) (wrong []string) {
	markup, _ := has["reply_markup"].(map[string]any)
	rows, _ := markup["inline_keyboard"].([]any)
	count := 0
	for _, row := range rows {
		row := row.([]any)
		count += len(row)
		wrong = append(wrong, one(len(row) == 0 || len(row) > 8, "a row has %d buttons", len(row))...)
		for _, b := range row {
			wrong = append(wrong, buttonRule(b.(map[string]any))...)
		}
	}
	return append(wrong, one(count > 100, "%d buttons", count)...)
}

func buttonRule(b map[string]any) []string {
	n := 0
	for _, a := range actions {
		if _, ok := b[a]; ok {
			n++
		}
	}
	wrong := one(n != 1, "a button does %d things", n)
	wrong = append(wrong, one(strings.TrimSpace(b["text"].(string)) == "", "a button has no label")...)
	link, ok := b["url"].(string)
	if !ok {
		return wrong
	}
	u, err := url.Parse(link)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return append(wrong, "a button's address is none")
	}
	for _, name := range []string{"start", "startgroup"} {
		if q := u.Query(); u.Host == "t.me" && q.Has(name) && !startParam.MatchString(q.Get(name)) {
			wrong = append(wrong, "a deep link carries what it cannot carry")
		}
	}
	return wrong
}

var (
	commandName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)
	language    = regexp.MustCompile(`^[a-z]{2}$`)
)

func commandRule(method string, has map[string]any) (wrong []string) {
	list, _ := has["commands"].([]any)
	for _, c := range list {
		c := c.(map[string]any)
		name, _ := c["command"].(string)
		wrong = append(wrong, one(!commandName.MatchString(name), "a command has the name %q", name)...)
	}
	if code, ok := has["language_code"].(string); ok && code != "" {
		wrong = append(wrong, one(!language.MatchString(code), "a language has the code %q", code)...)
	}
	if scope, ok := has["scope"].(map[string]any); ok {
		wrong = append(wrong, one(scope["type"] != "default", "a scope of type %v", scope["type"])...)
	}
	return wrong
}

func pollRule(method string, has map[string]any) (wrong []string) {
	if method != "getUpdates" {
		return nil
	}
	kinds, _ := has["allowed_updates"].([]any)
	wrong = one(len(kinds) == 0, "allowed_updates stick: they must be named")
	for _, k := range kinds {
		k, _ := k.(string)
		_, ok := facts.Types["Update"][k]
		wrong = append(wrong, one(!ok || k == "update_id", "there are no updates of kind %q", k)...)
	}
	if n, ok := has["timeout"].(json.Number); ok {
		i, _ := n.Int64()
		wrong = append(wrong, one(i < 0 || i > 50, "the server never waits %d s", i)...)
	}
	return wrong
}

func editRule(method string, has map[string]any) []string {
	if method != "editMessageText" {
		return nil
	}
	_, chat := has["chat_id"]
	_, message := has["message_id"]
	_, text := has["text"]
	return one(!chat || !message || !text, "an edit names no chat, no message or no text")
}

// Methods are all that the server knows.
func Methods() []string { return slices.Sorted(maps.Keys(facts.Methods)) }
