package flows

import (
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"evenfall/bot"
	"evenfall/bot/words"
	"evenfall/rituals"
)

// Buttons can be typed too. The labels are looked up in the catalogues, which are part of
// the program and never change while it runs: steps stay pure.
var catalogue = sync.OnceValue(func() *words.Catalogue {
	c, err := words.Load()
	if err != nil {
		panic(err) // the catalogues are part of the program
	}
	return c
})

// press finds the button of a message that somebody typed: by its label in any
// language, or by its number in reading order.
func press(m bot.Message, text string) (bot.Button, bool) {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil {
		n = 0
	}
	text = fold(text)
	count := 0
	for _, row := range m.Buttons {
		for _, b := range row {
			if b.Verb == "" || b.Link != "" {
				continue
			}
			if count++; count == n {
				return b, true
			}
			for _, lang := range catalogue().Languages() {
				if text != "" && text == fold(speak(lang, b.Label)) {
					return b, true
				}
			}
		}
	}
	return bot.Button{}, false
}

// speak puts a text into a language.
func speak(lang string, t bot.Text) string {
	if t.Key == "" {
		return t.Words
	}
	args := make(map[string]any, len(t.Args))
	for name, value := range t.Args {
		if inner, ok := value.(bot.Text); ok {
			value = speak(lang, inner)
		}
		args[name] = value
	}
	return catalogue().Say(lang, t.Key, args)
}

// fold is a label as it is compared: letters and digits, without accents, capitals and signs.
func fold(text string) string {
	bare := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’':
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return ' '
	}, norm.NFKD.String(text))
	return strings.Join(strings.Fields(bare), " ")
}

// listed puts texts in a row, "a, b, c".
func listed(texts []bot.Text) bot.Text {
	all := texts[len(texts)-1]
	for i := len(texts) - 2; i >= 0; i-- {
		all = bot.T("piece.list", "First", texts[i], "More", all)
	}
	return all
}

// named is what to call a person.
func named(p bot.Partner) bot.Text {
	if p.Name == "" {
		return bot.T("piece.someone")
	}
	return bot.Verbatim(p.Name)
}

// dateWords is a date in words: "Monday 9 March".
func dateWords(d rituals.Date) bot.Text {
	t := time.Unix(int64(d)*24*60*60, 0).UTC()
	return bot.T("piece.date", "Weekday", bot.T("piece.weekday."+strconv.Itoa(int(t.Weekday()))),
		"Day", t.Day(), "Month", bot.T("piece.month."+strconv.Itoa(int(t.Month()))))
}

// earTime is how long a flow takes a person's next words for its own.
const earTime = 15 * time.Minute

// listen makes the next words of a partner this flow's, for a while.
func listen(s *bot.Stage, ev bot.Event) {
	s.Listen |= ev.Who
	s.Wake = ev.At.Truncate(time.Second).Add(earTime)
}

// deafen ends the listening.
func deafen(s *bot.Stage) { s.Listen, s.Wake = bot.Nobody, time.Time{} }

// button is one that does something in its own flow.
func button(key, verb, arg string) bot.Button {
	return bot.Button{Label: bot.T(key), Verb: verb, Arg: arg}
}

// calls is a button that stands for a command.
func calls(key, command string) bot.Button { return bot.Button{Label: bot.T(key), Call: command} }

// fresh begins an empty couple with the house's defaults.
func fresh(language string) bot.Couple {
	return bot.Couple{Language: language, Evening: usualEvening}
}

const usualEvening = rituals.Clock(20 * 60)
