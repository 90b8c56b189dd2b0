package rituals

import (
	"slices"
	"strings"
	"time"
)

// ParseSchedule reads on which dates and from when to when something is, as a person wrote it in
// English or Spanish on a day: "weekdays 19:00–21:00", "every Sunday at 6pm", "cada dos viernes
// a las ocho", "the last Friday of the month", "after 8", "3 de marzo", "every year on 14 May".
//
// Without a date it is every day, and without a time the whole day. Where both halves of the day
// would do, a stretch is the shorter one, and then the one in the evening. "After eight" is until
// midnight. What is not wholly understood is refused.
func ParseSchedule(text string, today Date) (Schedule, bool) {
	if len(text) > maxTyped {
		return Schedule{}, false
	}
	tokens := slices.DeleteFunc(timeTokens(dayPhrases.Replace(plain(text))), func(t string) bool { return t == "," || t == ";" })
	for i := len(tokens); i >= 0 && len(tokens) > 0; i-- {
		if s, ok := schedule(tokens[:i], tokens[i:], today); ok {
			return s, true
		}
	}
	for i := range tokens {
		if s, ok := schedule(tokens[i:], tokens[:i], today); ok {
			return s, true
		}
	}
	return Schedule{}, false
}

// schedule puts together what the words for dates and the words for times mean.
func schedule(dates, times []string, today Date) (Schedule, bool) {
	s, ok := datesIn(dates, today)
	if !ok {
		return s, false
	}
	s.At, s.To, ok = stretchIn(times)
	return s, ok
}

var (
	untilWords  = wordSet("until till hasta")
	everyWords  = wordSet("every each cada")
	eachWords   = wordSet("every each cada all todos todas los las el the on in of de del a al en")
	months12    = monthTable("january jan enero ene", "february feb febrero", "march mar marzo", "april apr abril abr", "may mayo", "june jun junio", "july jul julio", "august aug agosto ago", "september sept sep septiembre setiembre", "october oct octubre", "november nov noviembre", "december dec diciembre dic")
	ordinals    = ordinalTable()
	againWords  = map[string]int{"other": 2, "second": 2, "third": 3, "fourth": 4, "otro": 2, "otra": 2, "segundo": 2, "tercer": 3}
	weekWords   = wordSet("week weeks semana semanas")
	monthWords  = wordSet("month months mes meses monthly mensual")
	yearWords   = wordSet("year years ano anos yearly annually anual")
	numberTails = wordSet("st nd rd th o a")
)

func monthTable(months ...string) map[string]time.Month {
	table := map[string]time.Month{}
	for i, names := range months {
		for _, name := range strings.Fields(names) {
			table[name] = time.Month(i + 1)
		}
	}
	return table
}

func ordinalTable() map[string]int {
	table := map[string]int{}
	for n, words := range map[int]string{1: "first primer primero", 2: "second segundo", 3: "third tercer tercero", 4: "fourth cuarto", -1: "last ultimo"} {
		for _, w := range strings.Fields(words) {
			table[w] = n
		}
	}
	return table
}

// datesIn reads the words that say on which dates.
func datesIn(tokens []string, today Date) (s Schedule, ok bool) {
	if i := slices.IndexFunc(tokens, func(t string) bool { return dayExcept[t] }); i > 0 {
		if left, ok := oneDate(drop(tokens[i+1:], eachWords), today); ok {
			s, ok = datesIn(tokens[:i], today)
			s.Except = append(s.Except, left)
			return s, ok
		}
	}
	if i := slices.IndexFunc(tokens, func(t string) bool { return untilWords[t] }); i > 0 {
		if s, ok = datesIn(tokens[:i], today); !ok {
			return s, false
		}
		s.End, ok = oneDate(drop(tokens[i+1:], eachWords), today)
		return s, ok
	}
	if len(tokens) == 0 {
		return Schedule{Unit: Weekly, Days: everyDay}, true
	}
	for _, read := range []func([]string, Date) (Schedule, bool){weekly, everySo, monthly, yearly} {
		if s, ok = read(tokens, today); ok {
			return s, true
		}
	}
	d, ok := oneDate(drop(tokens, eachWords), today)
	return Schedule{Start: d}, ok
}

// weekly is days of the week.
func weekly(tokens []string, _ Date) (Schedule, bool) {
	days, ok := ParseWeekdays(strings.Join(tokens, " "))
	return Schedule{Unit: Weekly, Days: days}, ok && days != 0
}

// everySo is "every two weeks on Friday", "every other Friday", "cada tres meses el dia 1".
func everySo(tokens []string, today Date) (s Schedule, ok bool) {
	if len(tokens) < 3 || !everyWords[tokens[0]] {
		return s, false
	}
	n, ok := count(tokens[1])
	if again, other := againWords[tokens[1]]; other {
		n, ok = again, true
	}
	if !ok || n < 1 || n > 52 {
		return s, false
	}
	rest := tokens[2:]
	switch {
	case weekWords[rest[0]] && len(rest) == 1:
		s, ok = Schedule{Unit: Weekly, Days: 1 << today.Weekday()}, true
	case weekWords[rest[0]]:
		s, ok = weekly(rest[1:], today)
	case monthWords[rest[0]] && n <= 12:
		s, ok = monthly(append(slices.Clone(rest[1:]), "month"), today)
	default:
		if s, ok = weekly(rest, today); !single(s.Days) {
			return s, false
		}
	}
	if !ok {
		return s, false
	}
	s.Start, ok = s.Next(today - 1) // the first one, wherever "every" would begin to count
	s.Every = n
	return s, ok
}

// monthly is "the last Friday of the month", "on the 15th", "cada mes el dia 1".
func monthly(tokens []string, _ Date) (s Schedule, ok bool) {
	s.Unit = Monthly
	named := slices.ContainsFunc(tokens, func(t string) bool { return monthWords[t] })
	tokens = drop(slices.DeleteFunc(slices.Clone(tokens), func(t string) bool { return monthWords[t] }), eachWords)
	if len(tokens) == 2 && (tokens[1] == "day" || tokens[1] == "dia") && named {
		s.Nth, ok = ordinals[tokens[0]]
		s.Day = map[int]int{1: 1, -1: 31}[s.Nth]
		s.Nth = 0
		return s, ok && s.Day != 0
	}
	if len(tokens) == 2 {
		if s.Nth, ok = ordinals[tokens[0]]; ok {
			s.Days, ok = dayWord(tokens[1])
			return s, ok && single(s.Days)
		}
	}
	if len(tokens) > 0 && (tokens[0] == "day" || tokens[0] == "dia") {
		named, tokens = true, tokens[1:]
	}
	if len(tokens) == 2 && numberTails[tokens[1]] {
		named, tokens = true, tokens[:1]
	}
	if !named || len(tokens) != 1 {
		return s, false
	}
	s.Day, ok = count(tokens[0])
	return s, ok && s.Day >= 1 && s.Day <= 31
}

// yearly is a day and a month with a word for years.
func yearly(tokens []string, today Date) (Schedule, bool) {
	less := slices.DeleteFunc(slices.Clone(tokens), func(t string) bool { return yearWords[t] })
	if len(less) == len(tokens) {
		return Schedule{}, false
	}
	day, month, rest, ok := dayAndMonth(drop(less, eachWords))
	return Schedule{Unit: Yearly, Month: month, Day: day}, ok && len(rest) == 0
}

func drop(tokens []string, words map[string]bool) []string {
	return slices.DeleteFunc(slices.Clone(tokens), func(t string) bool { return words[t] })
}
