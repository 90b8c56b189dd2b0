package discord

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/adapters/discord/discordtest"
	"evenfall/bot"
)

// ear keeps what the handler hears and answers it.
type ear struct {
	mu     sync.Mutex
	heard  []bot.Incoming
	answer func(bot.Incoming) (bot.Answer, error)
	more   chan struct{}
}

func newEar(answer func(bot.Incoming) (bot.Answer, error)) *ear {
	return &ear{answer: answer, more: make(chan struct{}, 1000)}
}

func (e *ear) handle(_ context.Context, in bot.Incoming) (bot.Answer, error) {
	e.mu.Lock()
	e.heard = append(e.heard, in)
	e.mu.Unlock()
	e.more <- struct{}{}
	if e.answer == nil {
		return bot.Answer{}, nil
	}
	return e.answer(in)
}

// next waits for one more event.
func (e *ear) next(t *testing.T) bot.Incoming {
	t.Helper()
	select {
	case <-e.more:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing was heard")
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	in := e.heard[0]
	e.heard = e.heard[1:]
	return in
}

func toast(words string) func(bot.Incoming) (bot.Answer, error) {
	return func(bot.Incoming) (bot.Answer, error) { return bot.Answer{Toast: words}, nil }
}

func TestSlash(t *testing.T) {
	t.Parallel()
	e := newEar(nil)
	r := newRig(t, e.handle)
	r.run()
	if got := r.Slash(r.ana, r.home.Channel, "start", " TOKEN "); !got.Ticked || got.Text != "✓" {
		t.Errorf("an empty answer to a command shows %+v", got)
	}
	in := e.next(t)
	if in.Kind != bot.Called || in.Command != "start" || in.Text != "TOKEN" || in.Chat != r.room() || in.User != user(r.ana) ||
		in.Locale != "en-US" || in.Name != "Ana" || in.Members != 2 || !in.Open {
		t.Errorf("heard %+v", in)
	}
	r.Slash(r.ana, r.Nook(r.ana), "menu", "")
	if in := e.next(t); in.Chat != bot.Nook(user(r.ana)) || in.Members != 0 {
		t.Errorf("heard %+v in the nook", in)
	}
	r.DM(r.ana, "/Start TOKEN yes")
	if in := e.next(t); in.Kind != bot.Called || in.Command != "start" || in.Text != "TOKEN yes" {
		t.Errorf("a typed command was heard as %+v", in)
	}
	r.DM(r.ana, "/ is a slash")
	if in := e.next(t); in.Kind != bot.Said || in.Text != "/ is a slash" {
		t.Errorf("words were heard as %+v", in)
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	e := newEar(toast("kept"))
	r := newRig(t, e.handle)
	r.run()
	label := strings.Repeat("note 👩 ", 8)
	id, err := r.send(bot.Letter{ID: 1, Chat: r.room(), Page: bot.Page{Text: "words?", Buttons: [][]bot.Key{{{Label: label, Payload: "checkin/1/note", Words: true}}}}})
	if err != nil {
		t.Fatal(err)
	}
	button := r.Messages(r.home.Channel)[0].Buttons[0][0].CustomID
	form := r.Tap(r.ana, r.home.Channel, id, button).Form
	if form == nil || form.Most != 500 || form.Title != form.Label || !strings.HasPrefix(form.Title, "note 👩") || units(form.Title) > 45 {
		t.Fatalf("the form is %+v", form)
	}
	if got := r.Modal(r.ana, r.home.Channel, id, form.CustomID, "my *words*\nhere"); got.Text != "kept" {
		t.Errorf("the form shows %+v", got)
	}
	in := e.next(t)
	if in.Kind != bot.Said || in.Payload != "checkin/1/note" || in.Text != "my *words*\nhere" || in.Chat != r.room() || in.Message != id {
		t.Errorf("heard %+v", in)
	}
	if len(e.heard) != 0 {
		t.Errorf("opening the form was heard as %+v", e.heard)
	}
	if got := r.Tap(r.ana, r.home.Channel, "1", "?gone/1/x").Form; got == nil || got.Title == "" {
		t.Errorf("a button of a vanished message opens %+v", got)
	}
}

// TestSlow: an answer that takes long is put off, then given; silence takes the
// "thinking…" away; what fails stays visibly unanswered.
func TestSlow(t *testing.T) {
	t.Parallel()
	r := newRig(t, nil)
	hold := make(chan bot.Answer)
	r.h = func(context.Context, bot.Incoming) (bot.Answer, error) { return <-hold, nil }
	r.a.patient = time.Millisecond
	r.run()
	for _, want := range []string{"kept *so*", ""} {
		before := len(r.Requests(answer))
		go func() {
			r.AwaitRequests(answer, before+1)
			hold <- bot.Answer{Toast: want}
		}()
		if got := r.Tap(r.ana, r.home.Channel, "1", "a/1/b"); !got.Ticked || !got.Late || got.Text != want {
			t.Errorf("want %q late, got %+v", want, got)
		}
	}
	go func() { hold <- bot.Answer{} }()
	if got := r.Slash(r.ana, r.home.Channel, "menu", ""); !got.Ticked || got.Text != "✓" {
		t.Errorf("a slow command shows %+v", got)
	}
}

// TestPanic: a panic in the handler is an unticked tap and a count, and life goes on.
func TestPanic(t *testing.T) {
	t.Parallel()
	var first sync.Once
	r := newRig(t, func(_ context.Context, in bot.Incoming) (bot.Answer, error) {
		first.Do(func() { panic("canary words") })
		return bot.Answer{Toast: "kept"}, nil
	})
	r.Deadline = 300 * time.Millisecond
	r.run()
	if got := r.Tap(r.ana, r.home.Channel, "1", "a/1/b"); got.Ticked {
		t.Errorf("a panic shows %+v", got)
	}
	r.Deadline = 20 * time.Second
	if got := r.Tap(r.ana, r.home.Channel, "1", "a/1/b"); got.Text != "kept" {
		t.Errorf("after a panic: %+v", got)
	}
	if r.a.Counts()["panics"] != 1 {
		t.Errorf("counts: %v", r.a.Counts())
	}
	if strings.Contains(r.logs.String(), "canary words") {
		t.Error("the value of a panic is in the log")
	}
}

// TestAnswerAgain: an answer that got lost is tried once more, and one that Discord
// already has is no error.
func TestAnswerAgain(t *testing.T) {
	t.Parallel()
	e := newEar(toast("kept"))
	r := newRig(t, e.handle)
	r.run()
	r.Fault(discordtest.Fault{Op: answer, Status: 502, HTML: true})
	if got := r.Tap(r.ana, r.home.Channel, "1", "a/1/b"); got.Text != "kept" {
		t.Errorf("after a 502: %+v", got)
	}
	r.Fault(discordtest.Fault{Op: answer, Lost: true})
	if got := r.Tap(r.ana, r.home.Channel, "1", "a/1/b"); got.Text != "kept" {
		t.Errorf("after a lost answer: %+v", got)
	}
	r.AwaitRequests(answer, 4) // the second try, which Discord has already
	r.Fault(discordtest.Fault{Op: answer, Status: 404, Code: 10062})
	r.Deadline = 300 * time.Millisecond
	if got := r.Tap(r.ana, r.home.Channel, "1", "a/1/b"); got.Ticked {
		t.Errorf("after an unknown interaction: %+v", got)
	}
	if n := len(r.Requests(answer)); n != 5 {
		t.Errorf("%d answers were sent, want 5: an unknown interaction is not tried again", n)
	}
	if strings.Contains(r.logs.String(), "level=WARN") {
		t.Errorf("the log complains:\n%s", r.logs)
	}
}

// TestWordsComeAgain: words that could not be kept are brought again, in order, and
// events that Discord repeats are heard once.
func TestWordsComeAgain(t *testing.T) {
	t.Parallel()
	var heard atomic.Int64
	e := newEar(func(bot.Incoming) (bot.Answer, error) {
		if heard.Add(1) <= 3 {
			return bot.Answer{}, errors.New("not now")
		}
		return bot.Answer{}, nil
	})
	r := newRig(t, e.handle)
	r.run()
	r.DM(r.ana, "one")
	r.DM(r.ana, "two")
	for _, want := range []string{"one", "one", "one", "one", "two"} {
		if in := e.next(t); in.Text != want {
			t.Fatalf("heard %q, want %q", in.Text, want)
		}
	}
	m := map[string]any{"id": "99", "channel_id": "5", "type": 0, "content": "twice", "author": map[string]any{"id": r.ben.ID}}
	r.Dispatch("MESSAGE_CREATE", m)
	r.Dispatch("MESSAGE_CREATE", m)
	i := map[string]any{"id": "98", "application_id": r.App, "token": "t", "type": 2, "channel_id": "5", "context": 1,
		"user": map[string]any{"id": r.ben.ID}, "data": map[string]any{"type": 1, "name": "twice"}}
	r.Dispatch("INTERACTION_CREATE", i)
	r.Dispatch("INTERACTION_CREATE", i)
	r.DM(r.ben, "after")
	for _, want := range []string{"twice", "/twice", "after"} {
		in := e.next(t)
		if in.Kind == bot.Called {
			in.Text = "/" + in.Command
		}
		if in.Text != want {
			t.Fatalf("heard %q, want %q", in.Text, want)
		}
	}
}
