package safety

import (
	"slices"
	"strings"
)

// tails are the ends after an apostrophe that are words of their own. Any other end,
// such as a possessive s, is dropped.
var tails = map[string]string{"ll": "will", "re": "are", "ve": "have", "m": "am", "d": "would"}

// hear brings the words of a text into the form that rules are compared in.
func (t *tongue) hear(words []string) []string {
	heard := make([]string, 0, len(words)+8)
	for _, word := range words {
		head, tail, cut := strings.Cut(word, "'")
		if cut {
			word = head + tail
		}
		full, ok := t.spell[word]
		switch {
		case ok:
			heard = append(heard, full...)
		case cut && tails[tail] != "" && head != "":
			heard = append(heard, t.sound(head), t.sound(tails[tail]))
		case cut && tail == "s":
			heard = append(heard, t.near.fix(t.sound(head)))
		default:
			heard = append(heard, t.near.fix(t.sound(word)))
		}
	}
	return heard
}

// hit is one rule that matched words[from:to].
type hit struct {
	*rule
	from, to int
}

// read plays every rule on a text.
func (t *tongue) read(text []string) (found Classes, danger, raise bool) {
	words := t.hear(text)
	t.mask(words)
	var hits []hit
	for at, word := range words {
		for _, r := range t.rules[word] {
			if end := r.match(words, at); end >= 0 {
				hits = append(hits, hit{r, at, end})
			}
		}
	}
	for _, h := range hits {
		raise = raise || h.raise
		if aboutAnother(h, hits) {
			continue
		}
		for _, class := range h.deeds {
			found = found.with(class)
		}
		danger = danger || h.alarm
	}
	return found, danger, raise
}

// mask takes the idioms out.
func (t *tongue) mask(words []string) {
	for at := range words {
		for _, idiom := range t.idioms[words[at]] {
			end := idiom.match(words, at)
			for i := at; i < end; i++ {
				if words[i] != stop {
					words[i] = masked
				}
			}
			if end >= 0 {
				break
			}
		}
	}
}

// aboutAnother reports whether what sounds like the writer's own crisis begins within
// words about somebody else's: "my friend wants to die".
func aboutAnother(h hit, all []hit) bool {
	if len(h.deeds) != 1 || h.deeds[0] < S1 || h.deeds[0] == S4 || h.deeds[0] > S5 {
		return false
	}
	for _, other := range all {
		if slices.Contains(other.deeds, S4) && other.from <= h.from && h.from < other.to {
			return true
		}
	}
	return false
}
