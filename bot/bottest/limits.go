package bottest

import (
	"regexp"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"evenfall/bot"
)

// The narrowest limits of all networks: what a page may be to arrive whole everywhere.
const (
	mostText  = 1900 // Discord takes 2,000 characters, marks and escapes included
	mostRows  = 5    // Discord
	mostKeys  = 5    // in a row: Discord
	mostLabel = 40   // more is cut off on a narrow phone
)

// fileName is a name that says nothing about anybody: the house, a date, a kind of file.
var fileName = regexp.MustCompile(`^evenfall-\d{4}-\d\d-\d\d\.[a-z]+$`)

// Unfit says why a page would not arrive whole on some network, or "".
func Unfit(p bot.Page) string {
	switch {
	case strings.TrimSpace(p.Title+p.Text) == "":
		return "nothing to read"
	case len(utf16.Encode([]rune(p.Title+p.Text))) > mostText:
		return "too long"
	case len(p.Buttons) > mostRows:
		return "too many rows"
	case strings.Contains(p.Title+p.Text, "…") && strings.Trim(p.Title+p.Text, "… \n") == "":
		return "words that are missing"
	case p.File != nil && (!fileName.MatchString(p.File.Name) || p.File.Type == "" || len(p.File.Data) == 0 || len(p.File.Data) > bot.MaxFile):
		return "a file that not every network takes"
	}
	for _, row := range p.Buttons {
		if len(row) == 0 || len(row) > mostKeys {
			return "a row of the wrong length"
		}
		for _, key := range row {
			switch {
			case strings.TrimSpace(key.Label) == "" || key.Label == "…":
				return "a button without a label"
			case utf8.RuneCountInString(key.Label) > mostLabel:
				return "a label too long: " + key.Label
			case len(key.Payload) > bot.MaxPayload:
				return "a payload too long: " + key.Payload
			case (key.Payload == "") == (key.Link == ""):
				return "a button that does not do one thing: " + key.Label
			}
		}
	}
	return ""
}
