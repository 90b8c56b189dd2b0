package telegram_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"evenfall/adapters/telegram"
	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
)

func isGone(err error) bool { return errors.Is(err, bot.ErrGone) }

func movedTo(err error, c bot.Chat) bool {
	var moved *bot.MovedError
	return errors.As(err, &moved) && moved.To == c
}

func isLater(err error) bool {
	var later *bot.Later
	return errors.As(err, &later) && later.After > 0
}

func TestRefusals(t *testing.T) {
	s := play(t)
	id := s.post(group(room), bot.Page{Text: "first"})
	page := bot.Page{Text: "second"}
	gone := func(err error) bool { return isGone(err) }
	refused := func(err error) bool { return errors.Is(err, bot.ErrRefused) }
	for _, c := range []struct {
		fault telegramtest.Fault
		judge func(error) bool
	}{
		{telegramtest.Forbidden("bot was blocked by the user"), gone},
		{telegramtest.Forbidden("user is deactivated"), gone},
		{telegramtest.Forbidden("bot is not a member of the group chat"), gone},
		{telegramtest.Forbidden("the group chat was deleted"), gone},
		{telegramtest.BadRequest("chat not found"), gone},
		{telegramtest.BadRequest("BUTTON_DATA_INVALID"), refused},
		{telegramtest.TooMany(3), isLater},
		{telegramtest.Fault{Code: 500, Description: "Internal Server Error"}, func(err error) bool {
			return err != nil && !isLater(err) && !gone(err) && !refused(err)
		}},
	} {
		for _, l := range []bot.Letter{{Chat: group(room), Page: page}, {Chat: group(room), Page: page, Edit: id}, {Chat: group(room), Edit: id, Delete: true}} {
			method := "sendMessage"
			if l.Delete {
				method = "deleteMessage"
			} else if l.Edit != "" {
				method = "editMessageText"
			}
			s.Fail(method, room, c.fault, 1)
			if _, err := s.send(l); !c.judge(err) {
				t.Errorf("%s, %s: %v", method, c.fault.Description, err)
			}
		}
	}
	s.Fail("editMessageText", room, telegramtest.BadRequest("message can't be edited"), 1)
	if got, err := s.send(bot.Letter{Chat: group(room), Page: page, Edit: id}); err != nil || got == id {
		t.Errorf("an edit that cannot be gave %q, %v, want a new message", got, err)
	}
	s.Advance(49 * time.Hour)
	if _, err := s.send(bot.Letter{Chat: group(room), Edit: id, Delete: true}); !refused(err) {
		t.Errorf("a deletion after two days gave %v", err)
	}
}

func TestMalformedLetters(t *testing.T) {
	s := play(t)
	key := func(k bot.Key) bot.Page { return bot.Page{Text: "x", Buttons: [][]bot.Key{{k}}} }
	for why, l := range map[string]bot.Letter{
		"payload of 65 bytes":  {Chat: nook(ana), Page: key(bot.Key{Label: "x", Payload: strings.Repeat("x", 65)})},
		"no label":             {Chat: nook(ana), Page: key(bot.Key{Payload: "x"})},
		"nothing to do":        {Chat: nook(ana), Page: key(bot.Key{Label: "x"})},
		"two things to do":     {Chat: nook(ana), Page: key(bot.Key{Label: "x", Payload: "x", Link: "nook:"})},
		"too long for a link":  {Chat: group(room), Page: key(bot.Key{Label: "x", Link: "nook:a/1/b/" + strings.Repeat("é", 21)})},
		"a nook without owner": {Chat: bot.Chat{Network: "telegram", ID: "@"}, Page: bot.Page{Text: "x"}},
		"a negative owner":     {Chat: bot.Chat{Network: "telegram", ID: "@-5"}, Page: bot.Page{Text: "x"}},
		"edit of no number":    {Chat: nook(ana), Edit: "x", Page: bot.Page{Text: "x"}},
		"deletion of nothing":  {Chat: nook(ana), Delete: true},
		"blank":                {Chat: nook(ana), Page: bot.Page{Text: " \n\u202e "}},
	} {
		if _, err := s.send(l); !errors.Is(err, bot.ErrRefused) {
			t.Errorf("%s: %v, want bot.ErrRefused", why, err)
		}
	}
	if s.Calls("sendMessage")+s.Calls("editMessageText")+s.Calls("deleteMessage") > 0 {
		t.Error("a malformed letter was sent")
	}
}

func TestRunEnds(t *testing.T) {
	t.Run("wrong token", func(t *testing.T) {
		s := play(t, func(o *telegram.Options) { o.Token = "1:wrong" })
		err := s.fails()
		if !telegram.Final(err) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), "@BotFather") || strings.Contains(err.Error(), "wrong") {
			t.Errorf("Run ended with %v", err)
		}
	})
	t.Run("token taken back", func(t *testing.T) {
		s := play(t)
		s.Fail("getUpdates", 0, telegramtest.Unauthorized(), 1)
		if err := s.fails(); !telegram.Final(err) {
			t.Errorf("Run ended with %v", err)
		}
	})
	t.Run("another instance", func(t *testing.T) {
		s := play(t)
		s.Fail("getUpdates", 0, telegramtest.Conflict(), 2)
		if err := s.fails(); !telegram.Final(err) || !strings.Contains(err.Error(), "another program") {
			t.Errorf("Run ended with %v", err)
		}
	})
	t.Run("two adapters, one token", func(t *testing.T) {
		s := play(t)
		ended := make(chan error, 2)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		go func() { ended <- s.Start(ctx) }()
		go func() { ended <- s.Start(ctx) }()
		if err := <-ended; !telegram.Final(err) {
			t.Errorf("Run ended with %v", err)
		}
		s.Server.Say(ana, ana, "hello") // the other one goes on
		s.next()
		cancel()
		<-ended
	})
}

func TestRunGoesOn(t *testing.T) {
	s := play(t)
	telegram.Hurry(s.adapter)
	s.Settings(false, false, "https://example.org/hook")
	for _, f := range []telegramtest.Fault{telegramtest.BadGateway(), telegramtest.Lost(), telegramtest.Conflict(), telegramtest.TooMany(1)} {
		s.Fail("getUpdates", 0, f, 1)
	}
	s.Fail("getMe", 0, telegramtest.BadGateway(), 1)
	s.Fail("getMe", 0, telegramtest.Lost(), 1)
	s.run()
	s.Server.Say(ana, ana, "hello")
	if in := s.next(); in.Text != "hello" {
		t.Errorf("heard %+v", in)
	}
	if s.Calls("deleteWebhook") != 1 {
		t.Error("the webhook was not removed")
	}
}

// leaky is a transport that says what it was asked, as some do.
type leaky struct{}

func (leaky) RoundTrip(r *http.Request) (*http.Response, error) {
	return nil, &url.Error{Op: "Post", URL: r.URL.String(), Err: fmt.Errorf("proxy refused %s", r.URL)}
}

func TestNoTokenInErrors(t *testing.T) {
	for _, api := range []string{"", "http://127.0.0.1:1", "ftp://x", "%zz", "http://x/%s"} {
		_, err := telegram.New(telegram.Options{Token: "bad token", API: api})
		if err == nil || strings.Contains(err.Error(), "bad token") {
			t.Errorf("New gave %v", err)
		}
	}
	s := play(t, func(o *telegram.Options) { o.Transport = leaky{} })
	_, err := s.send(bot.Letter{Chat: nook(ana), Page: bot.Page{Text: "x"}})
	text := fmt.Sprintf("%v %+v %#v", err, err, err)
	for e := err; e != nil; e = errors.Unwrap(e) {
		text += fmt.Sprintf(" %#v", e)
	}
	for _, f := range s.adapter.Check(context.Background()) {
		text += f.Line
	}
	if err == nil || strings.Contains(text, "CANARY") {
		t.Errorf("an error tells the token")
	}
}

// A letter that never left is certain not to have arrived.
func TestUnreachable(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	s := play(t, func(o *telegram.Options) { o.API = "http://" + l.Addr().String() })
	if _, err := s.send(bot.Letter{Chat: nook(ana), Page: bot.Page{Text: "x"}}); !errors.Is(err, bot.ErrUnsent) {
		t.Errorf("a network that is down gave %v", err)
	}
}

// What Telegram quotes of a request may be an invitation.
func TestQuotesAreTakenOut(t *testing.T) {
	s := play(t)
	s.Fail("sendMessage", ana, telegramtest.BadRequest(`inline keyboard button URL 'https://t.me/x?start=s3cret' is invalid: "s3cret" https://t.me/x?start=s3cret`), 1)
	_, err := s.send(bot.Letter{Chat: nook(ana), Page: bot.Page{Text: "x"}})
	if err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error is %v", err)
	}
}
