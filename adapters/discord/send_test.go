package discord

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"evenfall/adapters/discord/discordtest"
	"evenfall/bot"
)

var words = bot.Page{Text: "words"}

// TestRepeated: a letter whose answer got lost is sent again and comes once; another
// letter with the same number, after a restored backup, comes too.
func TestRepeated(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	l := bot.Letter{ID: 7, Chat: r.room(), Page: words}
	r.Fault(discordtest.Fault{Op: create, Lost: true})
	if _, err := r.send(l); err == nil {
		t.Fatal("a lost answer is no error")
	}
	if _, err := r.send(l); err != nil {
		t.Fatal(err)
	}
	if n := len(r.Messages(r.home.Channel)); n != 1 {
		t.Errorf("%d copies", n)
	}
	l.Page.Text = "other words"
	if _, err := r.send(l); err != nil || len(r.Messages(r.home.Channel)) != 2 {
		t.Errorf("the other letter: %v, %d messages", err, len(r.Messages(r.home.Channel)))
	}
	for _, req := range r.Requests(create) {
		if nonce, _ := field(req, "nonce").(string); !strings.HasPrefix(nonce, "7-") || field(req, "enforce_nonce") != true {
			t.Errorf("nonce %q", nonce)
		}
	}
}

// TestErrors: what each answer of Discord means for a letter.
func TestErrors(t *testing.T) {
	t.Parallel()
	type is func(error) bool
	gone := func(err error) bool { return errors.Is(err, bot.ErrGone) }
	refused := func(err error) bool { return errors.Is(err, bot.ErrRefused) }
	later := func(least time.Duration) is {
		return func(err error) bool {
			var l *bot.Later
			return errors.As(err, &l) && l.After >= least
		}
	}
	unknown := func(err error) bool { return !gone(err) && !refused(err) && !later(0)(err) }
	for name, c := range map[string]struct {
		f    discordtest.Fault
		want is
	}{
		"cannot dm":        {discordtest.Fault{Status: 403, Code: 50007}, gone},
		"no mutual guild":  {discordtest.Fault{Status: 403, Code: 50278}, gone},
		"no access":        {discordtest.Fault{Status: 403, Code: 50001}, gone},
		"no permission":    {discordtest.Fault{Status: 403, Code: 50013}, gone},
		"unknown channel":  {discordtest.Fault{Status: 404, Code: 10003}, gone},
		"malformed":        {discordtest.Fault{Status: 400, Code: 50035}, refused},
		"slow mode":        {discordtest.Fault{Status: 429, After: 1.5}, later(1500 * time.Millisecond)},
		"429 of a proxy":   {discordtest.Fault{Status: 429, HTML: true, After: 9}, later(9 * time.Second)},
		"the gate is shut": {discordtest.Fault{Status: 403, HTML: true}, later(time.Minute)},
		"500":              {discordtest.Fault{Status: 500}, unknown},
		"502":              {discordtest.Fault{Status: 502, HTML: true}, unknown},
		"reset":            {discordtest.Fault{Refused: true}, unknown},
	} {
		r := newRig(t, nil)
		c.f.Op = create
		r.Fault(c.f)
		if _, err := r.send(bot.Letter{ID: 1, Chat: r.room(), Page: words}); err == nil || !c.want(err) {
			t.Errorf("%s gives %v", name, err)
		} else if strings.Contains(err.Error(), "<html>") || strings.Contains(err.Error(), r.home.Channel) {
			t.Errorf("%s tells too much: %v", name, err)
		}
		if n := len(r.Requests(create)); n != 1 {
			t.Errorf("%s was tried %d times", name, n)
		}
	}
}

// TestShunned: a chat that turns letters away is left alone after a few, and Open
// says so, until the person does something in the private chat.
func TestShunned(t *testing.T) {
	t.Parallel()
	e := newEar(nil)
	r := newRig(t, e.handle)
	r.run()
	r.CloseDMs(r.ana, true)
	nook := bot.Nook(user(r.ana))
	for range 10 {
		if _, err := r.send(bot.Letter{ID: 1, Chat: nook, Page: words}); !errors.Is(err, bot.ErrGone) {
			t.Fatalf("a closed nook gives %v", err)
		}
	}
	if n := len(r.Requests(create)); n != strikeMost {
		t.Errorf("%d letters were sent to a closed nook, want %d", n, strikeMost)
	}
	r.Slash(r.ana, r.home.Channel, "menu", "")
	if in := e.next(t); in.Open {
		t.Error("the nook counts as open")
	}
	r.CloseDMs(r.ana, false)
	r.DM(r.ana, "hello")
	if in := e.next(t); !in.Open {
		t.Error("the nook still counts as closed")
	}
	if _, err := r.send(bot.Letter{ID: 2, Chat: nook, Page: words}); err != nil {
		t.Errorf("the opened nook gives %v", err)
	}
}

// TestOpening: a private chat is opened once, and not at all for a while when
// Discord says that it goes too fast.
func TestOpening(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.Fault(discordtest.Fault{Op: openDM, Status: 403, Code: 40003})
	for range 3 {
		var later *bot.Later
		if _, err := r.send(bot.Letter{ID: 1, Chat: bot.Nook(user(r.ana)), Page: words}); !errors.As(err, &later) {
			t.Fatalf("opening too fast gives %v", err)
		}
	}
	r.a.now = func() time.Time { return time.Now().Add(openRest) }
	for id := range 3 {
		if _, err := r.send(bot.Letter{ID: int64(id), Chat: bot.Nook(user(r.ana)), Page: words}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(r.Requests(openDM)); n != 2 {
		t.Errorf("%d openings, want 2", n)
	}
}

// TestBreaker: after a thousand answers that lead to a ban nothing is sent for a while.
func TestBreaker(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	now := time.Now()
	r.a.now = func() time.Time { return now }
	for range invalidMost - 1 {
		r.a.rest.breaker.invalid()
	}
	r.Fault(discordtest.Fault{Op: create, Status: 429, After: 0.1, Shared: true})
	r.send(bot.Letter{ID: 1, Chat: r.room(), Page: words})
	if _, err := r.send(bot.Letter{ID: 2, Chat: r.room(), Page: words}); err != nil {
		t.Fatalf("a 429 that is nobody's fault counted: %v", err)
	}
	r.Fault(discordtest.Fault{Op: create, Status: 429, After: 0.1})
	r.send(bot.Letter{ID: 3, Chat: r.room(), Page: words})
	var later *bot.Later
	if _, err := r.send(bot.Letter{ID: 4, Chat: r.room(), Page: words}); !errors.As(err, &later) || later.After != invalidSpan {
		t.Errorf("the breaker gives %v", err)
	}
	if n := len(r.Requests(create)); n != 3 {
		t.Errorf("%d requests", n)
	}
	now = now.Add(invalidSpan)
	if _, err := r.send(bot.Letter{ID: 5, Chat: r.room(), Page: words}); err != nil {
		t.Errorf("after the rest: %v", err)
	}
}

// TestBuckets: when a channel's bucket is empty for long the letter goes back
// without a request; when it is short, Send waits; memory does not grow with chats.
func TestBuckets(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	r.Limit(1, time.Hour)
	if _, err := r.send(bot.Letter{ID: 1, Chat: r.room(), Page: words}); err != nil {
		t.Fatal(err)
	}
	var later *bot.Later
	if _, err := r.send(bot.Letter{ID: 2, Chat: r.room(), Page: words}); !errors.As(err, &later) || later.After < time.Minute {
		t.Errorf("an empty bucket gives %v", err)
	}
	if n := len(r.Requests(create)); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	for i := range 3 * mostBuckets {
		r.a.rest.bucket(fmt.Sprint("post ", i))
	}
	if n := len(r.a.rest.known); n > mostBuckets {
		t.Errorf("%d buckets are kept", n)
	}
	for i := range 2 * mostKept {
		r.a.nooks.met(bot.User{Network: Network, ID: fmt.Sprint(i)}, "1")
		r.a.nooks.refused(bot.Chat{Network: Network, ID: fmt.Sprint(i)})
	}
	if len(r.a.nooks.channels) > mostKept || len(r.a.nooks.strikes) > mostKept {
		t.Errorf("%d channels and %d strikes are kept", len(r.a.nooks.channels), len(r.a.nooks.strikes))
	}
}

// TestGlobalLimit: when Discord says that the bot as a whole was too fast, no other route is
// tried before the time is over; what one channel did is its own affair.
func TestGlobalLimit(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	post, edit := bot.Letter{ID: 1, Chat: r.room(), Page: words}, bot.Letter{ID: 2, Chat: r.room(), Page: words}
	var err error
	if edit.Edit, err = r.send(post); err != nil {
		t.Fatal(err)
	}
	var later *bot.Later
	r.Fault(discordtest.Fault{Op: create, Status: 429, After: 30})
	if _, err := r.send(post); !errors.As(err, &later) {
		t.Fatal(err)
	}
	if _, err := r.send(edit); err != nil {
		t.Errorf("one route was refused, and another heard %v", err)
	}
	r.Fault(discordtest.Fault{Op: create, Status: 429, After: 30, Global: true})
	if _, err := r.send(post); !errors.As(err, &later) {
		t.Fatal(err)
	}
	if _, err := r.send(edit); !errors.As(err, &later) || later.After < 25*time.Second {
		t.Errorf("everything was refused, and another route heard %v", err)
	}
}

// TestPage: rows, links and lengths.
func TestPage(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	link := func(to string) bot.Key { return bot.Key{Label: "to " + to, Link: to} }
	page := bot.Page{Title: "A *title*", Text: strings.Repeat("*", 3000), Buttons: [][]bot.Key{
		{link("https://example.org/x"), link("nook:"), link("group:TOKEN"), link("nook:a/1/b"), link("invite:TOKEN"), link("javascript:x")},
		{{Label: "", Payload: "a/1/b"}, {Label: strings.Repeat("👩", 100), Payload: "a/1/b"}, {Label: "none"}},
		{{Label: "1", Payload: "a/1/1"}, {Label: "2", Payload: "a/1/2"}, {Label: "3", Payload: "a/1/3"}, {Label: "4", Payload: "a/1/4"}, {Label: "5", Payload: "a/1/5"}, {Label: "6", Payload: "a/1/6"}},
		{link("group:T")}, {link("group:T")},
	}}
	if _, err := r.send(bot.Letter{ID: 1, Chat: r.room(), Page: page}); err != nil {
		t.Fatal(err)
	}
	m := r.Messages(r.home.Channel)[0]
	if m.Title != "A *title*" || !strings.HasSuffix(m.Text, "*…") || units(m.Content) > contentMost || units(m.Content) < contentMost-2 {
		t.Errorf("title %q, text of %d ending %q", m.Title, units(m.Content), m.Text[len(m.Text)-8:])
	}
	var urls []string
	n := 0
	for _, row := range m.Buttons {
		for _, b := range row {
			n++
			if b.URL != "" {
				urls = append(urls, b.URL)
			}
		}
	}
	invite := "https://discord.com/oauth2/authorize?client_id=" + r.App + "&permissions=274878024704&scope=bot+applications.commands"
	want := []string{"https://example.org/x", "https://discord.com/users/" + r.Bot.ID, invite, invite, invite}
	if fmt.Sprint(urls) != fmt.Sprint(want) || n != 13 {
		t.Errorf("%d buttons, links %q, want 13 and %q", n, urls, want)
	}
	many := bot.Page{Text: "many"}
	for i := range 30 {
		many.Buttons = append(many.Buttons, []bot.Key{{Label: "x", Payload: fmt.Sprint("a/1/x/", i)}})
	}
	if _, err := r.send(bot.Letter{ID: 2, Chat: r.room(), Page: many}); err != nil || r.a.Counts()["buttons left out"] != 1 {
		t.Errorf("thirty buttons: %v, counts %v", err, r.a.Counts())
	}
	for _, req := range r.Requests(create) {
		if flags, _ := field(req, "flags").(float64); flags != noEmbeds || !contains(req, `"parse":[]`) {
			t.Errorf("flags %v, mentions in %v", flags, field(req, "allowed_mentions"))
		}
	}
}

// TestEditTakesAway: an edit to buttons alone takes the old words away, and one to
// words alone the old buttons.
func TestEditTakesAway(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	button := [][]bot.Key{{{Label: "x", Payload: "a/1/x"}}}
	id, err := r.send(bot.Letter{ID: 1, Chat: r.room(), Page: bot.Page{Title: "old", Text: "words", Buttons: button}})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []bot.Page{{Buttons: button}, {Text: "new"}} {
		if _, err := r.send(bot.Letter{ID: 2, Chat: r.room(), Edit: id, Page: p}); err != nil {
			t.Fatal(err)
		}
		m := r.Messages(r.home.Channel)[0]
		if m.Title != "" || m.Text != p.Text || len(m.Buttons) != len(p.Buttons) {
			t.Errorf("after the edit to %+v: %+v", p, m)
		}
	}
}

// TestNew: settings that cannot work are told at once, and nothing is sent.
func TestNew(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{{}, {Token: "t", API: "discord.com"}, {Token: "t", API: "ftp://x"}, {Token: "t", API: "://"}} {
		if _, err := New(o); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%+v gives %v", o, err)
		}
	}
	if _, err := New(Options{Token: "t", Transport: nobody{t}}); err != nil {
		t.Error(err)
	}
}

type nobody struct{ t *testing.T }

func (n nobody) RoundTrip(*http.Request) (*http.Response, error) {
	n.t.Error("New made a request")
	return nil, errors.New("no")
}
