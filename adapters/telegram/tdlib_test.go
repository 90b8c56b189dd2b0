//go:build tdlib

package telegram

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"evenfall/adapters/telegram/tdlib"
	"evenfall/bot"
	"evenfall/bot/words"
)

// TestTelegramAgrees lets Telegram's own library read every page the way the
// adapter sends it: the words must come out unchanged, the bold parts where the adapter
// says they are, and all within 4096 units as Telegram counts them.
//
// The pages are a torture list, all words of the catalogues, and those in the file
// EVENFALL_PAGES (a bot.Page as JSON on each line) when that is set.
func TestTelegramAgrees(t *testing.T) {
	path := os.Getenv("EVENFALL_TDLIB")
	if path == "" {
		t.Fatal("EVENFALL_TDLIB must name libtdjson.so; adapters/telegram/tdlib.sh fetches it")
	}
	lib, err := tdlib.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for source, pages := range map[string][]bot.Page{
		"torture": torturePages(), "words": wordPages(t), "pages": filePages(t),
	} {
		for _, p := range pages {
			if why := disagrees(lib, p); why != "" {
				t.Errorf("%s: %s: %+v", source, why, p)
			}
		}
		t.Logf("%s: %d pages", source, len(pages))
	}
}

// disagrees is what Telegram sees differently in a page, "" when nothing.
func disagrees(lib *tdlib.Library, p bot.Page) string {
	text, entities := body(p)
	title, rest := "", text
	if entities != nil {
		title = prefix(text, entities[0].Length)
		rest = strings.TrimPrefix(text, title)
	}
	if stored, err := lib.Clean(text); err != nil || stored != text {
		return fmt.Sprintf("sent as %q, stored as %q (%v)", text, stored, err)
	}
	read, bold, err := lib.Read(title, rest)
	if err != nil || read != text {
		return fmt.Sprintf("sent as %q, read as %q (%v)", text, read, err)
	}
	if entities == nil && len(bold) > 0 || entities != nil && (len(bold) != 1 || bold[0] != tdlib.Bold{Offset: entities[0].Offset, Length: entities[0].Length}) {
		return fmt.Sprintf("bold is %v, the adapter says %v", bold, entities)
	}
	_, all, err := lib.Read(text)
	if err != nil {
		return err.Error()
	}
	if len(all) != 1 || all[0].Length != units(text) || all[0].Length > maxText {
		return fmt.Sprintf("Telegram counts %v, the adapter %d", all, units(text))
	}
	for _, row := range p.Buttons {
		for _, k := range row {
			if stored, err := lib.Clean(plain(k.Label)); err != nil || stored != plain(k.Label) {
				return fmt.Sprintf("label %q is stored as %q (%v)", k.Label, stored, err)
			}
		}
	}
	return ""
}

// prefix is the first n UTF-16 units of s.
func prefix(s string, n int) string {
	for i := range s {
		if units(s[:i]) == n {
			return s[:i]
		}
	}
	return s
}

func torturePages() (pages []bot.Page) {
	words := []string{
		"plain", "<b>bold</b> & <i>not</i> &amp; &lt; &#65;", "_*[]()~`>#+-=|{}.! \\_", "**a** __b__ ~~c~~ ||d|| `e`",
		"one\ntwo\n\nthree", "שלום עליכם — مرحبا بالعالم", "👩‍❤️‍👩 👨‍👩‍👧‍👦 🏳️‍🌈 🇵🇹 👍🏽 ❤️ 1️⃣",
		"e\u0301 naïve ß İ ﬁ 漢字 한국어 ไทย", "nbsp\u00a0 “quotes” … — ’", "https://example.org/?a=1&b=<2> @everyone #tag /cmd",
		"a\u202eb\u2066c\u2069d", "tab\there", "bell\a and zero\x00 and delete\x7f", "line\u2028separator\u2029s", "a\r\nb\rc",
		" blank at both ends \n", "\u200b zero width \u200b", "bad\xffbytes", "z\u0333\u033f\u030aalgo", "\ufeffbom", "\u200e\u200fmarks\u061c",
		strings.Repeat("😊", 3000), strings.Repeat("👩‍❤️‍👩", 1500), strings.Repeat("é ", 4000), "\u00ad", "ㅤ", "\u3164x",
		"\U000e0067\U000e007f", "\u0604 \u115f", "x\u0489", "𝒲𝒽𝒶𝓉",
	}
	for _, w := range words {
		pages = append(pages, bot.Page{Text: "a" + w}, bot.Page{Text: w + " b"}, bot.Page{Title: "T " + w, Text: "text " + w},
			bot.Page{Title: w + "!"}, bot.Page{Text: "x", Buttons: [][]bot.Key{{{Label: "l" + cut(w, 60)}}}})
	}
	return pages
}

func wordPages(t *testing.T) (pages []bot.Page) {
	c, err := words.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range c.Languages() {
		for _, key := range c.Keys(lang) {
			said := c.Say(lang, key, map[string]any{"Count": 2})
			pages = append(pages, bot.Page{Text: "· " + said}, bot.Page{Title: said + " ·", Text: said + " ·"})
		}
	}
	return pages
}

func filePages(t *testing.T) (pages []bot.Page) {
	path := os.Getenv("EVENFALL_PAGES")
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var p bot.Page
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		pages = append(pages, p)
	}
	if err := lines.Err(); err != nil || len(pages) == 0 {
		t.Fatalf("%s holds %d pages (%v)", path, len(pages), err)
	}
	return pages
}
