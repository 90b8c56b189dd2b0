//go:build browser

package web_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"evenfall/adapters/web"
	"evenfall/adapters/web/webtest"
)

// picture keeps a picture of the page if EVENFALL_PICTURES names a folder.
func picture(p *webtest.Page, name string) {
	if folder := os.Getenv("EVENFALL_PICTURES"); folder != "" {
		p.Screenshot(filepath.Join(folder, name+".png"))
	}
}

func has(t *testing.T, where, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s does not show %q:\n%s", where, w, text)
		}
	}
}

func hasNot(t *testing.T, where, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(text, w) {
			t.Errorf("%s shows %q:\n%s", where, w, text)
		}
	}
}

// One evening: both tap in the room as themselves, each is told alone, and the
// message becomes the reveal.
func TestEvening(t *testing.T) {
	p := webtest.Open(t, open(t, web.Options{}).page.Address())
	p.WaitRoom("I am Evenfall")
	picture(p, "hello")
	if said := p.Forward("evening"); said != "" || p.Clock() != "Tue, Nov 24 21:00" {
		t.Errorf("the clock shows %q and says %q", p.Clock(), said)
	}
	p.WaitRoom("Good evening, you two")
	picture(p, "evening")
	toast := p.Tap("ana", "🙂")
	has(t, "ana's phone", toast, "Kept: evening/1/mood/4")
	if other := p.Toast("ben"); other != "" {
		t.Errorf("ben's phone shows %q", other)
	}
	p.WaitRoom("●○")
	picture(p, "toast")
	has(t, "ben's phone", p.Tap("ben", "😕"), "Kept: evening/1/mood/2")
	p.WaitRoom("You are both in")
	p.WaitGone("Good evening, you two") // it was one message
	if toast := p.Tap("ben", "♡ Thank you"); toast != "" {
		t.Errorf("a silent tick shows %q", toast)
	}
	var rel, href string
	p.Eval(&rel, `() => document.querySelector('a.key').rel`)
	p.Eval(&href, `() => document.querySelector('a.key').href`)
	if !strings.Contains(rel, "noopener") || href != "https://example.org/study" {
		t.Errorf("the link is %q, rel %q", href, rel)
	}
	picture(p, "reveal")
}

// Words, commands, forms and links between room and nooks.
func TestTalk(t *testing.T) {
	p := webtest.Open(t, open(t, web.Options{}).page.Address())
	p.SayAlone("ben", "just <b>us</b>")
	p.WaitNook("ben", "Ben said: just <b>us</b>")
	p.Say("ana", "hello you")
	p.WaitRoom("Ana said: hello you")
	hasNot(t, "ana's nook", p.Nook("ana"), "said")
	hasNot(t, "the room", p.Room(), "just")

	p.Say("ben", "/checkin")
	p.Become("ana")
	p.Tap("ana", "✎ A note")
	if toast := p.Fill("long day, still glad"); toast != "Kept: long day, still glad" {
		t.Errorf("the form gave the toast %q", toast)
	}
	hasNot(t, "the room", p.Room(), "long day")

	p.Tap("ben", "Keep mine to myself")
	p.WaitNook("ben", "Yours stays yours tonight, Ben.")
	p.Tap("ana", "Our private chat")
	focused(t, p, "say-ana")
	p.Tap("ben", "I am the other one") // in the room: whoever taps
	p.WaitNook("ben", `You called start with "token"`)
	p.TapAlone("ben", "Invite the other one") // in a nook: the other phone
	p.WaitNook("ana", `You called start with "token"`)
	hasNot(t, "ana's nook", strings.ReplaceAll(p.Nook("ana"), `with "token"`, ""), "token")
	p.TapAlone("ana", "Put me in a group")
	p.WaitRoom(`You called start with "token"`)
	picture(p, "talk")
}

func focused(t *testing.T, p *webtest.Page, id string) {
	t.Helper()
	p.Until("the focus is on "+id, `(id) => document.activeElement?.id === id`, id)
}

// What was there is there after loading the page anew and after a restart; the
// page comes back by itself.
func TestComesBack(t *testing.T) {
	folder := t.TempDir()
	s := open(t, web.Options{Folder: folder})
	p := webtest.Open(t, s.page.Address())
	p.Rename("ben", "Benjamín")
	p.Say("ben", "remember me")
	p.WaitRoom("Benjamín said: remember me")
	before := p.Room()
	p.Reload()
	if got := p.Room(); got != before {
		t.Errorf("after loading anew the room shows\n%s\nbefore\n%s", got, before)
	}
	s.stop()
	p.Until("it says that there is no connection", `() => document.getElementById('state').textContent.includes('No connection')`)
	addr := strings.TrimSuffix(strings.TrimPrefix(s.page.Address(), "http://"), "/")
	open(t, web.Options{Folder: folder, Addr: addr})
	p.Until("it is back", `() => document.getElementById('state').textContent === ''`)
	if got := p.Room(); got != before {
		t.Errorf("after the restart the room shows\n%s\nbefore\n%s", got, before)
	}
	p.Say("ben", "still here") // with the new process's token
	p.WaitRoom("Benjamín said: still here")
	if n := strings.Count(p.Room(), "I am Evenfall"); n != 1 {
		t.Errorf("it came into the room %d times", n)
	}
}

// Two windows show the same.
func TestTwoWindows(t *testing.T) {
	s := open(t, web.Options{})
	one, two := webtest.Open(t, s.page.Address()), webtest.OpenIn(t, s.page.Address(), "es")
	one.Say("ana", "hello")
	two.WaitRoom("Ana said: hello")
	two.Language("ben", "es")
	two.SayAlone("ben", "/menu")
	one.WaitNook("ben", `in "es"`)
	one.Until("ben's phone speaks Spanish here too", `() => document.getElementById('say-ben').placeholder === 'Escribe a Evenfall'`)
}

// A browser that speaks Spanish finds the page in Spanish.
func TestSpanish(t *testing.T) {
	p := webtest.OpenIn(t, open(t, web.Options{}).page.Address(), "es")
	p.Forward("evening")
	var words string
	p.Eval(&words, `() => document.body.innerText`)
	has(t, "the page", words, "A la tarde", "Eres", "Ana y Ben", "solo Ana y el bot")
	if got := p.Clock(); got != "mar, 24 nov 21:00" {
		t.Errorf("the clock shows %q", got)
	}
	picture(p, "spanish")
}

// The clock passes the evenings between.
func TestWeek(t *testing.T) {
	p := webtest.Open(t, open(t, web.Options{}).page.Address())
	p.Forward("week")
	if got := p.Clock(); got != "Tue, Dec 1 20:00" {
		t.Errorf("the clock shows %q", got)
	}
	p.WaitRoom("Good evening, you two")
}
