package flows

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// The kinds of couple, as the library's practices call them.
var kinds = []string{"long_distance", "dual_career", "single_income", "caregiver"}

var typesQuestion = question{
	name: "types", many: true, wide: 2,
	options: func(x asking) (all []option) {
		for _, k := range kinds {
			all = append(all, option{bot.T("ask.types." + k), k, slices.Contains(x.Types, k)})
		}
		return all
	},
	read: func(x asking, text string) reading { // "1, 3" or "caregiver, dual career"
		var some []string
		for part := range strings.SplitSeq(text, ",") {
			b, ok := press(bot.Message{Buttons: typeButtons}, part)
			if !ok {
				return reading{}
			}
			some = append(some, b.Arg)
		}
		return reading{value: "=" + strings.Join(some, ",")}
	},
	set: func(c *bot.Couple, _ bot.Who, value string) bool {
		types := slices.Clone(c.Types)
		if list, ok := strings.CutPrefix(value, "="); ok {
			types, value = nil, list
		}
		for k := range strings.SplitSeq(value, ",") {
			if !slices.Contains(kinds, k) {
				return false
			}
			if i := slices.Index(types, k); i >= 0 {
				types = slices.Delete(types, i, i+1)
			} else {
				types = append(types, k)
			}
		}
		c.Types = types
		return true
	},
	show: func(x asking) bot.Text {
		var some []bot.Text
		for _, k := range kinds {
			if slices.Contains(x.Types, k) {
				some = append(some, bot.T("ask.types."+k))
			}
		}
		if len(some) == 0 {
			return bot.T("ask.types.none")
		}
		return listed(some)
	},
}

var typeButtons = func() (rows [][]bot.Button) {
	for _, k := range kinds {
		rows = append(rows, []bot.Button{button("ask.types."+k, "set", k)})
	}
	return rows
}()

var eveningQuestion = question{
	name: "evening", numbers: true, wide: 3,
	options: func(x asking) (all []option) {
		for _, at := range []rituals.Clock{1140, 1170, 1200, 1230, 1260, 1320} {
			all = append(all, option{bot.Verbatim(at.String()), strconv.Itoa(int(at)), at == x.Evening})
		}
		return all
	},
	read: func(_ asking, text string) reading {
		at, ok := rituals.ParseClock(text)
		if !ok {
			return reading{}
		}
		return reading{value: strconv.Itoa(int(at))}
	},
	set: func(c *bot.Couple, _ bot.Who, value string) bool {
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n >= 24*60 {
			return false
		}
		c.Evening = rituals.Clock(n)
		return true
	},
	show: func(x asking) bot.Text { return bot.Verbatim(x.Evening.String()) },
}

// week is the days in the order people read them.
var week = []time.Weekday{1, 2, 3, 4, 5, 6, 0}

func weekday(d time.Weekday) bot.Text { return bot.T("piece.weekday." + strconv.Itoa(int(d))) }

var freeQuestion = question{
	name: "free", many: true, wide: 2,
	options: func(x asking) (all []option) {
		for _, d := range week {
			all = append(all, option{weekday(d), strconv.Itoa(int(d)), x.Free.Has(d)})
		}
		return all
	},
	read: func(_ asking, text string) reading {
		days, ok := rituals.ParseWeekdays(text)
		if !ok {
			return reading{}
		}
		return reading{value: "=" + strconv.Itoa(int(days))}
	},
	set: func(c *bot.Couple, _ bot.Who, value string) bool {
		all, whole := strings.CutPrefix(value, "=")
		n, err := strconv.ParseUint(all, 10, 7)
		if err != nil || !whole && n > 6 {
			return false
		}
		days := rituals.Weekdays(n)
		if !whole {
			days = c.Free.With(time.Weekday(n))
		}
		if days == 1<<7-1 {
			return false // there would be no evening at all
		}
		c.Free = days
		return true
	},
	show: func(x asking) bot.Text {
		var some []bot.Text
		for _, d := range week {
			if x.Free.Has(d) {
				some = append(some, weekday(d))
			}
		}
		if len(some) == 0 {
			return bot.T("ask.free.none")
		}
		return listed(some)
	},
}

// tongues are the languages there are, each in its own words.
func tongues(now string) (all []option) {
	for _, lang := range catalogue().Languages() {
		all = append(all, option{bot.Verbatim(speak(lang, bot.T("ask.language.own"))), lang, lang == now})
	}
	return all
}

func isTongue(code string) bool { return slices.Contains(catalogue().Languages(), code) }

var languageQuestion = question{
	name: "language", wide: 2,
	options: func(x asking) []option { return tongues(x.Tongue(bot.Nobody)) },
	set: func(c *bot.Couple, _ bot.Who, value string) bool {
		if isTongue(value) {
			c.Language = value
		}
		return isTongue(value)
	},
	show: func(x asking) bot.Text {
		return bot.Verbatim(speak(x.Tongue(bot.Nobody), bot.T("ask.language.own")))
	},
}

var tongueQuestion = question{
	name: "tongue", wide: 2,
	options: func(x asking) []option { return tongues(x.Tongue(x.who)) },
	set: func(c *bot.Couple, who bot.Who, value string) bool {
		if isTongue(value) {
			c.Partners[who.Index()].Language = value
		}
		return isTongue(value)
	},
	show: func(x asking) bot.Text { return bot.Verbatim(speak(x.Tongue(x.who), bot.T("ask.language.own"))) },
}

var nameQuestion = question{
	name: "name", wide: 1,
	options: func(asking) []option { return nil },
	read: func(_ asking, text string) reading {
		return reading{value: strings.Join(strings.Fields(text), " ")}
	},
	set: func(c *bot.Couple, who bot.Who, value string) bool {
		if n := len([]rune(value)); n == 0 || n > longestName {
			return false
		}
		c.Partners[who.Index()].Name = value
		return true
	},
	show: func(x asking) bot.Text { return named(x.Partner(x.who)) },
}

const longestName = 40

// promptKinds are what a partner can switch off.
var promptKinds = []string{bot.KindEvening, bot.KindNudge, bot.KindIdea}

var promptsQuestion = question{
	name: "prompts", many: true, wide: 1,
	options: func(x asking) (all []option) {
		for _, k := range promptKinds {
			all = append(all, option{bot.T("ask.prompts." + k), k, !x.Partner(x.who).Off[k]})
		}
		return all
	},
	set: func(c *bot.Couple, who bot.Who, value string) bool {
		if !slices.Contains(promptKinds, value) {
			return false
		}
		p := &c.Partners[who.Index()]
		off := maps.Clone(p.Off)
		if off == nil {
			off = map[string]bool{}
		}
		if off[value] = !off[value]; !off[value] {
			delete(off, value)
		}
		p.Off = off
		return true
	},
	show: func(x asking) bot.Text {
		return bot.T("ask.prompts.count", "On", len(promptKinds)-len(x.Partner(x.who).Off), "All", len(promptKinds))
	},
}

var hideQuestion = question{
	name: "hide", wide: 2,
	options: func(x asking) []option {
		hide := x.Partner(x.who).Hide
		return []option{{bot.T("ask.hide.show"), "show", !hide}, {bot.T("ask.hide.hide"), "hide", hide}}
	},
	set: func(c *bot.Couple, who bot.Who, value string) bool {
		c.Partners[who.Index()].Hide = value == "hide"
		return value == "hide" || value == "show"
	},
	show: func(x asking) bot.Text {
		return bot.T(map[bool]string{true: "ask.hide.hidden", false: "ask.hide.shown"}[x.Partner(x.who).Hide])
	},
}
