package telegram_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"evenfall/adapters/telegram"
	"evenfall/bot"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what has to happen.
const patience = 20 * time.Second

// stage is a rig whose handler can be watched and told what to do.
type stage struct {
	*rig
	heard  chan bot.Incoming
	answer func(context.Context, bot.Incoming) (bot.Answer, error)
}

// play makes a stage; nothing runs yet.
func play(t *testing.T, change ...func(*telegram.Options)) *stage {
	s := &stage{heard: make(chan bot.Incoming, 4096)}
	s.rig = newRig(t, func(ctx context.Context, in bot.Incoming) (bot.Answer, error) {
		if s.answer == nil {
			s.heard <- in
			return bot.Answer{}, nil
		}
		a, err := s.answer(ctx, in)
		if err == nil {
			s.heard <- in
		}
		return a, err
	}, change...)
	return s
}

// run starts the adapter and returns what stops it and gives Run's error.
func (s *stage) run() (stop func() error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Start(ctx) }()
	stopped := false
	stop = func() error {
		cancel()
		if stopped {
			return nil
		}
		stopped = true
		select {
		case err := <-ended:
			return err
		case <-time.After(patience):
			return fmt.Errorf("Run did not return")
		}
	}
	s.t.Cleanup(func() {
		if err := stop(); err != nil {
			s.t.Errorf("Run: %v", err)
		}
	})
	return stop
}

// fails runs the adapter until it ends by itself.
func (s *stage) fails() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.Start(ctx)
}

// next is the next event.
func (s *stage) next() bot.Incoming {
	s.t.Helper()
	select {
	case in := <-s.heard:
		return in
	case <-time.After(patience):
		s.t.Fatal("nothing was heard")
	}
	return bot.Incoming{}
}

// only wants that the next event is this one.
func (s *stage) only(want bot.Incoming) {
	s.t.Helper()
	in := s.next()
	if want.ID = in.ID; in != want || in.ID == "" {
		s.t.Errorf("heard\n%+v, want\n%+v", in, want)
	}
}

func (s *stage) send(l bot.Letter) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return s.adapter.Send(ctx, l)
}

// post sends a page and wants success.
func (s *stage) post(c bot.Chat, p bot.Page) string {
	s.t.Helper()
	id, err := s.send(bot.Letter{Chat: c, Page: p})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

// by is an event of Ana's.
func by(kind bot.Kind, c bot.Chat) bot.Incoming {
	in := bot.Incoming{Kind: kind, User: user(ana), Name: "Ana <b>&_*", Locale: "pt-br", Chat: c, Quiet: kind == bot.Called || kind == bot.Said}
	if c == nook(ana) {
		in.Open = true
	} else {
		in.Members = 2
	}
	return in
}
