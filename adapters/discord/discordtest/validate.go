package discordtest

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Check lists what is wrong with a request: op is an operation of the description,
// "POST /channels/{channel_id}/messages"; body is JSON or empty.
func Check(op string, query url.Values, body []byte) []string {
	o, ok := facts.Operations[op]
	if !ok {
		return []string{op + ": not an operation that is used here"}
	}
	var out []string
	for name, values := range query {
		s, ok := o.Query[name]
		if !ok {
			out = append(out, "query: "+name+" is not known")
			continue
		}
		out = append(out, queryFaults(s, values[0], "query."+name)...)
	}
	if o.Body == nil {
		if len(body) > 0 {
			out = append(out, "there is a body, and none is wanted")
		}
		return out
	}
	v, err := parse(body)
	if err != nil {
		return append(out, "the body is no JSON")
	}
	return append(append(out, o.Body.faults(v, "body")...), rules(op, v)...)
}

// queryFaults judges a value as whatever the schema wants of it: text, a number, yes or no.
func queryFaults(s *schema, value, at string) []string {
	faults := s.faults(value, at)
	if f, err := strconv.ParseFloat(value, 64); err == nil && len(faults) > 0 {
		faults = s.faults(f, at)
	}
	if b, err := strconv.ParseBool(value); err == nil && len(faults) > 0 {
		faults = s.faults(b, at)
	}
	return faults
}

// rules are what the description misses.
func rules(op string, v any) []string {
	switch op {
	case "POST /channels/{channel_id}/messages":
		m := asMap(v)
		out := message(m, true)
		if m["nonce"] == nil || m["enforce_nonce"] != true {
			out = append(out, "body: a new message without nonce and enforce_nonce can come twice")
		}
		if n, ok := m["nonce"].(string); ok && len(n) > 25 {
			out = append(out, "body.nonce: over 25 characters")
		}
		return out
	case "PATCH /channels/{channel_id}/messages/{message_id}":
		_, content := asMap(v)["content"]
		return message(asMap(v), content)
	case "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original":
		return message(asMap(v), true)
	case "POST /interactions/{interaction_id}/{interaction_token}/callback":
		return answer(asMap(v))
	case "PUT /applications/{application_id}/commands":
		return commands(v)
	case "POST /users/@me/channels":
		if asMap(v)["recipient_id"] == nil {
			return []string{"body: recipient_id is missing"}
		}
	}
	return nil
}

func asMap(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

// message judges a message; whole says that it has to say something.
func message(m map[string]any, whole bool) []string {
	var out []string
	content := asText(m["content"])
	if utf8.RuneCountInString(content) > 2000 {
		out = append(out, "body.content: over 2000 characters")
	}
	rows := asList(m["components"])
	if whole && strings.TrimSpace(content) == "" && len(rows) == 0 && m["embeds"] == nil {
		out = append(out, "body: an empty message")
	}
	if mentions := asMap(m["allowed_mentions"]); mentions == nil || mentions["parse"] == nil || len(asList(mentions["parse"])) > 0 {
		out = append(out, "body: mentions in people's words are not switched off")
	}
	if len(rows) > 5 {
		out = append(out, "body.components: over five rows")
	}
	taken := map[string]bool{}
	for _, row := range rows {
		for _, b := range asList(asMap(row)["components"]) {
			out = append(out, pressable(asMap(b), taken)...)
		}
	}
	return out
}

func pressable(b map[string]any, taken map[string]bool) []string {
	var out []string
	id, link := asText(b["custom_id"]), b["style"] == 5.0
	switch {
	case link && (id != "" || asText(b["url"]) == ""):
		out = append(out, "a link button needs a url and no custom_id")
	case !link && id == "":
		out = append(out, "a button without custom_id")
	case !link && b["url"] != nil:
		out = append(out, "a url on a button that is no link")
	case id != "" && taken[id]:
		out = append(out, fmt.Sprintf("two buttons with the custom_id %q", id))
	}
	taken[id] = true
	if asText(b["label"]) == "" && b["emoji"] == nil {
		out = append(out, "a button without label")
	}
	if u, err := url.Parse(asText(b["url"])); link && (err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "discord") {
		out = append(out, "a link that leads nowhere")
	}
	return out
}

func answer(m map[string]any) []string {
	data := asMap(m["data"])
	switch m["type"] {
	case 4.0:
		out := message(data, true)
		if flags, _ := data["flags"].(float64); int(flags)&64 == 0 {
			out = append(out, "body.data.flags: everybody would see the answer")
		}
		return out
	case 5.0:
		if flags, _ := data["flags"].(float64); int(flags)&64 == 0 {
			return []string{"body.data.flags: everybody would see the answer"}
		}
	case 9.0:
		if len(asList(data["components"])) > 5 {
			return []string{"body.data.components: over five rows"}
		}
		for _, row := range asList(data["components"]) {
			for _, c := range asList(asMap(row)["components"]) {
				if asText(asMap(c)["label"]) == "" {
					return []string{"a text input in a row without label"}
				}
			}
		}
	}
	return nil
}

var commandName = regexp.MustCompile(`^[-_'\p{L}\p{N}]{1,32}$`)

func commands(v any) []string {
	var out []string
	list := asList(v)
	if len(list) > 100 {
		out = append(out, "over a hundred commands")
	}
	taken := map[string]bool{}
	for _, c := range list {
		m := asMap(c)
		name := asText(m["name"])
		if !commandName.MatchString(name) || strings.ToLower(name) != name {
			out = append(out, fmt.Sprintf("the command name %q", name))
		}
		if taken[name] {
			out = append(out, fmt.Sprintf("two commands %q", name))
		}
		taken[name] = true
		if asText(m["description"]) == "" {
			out = append(out, "a command without description")
		}
		optional := false
		for _, o := range asList(m["options"]) {
			required := asMap(o)["required"] == true
			if required && optional {
				out = append(out, "a required option after an optional one")
			}
			optional = optional || !required
			if n := asText(asMap(o)["name"]); !commandName.MatchString(n) || strings.ToLower(n) != n {
				out = append(out, fmt.Sprintf("the option name %q", n))
			}
		}
	}
	return out
}
