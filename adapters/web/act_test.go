package web

import (
	"context"
	"net/http"
	"reflect"
	"sync"
	"testing"
	"time"

	"evenfall/bot"
)

// get gets a path with headers and returns the status.
func (r *rig) get(path string, headers map[string]string) int {
	r.t.Helper()
	req, _ := http.NewRequest("GET", r.adapter.Address()+path, nil)
	for k, v := range headers {
		req.Header.Set(k, v)
	}
	res, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

func TestCommand(t *testing.T) {
	for words, want := range map[string][3]string{
		"/menu":               {"menu", "", "yes"},
		"/Menu@evenfall_bot":  {"menu", "", "yes"},
		"/ask  how much\nnow": {"ask", "how much\nnow", "yes"},
		"/":                   {},
		"/ menu":              {},
		"/etc/passwd":         {},
		"/¿qué?":              {},
		"menu":                {},
	} {
		name, rest, ok := command(words)
		if (ok != (want[2] == "yes")) || ok && (name != want[0] || rest != want[1]) {
			t.Errorf("%q is %q, %q, %v", words, name, rest, ok)
		}
	}
}

// What each deed of the page is to the house, and what the chats show of it.
func TestDeeds(t *testing.T) {
	person := func(id, name, chat string, members int) bot.Incoming {
		return bot.Incoming{User: bot.User{Network: Network, ID: id}, Name: name, Chat: bot.Chat{Network: Network, ID: chat}, Members: members, Open: true}
	}
	room, nook := person("ben", "Ben", "room", 2), person("ana", "Ana", "@ana", 1)
	with := func(in bot.Incoming, f func(*bot.Incoming)) bot.Incoming { f(&in); return in }
	for _, c := range []struct {
		name, path string
		deed       deed
		want       []bot.Incoming
		shown      string
	}{
		{"a tap in the room", "tap", deed{As: "ben", Chat: "room", Message: "3", Payload: "c/1/v"},
			[]bot.Incoming{with(room, func(in *bot.Incoming) { in.Kind, in.Payload, in.Message = bot.Tapped, "c/1/v", "3" })}, ""},
		{"a link to the nook", "tap", deed{As: "ana", Chat: "nook", Payload: "c/1/v"},
			[]bot.Incoming{with(nook, func(in *bot.Incoming) { in.Kind, in.Payload = bot.Tapped, "c/1/v" })}, ""},
		{"a form in the room", "tap", deed{As: "ben", Chat: "room", Message: "3", Payload: "c/1/note", Text: " a note "},
			[]bot.Incoming{with(room, func(in *bot.Incoming) {
				in.Kind, in.Payload, in.Message, in.Text = bot.Said, "c/1/note", "3", " a note "
			})}, ""},
		{"words", "say", deed{As: "ben", Chat: "room", Text: "hello"},
			[]bot.Incoming{with(room, func(in *bot.Incoming) { in.Kind, in.Text = bot.Said, "hello" })}, "hello"},
		{"a command", "say", deed{As: "ana", Chat: "nook", Text: "/ask a lot"},
			[]bot.Incoming{with(nook, func(in *bot.Incoming) { in.Kind, in.Command, in.Text = bot.Called, "ask", "a lot" })}, "/ask a lot"},
		{"an invitation", "start", deed{As: "ana", Token: "tok"},
			[]bot.Incoming{with(nook, func(in *bot.Incoming) { in.Kind, in.Command, in.Text = bot.Called, "start", "tok" })}, "/start"},
		{"a link to a group", "group", deed{As: "ben", Token: "tok"},
			[]bot.Incoming{
				with(room, func(in *bot.Incoming) { in.Kind = bot.Arrived }),
				with(room, func(in *bot.Incoming) { in.Kind, in.Command, in.Text = bot.Called, "start", "tok" }),
			}, "/start"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var e ear
			r := newRig(t, e.handle, Options{})
			r.run()
			if status, _ := r.post(c.path, c.deed, nil); status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
			eventually(t, "it was heard", func() bool { return len(e.events()) >= len(c.want) })
			got := e.events()
			for i := range got {
				if got[i].ID == "" || i > 0 && got[i].ID == got[i-1].ID {
					t.Errorf("event %d has the id %q", i, got[i].ID)
				}
				got[i].ID = ""
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("heard %+v\nwant  %+v", got, c.want)
			}
			s, _, done := r.snapshot()
			defer done()
			list := s.Chats[c.want[0].Chat.ID]
			switch {
			case c.shown == "" && len(list) != 0:
				t.Errorf("the chat shows %+v", list[0])
			case c.shown != "" && (len(list) != 1 || list[0].Page.Text != c.shown || list[0].From != c.deed.As):
				t.Errorf("the chat shows %+v", list)
			}
		})
	}
}

// hands is a clock that the page may move.
type hands struct {
	mu   sync.Mutex
	now  time.Time
	went []time.Time
	hold chan struct{} // a move waits for it, if there is one
}

func (h *hands) read() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *hands) move(_ context.Context, to time.Time) error {
	if h.hold != nil {
		<-h.hold
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now, h.went = to, append(h.went, to)
	return nil
}

func TestClock(t *testing.T) {
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	// The night on which the clocks go back: a day is a day on the wall.
	h := &hands{now: time.Date(2026, 10, 24, 21, 0, 0, 0, madrid)}
	var evening time.Time
	r := newRig(t, silent, Options{Now: h.read, Forward: h.move, Evening: func(context.Context) (time.Time, error) { return evening, nil }})
	r.run()
	for _, c := range []struct {
		button, want string
		status       int
	}{
		{"evening", "2026-10-24T21:00:00+02:00", http.StatusNoContent}, // nothing is due
		{"day", "2026-10-25T21:00:00+01:00", http.StatusOK},
		{"hour", "2026-10-25T22:00:00+01:00", http.StatusOK},
		{"week", "2026-11-01T22:00:00+01:00", http.StatusOK},
		{"year", "2026-11-01T22:00:00+01:00", http.StatusNoContent},
	} {
		if status, _ := r.post("forward", deed{As: "ana", Text: c.button}, nil); status != c.status {
			t.Errorf("%s: status %d", c.button, status)
		}
		if got := h.read().Format(time.RFC3339); got != c.want {
			t.Errorf("%s: the clock shows %s, want %s", c.button, got, c.want)
		}
	}
	evening = h.read().Add(23 * time.Hour)
	if r.post("forward", deed{As: "ana", Text: "evening"}, nil); !h.read().Equal(evening) {
		t.Errorf("the evening is %s, want %s", h.read(), evening)
	}
	if s, _, done := r.snapshot(); s.Now != evening.Format(time.RFC3339) || s.Moving {
		t.Errorf("the page shows %s, moving %v", s.Now, s.Moving)
	} else {
		done()
	}
}

// The clock is moved by one at a time.
func TestClockOnce(t *testing.T) {
	h := &hands{now: time.Unix(0, 0).UTC(), hold: make(chan struct{})}
	r := newRig(t, silent, Options{Now: h.read, Forward: h.move})
	r.run()
	first := make(chan int)
	go func() {
		status, _ := r.post("forward", deed{As: "ana", Text: "day"}, nil)
		first <- status
	}()
	eventually(t, "it moves", r.adapter.moving.Load)
	if status, _ := r.post("forward", deed{As: "ben", Text: "day"}, nil); status != http.StatusConflict {
		t.Errorf("the second got %d", status)
	}
	close(h.hold)
	if status := <-first; status != http.StatusOK || len(h.went) != 1 {
		t.Errorf("the first got %d, %d moves", status, len(h.went))
	}
}

// Without the means the page has no such buttons, and posting does nothing.
func TestNoClock(t *testing.T) {
	r := newRig(t, silent, Options{})
	r.run()
	if status, _ := r.post("forward", deed{As: "ana", Text: "day"}, nil); status != http.StatusNotFound {
		t.Errorf("status %d", status)
	}
}
