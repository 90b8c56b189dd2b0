package web

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"evenfall/bot"
)

// ear is a handler that remembers, and fails while it is told to.
type ear struct {
	mu    sync.Mutex
	heard []bot.Incoming
	fail  bool
	toast string
}

func (e *ear) handle(_ context.Context, in bot.Incoming) (bot.Answer, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.fail {
		return bot.Answer{}, errors.New("not now")
	}
	e.heard = append(e.heard, in)
	return bot.Answer{Toast: e.toast}, nil
}

func (e *ear) events() []bot.Incoming {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard
}

func say(r *rig, as, chat, text string) {
	r.t.Helper()
	if status, _ := r.post("say", deed{As: as, Chat: chat, Text: text}, nil); status != 200 {
		r.t.Fatalf("saying something gave %d", status)
	}
}

// The bot comes into the room once, however often the page is opened.
func TestArrivesOnce(t *testing.T) {
	folder := t.TempDir()
	var e ear
	for range 2 {
		r := newRig(t, e.handle, Options{Folder: folder})
		stop := r.run()
		for range 3 {
			req := r.open("es-MX,es;q=0.9")
			if req != 200 {
				t.Fatalf("the page gave %d", req)
			}
		}
		say(r, "ben", "room", "hello")
		eventually(t, "both were heard", func() bool { n := len(e.events()); return n > 0 && e.events()[n-1].Text == "hello" })
		stop()
		e.mu.Lock()
		e.heard = e.heard[:1]
		e.mu.Unlock()
	}
	in := e.events()[0]
	if in.Kind != bot.Arrived || in.Chat != Room || in.Members != 2 || in.User.ID != "ana" || in.Name != "Ana" || in.Locale != "es" || !in.Open {
		t.Errorf("arrived as %+v", in)
	}
}

func (r *rig) open(accept string) int {
	r.t.Helper()
	return r.get("", map[string]string{"Accept-Language": accept})
}

// Everything that can be seen is there again after a restart, and nothing else:
// what the house did not take comes to it again, once.
func TestRestart(t *testing.T) {
	folder := t.TempDir()
	e := ear{fail: true}
	r := newRig(t, e.handle, Options{Folder: folder})
	stop := r.run()
	first, err := r.adapter.Send(t.Context(), bot.Letter{ID: 1, Chat: Room, Page: bot.Page{Title: "Good evening", Buttons: [][]bot.Key{{{Label: "x", Payload: "suite/1/x"}}}}})
	if err != nil {
		t.Fatal(err)
	}
	say(r, "ana", "nook", "not heard yet")
	if status, _ := r.post("self", deed{As: "ben", Name: "  Benjamín \n Ruiz ", Locale: "es"}, nil); status != 200 {
		t.Fatalf("renaming gave %d", status)
	}
	before, _, done := r.snapshot()
	done()
	stop()

	e.mu.Lock()
	e.fail = false
	e.mu.Unlock()
	r = newRig(t, e.handle, Options{Folder: folder})
	r.run()
	eventually(t, "it was heard", func() bool { return len(e.events()) == 1 })
	say(r, "ben", "nook", "/Start@evenfall_bot  now ")
	eventually(t, "that too", func() bool { return len(e.events()) == 2 })
	if in := e.events()[0]; in.Text != "not heard yet" || in.Chat.ID != "@ana" {
		t.Errorf("first came %+v", in)
	}
	if in := e.events()[1]; in.Kind != bot.Called || in.Command != "start" || in.Text != "now" || in.Name != "Benjamín Ruiz" || in.Locale != "es" || in.Members != 1 {
		t.Errorf("then came %+v", in)
	}
	after, _, done := r.snapshot()
	defer done()
	if after.Token == before.Token {
		t.Error("two processes have the same token")
	}
	after.Chats["@ben"] = before.Chats["@ben"]
	after.Token, after.Now = before.Token, before.Now
	a, _ := json.Marshal(after)
	b, _ := json.Marshal(before)
	if string(a) != string(b) {
		t.Errorf("the page showed\n%s\nand now\n%s", b, a)
	}
	if m := after.Chats["room"]; len(m) != 1 || m[0].ID != first {
		t.Errorf("the room shows %+v", m)
	}
	info, err := os.Stat(filepath.Join(folder, "web-chats.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v, %v", info, err)
	}
	if left, _ := filepath.Glob(filepath.Join(folder, "*.tmp")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A letter whose answer got lost is not shown twice; another that reads the same is.
func TestSameLetter(t *testing.T) {
	r := newRig(t, silent, Options{Folder: t.TempDir()})
	l := bot.Letter{ID: 7, Couple: 1, Chat: Room, Flow: "checkin", Round: 2, Page: bot.Page{Text: "hello"}}
	first, _ := r.adapter.Send(t.Context(), l)
	again, _ := r.adapter.Send(t.Context(), l)
	l.ID = 8
	other, _ := r.adapter.Send(t.Context(), l)
	if first == "" || again != first || other == first {
		t.Errorf("ids %q, %q, %q", first, again, other)
	}
}

// An open page is told of what comes, what changes and what goes.
func TestStream(t *testing.T) {
	e := ear{toast: "a word to you"}
	r := newRig(t, e.handle, Options{})
	r.run()
	_, stream, done := r.snapshot()
	defer done()
	next := func(kind string) (u update) {
		t.Helper()
		for u.Kind != kind {
			u = update{}
			r.read(stream, &u)
			if u.Kind != kind && u.Kind != "clock" {
				t.Fatalf("told %+v, want %q", u, kind)
			}
		}
		return u
	}
	l := bot.Letter{ID: 1, Chat: bot.Chat{Network: Network, ID: "@ben"}, Page: bot.Page{Text: "one"}}
	l.Edit, _ = r.adapter.Send(t.Context(), l)
	if u := next("message"); u.Chat != "@ben" || u.Message.ID != l.Edit || u.Message.Page.Text != "one" {
		t.Errorf("told %+v", u)
	}
	l.Page.Text = "two"
	r.adapter.Send(t.Context(), l)
	if u := next("message"); u.Message.ID != l.Edit || u.Message.Page.Text != "two" {
		t.Errorf("told %+v", u)
	}
	l.Delete, l.Page = true, bot.Page{}
	r.adapter.Send(t.Context(), l)
	if u := next("gone"); u.ID != l.Edit || u.Chat != "@ben" {
		t.Errorf("told %+v", u)
	}
	say(r, "ana", "room", "hi")
	if u := next("message"); u.Message.From != "ana" || u.Chat != "room" {
		t.Errorf("told %+v", u)
	}
	if u := next("toast"); u.ID != "ana" || u.Text != "a word to you" {
		t.Errorf("told %+v", u)
	}
}

// A chat keeps its newest messages.
func TestKeeps(t *testing.T) {
	c, _ := openChats("")
	for i := range keep + 5 {
		if _, err := c.post(bot.Letter{Chat: Room, ID: int64(i + 1), Page: bot.Page{Text: "x"}}, time.Time{}); err != nil {
			t.Fatal(err)
		}
	}
	if list := c.kept.Chats["room"]; len(list) != keep || list[0].ID != "6" {
		t.Errorf("%d messages, the first is %s", len(list), list[0].ID)
	}
}

// A file that cannot be read stops the start; it is never written over.
func TestSpoiltFile(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "web-chats.json")
	os.WriteFile(file, []byte(`{"people":[`), 0o600)
	if _, err := New(Options{Folder: folder}); err == nil {
		t.Error("it started")
	}
	if text, _ := os.ReadFile(file); string(text) != `{"people":[` {
		t.Error("the file was written over")
	}
}
