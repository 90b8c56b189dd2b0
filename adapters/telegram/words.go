package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Telegram counts text in UTF-16 code units.
const (
	maxText    = 4096
	maxCaption = 1024
	maxToast   = 200
)

// units is the length of s in UTF-16 code units.
func units(s string) (n int) {
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}

// plain takes out what would let one person's words dress up the text around them
// (controls of direction, characters that no screen shows) and what Telegram would
// take out itself, so that both count the same.
func plain(s string) string {
	if strings.IndexFunc(s, odd) >= 0 {
		last := ' '
		s = strings.Map(func(r rune) rune {
			before := last
			last = r
			switch {
			case r == '\t':
				return ' '
			case mark(r) && !mark(before): // one is enough; Telegram changes runs of them
				return r
			case odd(r):
				return -1
			}
			return r
		}, norm.NFC.String(s)) // "a" with a ring on it is one letter before the ring goes
	}
	return strings.TrimSpace(s)
}

// mark reports whether r is a left-to-right or right-to-left mark.
func mark(r rune) bool { return r == 0x200E || r == 0x200F }

func odd(r rune) bool {
	switch {
	case r < ' ':
		return r != '\n'
	case r < 0x0300:
		return r == 0x7F
	case r == 0x030A, r == 0x0333, r == 0x033F: // Telegram drops these marks
		return true
	}
	return mark(r) || r >= 0x2028 && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r == utf8.RuneError
}

// cut shortens s to at most limit UTF-16 units, with an ellipsis at the end, never
// inside what a reader sees as one character.
func cut(s string, limit int) string {
	if units(s) <= limit {
		return s
	}
	end, n := 0, 1 // 1 for the ellipsis
	for i, r := range s {
		if r > 0xFFFF {
			n++
		}
		if n++; n > limit {
			end = i
			break
		}
	}
	for end > 0 && joined(s, end) {
		_, size := utf8.DecodeLastRuneInString(s[:end])
		end -= size
	}
	return strings.TrimRightFunc(s[:end], unicode.IsSpace) + "…"
}

// joined reports whether the characters before and after byte i make one.
func joined(s string, i int) bool {
	after, _ := utf8.DecodeRuneInString(s[i:])
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	const joiner = 0x200D
	switch {
	case after == joiner, before == joiner, unicode.Is(unicode.M, after):
		return true
	case after >= 0x1F3FB && after <= 0x1F3FF, after >= 0xE0020 && after <= 0xE007F: // skin, tags
		return true
	case flag(after) && flag(before):
		n := 0
		for rest := s[:i]; ; n++ {
			r, size := utf8.DecodeLastRuneInString(rest)
			if !flag(r) {
				break
			}
			rest = rest[:len(rest)-size]
		}
		return n%2 == 1
	}
	return false
}

func flag(r rune) bool { return r >= 0x1F1E6 && r <= 0x1F1FF }
