package telegram

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"

	"evenfall/bot"
)

// entity is a stretch of text with a look; offsets and lengths in UTF-16 units.
type entity struct {
	Type   string `json:"type"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
}

// body is a page's words as Telegram takes them, under a file as many as fit there: the title
// is bold and stands on its own line. Nothing in the words is ever read as markup.
func body(p bot.Page) (string, []entity) {
	most := maxText
	if p.File != nil {
		most = maxCaption
	}
	title, text := cut(plain(p.Title), most), plain(p.Text)
	if title == "" {
		return cut(text, most), nil
	}
	bold := []entity{{"bold", 0, units(title)}}
	if text == "" {
		return title, bold
	}
	return cut(title+"\n"+text, most), bold
}

// button of an inline keyboard: it has either data or an address.
type button struct {
	Text string `json:"text"`
	Data string `json:"callback_data,omitempty"`
	URL  string `json:"url,omitempty"`
}

type keyboard struct {
	Rows [][]button `json:"inline_keyboard"`
}

// greeting is what a link to the nook carries when it carries nothing.
const greeting = "hi"

var errKey = errors.New("a button is malformed")

// keys makes the keyboard of a page for a chat. Ways to places that Telegram does
// not have are left out.
func keys(p bot.Page, private bool, username string) (keyboard, error) {
	k := keyboard{Rows: [][]button{}}
	for _, row := range p.Buttons {
		var out []button
		for _, key := range row {
			b, ok, err := face(key, private, username)
			if err != nil {
				return k, err
			}
			if ok {
				out = append(out, b)
			}
		}
		if len(out) > 0 {
			k.Rows = append(k.Rows, out)
		}
	}
	return k, nil
}

// face is one button; false when Telegram has no such thing.
func face(key bot.Key, private bool, username string) (button, bool, error) {
	b := button{Text: plain(key.Label)}
	if b.Text == "" || (key.Payload == "") == (key.Link == "") || len(key.Payload) > bot.MaxPayload {
		return b, false, errKey
	}
	link := key.Link
	if key.Words && !private {
		// A group hears only replies: words are given in the nook.
		link = "nook:" + key.Payload
	}
	if payload, ok := strings.CutPrefix(link, "nook:"); ok && private && payload != "" {
		if len(payload) > bot.MaxPayload {
			return b, false, errKey
		}
		b.Data = payload // already there
		return b, true, nil
	}
	if link == "" {
		b.Data = key.Payload
		return b, true, nil
	}
	var ok bool
	b.URL, ok = address(link, username)
	if !ok && strings.HasPrefix(link, "nook:") {
		return b, false, errKey
	}
	return b, ok, nil
}

// address is where a bot.Key.Link leads on Telegram.
func address(link, username string) (string, bool) {
	kind, rest, _ := strings.Cut(link, ":")
	at := "https://t.me/" + username
	switch kind {
	case "nook":
		if rest == "" {
			return at + "?start=" + greeting, true
		}
		param, ok := pack(rest)
		return at + "?start=" + param, ok
	case "invite":
		return at + "?start=" + rest, startable.MatchString(rest)
	case "group":
		return at + "?startgroup=" + rest, startable.MatchString(rest)
	case "https":
		u, err := url.Parse(link)
		return link, err == nil && u.Host != ""
	}
	return "", false
}

var (
	// startable is what a deep link can carry.
	startable = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	simple    = regexp.MustCompile(`^[A-Za-z0-9_/]+$`)
)

// pack puts a payload into a deep link. A link carries 64 characters of a small
// alphabet: base64 ("a_") takes payloads up to 46 bytes, and simple payloads, whose
// slashes become dashes ("b_"), may have 62.
func pack(payload string) (string, bool) {
	p := "a_" + base64.RawURLEncoding.EncodeToString([]byte(payload))
	if len(p) > 64 && simple.MatchString(payload) {
		p = "b_" + strings.ReplaceAll(payload, "/", "-")
	}
	return p, len(p) <= 64
}

// unpack finds the payload in what a deep link carried. Invitations, which look
// alike, are no payloads.
func unpack(param string) (string, bool) {
	var payload string
	if rest, ok := strings.CutPrefix(param, "a_"); ok {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(rest)
		if err != nil {
			return "", false
		}
		payload = string(raw)
	} else if rest, ok := strings.CutPrefix(param, "b_"); ok && len(param) > 48 { // shorter ones are "a_", or an invitation
		payload = strings.ReplaceAll(rest, "-", "/")
	} else {
		return "", false
	}
	_, ok := bot.ParseAction(payload)
	return payload, ok
}

// encode writes JSON the way a form field carries it.
func encode(v any) string {
	raw, _ := json.Marshal(v) // plain structs: it cannot fail
	return string(raw)
}
