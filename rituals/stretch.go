package rituals

import (
	"slices"
	"strings"
)

const wholeDay Clock = 24 * 60

var (
	stretchFront = wordSet("from between de desde entre")
	stretchSign  = wordSet("- to until till through and a hasta al y")
	afterWords   = [][]string{{"after"}, {"from"}, {"since"}, {"despues", "de"}, {"a", "partir", "de"}, {"desde"}}
	beforeWords  = [][]string{{"before"}, {"until"}, {"till"}, {"antes", "de"}, {"hasta"}}
	allDay       = []string{"all day", "the whole day", "all day long", "todo el dia", "el dia entero"}
)

// stretchIn reads from when to when: "19:00-21:00", "from 7 to 9pm", "after eight", "at 6pm", "all
// day"; nothing at all is the whole day. A single time has no end: to is 0.
func stretchIn(tokens []string) (at, to Clock, ok bool) {
	if len(tokens) == 0 || slices.Contains(allDay, strings.Join(tokens, " ")) {
		return 0, wholeDay, true
	}
	if everyWords[tokens[0]] {
		return 0, 0, false // "every 2" is no time
	}
	if said := clocksIn(tokens); len(said) > 0 {
		return said[len(said)-1], 0, true
	}
	for _, words := range afterWords {
		if rest, found := cutWords(tokens, words); found {
			if said := clocksIn(trimWords(rest, "on onwards en adelante")); len(said) > 0 {
				return said[len(said)-1], wholeDay, true
			}
		}
	}
	for _, words := range beforeWords {
		if rest, found := cutWords(tokens, words); found {
			if said := clocksIn(rest); len(said) > 0 && said[0] > 0 {
				return 0, said[0], true
			}
		}
	}
	if stretchFront[tokens[0]] {
		tokens = tokens[1:]
	}
	for i, sign := range tokens {
		if !stretchSign[sign] || i == 0 {
			continue
		}
		if at, to, ok = shortest(clocksIn(tokens[:i]), clocksIn(tokens[i+1:])); ok {
			return at, to, true
		}
	}
	return 0, 0, false
}

// shortest is the shortest stretch from one of some times to one of others, and of several as short
// the latest. An end that is not later is on the next day.
func shortest(from, to []Clock) (at, end Clock, ok bool) {
	for _, a := range from {
		for _, b := range to {
			if b <= a {
				b += wholeDay
			}
			if !ok || b-a <= end-at {
				at, end, ok = a, b, true
			}
		}
	}
	return at, end, ok && end-at < wholeDay
}

// clocksIn is a time that may be one of two: morning first.
func clocksIn(tokens []string) []Clock { return ParseNow(strings.Join(tokens, " ")) }

func cutWords(tokens, words []string) ([]string, bool) {
	if len(tokens) < len(words) || !slices.Equal(tokens[:len(words)], words) {
		return nil, false
	}
	return tokens[len(words):], true
}

// trimWords takes words off the end.
func trimWords(tokens []string, words string) []string {
	known := wordSet(words)
	for len(tokens) > 0 && known[tokens[len(tokens)-1]] {
		tokens = tokens[:len(tokens)-1]
	}
	return tokens
}
