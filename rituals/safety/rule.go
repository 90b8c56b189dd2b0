package safety

import (
	"fmt"
	"strconv"
	"strings"
)

// A rule is a row of parts, written with spaces between them:
//
//	word     the word itself; "." is the end of a sentence
//	a|b|@set one of these; a set is named in the file and is a list of words
//	word*    a word that begins so
//	x?       x or nothing
//	!x       not followed by x here
//	..  ..5  up to three, up to five words of the same sentence
//	~   ~5   the same, but none of the set "self": it is still about somebody else
//
// Rules and texts are compared after spell, sound and squeeze.
type rule struct {
	parts []part
	text  string
	deeds []Class // what it finds
	alarm bool    // danger
	raise bool    // danger if there is violence
}

type kind uint8

const (
	one kind = iota
	maybe
	not
	gap
)

type part struct {
	kind   kind
	gap    int
	words  map[string]bool
	begins []string
}

func (p *part) is(word string) bool {
	if p.words[word] {
		return true
	}
	for _, b := range p.begins {
		if strings.HasPrefix(word, b) {
			return true
		}
	}
	return false
}

// parse reads a rule; sound brings a word into the form that texts are compared in.
func parse(text string, sets map[string][]string, sound func(string) string) (*rule, error) {
	r := &rule{text: text}
	for _, field := range strings.Fields(text) {
		p, err := parsePart(field, sets, sound)
		if err != nil {
			return nil, fmt.Errorf("safety: rule %q: %w", text, err)
		}
		r.parts = append(r.parts, p)
	}
	if len(r.parts) == 0 || r.parts[0].kind != one || len(r.parts[0].begins) > 0 {
		return nil, fmt.Errorf("safety: rule %q must begin with whole words", text)
	}
	return r, nil
}

func parsePart(field string, sets map[string][]string, sound func(string) string) (part, error) {
	p := part{words: map[string]bool{}}
	n, wide := strings.CutPrefix(field, "..")
	if rest, ok := strings.CutPrefix(field, "~"); ok {
		n, wide, field = rest, true, "@self"
	}
	if wide {
		p.kind, p.gap = gap, 3
		if n != "" {
			var err error
			if p.gap, err = strconv.Atoi(n); err != nil {
				return p, err
			}
		}
		if field != "@self" {
			return p, nil
		}
	}
	if rest, ok := strings.CutPrefix(field, "!"); ok {
		p.kind, field = not, rest
	} else if rest, ok := strings.CutSuffix(field, "?"); ok {
		p.kind, field = maybe, rest
	}
	for word := range strings.SplitSeq(field, "|") {
		members := []string{word}
		if name, ok := strings.CutPrefix(word, "@"); ok {
			if members = sets[name]; len(members) == 0 {
				return part{}, fmt.Errorf("no set %q", name)
			}
		}
		for _, m := range members {
			if start, ok := strings.CutSuffix(m, "*"); ok {
				p.begins = append(p.begins, sound(start))
			} else {
				p.words[sound(m)] = true
			}
		}
	}
	return p, nil
}

// match reports where the rule ends when it begins at words[at], or -1.
func (r *rule) match(words []string, at int) int { return follow(r.parts, words, at) }

func follow(parts []part, words []string, at int) int {
	for i := range parts {
		p := &parts[i]
		switch p.kind {
		case one:
			if at >= len(words) || !p.is(words[at]) {
				return -1
			}
			at++
		case not:
			if at < len(words) && p.is(words[at]) {
				return -1
			}
		case maybe:
			if at < len(words) && p.is(words[at]) {
				if end := follow(parts[i+1:], words, at+1); end >= 0 {
					return end
				}
			}
		case gap:
			for n := 0; n <= p.gap && at+n <= len(words); n++ {
				if end := follow(parts[i+1:], words, at+n); end >= 0 {
					return end
				}
				if at+n < len(words) && (words[at+n] == stop || p.is(words[at+n])) {
					break
				}
			}
			return -1
		}
	}
	return at
}
