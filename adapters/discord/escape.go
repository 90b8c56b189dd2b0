package discord

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// escape makes words arrive as they are, whatever Discord's markup could make of
// them. Web addresses stay as they are: a backslash would break the link.
func escape(text string) string {
	var b strings.Builder
	last := 0
	for _, at := range address.FindAllStringIndex(text, -1) {
		escapeWords(&b, text[last:at[0]], last == 0, true)
		last = at[1] + len(after.FindString(text[at[1]:]))
		b.WriteString(text[at[0]:last])
	}
	escapeWords(&b, text[last:], last == 0, false)
	return b.String()
}

var (
	// address matches what Discord takes for a link, and what a backslash would make one.
	address = regexp.MustCompile(`https?://(?:[^\s<]*[^<.,:;"')\]\s]|[.,:;"')\]]+)`)
	// after matches what may stand right behind a link: a backslash there would become
	// a part of the link. A "<" that could open a mention is none of it.
	after = regexp.MustCompile(`^[.,:;"')\]]*(?:<(?:[^@#:at/i]|$))?`)
	// opening matches what means a heading, a list or small print at the start of a line.
	opening = regexp.MustCompile(`^[ \t]*(?:[#\-+]|\d+\.)`)
)

// escapeWords escapes everything that is not a link; fresh says that it starts a
// line, link that a link follows.
func escapeWords(b *strings.Builder, text string, fresh, link bool) {
	for n, line := range strings.SplitAfter(text, "\n") {
		if n > 0 || fresh {
			if at := opening.FindStringIndex(line); at != nil {
				b.WriteString(line[:at[1]-1])
				b.WriteByte('\\')
				b.WriteByte(line[at[1]-1])
				line = line[at[1]:]
			}
		}
		for i, r := range line {
			if strings.ContainsRune("\\*_~`|<>[]", r) || r == ':' && (begins(line[i+1:]) || link && i == len(line)-1) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
	}
}

// begins reports whether what follows a colon could be the name of an emoji.
func begins(s string) bool {
	return s != "" && (s[0] == '_' || s[0] == '+' || s[0] == '-' || s[0] >= '0' && s[0] <= '9' || s[0] >= 'A' && s[0] <= 'Z' || s[0] >= 'a' && s[0] <= 'z')
}

// plain takes out what turns the direction of text around, and broken UTF-8.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		if r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' || r == 0 {
			return -1
		}
		return r
	}, strings.ToValidUTF8(text, ""))
}

// units is the length of text in UTF-16 units.
func units(text string) int {
	n := 0
	for _, r := range text {
		n++
		if r > 0xffff {
			n++
		}
	}
	return n
}

// cut shortens text to most units; "…" shows that something is missing. It leaves
// no lone backslash, which would swallow the "…".
func cut(text string, most int) string {
	if units(text) <= most {
		return text
	}
	n, end := 0, 0
	for i, r := range text {
		n++
		if r > 0xffff {
			n++
		}
		if n > most-1 {
			end = i
			break
		}
	}
	text = text[:end]
	if bare := strings.TrimRight(text, `\`); (len(text)-len(bare))%2 == 1 {
		text = text[:len(text)-1]
	}
	for r, size := utf8.DecodeLastRuneInString(text); r == '\u200d' || r == '\ufe0f'; r, size = utf8.DecodeLastRuneInString(text) {
		text = text[:len(text)-size] // half an emoji
	}
	return text + "…"
}
