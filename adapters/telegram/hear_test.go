package telegram_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
)

func with(in bot.Incoming, change func(*bot.Incoming)) bot.Incoming {
	change(&in)
	return in
}

func TestCommands(t *testing.T) {
	s := play(t)
	s.run()
	for _, c := range []struct {
		chat       int64
		said       string
		name, text string
	}{
		{ana, "/menu", "menu", ""},
		{ana, "/Menu", "menu", ""},
		{ana, "/rituals weekdays  19:00", "rituals", "weekdays  19:00"},
		{ana, "/rituals\nweekdays", "rituals", "weekdays"},
		{ana, "/menu@" + telegramtest.Username, "menu", ""},
		{room, "/menu@Evenfall_Test_Bot now", "menu", "now"},
		{room, "/menu", "menu", ""}, // heard because the bot wrote last
		{ana, "/start", "start", ""},
		{ana, "/start hi", "start", ""},
		{ana, "/start a_tokenlookingodd0123456", "start", "a_tokenlookingodd0123456"},
		{room, "/start@" + telegramtest.Username + " TOKEN-_9", "start", "TOKEN-_9"},
	} {
		s.Server.Say(ana, c.chat, c.said)
		chat := nook(ana)
		if c.chat == room {
			chat = group(room)
		}
		s.only(with(by(bot.Called, chat), func(in *bot.Incoming) { in.Command, in.Text = c.name, c.text }))
	}
	for _, odd := range []string{"/", "/ menu", "//", "/mé", "half /menu"} {
		s.Server.Say(ana, ana, odd)
		s.only(with(by(bot.Said, nook(ana)), func(in *bot.Incoming) { in.Text = odd }))
	}
}

func TestWordsInGroup(t *testing.T) {
	s := play(t)
	s.run()
	asked := s.post(group(room), bot.Page{Text: "what for?"})
	own := s.Server.Say(ben, room, "not for the bot")
	s.Server.Reply(ana, room, own, "nor this")
	s.Server.Reply(ana, room, asked, "for the walk")
	s.only(with(by(bot.Said, group(room)), func(in *bot.Incoming) { in.Text = "for the walk" }))
	// Even a bot that reads along is not meant by what people say to each other.
	s.Settings(true, false, "")
	s.Server.Reply(ana, room, own, "nor this")
	s.Server.Reply(ana, room, asked, "last")
	s.only(with(by(bot.Said, group(room)), func(in *bot.Incoming) { in.Text = "last" }))
}

func TestLinks(t *testing.T) {
	s := play(t)
	s.run()
	long := "checkin/12/note/a-b.c~d é" // needs base64
	row := []bot.Key{
		{Label: "nook", Link: "nook:"},
		{Label: "note", Link: "nook:checkin/3/note"},
		{Label: "long", Link: "nook:" + long},
		{Label: "longest", Link: "nook:abcdefghij/12/abcdefghijklmnopqrstuvwxyz/abcdefghijklmnopqrst"},
		{Label: "words", Payload: "checkin/3/words", Words: true},
		{Label: "invite", Link: "invite:s3cret-Token_0123456789"},
		{Label: "group", Link: "group:s3cret-Token_0123456789"},
		{Label: "page", Link: "https://example.org/?a=1&b=2"},
		{Label: "none", Link: "mail:somebody"},
	}
	id := s.post(group(room), bot.Page{Text: "links", Buttons: [][]bot.Key{row[:5], row[5:], {row[8]}}})
	at := map[string]string{}
	m := s.Server.Messages(room)[0]
	for _, r := range m.Buttons {
		for _, b := range r {
			at[b.Label] = b.URL
		}
	}
	if _, ok := at["none"]; ok || len(m.Buttons) != 2 || m.ID != id {
		t.Errorf("a link that Telegram does not have is shown: %+v", m.Buttons)
	}
	if at["page"] != "https://example.org/?a=1&b=2" {
		t.Errorf("the address became %q", at["page"])
	}
	s.Follow(ana, at["nook"], 0)
	s.only(with(by(bot.Called, nook(ana)), func(in *bot.Incoming) { in.Command = "start" }))
	for label, payload := range map[string]string{
		"note": "checkin/3/note", "long": long, "words": "checkin/3/words", "longest": row[3].Link[5:],
	} {
		s.Follow(ana, at[label], 0)
		s.only(with(by(bot.Tapped, nook(ana)), func(in *bot.Incoming) { in.Payload, in.Quiet = payload, true }))
	}
	s.Follow(cleo, at["invite"], 0)
	if in := s.next(); in.Kind != bot.Called || in.Command != "start" || in.Text != "s3cret-Token_0123456789" || in.User != user(cleo) || !in.Open {
		t.Errorf("the invitation arrived as %+v", in)
	}
	s.Group(-77, ana, ben, cleo)
	s.Follow(ana, at["group"], -77)
	s.only(with(by(bot.Arrived, group(-77)), func(in *bot.Incoming) { in.Members = 3 }))
	s.only(with(by(bot.Called, group(-77)), func(in *bot.Incoming) {
		in.Members, in.Command, in.Text = 3, "start", "s3cret-Token_0123456789"
	}))
}

// In the nook a button for words, or one that leads to the nook, is a plain one.
func TestLinksInNook(t *testing.T) {
	s := play(t)
	s.post(nook(ana), bot.Page{Text: "links", Buttons: [][]bot.Key{{
		{Label: "words", Payload: "checkin/3/words", Words: true}, {Label: "note", Link: "nook:checkin/3/note"},
	}}})
	row := s.Server.Messages(ana)[0].Buttons[0]
	if row[0].Data != "checkin/3/words" || row[1].Data != "checkin/3/note" || row[0].URL+row[1].URL != "" {
		t.Errorf("the buttons are %+v", row)
	}
}

func TestMembers(t *testing.T) {
	s := play(t)
	s.run()
	say := func(members int) {
		t.Helper()
		s.Command(user(ana), group(room), "menu")
		s.only(with(by(bot.Called, group(room)), func(in *bot.Incoming) { in.Command, in.Members = "menu", members }))
	}
	say(2)
	say(2)
	if n := s.Calls("getChatMemberCount"); n != 1 {
		t.Errorf("the room was counted %d times, want once", n)
	}
	counted := func(members int) {
		t.Helper()
		s.only(bot.Incoming{Kind: bot.Counted, Chat: group(room), Members: members})
	}
	s.Join(cleo, room)
	counted(3)
	say(3)
	s.Quit(cleo, room)
	counted(2)
	say(2)
	s.Fail("getChatMemberCount", room, telegramtest.BadGateway(), 1)
	s.Join(cleo, room)
	counted(0) // not known
	say(3)
}

func TestComingAndGoing(t *testing.T) {
	s := play(t)
	s.run()
	s.Group(-77, ana, ben)
	s.Add(ana, -77)
	s.only(by(bot.Arrived, group(-77)))
	s.Kick(ana, -77)
	s.only(with(by(bot.Gone, group(-77)), func(in *bot.Incoming) { in.Members = 0 }))
	s.Block(ana)
	s.only(with(by(bot.Gone, nook(ana)), func(in *bot.Incoming) { in.Open = false }))
	if _, err := s.send(bot.Letter{Chat: nook(ana), Page: bot.Page{Text: "hello"}}); !isGone(err) {
		t.Errorf("a letter to somebody who blocked the bot gave %v", err)
	}
	s.Unblock(ana) // is not talked about
	s.Server.Start(ana, "")
	s.only(with(by(bot.Called, nook(ana)), func(in *bot.Incoming) { in.Command = "start" }))
}

func TestMigration(t *testing.T) {
	s := play(t)
	id := s.post(group(room), bot.Page{Text: "before"})
	to := s.Migrate(room)
	for _, l := range []bot.Letter{
		{Chat: group(room), Page: bot.Page{Text: "after"}},
		{Chat: group(room), Page: bot.Page{Text: "after"}, Edit: id},
	} {
		if _, err := s.send(l); !movedTo(err, group(to)) {
			t.Errorf("a letter to the old number gave %v", err)
		}
	}
	s.Server.Say(ana, to, "/menu@"+telegramtest.Username)
	var tries atomic.Int32
	s.answer = func(_ context.Context, in bot.Incoming) (bot.Answer, error) {
		if in.Kind == bot.Moved && tries.Add(1) < 3 {
			return bot.Answer{}, errors.New("not yet") // what comes after the move waits for it
		}
		return bot.Answer{}, nil
	}
	s.run()
	s.only(bot.Incoming{Kind: bot.Moved, Chat: group(room), To: group(to)})
	s.only(with(by(bot.Called, group(to)), func(in *bot.Incoming) { in.Command = "menu" }))
	s.post(group(to), bot.Page{Text: "after"})
}
