package telegram

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"evenfall/bot"
)

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"a\u202eb\u2066c\u2069": "abc",
		" \n a\n\nb \t":         "a\n\nb",
		"a\tb\r\nc\x00\x7f":     "a b\nc",
		"a\u030a":               "å",
		"x\u200f\u200e\u200fy":  "x\u200fy",
		"👩‍❤️‍👩 <b> & *_ שלום é": "👩‍❤️‍👩 <b> & *_ שלום é",
		"\u202e": "",
	} {
		if got := plain(in); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{
		{"hello", 5, "hello"},
		{"hello!", 5, "hell…"},
		{"hi you", 4, "hi…"},
		{"😊😊😊", 6, "😊😊😊"},
		{"😊😊😊", 5, "😊😊…"},
		{"a👩‍❤️‍👩", 8, "a…"},
		{"ae\u0301e\u0301", 4, "ae\u0301…"},
		{"👍🏽👍🏽", 7, "👍🏽…"},
		{"🇵🇹🇪🇸🇫🇷", 10, "🇵🇹🇪🇸…"},
		{"🇵🇹🇪🇸", 7, "🇵🇹…"},
	} {
		if got := cut(c.in, c.limit); got != c.want {
			t.Errorf("cut(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}

func TestCutKeepsWithin(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, limit := rapid.String().Draw(t, "s"), rapid.IntRange(1, 30).Draw(t, "limit")
		got := cut(s, limit)
		n := len(utf16.Encode([]rune(got)))
		if n > limit || n != units(got) || !utf8.ValidString(got) {
			t.Fatalf("cut(%q, %d) = %q of %d units", s, limit, got, n)
		}
		if got != s && !strings.HasPrefix(s, strings.TrimSuffix(got, "…")) {
			t.Fatalf("cut(%q, %d) = %q", s, limit, got)
		}
	})
}

func TestBody(t *testing.T) {
	text, bold := body(bot.Page{Title: " 😊 <b> ", Text: strings.Repeat("😊", 3000)})
	if units(text) > maxText || !strings.HasPrefix(text, "😊 <b>\n😊") || !strings.HasSuffix(text, "😊…") {
		t.Errorf("the text has %d units", units(text))
	}
	if len(bold) != 1 || bold[0] != (entity{"bold", 0, 6}) {
		t.Errorf("bold is %v", bold)
	}
}

// Every payload that goes into a link comes back as it was; invitations are not
// taken for payloads.
func TestPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := bot.Action{
			Flow: rapid.StringMatching(`[a-z]{1,10}`).Draw(t, "flow"), Round: rapid.IntRange(0, 9999).Draw(t, "round"),
			Verb: rapid.StringMatching(`[a-z]{1,10}`).Draw(t, "verb"), Arg: rapid.StringMatching(`[a-zA-Z0-9_/-]{0,38}|.{0,8}`).Draw(t, "arg"),
		}
		payload := a.String()
		if _, ok := bot.ParseAction(payload); !ok {
			return
		}
		link, ok := pack(payload)
		if !ok {
			if len(payload) <= 46 {
				t.Fatalf("payload %q does not fit", payload)
			}
			return
		}
		if !startable.MatchString(link) {
			t.Fatalf("the link carries %q", link)
		}
		if got, ok := unpack(link); !ok || got != payload {
			t.Fatalf("payload %q came back as %q", payload, got)
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		token := rapid.StringMatching(`(a_|b_|)[A-Za-z0-9_-]{20,22}`).Draw(t, "token")
		if payload, ok := unpack(token); ok {
			t.Fatalf("the invitation %q is taken for %q", token, payload)
		}
	})
}

// FuzzUpdates: no update, however broken, panics, and what is heard of it has somebody who
// did it, somewhere.
func FuzzUpdates(f *testing.F) {
	f.Add([]byte(`[{"update_id":1,"message":{"message_id":1,"chat":{"id":5,"type":"private"},"from":{"id":5},"text":"/start a_YS8xL2I"}}]`))
	f.Add([]byte(`[{"update_id":2,"callback_query":{"id":"1","from":{"id":5},"data":"a/1/b","message":{"message_id":1,"chat":{"id":-5,"type":"group"}}}}]`))
	f.Add([]byte(`[{"update_id":3,"my_chat_member":{"chat":{"id":-5,"type":"group"},"from":{"id":5},"old_chat_member":{"status":"left"},"new_chat_member":{"status":"member"}}},{"update_id":"x"},7]`))
	me := self{ID: 9, Username: "evenfall_bot"}
	f.Fuzz(func(t *testing.T, raw []byte) {
		list, err := readUpdates(raw)
		if err != nil {
			return
		}
		for i := range list {
			ev := me.event(&list[i])
			if ev.in == nil {
				continue
			}
			if u := ev.in.User; ev.in.Kind != bot.Moved && ev.in.Kind != bot.Gone && (u.ID == "" || u.ID[0] == '-') {
				t.Fatalf("nobody did %+v", ev.in)
			}
			if ev.in.Kind == bot.Tapped && ev.in.Payload == "" || ev.in.Chat.ID == "" {
				t.Fatalf("heard %+v", ev.in)
			}
		}
	})
}

// FuzzPayload: a deep link carries nothing but payloads, and each of them has one link.
func FuzzPayload(f *testing.F) {
	for _, link := range []string{"a_YS8xL2I", "a_", "a_YS8xL2J", "b_checkin-3-mood-abcdefghijklmnopqrstuvwxyz0123456789abcd", "b_a-1-b", "kT8sQ1xWb2mN7vLr0zYc"} {
		f.Add(link)
	}
	f.Fuzz(func(t *testing.T, link string) {
		payload, ok := unpack(link)
		if !ok || !startable.MatchString(link) { // no link carries others
			return
		}
		if _, ok := bot.ParseAction(payload); !ok {
			t.Fatalf("%q carries %q, which no button has", link, payload)
		}
		if again, ok := pack(payload); ok && strings.HasPrefix(link, again[:2]) && again != link {
			t.Fatalf("%q carries the payload of %q", link, again)
		}
	})
}
