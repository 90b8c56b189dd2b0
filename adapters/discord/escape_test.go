package discord

import (
	"strings"
	"testing"
	"unicode/utf8"

	"evenfall/adapters/discord/discordtest"
	"evenfall/bot"
)

// FuzzEscape: whatever people write, the apps show exactly that.
func FuzzEscape(f *testing.F) {
	for _, s := range []string{
		"plain", "**a** __b__ ~~c~~ ||d|| ```e``` `f` [g](https://example.org)", "# heading\n- item\n1. one\n> quoted\n-# small",
		"https://example.org/a_b_c?x=*y*&z=<2>] and (https://example.org/).", "<@1> <#2> <t:0:R> </menu:1> <:a:1> :smile: 20:30",
		`\ \\ \_ \*`, " - x\n  * y\n 12. z", "¯\\_(ツ)_/¯", "https://a.b:<@1>", "see:https://x.yz/__init__.py, ok", "-\n#\n1.", `http://"]`, `see http://)], ok`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		s = plain(s)
		if strings.Contains(s, "://") && strings.Contains(s, "<") {
			return // a mention right behind a link cannot be shown as it is
		}
		if got := discordtest.Read(escape(s)); got != s {
			t.Errorf("%q is sent as %q and shown as %q", s, escape(s), got)
		}
	})
}

// TestEscapeGuardsLinks: a mention right behind a link does not come alive.
func TestEscapeGuardsLinks(t *testing.T) {
	if got := discordtest.Read(escape("https://a.bc<@1>")); strings.Contains(got, "◆") {
		t.Errorf("shown as %q", got)
	}
	const link = "https://example.org/?a=1&b=<2> x"
	if got := discordtest.Read(escape(link)); got != link {
		t.Errorf("shown as %q", got)
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		text string
		most int
		want string
	}{
		{"hello", 5, "hello"},
		{"hello!", 5, "hell…"},
		{"👩👩👩", 5, "👩👩…"},
		{`abc\*def`, 5, "abc…"},
		{`ab\\cdef`, 5, `ab\\…`},
		{"ab👩‍❤️‍👩", 6, "ab👩…"},
	} {
		got := cut(c.text, c.most)
		if got != c.want || units(got) > c.most || !utf8.ValidString(got) {
			t.Errorf("cut(%q, %d) = %q, want %q", c.text, c.most, got, c.want)
		}
	}
}

func TestCustomID(t *testing.T) {
	taken := map[string]bool{}
	for _, c := range []struct {
		payload string
		words   bool
	}{
		{"checkin/1/mood/4", false}, {"checkin/1/mood/4", false}, {"checkin/1/mood/4", false}, {"checkin/1/note", true},
		{"checkin/1/note", true}, {"!2!odd", false}, {"?odd", false}, {"?odd", true}, {"/start TOKEN yes", false},
		{strings.Repeat("x", bot.MaxPayload), true},
	} {
		before := len(taken)
		id := customID(c.payload, c.words, taken)
		if len(taken) != before+1 || len(id) > customIDMost {
			t.Errorf("the id %q is taken already or too long", id)
		}
		if payload(id) != c.payload || wantsWords(id) != c.words {
			t.Errorf("%q (words %v) came back from %q as %q (words %v)", c.payload, c.words, id, payload(id), wantsWords(id))
		}
	}
}
