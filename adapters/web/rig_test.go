package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"evenfall/adapters/adaptertest"
	"evenfall/bot"
)

func TestAdapter(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T, h bot.Handler) adaptertest.Rig { return newRig(t, h, Options{}) })
}

// rig is the adapter on a port of its own and a browser without a screen.
type rig struct {
	t       *testing.T
	adapter *Adapter
	handle  bot.Handler
	client  *http.Client
	logs    buffer
}

// newRig opens the page, with the bot in the room already.
func newRig(t *testing.T, h bot.Handler, o Options) *rig {
	t.Helper()
	r := &rig{t: t, handle: h, client: &http.Client{Transport: &http.Transport{}}}
	t.Cleanup(r.client.CloseIdleConnections)
	o.Addr, o.Log = "127.0.0.1:0", slog.New(slog.NewTextHandler(&r.logs, nil))
	a, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.listener.Close() })
	r.adapter = a
	return r
}

// run runs the adapter until the test ends, or until the returned function is called.
func (r *rig) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Start(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Errorf("Run: %v", err)
		}
	})
	r.t.Cleanup(stop)
	return stop
}

// post posts as the page does; change may spoil the request.
func (r *rig) post(path string, body any, change func(*http.Request)) (int, told) {
	r.t.Helper()
	text, _ := json.Marshal(body)
	if raw, ok := body.(string); ok {
		text = []byte(raw)
	}
	req, err := http.NewRequest("POST", r.adapter.Address()+path, bytes.NewReader(text))
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Origin", strings.TrimSuffix(r.adapter.Address(), "/"))
	req.Header.Set(tokenHeader, r.adapter.token)
	if change != nil {
		change(req)
	}
	res, err := r.client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	var answer told
	json.NewDecoder(res.Body).Decode(&answer)
	return res.StatusCode, answer
}

// snapshot is what a page is told first, and stream what comes after it.
func (r *rig) snapshot() (s snapshot, stream *bufio.Reader, done func()) {
	r.t.Helper()
	res, err := r.client.Get(r.adapter.Address() + "events")
	if err != nil {
		r.t.Fatal(err)
	}
	stream = bufio.NewReader(res.Body)
	r.read(stream, &s)
	return s, stream, func() { res.Body.Close() }
}

// read reads the next event of a stream.
func (r *rig) read(stream *bufio.Reader, v any) {
	r.t.Helper()
	for {
		line, err := stream.ReadString('\n')
		if err != nil {
			r.t.Fatal(err)
		}
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			if err := json.Unmarshal([]byte(data), v); err != nil {
				r.t.Fatal(err)
			}
			return
		}
	}
}

func place(chat bot.Chat) string {
	if chat == Room {
		return "room"
	}
	return "nook"
}

func (r *rig) Adapter() bot.Adapter            { return r.adapter }
func (r *rig) Start(ctx context.Context) error { return r.adapter.Run(ctx, r.handle) }
func (r *rig) Secrets() []string               { return []string{r.adapter.token} }
func (r *rig) Logs() string                    { return r.logs.String() }

func (r *rig) Cast() adaptertest.Cast {
	user := func(id string) bot.User { return bot.User{Network: Network, ID: id} }
	return adaptertest.Cast{Ana: user("ana"), Ben: user("ben"), AnaName: "Ana", BenName: "Ben", Room: Room}
}

func (r *rig) Tap(u bot.User, chat bot.Chat, message, payload string) (string, bool) {
	status, answer := r.post("tap", deed{As: u.ID, Chat: place(chat), Message: message, Payload: payload}, nil)
	return answer.Toast, status == http.StatusOK
}

func (r *rig) Command(u bot.User, chat bot.Chat, name string) { r.Say(u, chat, "/"+name) }

func (r *rig) Say(u bot.User, chat bot.Chat, text string) {
	if status, _ := r.post("say", deed{As: u.ID, Chat: place(chat), Text: text}, nil); status != http.StatusOK {
		r.t.Errorf("saying something gave %d", status)
	}
}

// Noise is what no page would send.
func (r *rig) Noise() {
	for path, body := range map[string]any{
		"tap":     deed{As: "ana", Chat: "room", Payload: strings.Repeat("x", bot.MaxPayload+1)},
		"say":     deed{As: "eve", Chat: "room", Text: "hello"},
		"start":   "not JSON",
		"group":   []int{1},
		"self":    deed{As: "ana", Locale: "xx"},
		"nothing": deed{As: "ana"},
	} {
		if status, _ := r.post(path, body, nil); status/100 != 4 {
			r.t.Errorf("noise to /%s gave %d", path, status)
		}
	}
}

func (r *rig) Vanish(chat bot.Chat, id string) {
	c := r.adapter.chats
	c.mu.Lock()
	defer c.mu.Unlock()
	c.drop(chat.ID, slices.IndexFunc(c.kept.Chats[chat.ID], func(m *message) bool { return m.ID == id }))
}

func (r *rig) Messages(chat bot.Chat) []adaptertest.Shown {
	s, _, done := r.snapshot()
	defer done()
	var list []adaptertest.Shown
	for _, m := range s.Chats[chat.ID] {
		if m.From == "" {
			list = append(list, adaptertest.Shown{ID: m.ID, Title: m.Page.Title, Text: m.Page.Text, Buttons: m.Page.Buttons, File: m.Page.File})
		}
	}
	return list
}

// Fault: between a process and itself nothing of the kind can happen.
func (r *rig) Fault(bot.Chat, adaptertest.Fault) bool { return false }

// buffer is a bytes.Buffer for several writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// eventually waits for something that has to happen.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
