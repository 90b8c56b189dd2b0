package discordtest

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

const (
	post     = "POST /channels/{channel_id}/messages"
	patch    = "PATCH /channels/{channel_id}/messages/{message_id}"
	respond  = "POST /interactions/{interaction_id}/{interaction_token}/callback"
	original = "PATCH /webhooks/{webhook_id}/{webhook_token}/messages/@original"
	menu     = "PUT /applications/{application_id}/commands"
	open     = "POST /users/@me/channels"
)

const safe = `"allowed_mentions":{"parse":[]}`
const once = `"nonce":"1","enforce_nonce":true,` + safe

func buttons(list ...string) string {
	return `"components":[{"type":1,"components":[` + strings.Join(list, ",") + `]}]`
}

func press(id string) string {
	return `{"type":2,"style":2,"label":"x","custom_id":` + strconv.Quote(id) + `}`
}

func rows(n int) string {
	var list []string
	for i := range n {
		list = append(list, `{"type":1,"components":[`+press(strconv.Itoa(i))+`]}`)
	}
	return `"components":[` + strings.Join(list, ",") + `]`
}

func modal(data string) string { return `{"type":9,"data":{` + data + `}}` }

func field(id string) string {
	return `{"type":1,"components":[{"type":4,"custom_id":"` + id + `","style":2,"label":"l","max_length":500}]}`
}

func long(n int) string { return strings.Repeat("x", n) }

// TestBad: each of these has to be caught.
func TestBad(t *testing.T) {
	bad := []struct{ name, op, body string }{
		{"content over 2000", post, `{"content":"` + long(2001) + `",` + once + `}`},
		{"edit over 2000", patch, `{"content":"` + long(2001) + `",` + safe + `}`},
		{"an empty message", post, `{"content":"",` + once + `}`},
		{"nothing but spaces", post, `{"content":" \n ",` + once + `}`},
		{"an edit to nothing", patch, `{"content":"",` + safe + `}`},
		{"content is a number", post, `{"content":5,` + once + `}`},
		{"no nonce", post, `{"content":"x",` + safe + `}`},
		{"nonce not enforced", post, `{"content":"x","nonce":"1",` + safe + `}`},
		{"nonce over 25", post, `{"content":"x","nonce":"` + long(26) + `","enforce_nonce":true,` + safe + `}`},
		{"mentions not off", post, `{"content":"x","nonce":"1","enforce_nonce":true}`},
		{"mentions on", post, `{"content":"x","nonce":"1","enforce_nonce":true,"allowed_mentions":{"parse":["everyone"]}}`},
		{"mentions misspelt", post, `{"content":"x","nonce":"1","enforce_nonce":true,"allowed_mention":{"parse":[]}}`},
		{"unknown mention type", patch, `{"content":"x","allowed_mentions":{"parse":["here"]}}`},
		{"flags as text", post, `{"content":"x","flags":"4",` + once + `}`},
		{"six rows", post, `{"content":"x",` + rows(6) + `,` + once + `}`},
		{"six buttons in a row", post, `{"content":"x",` + buttons(press("1"), press("2"), press("3"), press("4"), press("5"), press("6")) + `,` + once + `}`},
		{"an empty row", post, `{"content":"x","components":[{"type":1,"components":[]}],` + once + `}`},
		{"a button outside a row", post, `{"content":"x","components":[` + press("1") + `],` + once + `}`},
		{"a button without custom_id", post, `{"content":"x",` + buttons(`{"type":2,"style":2,"label":"x"}`) + `,` + once + `}`},
		{"a button without label", post, `{"content":"x",` + buttons(`{"type":2,"style":2,"custom_id":"x"}`) + `,` + once + `}`},
		{"a button without style", post, `{"content":"x",` + buttons(`{"type":2,"label":"x","custom_id":"x"}`) + `,` + once + `}`},
		{"style 9", post, `{"content":"x",` + buttons(`{"type":2,"style":9,"label":"x","custom_id":"x"}`) + `,` + once + `}`},
		{"label over 80", post, `{"content":"x",` + buttons(`{"type":2,"style":2,"label":"`+long(81)+`","custom_id":"x"}`) + `,` + once + `}`},
		{"custom_id over 100", post, `{"content":"x",` + buttons(press(long(101))) + `,` + once + `}`},
		{"the same custom_id twice", post, `{"content":"x","components":[{"type":1,"components":[` + press("1") + `]},{"type":1,"components":[` + press("1") + `]}],` + once + `}`},
		{"a link with custom_id", post, `{"content":"x",` + buttons(`{"type":2,"style":5,"label":"x","custom_id":"x","url":"https://a.b"}`) + `,` + once + `}`},
		{"a link without url", post, `{"content":"x",` + buttons(`{"type":2,"style":5,"label":"x"}`) + `,` + once + `}`},
		{"a link to a script", post, `{"content":"x",` + buttons(`{"type":2,"style":5,"label":"x","url":"javascript:x"}`) + `,` + once + `}`},
		{"a url over 512", post, `{"content":"x",` + buttons(`{"type":2,"style":5,"label":"x","url":"https://a.b/`+long(512)+`"}`) + `,` + once + `}`},
		{"a url on a plain button", post, `{"content":"x",` + buttons(`{"type":2,"style":2,"label":"x","custom_id":"x","url":"https://a.b"}`) + `,` + once + `}`},
		{"over 6000 characters of embeds", post, `{"content":"x","embeds":[{"description":"` + long(4000) + `"},{"description":"` + long(4000) + `"}],` + once + `}`},
		{"an answer for all", respond, `{"type":4,"data":{"content":"x",` + safe + `}}`},
		{"an answer put off for all", respond, `{"type":5,"data":{}}`},
		{"an empty answer", respond, `{"type":4,"data":{"content":"","flags":64,` + safe + `}}`},
		{"an answer of type 3", respond, `{"type":3}`},
		{"an answer over 2000", respond, `{"type":4,"data":{"content":"` + long(2001) + `","flags":64,` + safe + `}}`},
		{"a form without title", respond, modal(`"custom_id":"a","components":[` + field("b") + `]`)},
		{"a form's title over 45", respond, modal(`"custom_id":"a","title":"` + long(46) + `","components":[` + field("b") + `]`)},
		{"six rows in a form", respond, modal(`"custom_id":"a","title":"t","components":[` + strings.Join([]string{field("1"), field("2"), field("3"), field("4"), field("5"), field("6")}, ",") + `]`)},
		{"a form without rows", respond, modal(`"custom_id":"a","title":"t","components":[]`)},
		{"an input without label", respond, modal(`"custom_id":"a","title":"t","components":[{"type":1,"components":[{"type":4,"custom_id":"b","style":2}]}]`)},
		{"an input's label over 45", respond, modal(`"custom_id":"a","title":"t","components":[{"type":1,"components":[{"type":4,"custom_id":"b","style":2,"label":"` + long(46) + `"}]}]`)},
		{"an input over 4000", respond, modal(`"custom_id":"a","title":"t","components":[{"type":1,"components":[{"type":4,"custom_id":"b","style":2,"label":"l","max_length":4001}]}]`)},
		{"a button in a form", respond, modal(`"custom_id":"a","title":"t","components":[{"type":1,"components":[` + press("b") + `]}]`)},
		{"an edited answer without words", original, `{"content":"",` + safe + `}`},
		{"a command with spaces", menu, `[{"name":"two words","description":"d"}]`},
		{"a command in capitals", menu, `[{"name":"Start","description":"d"}]`},
		{"a command's name over 32", menu, `[{"name":"` + long(33) + `","description":"d"}]`},
		{"a command without description", menu, `[{"name":"start"}]`},
		{"a description over 100", menu, `[{"name":"start","description":"` + long(101) + `"}]`},
		{"a translation over 100", menu, `[{"name":"start","description":"d","description_localizations":{"es-ES":"` + long(101) + `"}}]`},
		{"the same command twice", menu, `[{"name":"start","description":"d"},{"name":"start","description":"d"}]`},
		{"a required option after an optional one", menu, `[{"name":"start","description":"d","options":[{"type":3,"name":"a","description":"d"},{"type":3,"name":"b","description":"d","required":true}]}]`},
		{"an option without description", menu, `[{"name":"start","description":"d","options":[{"type":3,"name":"a"}]}]`},
		{"no contexts", menu, `[{"name":"start","description":"d","contexts":[]}]`},
		{"a context twice", menu, `[{"name":"start","description":"d","contexts":[0,0]}]`},
		{"an unknown context", menu, `[{"name":"start","description":"d","contexts":[7]}]`},
		{"over a hundred commands", menu, manyCommands(101)},
		{"a chat with nobody", open, `{}`},
		{"a chat with a name", open, `{"recipient_id":"ana"}`},
		{"a body that is no JSON", post, `{"content":`},
		{"a body for a GET", "GET /gateway", `{}`},
		{"an operation that is not used", "POST /guilds", `{}`},
	}
	for _, b := range bad {
		if got := Check(b.op, nil, []byte(b.body)); len(got) == 0 {
			t.Errorf("not caught: %s", b.name)
		}
	}
	if len(Check("GET /users/@me/guilds", url.Values{"limit": {"201"}}, nil)) == 0 {
		t.Error("not caught: a page of 201 servers")
	}
	if len(Check("GET /guilds/{guild_id}", url.Values{"with_count": {"true"}}, nil)) == 0 {
		t.Error("not caught: a misspelt query")
	}
}

func manyCommands(n int) string {
	var list []map[string]string
	for i := range n {
		list = append(list, map[string]string{"name": "c" + strconv.Itoa(i), "description": "d"})
	}
	raw, _ := json.Marshal(list)
	return string(raw)
}

// TestGood: none of these may be called bad.
func TestGood(t *testing.T) {
	good := []struct{ name, op, body string }{
		{"a message", post, `{"content":"` + strings.Repeat("👩", 2000) + `","flags":4,` + once + `}`},
		{"null is absent", post, `{"content":"x","tts":null,"embeds":null,"components":null,` + once + `}`},
		{"only buttons", post, `{"content":"",` + rows(5) + `,` + once + `}`},
		{"a full row", post, `{"content":"x",` + buttons(press("1"), press("2"), press("3"), press("4"), press(long(100))) + `,` + once + `}`},
		{"a link", post, `{"content":"x",` + buttons(`{"type":2,"style":5,"label":"x","url":"https://a.b"}`) + `,` + once + `}`},
		{"an edit", patch, `{"content":"x","components":[],"flags":4,` + safe + `}`},
		{"a private answer", respond, `{"type":4,"data":{"content":"x","flags":68,` + safe + `}}`},
		{"put off", respond, `{"type":5,"data":{"flags":64}}`},
		{"silence", respond, `{"type":6}`},
		{"a form", respond, modal(`"custom_id":"?a","title":"t","components":[` + field("b") + `]`)},
		{"an edited answer", original, `{"content":"x",` + safe + `}`},
		{"commands", menu, `[{"type":1,"name":"start","description":"d","description_localizations":{"es-ES":"d"},"contexts":[0,1],"integration_types":[0],"options":[{"type":3,"name":"text","description":"d"}]}]`},
		{"a chat", open, `{"recipient_id":"1033044521375764530"}`},
		{"a question", "GET /gateway", ``},
	}
	for _, g := range good {
		if got := Check(g.op, nil, []byte(g.body)); len(got) > 0 {
			t.Errorf("%s: %s", g.name, strings.Join(got, "; "))
		}
	}
	if got := Check("GET /users/@me/guilds", url.Values{"limit": {"200"}, "after": {"1033044521375764530"}}, nil); len(got) > 0 {
		t.Errorf("a page of servers: %v", got)
	}
}
