package telegram_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"evenfall/adapters/telegram"
	"evenfall/bot"
)

func TestMenu(t *testing.T) {
	names := make(chan string, 2)
	s := play(t, func(o *telegram.Options) {
		o.Started = func(name string) { names <- name }
		o.Commands = []bot.Command{
			{Name: "menu", Description: map[string]string{"en": "All of it", "es": "Todo"}},
			{Name: "rest", Description: map[string]string{"en": "A pause"}},
		}
	})
	settle := func(asked int) {
		stop := s.run()
		if name := <-names; name != "evenfall_test_bot" {
			t.Errorf("started as %q", name)
		}
		if !s.Await(func() bool { return s.Calls("getMyCommands") == asked && s.Menu("es") != "" }) {
			t.Error("the menu was never looked at")
		}
		s.Server.Say(ana, ana, "hello")
		s.next()
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
	settle(2)
	if en := s.Menu(""); en != `[{"command":"menu","description":"All of it"},{"command":"rest","description":"A pause"}]` {
		t.Errorf("the English menu is %s", en)
	}
	if es := s.Menu("es"); es != `[{"command":"menu","description":"Todo"},{"command":"rest","description":"A pause"}]` {
		t.Errorf("the Spanish menu is %s", es)
	}
	settle(4)
	if n := s.Calls("setMyCommands"); n != 2 {
		t.Errorf("the menu was set %d times, want once for each language", n)
	}
}

func TestCheck(t *testing.T) {
	s := play(t)
	ctx := context.Background()
	for _, f := range s.adapter.Check(ctx) {
		if !f.OK || f.Fix != "" {
			t.Errorf("all is well, but: %+v", f)
		}
	}
	ill := play(t)
	ill.Settings(true, true, "https://example.org/hook")
	var fixes []string
	for _, f := range ill.adapter.Check(ctx) {
		if !f.OK {
			fixes = append(fixes, f.Fix)
		}
	}
	all := strings.Join(fixes, "\n")
	if len(fixes) != 3 || !strings.Contains(all, "/setprivacy") || !strings.Contains(all, "/setjoingroups") || strings.Contains(all, "example.org") {
		t.Errorf("the fixes are %q", fixes)
	}
	wrong := play(t, func(o *telegram.Options) { o.Token = "1:wrong" })
	if f := wrong.adapter.Check(ctx); len(f) != 1 || f[0].OK || f[0].Fix == "" {
		t.Errorf("a wrong token gives %+v", f)
	}
}

// The rate keeps within what Telegram allows, without a single refusal.
func TestPerSecond(t *testing.T) {
	s := play(t, func(o *telegram.Options) { o.PerSecond = 30 })
	s.Limits()
	var wg sync.WaitGroup
	for i := range int64(60) {
		s.Open(3000 + i)
		wg.Go(func() {
			if _, err := s.send(bot.Letter{Chat: nook(3000 + i), Page: bot.Page{Text: "good evening"}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := s.Denied(); n != 0 {
		t.Errorf("%d letters were refused", n)
	}
	hasty := play(t)
	hasty.Limits()
	for range 3 { // and the pretend Telegram does refuse
		_, _ = hasty.send(bot.Letter{Chat: group(room), Page: bot.Page{Text: "good evening"}})
	}
	if hasty.Denied() == 0 {
		t.Error("nothing was refused, though three letters went to one chat at once")
	}
}

// What replaces a message that was taken away waits for its turn like any other.
func TestPaceOfAReplacement(t *testing.T) {
	s := play(t, func(o *telegram.Options) { o.PerSecond = 30 })
	s.Limits()
	old := s.post(group(room), bot.Page{Text: "good evening"})
	s.Server.Vanish(room, old)
	fresh, err := s.send(bot.Letter{Chat: group(room), Edit: old, Page: bot.Page{Text: "good night"}})
	if err != nil || fresh == old {
		t.Errorf("the message was replaced by %q, %v", fresh, err)
	}
	if n := s.Denied(); n != 0 {
		t.Errorf("%d letters were refused", n)
	}
}
