//go:build browser

package web_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"evenfall/adapters/web"
	"evenfall/bot"
)

// stub is a small bot behind the page: it shows every kind of button and tells
// back what it hears.
type stub struct {
	t       *testing.T
	page    *web.Adapter
	options web.Options

	mu      sync.Mutex
	now     time.Time
	letters int64
	board   string          // the message with the moods
	moods   map[string]bool // who has tapped one
	stop    func()
}

// open starts the stub. A Folder in the options makes the chats last.
func open(t *testing.T, o web.Options) *stub {
	t.Helper()
	s := &stub{t: t, now: time.Date(2026, 11, 24, 20, 0, 0, 0, time.FixedZone("", 3600)), moods: map[string]bool{}}
	if o.Addr == "" {
		o.Addr = "127.0.0.1:0"
	}
	o.Log, o.Now, o.Forward = slog.New(slog.DiscardHandler), s.clock, s.forward
	o.Evening = func(context.Context) (time.Time, error) {
		now := s.clock()
		next := time.Date(now.Year(), now.Month(), now.Day(), 21, 0, 0, 0, now.Location())
		if !next.After(now) {
			next = next.AddDate(0, 0, 1)
		}
		return next, nil
	}
	o.Commands = []bot.Command{
		{Name: "menu", Description: map[string]string{"en": "Everything I can do", "es": "Todo lo que sé hacer"}},
		{Name: "checkin", Description: map[string]string{"en": "How are you two tonight?", "es": "¿Cómo estáis esta noche?"}},
		{Name: "streak", Description: map[string]string{"en": "Your evenings together"}},
		{Name: "settings", Description: map[string]string{"en": "Time, language, quiet"}},
	}
	a, err := web.New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	s.page, s.options = a, o
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, s.handle) }()
	s.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

func (s *stub) clock() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

// forward says something in the room on each evening it passes.
func (s *stub) forward(_ context.Context, to time.Time) error {
	for now := s.clock(); now.Before(to); {
		now = now.Add(time.Minute)
		s.mu.Lock()
		s.now = now
		s.mu.Unlock()
		if now.Hour() == 21 && now.Minute() == 0 {
			s.evening()
		}
	}
	return nil
}

func (s *stub) send(chat bot.Chat, edit string, p bot.Page) string {
	s.mu.Lock()
	s.letters++
	l := bot.Letter{ID: s.letters, Couple: 1, Chat: chat, Edit: edit, Page: p}
	s.mu.Unlock()
	id, err := s.page.Send(context.Background(), l)
	if err != nil {
		s.t.Errorf("send: %v", err)
	}
	return id
}

func row(verb string, labels ...string) []bot.Key {
	var keys []bot.Key
	for i, label := range labels {
		keys = append(keys, bot.Key{Label: label, Payload: fmt.Sprintf("evening/1/%s/%d", verb, i+1)})
	}
	return keys
}

// evening is the check-in as it stands: open, or revealed.
func (s *stub) evening() {
	s.mu.Lock()
	dots := [3]string{"○○", "●○", "●●"}[len(s.moods)]
	board, both := s.board, len(s.moods) == 2
	s.mu.Unlock()
	p := bot.Page{
		Title: "Good evening, you two",
		Text:  "How are you?  😞 … 😊\nPressure from outside?  ☀️ … ⛈\nHow close do you feel?  ○ … ●\n\nOnly the first is needed. Your tap stays yours until you have both answered.\n\n" + dots,
		Buttons: [][]bot.Key{
			row("mood", "😞", "😕", "😐", "🙂", "😊"), row("load", "☀️", "🌤", "⛅", "🌧", "⛈"), row("close", "○", "◔", "◑", "◕", "●"),
			{{Label: "✎ A note", Payload: "evening/1/note", Words: true}, {Label: "Keep mine to myself", Link: "nook:evening/1/keep"}},
		},
	}
	if both {
		p = bot.Page{
			Title:   "You are both in",
			Text:    "Ana 🙂 fine\nBen 😕 not so good\n\nOne thing that helps: ask what kind of evening Ben needs, and let the answer be short.\n\n🔥 4 evenings together · best 11 · 37 in all",
			Buttons: [][]bot.Key{row("heart", "♡ Thank you", "♡ I’m here", "♡ Later, tea"), {{Label: "Where this comes from", Link: "https://example.org/study"}}},
		}
	}
	id := s.send(web.Room, board, p)
	s.mu.Lock()
	s.board = id
	s.mu.Unlock()
}

func (s *stub) handle(_ context.Context, in bot.Incoming) (bot.Answer, error) {
	nook := bot.Nook(in.User)
	switch {
	case in.Kind == bot.Arrived:
		s.send(in.Chat, "", bot.Page{Title: "Hello", Text: "I am Evenfall. In the evening I ask how each of you is, and show it once you have both answered.", Buttons: [][]bot.Key{
			{{Label: "Our private chat", Link: "nook:"}, {Label: "I am the other one", Link: "invite:token"}},
		}})
	case in.Kind == bot.Called && in.Command == "checkin":
		s.evening()
	case in.Kind == bot.Called:
		s.send(in.Chat, "", bot.Page{Text: fmt.Sprintf("You called %s with %q in %q.", in.Command, in.Text, in.Locale), Buttons: [][]bot.Key{
			{{Label: "Invite the other one", Link: "invite:token"}}, {{Label: "Put me in a group", Link: "group:token"}},
		}})
	case in.Kind == bot.Said && in.Payload != "":
		return bot.Answer{Toast: "Kept: " + in.Text}, nil
	case in.Kind == bot.Said:
		s.send(in.Chat, "", bot.Page{Text: in.Name + " said: " + in.Text})
	case in.Payload == "evening/1/keep":
		s.send(nook, "", bot.Page{Text: "Yours stays yours tonight, " + in.Name + "."})
	case in.Payload == "evening/1/heart/1":
		return bot.Answer{}, nil
	case in.Kind == bot.Tapped:
		s.mu.Lock()
		s.moods[in.User.ID] = true
		s.mu.Unlock()
		s.evening()
		return bot.Answer{Toast: "Kept: " + in.Payload + ". Sealed until you have both answered; until then you can change it."}, nil
	}
	return bot.Answer{}, nil
}
