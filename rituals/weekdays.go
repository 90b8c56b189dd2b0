package rituals

import (
	"slices"
	"strings"
)

// ParseWeekdays reads days of the week that a person typed in English or Spanish:
// "weekends", "sat, sun", "mon-fri", "sábado y domingo", "de lunes a jueves", "todos
// menos el viernes", "none". A stretch may run past the week's end: "fri to mon".
// What is not wholly understood is refused; so is nothing at all.
func ParseWeekdays(text string) (Weekdays, bool) {
	if len(text) > maxTyped {
		return 0, false
	}
	tokens := slices.DeleteFunc(timeTokens(dayPhrases.Replace(plain(text))), func(t string) bool { return dayNoise[t] })
	if cut := slices.IndexFunc(tokens, func(t string) bool { return dayExcept[t] }); cut >= 0 {
		from, ok := dayList(tokens[:cut])
		less, also := dayList(tokens[cut+1:])
		if !ok || !also {
			return 0, false
		}
		return from &^ less, true
	}
	return dayList(tokens)
}

const (
	weekend  Weekdays = 1<<0 | 1<<6
	everyDay Weekdays = 1<<7 - 1
)

var (
	// dayPhrases are put as one word each.
	dayPhrases = strings.NewReplacer("fines de semana", "weekend", "fin de semana", "weekend", "week end", "weekend",
		"entre semana", "workday", "week day", "workday", "work day", "workday", "working day", "workday",
		"dias laborables", "workday", "dia laborable", "workday", "ningun dia", "none", "no day", "none",
		"every day", "daily", "all days", "daily", "all week", "daily", "todos los dias", "daily", "toda la semana", "daily", "cada dia", "daily")

	dayWords = dayTable(
		"sunday sun su domingo dom do",
		"monday mon mo lunes lun lu",
		"tuesday tues tue tu martes mar ma",
		"wednesday weds wed we miercoles mie mi",
		"thursday thurs thur thu th jueves jue ju",
		"friday fri fr viernes vie vi",
		"saturday sat sa sabado sab",
	)
	dayNoise  = wordSet(", ; / + & . and y e on the los el only solo de del of every cada both")
	dayExcept = wordSet("except but menos excepto salvo")
	dayRange  = wordSet("- to through thru till until a al hasta")
)

func dayTable(days ...string) map[string]Weekdays {
	table := map[string]Weekdays{
		"weekend": weekend, "workday": everyDay &^ weekend, "weekday": everyDay &^ weekend, "finde": weekend,
		"laborable": everyDay &^ weekend, "daily": everyDay, "everyday": everyDay, "all": everyDay, "todo": everyDay,
		"none": 0, "no": 0, "never": 0, "nothing": 0, "ninguno": 0, "nunca": 0, "nada": 0,
	}
	for day, names := range days {
		for _, name := range strings.Fields(names) {
			table[name] = 1 << day
		}
	}
	return table
}

func wordSet(words string) map[string]bool {
	set := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// dayWord is the days that one word means, alone or as a plural.
func dayWord(token string) (Weekdays, bool) {
	days, ok := dayWords[token]
	if !ok && len(token) > 3 {
		days, ok = dayWords[strings.TrimSuffix(token, "s")]
	}
	return days, ok
}

// dayList reads days and stretches of days. None stands alone.
func dayList(tokens []string) (all Weekdays, ok bool) {
	for i := 0; i < len(tokens); i++ {
		days, known := dayWord(tokens[i])
		if !known || days == 0 && len(tokens) > 1 {
			return 0, false
		}
		if i+2 < len(tokens) && dayRange[tokens[i+1]] {
			last, known := dayWord(tokens[i+2])
			if !known || !single(days) || !single(last) {
				return 0, false
			}
			days, i = stretch(days, last), i+2
		}
		all |= days
	}
	return all, len(tokens) > 0
}

func single(w Weekdays) bool { return w != 0 && w&(w-1) == 0 }

// stretch is every day from one to another, both with it, past Saturday if need be.
func stretch(first, last Weekdays) (all Weekdays) {
	for d := first; ; {
		all |= d
		if d == last {
			return all
		}
		if d <<= 1; d > everyDay {
			d = 1
		}
	}
}
