package flows

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/rituals"
	"evenfall/storage/memory"
)

// lived is a couple with a past: an evening they shared, one on which Ben kept his mood to himself,
// one that closed before Ana had answered, and tonight, which is open and both have written.
func lived(t *testing.T) *bottest.House {
	h := bottest.Begin(t, memory.New(), All(), io.Discard)
	answer := func(u bot.User, note string, verbs ...string) {
		t.Helper()
		h.Settle(t)
		nook := bot.Nook(u)
		tap(t, h, u, "note", "")
		if toast := h.Net.Say(u, nook, note); toast != "" {
			t.Fatalf("%s: %s", note, toast)
		}
		for _, v := range verbs {
			verb, arg, _ := strings.Cut(v, " ")
			tap(t, h, u, verb, arg)
		}
		h.Settle(t)
	}
	h.Net.Say(private, common, "/checkin")
	answer(private, "ana shared this", "load 5", "mood 4")
	answer(seen, "ben shared this", "close 1", "mood 2")
	nextEvening(t, h)
	answer(seen, "ben kept this", "keep", "mood 1")
	answer(private, "ana kept this", "mood 5")
	nextEvening(t, h)
	answer(seen, "ben was alone", "mood 3")
	nextEvening(t, h)
	answer(private, "ana tonight", "mood 3")
	answer(seen, "ben tonight", "load 1")
	return h
}

// tap taps a button of the evening.
func tap(t *testing.T, h *bottest.House, u bot.User, verb, arg string) {
	t.Helper()
	rec, err := h.Store.Load(context.Background(), h.ID, "checkin", bot.Want{})
	var s evening
	if err != nil || json.Unmarshal(rec.State, &s) != nil {
		t.Fatalf("no evening: %v", err)
	}
	h.Net.Tap(u, common, "", bot.Key{Payload: bot.Action{Flow: "checkin", Round: s.Round, Verb: verb, Arg: arg}.String()})
}

// nextEvening lets the time run to the next one.
func nextEvening(t *testing.T, h *bottest.House) {
	t.Helper()
	for range 24 * 60 {
		h.Pass(time.Minute)
		if err := h.Tick(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	h.Settle(t)
}

// copies are the files that somebody finds in a chat: the page and the JSON.
func copies(t *testing.T, h *bottest.House, at bot.Chat) (files []bot.File) {
	t.Helper()
	h.Settle(t)
	for _, m := range h.Net.Messages(at) {
		if m.File != nil {
			files = append(files, *m.File)
		}
	}
	return files
}

// TestExportIsOnesOwn: a copy holds all that is its owner's and what was revealed to them, whether
// asked for in the nook or in the room, and it comes to the nook only.
func TestExportIsOnesOwn(t *testing.T) {
	for name, at := range map[string]bot.Chat{"in the nook": bot.Nook(private), "in the room": common} {
		t.Run(name, func(t *testing.T) {
			h := lived(t)
			h.Net.Say(private, at, "/export")
			files := copies(t, h, bot.Nook(private))
			if len(files) != 2 || files[0].Name != "evenfall-2026-03-05.html" || files[1].Name != "evenfall-2026-03-05.json" {
				t.Fatalf("the nook holds %d files", len(files))
			}
			for _, c := range []bot.Chat{common, bot.Nook(seen)} {
				if n := len(copies(t, h, c)); n != 0 {
					t.Errorf("%s holds %d files", c.ID, n)
				}
			}
			for _, f := range files {
				for _, own := range []string{"ana shared this", "ana kept this", "ana tonight", "ben shared this"} {
					if !strings.Contains(string(f.Data), own) {
						t.Errorf("%s lacks %q", f.Name, own)
					}
				}
				for _, secret := range []string{"ben kept this", "ben was alone", "ben tonight"} {
					if strings.Contains(string(f.Data), secret) {
						t.Errorf("%s tells %q", f.Name, secret)
					}
				}
			}
		})
	}
}

// TestExportFormat: the JSON is what takeaway says.
func TestExportFormat(t *testing.T) {
	h := lived(t)
	h.Net.Say(private, bot.Nook(private), "/export")
	var got takeaway
	if err := json.Unmarshal(copies(t, h, bot.Nook(private))[1].Data, &got); err != nil {
		t.Fatal(err)
	}
	want := []line{
		{"2026-03-02", "load", "mine", "5", false},
		{"2026-03-02", "mood", "mine", "4", true}, {"2026-03-02", "mood", "partner", "2", true},
		{"2026-03-02", "note", "mine", "ana shared this", true}, {"2026-03-02", "note", "partner", "ben shared this", true},
		{"2026-03-03", "mood", "mine", "5", false}, {"2026-03-03", "note", "mine", "ana kept this", false},
		{"2026-03-05", "mood", "mine", "3", false}, {"2026-03-05", "note", "mine", "ana tonight", false},
	}
	slices.SortStableFunc(got.Entries, func(a, b line) int { return strings.Compare(a.Date+a.Kind, b.Date+b.Kind) })
	if !slices.Equal(got.Entries, want) {
		t.Errorf("entries: %v\nwant     %v", got.Entries, want)
	}
	nights := []night{{"2026-03-02", "together"}, {"2026-03-03", "together"}, {"2026-03-04", "missed"}}
	if !slices.Equal(got.Evenings, nights) || got.Streak != (streak{2, 2, 2, 0}) {
		t.Errorf("evenings %v, streak %+v", got.Evenings, got.Streak)
	}
	if y := got.You; got.Format != "evenfall" || got.Version != 1 || y.ID != "ana" || y.Network != "left" || y.Name != "Ana" || got.Together.Evening != "20:00" {
		t.Errorf("%+v", got)
	}
}

// TestExportTonight: what is not history yet is in the copy too.
func TestExportTonight(t *testing.T) {
	s := evening{Phase: revealed, Date: 3, Answers: [2]answer{{Mood: 4, Heart: 1}, {Mood: 2, Heart: 2}}}
	want := []bot.Entry{{Date: 3, Kind: "heart", Who: bot.One, Value: "1", Shared: true}}
	if got := s.own(bot.One); !slices.Equal(got, want) {
		t.Errorf("after the reveal: %v", got)
	}
	s.Phase, s.Answers[0].Heart = open, 0
	want = []bot.Entry{{Date: 3, Kind: "mood", Who: bot.One, Value: "4"}}
	if got := s.own(bot.One); !slices.Equal(got, want) {
		t.Errorf("before the reveal: %v", got)
	}
}

// TestExportForWhoCameLater: what was revealed to somebody who has left is not revealed to who
// sits there next.
func TestExportForWhoCameLater(t *testing.T) {
	h := lived(t)
	h.Net.Say(seen, bot.Nook(seen), "/leave 1")
	h.Net.Say(private, common, "/start")
	lea := bot.User{Network: "left", ID: "lea"}
	h.Net.Tap(lea, common, "", bot.Key{Payload: "join/0/in"})
	h.Net.Say(lea, bot.Nook(lea), "/export")
	for _, f := range copies(t, h, bot.Nook(lea)) {
		if strings.Contains(string(f.Data), "shared this") {
			t.Errorf("%s tells what was revealed before its owner came:\n%s", f.Name, f.Data)
		}
	}
	if len(copies(t, h, bot.Nook(lea))) != 2 {
		t.Error("she has no copy")
	}
}

// TestExportSpeaks: every kind of entry has its word, in every language.
func TestExportSpeaks(t *testing.T) {
	kinds := map[string]bool{"heart": true} // is never history
	for kind := range CheckIn.Keeps {
		kinds[kind] = true
	}
	for kind := range kinds {
		for _, lang := range catalogue().Languages() {
			if strings.Contains(speak(lang, bot.T("export.kind."+kind)), "…") {
				t.Errorf("%s has no word for %s", lang, kind)
			}
		}
	}
}

// plot is a copy with somebody's words wherever words can stand.
func plot(words string) (page, data []byte) {
	c := bottest.Couple("left")
	c.Partners[0].Name, c.Partners[1].Name = words, words
	sc := bot.Scene{Couple: c, Loaded: true, Days: []rituals.Day{{Date: 3, Mark: rituals.Together}}, Entries: []bot.Entry{
		{Date: 3, Kind: "note", Who: bot.One, Value: words}, {Date: 3, Kind: "note", Who: bot.Two, Value: words, Shared: true}}}
	ev := bot.Event{Kind: bot.Called, Who: bot.One, Chat: bot.Nook(c.Partners[0].User), At: time.Unix(0, 0).UTC()}
	_, r := export(sc, bystander{}, ev)
	return r.Says[0].File.Data, r.Says[1].File.Data
}

// FuzzExport: words stay words, whatever they look like.
func FuzzExport(f *testing.F) {
	for _, words := range []string{"a line", `</td><script src=//x>alert(1)</script>`, `"},{"kind":"note","value":"\u0022`, "\u202egnp.exe\u2066", "<!-- ]]> {{.Title}} &lt; '`", "a\n\tb\\"} {
		f.Add(words)
	}
	tags := func(page []byte) [3]int {
		return [3]int{strings.Count(string(page), "<"), strings.Count(string(page), ">"), strings.Count(string(page), `"`)}
	}
	plain, _ := plot("a line")
	f.Fuzz(func(t *testing.T, words string) {
		if words = strings.ToValidUTF8(words, "?"); words == "" {
			return // nobody keeps nothing
		}
		page, data := plot(words)
		if tags(page) != tags(plain) {
			t.Errorf("%q changes what the page is made of:\n%s", words, page)
		}
		var got takeaway
		if err := json.Unmarshal(data, &got); err != nil || len(got.Entries) != 2 || got.Entries[0].Value != words || got.You.Name != words {
			t.Errorf("%q came out as %+v, %v", words, got.Entries, err)
		}
		for _, file := range [][]byte{page, data} {
			if strings.ContainsFunc(string(file), func(r rune) bool { return unicode.Is(unicode.Bidi_Control, r) }) {
				t.Errorf("%q turns the text around it:\n%s", words, file)
			}
		}
	})
}

// TestExportPage keeps the page for who wants to look at it, if EVENFALL_PICTURES names a folder,
// and sees that it needs nothing from anywhere.
func TestExportPage(t *testing.T) {
	h := lived(t)
	h.Net.Say(private, bot.Nook(private), "/export")
	page := string(copies(t, h, bot.Nook(private))[0].Data)
	for _, never := range []string{"<script", "http:", "https:", "url(", "src=", "<link", "…"} {
		if strings.Contains(page, never) {
			t.Errorf("the page has %q", never)
		}
	}
	if folder := os.Getenv("EVENFALL_PICTURES"); folder != "" {
		if err := os.WriteFile(folder+"/export.html", []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
