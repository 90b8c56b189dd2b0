package bot

import (
	"strings"
	"unicode"
)

// The most characters of a person's words, name and toast that the house takes or gives.
const (
	maxWords = 1000
	maxName  = 40
	maxToast = 200
)

// address turns a say into letters: one for each chat it goes to, each in the
// language of who reads there.
func (t *turn) address(say Say, c Couple, flow string, round int) []Letter {
	letter := func(chat Chat, lang string) Letter {
		return Letter{Chat: chat, Flow: flow, Round: round, Slot: say.Slot, Fresh: say.Fresh, Amend: say.Amend, Class: say.Class, Lane: t.lane, Until: say.Until,
			Page: t.b.page(lang, say.Message, flow, round)}
	}
	switch {
	case say.To == Here && t.who == Nobody:
		return []Letter{letter(t.in.Chat, t.b.locale(t.in))}
	case say.To == Here:
		return []Letter{letter(t.in.Chat, c.Tongue(t.who))}
	case say.To == Room && c.Room.ID != "":
		return []Letter{letter(c.Room, c.Tongue(Nobody))}
	}
	var letters []Letter
	for _, p := range Each {
		if partner := c.Partner(p); (say.To == Room || say.To == Only(p)) && partner.User.ID != "" {
			if partner.Open {
				letters = append(letters, letter(Nook(partner.User), c.Tongue(p)))
			} else if p == t.who && t.in.Chat == c.Room {
				door := Message{Lines: []Text{T("nook.closed")}, Buttons: [][]Button{{{Label: T("nook.open"), Link: "nook:"}}}}
				letters = append(letters, Letter{Chat: c.Room, Flow: flow, Round: round, Page: t.b.page(c.Tongue(Nobody), door, flow, round)})
			}
		}
	}
	return letters
}

// page puts a message into a language.
func (b *Bot) page(lang string, m Message, flow string, round int) Page {
	p := Page{Title: b.put(lang, m.Title), File: m.File}
	lines := make([]string, 0, len(m.Lines))
	for _, line := range m.Lines {
		if words := b.put(lang, line); words != "" {
			lines = append(lines, words)
		}
	}
	p.Text = strings.Join(lines, "\n")
	for _, row := range m.Buttons {
		keys := make([]Key, 0, len(row))
		for _, button := range row {
			keys = append(keys, b.key(lang, button, flow, round))
		}
		p.Buttons = append(p.Buttons, keys)
	}
	return p
}

func (b *Bot) key(lang string, button Button, flow string, round int) Key {
	k := Key{Label: b.put(lang, button.Label), Link: button.Link, Words: button.Words}
	if verb, ok := strings.CutPrefix(button.Link, "nook:"); ok && verb != "" {
		k.Link = "nook:" + Action{Flow: flow, Round: round, Verb: verb, Arg: button.Arg}.String()
	}
	switch {
	case button.Call != "":
		k.Payload = "/" + button.Call
	case button.Verb != "":
		k.Payload = Action{Flow: flow, Round: round, Verb: button.Verb, Arg: button.Arg}.String()
	}
	return k
}

// put puts a text into a language; texts within it too.
func (b *Bot) put(lang string, t Text) string {
	if t.Key == "" {
		return t.Words
	}
	args := make(map[string]any, len(t.Args))
	for name, value := range t.Args {
		if inner, ok := value.(Text); ok {
			value = b.put(lang, inner)
		}
		args[name] = value
	}
	return b.words.Say(lang, t.Key, args)
}

// tidy takes out of a person's words what only confuses (control and direction
// characters, broken UTF-8) and cuts them at most characters.
func tidy(text string, most int) string {
	text = strings.TrimSpace(strings.Map(plain, strings.ToValidUTF8(text, "")))
	if n := []rune(text); len(n) > most {
		return string(n[:most])
	}
	return text
}

func plain(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r == '\t' || r == '\r':
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
		return -1
	}
	return r
}
