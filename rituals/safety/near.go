package safety

import "strings"

// near finds the weighty word that a misspelt one stands for: one letter too few,
// too many, wrong, or two swapped. Known words are never taken for others.
type near struct {
	known map[string]bool     // words that mean themselves
	words map[string]bool     // the weighty ones
	short map[string][]string // a weighty word with one letter missing → the word
}

func newNear(words []string) *near {
	n := &near{known: map[string]bool{}, words: map[string]bool{}, short: map[string][]string{}}
	for _, word := range words {
		n.words[word] = true
		for i := range word {
			without := word[:i] + word[i+1:]
			n.short[without] = append(n.short[without], word)
		}
	}
	return n
}

const (
	shortest = 5  // letters a word must have to be taken for another
	longest  = 20 // no weighty word is longer
)

// fix is the weighty word that word stands for, or word itself.
func (n *near) fix(word string) string {
	star := strings.Contains(word, "*")
	if n.known[word] || n.words[word] || len(word) > longest || len(word) < shortest && !star {
		return word
	}
	if found := n.short[word]; len(found) > 0 {
		return found[0] // a letter is missing
	}
	for i := range len(word) {
		without := word[:i] + word[i+1:]
		if n.words[without] && !star {
			return without // a letter too many
		}
		for _, full := range n.short[without] {
			if star && word[i] == '*' && len(full) == len(word) && full[:i]+full[i+1:] == without {
				return full
			}
			if !star && len(full) == len(word) && close1(word, full) {
				return full
			}
		}
	}
	return word
}

// close1 reports whether two words of one length differ in one letter, or in two
// neighbours swapped.
func close1(a, b string) bool {
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if i == len(a) || a[i+1:] == b[i+1:] {
		return true
	}
	return i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
}
