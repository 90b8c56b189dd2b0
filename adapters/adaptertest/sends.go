package adaptertest

import (
	"bytes"
	"fmt"
	"sync"

	"evenfall/bot"
)

// torture is text that markup, mentions, direction or encodings could spoil.
var torture = []string{
	"plain",
	"<b>bold</b> & <i>not</i> &amp; &lt;",
	"@everyone @here <@1> <#2> <t:0:R>",
	"_*[]()~`>#+-=|{}.! \\_ \\\\",
	"**a** __b__ ~~c~~ ||d|| ```e``` `f` [g](https://example.org)",
	"# heading\n- item\n1. one\n> quoted\n-# small",
	"line one\nline two\n\nline four",
	"שלום עליכם — مرحبا بالعالم",
	"👩‍❤️‍👩 👨‍👩‍👧‍👦 🏳️‍🌈 🇵🇹 👍🏽 ❤️ 1️⃣",
	"e\u0301 naïve ß İ ﬁ 漢字 한국어 ไทย",
	"tab\u00a0nbsp “quotes” … — ’",
	"https://example.org/?a=1&b=<2> t.me/x mail@example.org",
	"{{.Name}} %s %d ${x} $(y) '; DROP TABLE",
}

// page is a plain page with one button.
func page(title, text string, keys ...bot.Key) bot.Page {
	p := bot.Page{Title: title, Text: text}
	if len(keys) > 0 {
		p.Buttons = [][]bot.Key{keys}
	}
	return p
}

func sendEditDelete(s *stage) {
	for _, chat := range []bot.Chat{s.Room, bot.Nook(s.Ana)} {
		id := s.send(letter(chat, page("One", "first")))
		l := letter(chat, page("Two", "second"))
		l.Edit = id
		if got := s.send(l); got != id {
			s.Fatalf("an edit gave id %s, want %s", got, id)
		}
		m := s.seen(chat, id)
		if m.Title != "Two" || m.Text != "second" || len(s.Messages(chat)) != 1 {
			s.Fatalf("after the edit: %+v", s.Messages(chat))
		}
		gone := letter(chat, bot.Page{})
		gone.Edit, gone.Delete = id, true
		s.send(gone)
		if got := s.Messages(chat); len(got) != 0 {
			s.Fatalf("after the deletion: %+v", got)
		}
	}
}

// fileWhole sends files to a nook, with words and a button under them.
func fileWhole(s *stage) {
	every := make([]byte, 0, 64<<10)
	for i := range cap(every) {
		every = append(every, byte(i), byte(i>>8))
	}
	for _, f := range []bot.File{
		{Name: "evenfall-2026-03-02.json", Type: "application/json", Data: []byte("{\r\n\"a\": \"<b>\u202e--boundary\"}\n")},
		{Name: "evenfall-2026-03-02.html", Type: "text/html", Data: every},
	} {
		p := page("A *title*", "what stands\nunder it", bot.Key{Label: "😊", Payload: "suite/1/a"})
		p.File = &f
		chat := bot.Nook(s.Ana)
		m := s.seen(chat, s.send(letter(chat, p)))
		switch {
		case m.Title != p.Title || m.Text != p.Text || len(m.Buttons) != 1:
			s.Errorf("under the file stands %+v", m)
		case m.File == nil || m.File.Name != f.Name || m.File.Type != f.Type:
			s.Errorf("the file arrived as %+v", m.File)
		case !bytes.Equal(m.File.Data, f.Data):
			s.Errorf("of %s %d bytes arrived as %d others", f.Name, len(f.Data), len(m.File.Data))
		}
	}
}

func wordsUnchanged(s *stage) {
	for _, words := range torture {
		for _, p := range []bot.Page{page("Title", words), page("", words)} {
			p.Buttons = [][]bot.Key{{{Label: "<b>&_*", Payload: "suite/1/a"}}}
			m := s.seen(s.Room, s.send(letter(s.Room, p)))
			if m.Text != p.Text || m.Title != p.Title {
				s.Errorf("title %q, text %q arrived as %q, %q", p.Title, p.Text, m.Title, m.Text)
			}
			if len(m.Buttons) != 1 || m.Buttons[0][0].Label != "<b>&_*" {
				s.Errorf("the label arrived as %+v", m.Buttons)
			}
		}
	}
	for _, title := range []string{"<i>&</i>", "_*`~|#", "@everyone", "👩‍❤️‍👩 שלום"} {
		m := s.seen(s.Room, s.send(letter(s.Room, page(title, "text"))))
		if m.Title != title || m.Text != "text" {
			s.Errorf("title %q arrived as %q, text %q", title, m.Title, m.Text)
		}
	}
}

func noBidi(s *stage) {
	m := s.seen(s.Room, s.send(letter(s.Room, page("a\u202eb", "c\u2066d\u2069e\u202af"))))
	if m.Title != "ab" || m.Text != "cdef" {
		s.Errorf("arrived as %q, %q", m.Title, m.Text)
	}
}

func editSame(s *stage) {
	p := page("Same", "same", bot.Key{Label: "x", Payload: "suite/1/x"})
	id := s.send(letter(s.Room, p))
	l := letter(s.Room, p)
	l.Edit = id
	if got := s.send(l); got != id || len(s.Messages(s.Room)) != 1 {
		s.Errorf("an edit without a change gave id %s, want %s", got, id)
	}
}

func editVanished(s *stage) {
	id := s.send(letter(s.Room, page("", "first")))
	s.Vanish(s.Room, id)
	l := letter(s.Room, page("", "second"))
	l.Edit = id
	if m := s.seen(s.Room, s.send(l)); m.Text != "second" || m.ID == id {
		s.Errorf("sent anew as %+v", m)
	}
}

func deleteVanished(s *stage) {
	id := s.send(letter(s.Room, page("", "first")))
	s.Vanish(s.Room, id)
	l := letter(s.Room, bot.Page{})
	l.Edit, l.Delete = id, true
	s.send(l)
}

func editButtons(s *stage) {
	id := s.send(letter(s.Room, page("", "first", bot.Key{Label: "x", Payload: "suite/1/x"})))
	l := letter(s.Room, page("", "second"))
	l.Edit = id
	s.send(l)
	if m := s.seen(s.Room, id); len(m.Buttons) != 0 {
		s.Errorf("buttons stayed: %+v", m.Buttons)
	}
}

// malformed letters: nothing to say, and a chat of no network.
func malformed(s *stage) {
	for _, l := range []bot.Letter{
		letter(s.Room, bot.Page{}),
		letter(bot.Chat{Network: s.Room.Network, ID: "not a chat"}, page("", "words")),
	} {
		if _, err := s.try(l); !isRefused(err) {
			s.Errorf("a malformed letter gave %v, want bot.ErrRefused", err)
		}
	}
	if n := len(s.Messages(s.Room)); n != 0 {
		s.Errorf("%d messages came of malformed letters", n)
	}
}

func manySends(s *stage) {
	const each = 20
	chats := []bot.Chat{s.Room, bot.Nook(s.Ana), bot.Nook(s.Ben)}
	var wg sync.WaitGroup
	for _, chat := range chats {
		for i := range each {
			wg.Go(func() {
				if _, err := s.try(letter(chat, page("", fmt.Sprint("number ", i)))); err != nil {
					s.Errorf("send: %v", err)
				}
			})
		}
	}
	wg.Wait()
	for _, chat := range chats {
		seen := map[string]int{}
		for _, m := range s.Messages(chat) {
			seen[m.Text]++
		}
		for i := range each {
			if n := seen[fmt.Sprint("number ", i)]; n != 1 {
				s.Errorf("%d copies of message %d, want 1", n, i)
			}
		}
	}
}
