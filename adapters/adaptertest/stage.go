package adaptertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"evenfall/bot"
)

// patience is how long the suite waits for something that has to happen. Only a
// case that fails ever waits this long.
const patience = 20 * time.Second

// stage is a running rig and what its handler heard.
type stage struct {
	*testing.T
	Rig
	Cast
	heard chan bot.Incoming
	stop  context.CancelFunc
	ended chan error

	mu     sync.Mutex
	answer func(bot.Incoming) (bot.Answer, error) // nil = a silent tick
	errs   []string
}

func begin(t *testing.T, open func(t *testing.T, h bot.Handler) Rig) *stage {
	t.Helper()
	here := goleak.IgnoreCurrent()
	// Registered before the rig's own: it runs after the rig has tidied up.
	t.Cleanup(func() {
		if err := goleak.Find(here); err != nil {
			t.Errorf("goroutines were left behind: %v", err)
		}
	})
	s := &stage{T: t, heard: make(chan bot.Incoming, 1024), ended: make(chan error, 1)}
	s.Rig = open(t, s.handle)
	s.Cast = s.Rig.Cast()
	ctx, stop := context.WithCancel(context.Background())
	s.stop = stop
	go func() { s.ended <- s.Start(ctx) }()
	t.Cleanup(s.end)
	return s
}

func (s *stage) handle(_ context.Context, in bot.Incoming) (bot.Answer, error) {
	s.mu.Lock()
	answer := s.answer
	s.mu.Unlock()
	s.heard <- in
	if answer == nil {
		return bot.Answer{}, nil
	}
	return answer(in)
}

// reply sets what the handler answers from now on.
func (s *stage) reply(answer func(bot.Incoming) (bot.Answer, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

// end stops the adapter and looks at what it leaves.
func (s *stage) end() {
	s.stop()
	select {
	case err := <-s.ended:
		if err != nil {
			s.Errorf("Run returned %v after its context ended, want nil", err)
		}
	case <-time.After(patience):
		s.Errorf("Run did not return after its context ended")
	}
	said := s.Logs() + strings.Join(s.errs, "\n")
	for _, secret := range s.Secrets() {
		if strings.Contains(said, secret) {
			s.Errorf("a secret stands in a log or an error")
		}
	}
	logs := s.Logs()
	for _, id := range []string{s.Ana.ID, s.Ben.ID, s.Room.ID, s.AnaName, s.BenName} {
		if strings.Contains(logs, id) {
			s.Errorf("the log names a person or a chat: %q", id)
		}
	}
}

// next is the next event of a kind; others that come before it fail the case.
func (s *stage) next(kind bot.Kind) bot.Incoming {
	s.Helper()
	select {
	case in := <-s.heard:
		if in.Kind != kind {
			s.Fatalf("heard an event of kind %d, want %d", in.Kind, kind)
		}
		return in
	case <-time.After(patience):
		s.Fatalf("no event of kind %d was heard", kind)
	}
	return bot.Incoming{}
}

// silent wants that nothing more was heard. It says something itself and wants
// exactly that next, so it needs no waiting.
func (s *stage) silent() {
	s.Helper()
	s.Say(s.Ben, bot.Nook(s.Ben), "anything else?")
	if in := s.next(bot.Said); in.Text != "anything else?" {
		s.Fatalf("heard more than was done: %+v", in)
	}
}

// try sends and keeps the error for the search for secrets.
func (s *stage) try(l bot.Letter) (string, error) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	id, err := s.Adapter().Send(ctx, l)
	if err != nil {
		s.mu.Lock()
		s.errs = append(s.errs, err.Error(), fmt.Sprintf("%+v %#v", err, err))
		s.mu.Unlock()
	}
	return id, err
}

// send sends and wants success.
func (s *stage) send(l bot.Letter) string {
	s.Helper()
	id, err := s.try(l)
	if err != nil {
		s.Fatalf("send: %v", err)
	}
	if id == "" && !l.Delete {
		s.Fatal("send gave no id")
	}
	return id
}

// seen is the message with the id in a chat.
func (s *stage) seen(chat bot.Chat, id string) Shown {
	s.Helper()
	for _, m := range s.Messages(chat) {
		if m.ID == id {
			return m
		}
	}
	s.Fatalf("there is no message %s to be seen", id)
	return Shown{}
}

var number = struct {
	sync.Mutex
	n int64
}{}

// letter makes a letter with an id of its own: networks may know letters by it.
func letter(chat bot.Chat, p bot.Page) bot.Letter {
	number.Lock()
	defer number.Unlock()
	number.n++
	return bot.Letter{ID: number.n, Couple: 1, Chat: chat, Flow: "suite", Round: 1, Page: p}
}

// tap taps and wants it ticked.
func (s *stage) tap(user bot.User, chat bot.Chat, message, payload string) string {
	s.Helper()
	toast, ticked := s.Rig.Tap(user, chat, message, payload)
	if !ticked {
		s.Fatal("the tap was never ticked")
	}
	return toast
}
