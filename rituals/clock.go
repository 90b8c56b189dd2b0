package rituals

import (
	"regexp"
	"strings"
	"unicode"
)

// ParseClock reads an evening time that a person typed in English or Spanish:
// "8pm", "8:30 p.m.", "20:00", "20.30", "20h", "2030", "a las 9 de la noche", "nine
// o'clock", "half past eight", "las ocho y media", "noon", "medianoche".
//
// The question is about an evening. So an hour from 1 to 11 that does not say which
// half of the day it means is in the afternoon: "8" is 20:00, "10:00" is 22:00. Written
// with a nought, "08:00", it is taken as it stands, and so are 0 and 12 to 24 (24 being midnight).
// What is not wholly understood is refused, and so is a stretch such as "19:00-21:00".
func ParseClock(text string) (Clock, bool) {
	said := ParseNow(text)
	if len(said) == 0 {
		return 0, false
	}
	return said[len(said)-1], true
}

// ParseNow reads what a person says their clock shows now. It understands what
// ParseClock does; an hour that does not say its half of the day gives two times,
// morning first, and what is not understood gives none.
func ParseNow(text string) []Clock {
	if len(text) > maxTyped {
		return nil
	}
	tokens := timeTokens(text)
	if c, ok := namedClock(tokens); ok {
		return []Clock{c}
	}
	tokens, front := peel(tokens, clockFront)
	read, rest, ok := readHour(tokens)
	if !ok {
		return nil
	}
	rest, back := peel(rest, clockBack)
	if len(rest) > 0 {
		return nil
	}
	return read.in(append(front, back...))
}

// maxTyped is the most bytes that can be words of time.
const maxTyped = 200

var (
	timeToken = regexp.MustCompile(`[0-9]+|\p{L}+|\S`)
	meridiem  = regexp.MustCompile(`(^|[^\p{L}])([ap])(?: ?\. ?| )m\b\.?`) // "p. m."

	// clockFront and clockBack stand around a time. Those with a half tell which half
	// of the day it is in; the others mean nothing.
	clockFront = merge(halves, noise("at a la las about around hacia sobre every each the in this esta por de del cada todas todos los day dia dias"))
	clockBack  = merge(halves, noise("h hs hr hrs hour hours hora horas o clock oclock en punto sharp please porfa por favor de del la las los in the at every each this esta cada todas todos day dia dias"))

	// halves turn an hour into one of 24; -1 = there is no such hour.
	halves = map[string]half{
		"am": before, "morning": before, "madrugada": before,
		"manana": func(h int) int { return pick(h <= 12, h, -1) }, // "las 12 de la mañana" is noon
		"pm":     after, "afternoon": after, "tarde": after, "tardes": after,
		"noon": after, "midday": after, "mediodia": after,
		"evening": night, "evenings": night, "night": night, "nights": night, "tonight": night,
		"noche": night, "noches": night, "midnight": night, "medianoche": night,
	}
	// named are the times that need no number.
	named = map[string]Clock{"noon": 720, "midday": 720, "mediodia": 720, "midnight": 0, "medianoche": 0}

	numbers = map[string]int{
		"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
		"nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
		"una": 1, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7, "ocho": 8,
		"nueve": 9, "diez": 10, "once": 11, "doce": 12,
	}
	parts = map[string]int{
		"media": 30, "half": 30, "thirty": 30, "treinta": 30, "cuarto": 15, "quarter": 15,
		"fifteen": 15, "quince": 15, "ten": 10, "diez": 10, "twenty": 20, "veinte": 20,
		"five": 5, "cinco": 5,
	}
)

type half func(hour int) int

func before(h int) int { return pick(h <= 12, h%12, -1) }

func after(h int) int { return pick(h == 0 || h > 23, -1, pick(h < 12, h+12, h)) }

func night(h int) int { return pick(h >= 6 && h < 12, h+12, pick(h == 12, 0, h)) }

func pick(first bool, a, b int) int {
	if first {
		return a
	}
	return b
}

// timeTokens takes a text apart into numbers, words and single signs.
func timeTokens(text string) []string {
	text = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("'’¿¡?!\"", r), unicode.In(r, unicode.So, unicode.Sk, unicode.Cf):
			return -1
		case unicode.Is(unicode.Pd, r):
			return '-'
		}
		return r
	}, plain(text))
	text = meridiem.ReplaceAllString(strings.Join(strings.Fields(text), " "), "$1 ${2}m")
	return timeToken.FindAllString(strings.TrimRight(text, " .,;"), -1)
}

// peel takes known words off the front, and gathers what they say about the half of the day.
func peel(tokens []string, known map[string]half) (rest []string, found []half) {
	for len(tokens) > 0 {
		h, ok := known[tokens[0]]
		if !ok {
			break
		}
		if h != nil {
			found = append(found, h)
		}
		tokens = tokens[1:]
	}
	return tokens, found
}

// namedClock reads a time that needs no number: its name, and nothing else that means another.
func namedClock(tokens []string) (c Clock, ok bool) {
	for _, t := range tokens {
		_, front := clockFront[t]
		_, back := clockBack[t]
		at, name := named[t]
		if !front && !back || name && ok {
			return 0, false
		}
		if name {
			c, ok = at, true
		}
	}
	return c, ok
}

func noise(words string) map[string]half {
	m := make(map[string]half)
	for _, w := range strings.Fields(words) {
		m[w] = nil
	}
	return m
}

func merge(a, b map[string]half) map[string]half {
	for w, h := range a {
		b[w] = h
	}
	return b
}
