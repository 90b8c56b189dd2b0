package telegram

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Telegram counts text in UTF-16 code units.
const (
	maxText  = 4096
	maxToast = 200
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

// plain takes out what would let one person's words dress up the text around them:
// the controls that turn the direction of writing, and those that no screen shows.
func plain(s string) string {
	odd := func(r rune) bool {
		return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 ||
			r < ' ' && r != '\n' && r != '\t' || r == 0x7F || r == utf8.RuneError
	}
	if strings.IndexFunc(s, odd) >= 0 {
		s = strings.Map(func(r rune) rune {
			if odd(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s)
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
