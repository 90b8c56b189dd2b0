package discord

import (
	"strconv"
	"strings"
)

// A button's custom id is its payload, with "?" before it when it opens a form.
// Two buttons of one message may not have the same: the later ones get "!2!", "!3!" …
// in front. A payload that begins like that itself gets "!1!".

// customID makes an id that is not taken yet, and takes it.
func customID(payload string, words bool, taken map[string]bool) string {
	id := payload
	if strings.HasPrefix(payload, "!") || strings.HasPrefix(payload, "?") {
		id = "!1!" + payload
	}
	for n := 2; taken[mark(id, words)]; n++ {
		id = "!" + strconv.Itoa(n) + "!" + payload
	}
	id = mark(id, words)
	taken[id] = true
	return id
}

func mark(id string, words bool) string {
	if words {
		return "?" + id
	}
	return id
}

// wantsWords reports whether the button opens a form.
func wantsWords(id string) bool { return strings.HasPrefix(id, "?") }

// payload is what customID was made from.
func payload(id string) string {
	id = strings.TrimPrefix(id, "?")
	if after, ok := strings.CutPrefix(id, "!"); ok {
		if _, p, ok := strings.Cut(after, "!"); ok {
			return p
		}
	}
	return id
}
