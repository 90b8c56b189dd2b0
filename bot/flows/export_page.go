package flows

import (
	"bytes"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"evenfall/bot"
	"evenfall/rituals"
)

// sheet is the page to read, in the language of the nook.
type sheet struct {
	Lang, Title, Made, Intro string
	Tables                   []sheetTable
	History, Empty           string
	Evenings                 []sheetEvening
}

type sheetTable struct {
	Title string
	Rows  [][2]string
}

type sheetEvening struct {
	Date, Mark string
	Lines      []sheetLine
}

type sheetLine struct{ Whose, Kind, Value string }

// page is the file to read: one page that needs nothing else, without scripts.
func (t takeaway) page(sc bot.Scene, ev bot.Event) []byte {
	lang := sc.Tongue(ev.Who)
	say := func(key string, pairs ...any) string { return speak(lang, bot.T(key, pairs...)) }
	s := sheet{Lang: lang, Title: say("export.title"), Intro: say("export.intro", "Words", wordsKept, "Taps", tapsKept), History: say("export.history"), Empty: say("export.none"),
		Made: say("export.made", "Date", speak(lang, dateWords(rituals.DateOf(ev.At))), "Clock", ev.At.Format("15:04"))}
	x := asking{Couple: sc.Couple, who: ev.Who, at: ev.At}
	choices := func(title string, names []string) {
		table := sheetTable{Title: say(title)}
		for _, name := range names {
			q, _ := questionOf(name)
			table.Rows = append(table.Rows, [2]string{say("ask." + name + ".name"), bare(speak(lang, q.show(x)))})
		}
		s.Tables = append(s.Tables, table)
	}
	count := func(key string, n int) [2]string { return [2]string{say(key), strconv.Itoa(n)} }
	s.Tables = append(s.Tables, sheetTable{Title: say("streak.title"), Rows: [][2]string{
		count("export.streak.now", t.Streak.Now), count("export.streak.best", t.Streak.Best),
		count("export.streak.total", t.Streak.Total), count("export.streak.candles", t.Streak.Candles),
	}})
	choices("export.own", ownSettings)
	choices("export.ours", ourSettings)
	s.Evenings = t.nights(sc, ev, say, lang)
	var out bytes.Buffer
	if err := exportTemplate.Execute(&out, s); err != nil {
		panic(err) // the template and its words are part of the program
	}
	return out.Bytes()
}

// nights are the evenings with what was said on them, the latest first.
func (t takeaway) nights(sc bot.Scene, ev bot.Event, say func(string, ...any) string, lang string) []sheetEvening {
	mark := map[string]string{}
	for _, n := range t.Evenings {
		mark[n.Date] = say("export.mark." + n.Mark)
	}
	lines := map[string][]sheetLine{}
	dates := map[rituals.Date]bool{}
	whose := map[string]string{"mine": say("export.mine"), "both": say("export.both"),
		"partner": bare(speak(lang, named(sc.Partner(ev.Who.Other()))))}
	for _, l := range t.Entries {
		lines[l.Date] = append(lines[l.Date], sheetLine{whose[l.Whose], say("export.kind." + l.Kind), bare(speak(lang, worded(l.Kind, l.Value)))})
	}
	for _, d := range sc.Days {
		dates[d.Date] = true
	}
	for _, e := range sc.Entries {
		dates[e.Date] = true
	}
	var all []sheetEvening
	for _, d := range slices.Backward(slices.Sorted(maps.Keys(dates))) {
		day := d.String()
		if mark[day] != "" || lines[day] != nil {
			all = append(all, sheetEvening{speak(lang, dateWords(d)) + " " + day[:4], mark[day], lines[day]})
		}
	}
	return all
}

// worded is an entry's value as people read it.
func worded(kind, value string) bot.Text {
	n, _ := strconv.Atoi(value)
	switch {
	case kind == "heart" && n >= 1 && n <= hearts:
		return heart(n)
	case faces[kind] != [5]string{} && n >= 1 && n <= 5:
		return face(kind, n)
	}
	return bot.Verbatim(value)
}

// bare takes out what would turn the direction of the page around it.
func bare(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, text)
}
