package discordtest

import (
	"regexp"
	"strings"
)

// See is what a person sees of a message: a first line in bold is the title; markup
// is done, so that words which were not escaped change visibly.
func See(content string) (title, text string) {
	first, rest, _ := strings.Cut(content, "\n")
	inner, bold := strings.CutPrefix(first, "**")
	inner, closed := strings.CutSuffix(inner, "**")
	slashes := len(inner) - len(strings.TrimRight(inner, `\`))
	if bold && closed && inner != "" && slashes%2 == 0 {
		return Read(inner), Read(rest)
	}
	return "", Read(content)
}

var (
	readLink    = regexp.MustCompile(`^https?://[^\s<]+[^<.,:;"')\]\s]`)
	readMarkup  = regexp.MustCompile("^(?s:\\*\\*.+?\\*\\*|\\*[^*]+\\*|__.+?__|_[^_]+_|~~.+?~~|\\|\\|.+?\\|\\||```.+?```|`[^`]+`|\\[[^\\]]+\\]\\([^)\\s]+\\))")
	readMention = regexp.MustCompile(`^<(@[!&]?\d+|#\d+|a?:\w+:\d+|t:-?\d+(:\w)?|/[\w -]+:\d+|id:\w+)>`)
	readEmoji   = regexp.MustCompile(`^:[\w+-]+:`)
	readLine    = regexp.MustCompile(`^(#{1,3} |-# | *[-*] | *\d+\. |>>> |> )`)
	readBare    = regexp.MustCompile(`^<https?://[^\s>]+>`)
)

// Read undoes the markup of Discord the way its apps show it. Where markup is at
// work it is taken away or replaced, since that is what spoils people's words.
func Read(content string) string {
	var b strings.Builder
	start := true
	for content != "" {
		switch {
		case start && readLine.MatchString(content):
			b.WriteString("•")
			content = content[len(readLine.FindString(content)):]
			start = false
			continue
		case content[0] == '\\' && len(content) > 1 && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", rune(content[1])):
			b.WriteByte(content[1])
			content = content[2:]
			start = false
			continue
		}
		start = content[0] == '\n'
		taken := ""
		if found := readLink.FindString(content); found != "" {
			b.WriteString(found)
			content = content[len(found):]
			continue
		}
		for _, r := range []*regexp.Regexp{readMarkup, readMention, readEmoji, readBare} {
			if taken = r.FindString(content); taken != "" {
				b.WriteString("◆")
				break
			}
		}
		if taken == "" {
			taken = content[:1]
			b.WriteString(taken)
		}
		content = content[len(taken):]
	}
	return b.String()
}
