package safety

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// stop stands between sentences, and before the first and after the last.
const stop = "."

// masked stands where an idiom was.
const masked = "_"

// split cuts a text into plain lower-case words without accents, and stops. An
// apostrophe is kept within its word ("he'll"), and so is the star of "r*ped".
func split(text string) []string {
	words := make([]string, 1, 1+len(text)/4)
	words[0] = stop
	var word strings.Builder
	end := func() {
		if word.Len() > 0 {
			words = number(words, strings.Trim(word.String(), "'*"))
			word.Reset()
		}
	}
	text = norm.NFKD.String(strings.ToValidUTF8(text, " "))
	for i, r := range text {
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		switch {
		case unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			word.WriteRune(unicode.ToLower(r))
		case strings.ContainsRune("'’‘´`ʼ", r):
			word.WriteByte('\'')
		case word.Len() > 0 && unicode.IsLetter(next) && mask(r) != 0:
			word.WriteByte(mask(r))
		case r == '.' && word.Len() == 1 && unicode.IsLetter(next): // s.a.
		case strings.ContainsRune(".!?;\n", r):
			end()
			if words[len(words)-1] != stop {
				words = append(words, stop)
			}
		default:
			end()
		}
	}
	end()
	return append(words, stop)
}

// bare takes the accents off a word.
func bare(word string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFD.String(word))
}

// mask is the letter that a sign within a word stands for, or '*' for any.
func mask(r rune) byte {
	switch r {
	case '@':
		return 'a'
	case '$':
		return 's'
	case '!', '|':
		return 'i'
	case '*', '#':
		return '*'
	}
	return 0
}

var leet = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t")

// number adds a word: "16yo" as "16" and "yo", "k1ll" as "kill".
func number(words []string, word string) []string {
	n := strings.IndexFunc(word, func(r rune) bool { return !unicode.IsDigit(r) })
	switch {
	case word == "":
		return words
	case n == 0:
		return append(words, leet.Replace(word))
	case n > 0:
		return append(words, word[:n], word[n:])
	}
	return append(words, word)
}

// squeeze writes every run of one letter once, in rules and texts alike, so that
// "slaped", "slapped" and "slaaapped" are the same word. Numbers stay.
func squeeze(word string) string {
	if word == "" || word[0] >= '0' && word[0] <= '9' {
		return word
	}
	for i := 1; i < len(word); i++ {
		if word[i] == word[i-1] {
			var b strings.Builder
			last := rune(-1)
			for _, r := range word {
				if r != last {
					b.WriteRune(r)
				}
				last = r
			}
			return b.String()
		}
	}
	return word
}
