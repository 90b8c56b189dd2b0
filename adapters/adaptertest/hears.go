package adaptertest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"evenfall/bot"
)

func payloadBack(s *stage) {
	payloads := []string{"suite/1/a", "suite/12/mood/4", "suite/3/x/" + strings.Repeat("y", bot.MaxPayload-len("suite/3/x/"))}
	var rows [][]bot.Key
	for i, p := range payloads {
		rows = append(rows, []bot.Key{{Label: fmt.Sprint(i), Payload: p}})
	}
	for _, chat := range []bot.Chat{s.Room, bot.Nook(s.Ana)} {
		id := s.send(letter(chat, bot.Page{Text: "choose", Buttons: rows}))
		m := s.seen(chat, id)
		for i, want := range payloads {
			s.tap(s.Ana, chat, id, m.Buttons[i][0].Payload)
			in := s.next(bot.Tapped)
			if in.Payload != want || in.User != s.Ana || in.Chat != chat || in.Message != id {
				s.Errorf("heard %+v, want payload %q by %v in %v on %s", in, want, s.Ana, chat, id)
			}
			if in.Name != s.AnaName {
				s.Errorf("the name is %q, want %q", in.Name, s.AnaName)
			}
		}
	}
}

func nook(s *stage) {
	for _, u := range []bot.User{s.Ana, s.Ben} {
		id := s.send(letter(bot.Nook(u), page("", "for "+u.ID)))
		if m := s.seen(bot.Nook(u), id); m.Text != "for "+u.ID {
			s.Errorf("the nook shows %+v", m)
		}
		s.Say(u, bot.Nook(u), "hello")
		in := s.next(bot.Said)
		if in.Chat != bot.Nook(u) || in.User != u || !in.Open {
			s.Errorf("heard %+v, want it in the nook of %v, open", in, u)
		}
	}
	if len(s.Messages(s.Room)) != 0 {
		s.Error("a letter for a nook came to the room")
	}
}

func toastPrivate(s *stage) {
	s.reply(func(bot.Incoming) (bot.Answer, error) { return bot.Answer{Toast: "kept <b>&_*"}, nil })
	id := s.send(letter(s.Room, page("", "choose", bot.Key{Label: "a", Payload: "suite/1/a"})))
	if toast := s.tap(s.Ana, s.Room, id, "suite/1/a"); toast != "kept <b>&_*" {
		s.Errorf("the toast is %q", toast)
	}
	s.next(bot.Tapped)
	s.reply(nil)
	if toast := s.tap(s.Ben, s.Room, id, "suite/1/a"); toast != "" {
		s.Errorf("a silent tick shows %q", toast)
	}
	s.next(bot.Tapped)
	for _, chat := range []bot.Chat{s.Room, bot.Nook(s.Ana), bot.Nook(s.Ben)} {
		for _, m := range s.Messages(chat) {
			if strings.Contains(m.Text+m.Title, "kept") {
				s.Errorf("the toast can be read in a chat")
			}
		}
	}
}

func commands(s *stage) {
	for _, chat := range []bot.Chat{s.Room, bot.Nook(s.Ana)} {
		s.Command(s.Ana, chat, "menu")
		in := s.next(bot.Called)
		if in.Command != "menu" || in.User != s.Ana || in.Chat != chat || in.Text != "" {
			s.Errorf("heard %+v, want the command menu by %v in %v", in, s.Ana, chat)
		}
	}
}

// ownID: by its id the house knows an event that comes again.
func ownID(s *stage) {
	id := s.send(letter(s.Room, page("", "choose", bot.Key{Label: "a", Payload: "suite/1/a"})))
	seen := map[string]bool{}
	note := func(in bot.Incoming) {
		if in.ID == "" || seen[in.ID] {
			s.Errorf("%+v has the id %q, as one before it", in, in.ID)
		}
		seen[in.ID] = true
	}
	for range 3 {
		s.tap(s.Ana, s.Room, id, "suite/1/a")
		note(s.next(bot.Tapped))
		s.Say(s.Ana, bot.Nook(s.Ana), "hello")
		note(s.next(bot.Said))
	}
}

func saidUnchanged(s *stage) {
	for _, words := range torture {
		s.Say(s.Ana, bot.Nook(s.Ana), words)
		if in := s.next(bot.Said); in.Text != words || in.User != s.Ana {
			s.Errorf("said %q, heard %q", words, in.Text)
		}
	}
}

func saidInOrder(s *stage) {
	for i := range 40 {
		s.Say(s.Ana, bot.Nook(s.Ana), fmt.Sprint("number ", i))
	}
	for i := range 40 {
		if in := s.next(bot.Said); in.Text != fmt.Sprint("number ", i) {
			s.Fatalf("heard %q as number %d", in.Text, i)
		}
	}
}

// failedComesAgain: what the handler could not keep must not look kept. Either the
// adapter brings the event again, or the tap visibly failed and a second one works.
func failedComesAgain(s *stage) {
	var tries atomic.Int32
	s.reply(func(bot.Incoming) (bot.Answer, error) {
		if tries.Add(1) == 1 {
			return bot.Answer{}, errors.New("the disk is full")
		}
		return bot.Answer{Toast: "kept"}, nil
	})
	id := s.send(letter(s.Room, page("", "choose", bot.Key{Label: "a", Payload: "suite/1/a"})))
	toast, ticked := s.Rig.Tap(s.Ana, s.Room, id, "suite/1/a")
	if !ticked {
		toast = s.tap(s.Ana, s.Room, id, "suite/1/a")
	}
	if toast != "kept" || tries.Load() != 2 {
		s.Errorf("ticked with toast %q after %d tries, want %q after 2", toast, tries.Load(), "kept")
	}
	first := s.next(bot.Tapped)
	again := s.next(bot.Tapped)
	if again.Payload != "suite/1/a" || first.Once == ticked || (again.ID == first.ID) != ticked {
		s.Errorf("%+v came again as %+v", first, again)
	}
}

// failingAlone: events of one chat that cannot be kept hold up no other chat.
func failingAlone(s *stage) {
	var fail atomic.Bool
	fail.Store(true)
	s.reply(func(in bot.Incoming) (bot.Answer, error) {
		if in.User == s.Ana && fail.Load() {
			return bot.Answer{}, errors.New("not now")
		}
		return bot.Answer{}, nil
	})
	s.Say(s.Ana, bot.Nook(s.Ana), "stuck")
	s.next(bot.Said)
	s.Say(s.Ben, bot.Nook(s.Ben), "passes")
	for s.next(bot.Said).User != s.Ben {
	}
	fail.Store(false)
}

func noise(s *stage) {
	s.Noise()
	s.Say(s.Ana, bot.Nook(s.Ana), "after the noise")
	if in := s.next(bot.Said); in.Text != "after the noise" {
		s.Errorf("noise was heard as %+v", in)
	}
	s.silent()
}

func stops(s *stage) {
	s.Say(s.Ana, bot.Nook(s.Ana), "hello")
	s.next(bot.Said) // it runs; what stage.end checks is the rest
}
