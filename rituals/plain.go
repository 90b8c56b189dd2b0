package rituals

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that do not come apart into a plain letter and an accent
var letters = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "ł", "l", "đ", "d", "ð", "d", "þ", "th", "ı", "i")

// plain is text without accents, capitals and compatibility forms.
func plain(text string) string {
	return letters.Replace(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text)))
}

// key is a name as it is looked up: plain, with one space between words and
// without the marks that people leave out.
func key(name string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '+':
			return r
		case strings.ContainsRune(".'’‘ʻ`", r):
			return -1
		}
		return ' '
	}, plain(name))), " ")
}
