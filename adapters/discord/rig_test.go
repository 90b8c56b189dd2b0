package discord

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"evenfall/adapters/adaptertest"
	"evenfall/adapters/discord/discordtest"
	"evenfall/bot"
)

// rig is an adapter on a pretend Discord.
type rig struct {
	*discordtest.Server
	t        *testing.T
	a        *Adapter
	h        bot.Handler
	ana, ben discordtest.User
	home     discordtest.Guild
	logs     *logs
}

type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newRig(t *testing.T, h bot.Handler) *rig {
	t.Helper()
	return rigOn(discordtest.New(t), t, h)
}

// rigOn is newRig on a server of one's own.
func rigOn(s *discordtest.Server, t *testing.T, h bot.Handler) *rig {
	t.Helper()
	r := &rig{Server: s, t: t, h: h, logs: &logs{}}
	r.ana, r.ben = r.User("Ana"), r.User("Ben")
	r.home = r.Guild(r.ana, r.ben)
	transport := http.DefaultTransport.(*http.Transport).Clone()
	t.Cleanup(transport.CloseIdleConnections)
	a, err := New(Options{
		Token: discordtest.Token, API: r.URL, Transport: transport,
		Log: slog.New(slog.NewTextHandler(r.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Commands: []bot.Command{
			{Name: "start", Description: map[string]string{"en": "Begin", "es": "Empezar"}},
			{Name: "menu", Description: map[string]string{"en": "All there is", "es": "Todo"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	a.pause = func(int) time.Duration { return time.Millisecond }
	a.again = time.Millisecond
	r.a = a
	return r
}

// run starts the adapter and stops it with the test; Run has to end without error.
func (r *rig) run() {
	r.t.Helper()
	stop, ended := r.start()
	r.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			r.t.Errorf("Run ended with %v", err)
		}
	})
	r.AwaitReady()
}

func (r *rig) start() (stop func(), ended chan error) {
	ctx, stop := context.WithCancel(context.Background())
	ended = make(chan error, 1)
	go func() { ended <- r.a.Run(ctx, r.h) }()
	return stop, ended
}

// finalRun runs until the adapter gives up, and returns why.
func (r *rig) finalRun() error {
	r.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	err := r.a.Run(ctx, r.h)
	if err == nil {
		r.t.Fatal("Run did not give up")
	}
	return err
}

func (r *rig) send(l bot.Letter) (string, error) {
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	return r.a.Send(ctx, l)
}

func (r *rig) room() bot.Chat { return bot.Chat{Network: Network, ID: r.home.Channel} }

func user(u discordtest.User) bot.User { return bot.User{Network: Network, ID: u.ID} }

// shared is the rig as the shared suite drives it.
type shared struct{ *rig }

func (r shared) Adapter() bot.Adapter            { return r.a }
func (r shared) Start(ctx context.Context) error { return r.a.Run(ctx, r.h) }

func (r shared) Cast() adaptertest.Cast {
	return adaptertest.Cast{Ana: user(r.ana), Ben: user(r.ben), AnaName: r.ana.Name, BenName: r.ben.Name, Room: r.room()}
}

func (r shared) who(u bot.User) discordtest.User {
	if u.ID == r.ana.ID {
		return r.ana
	}
	return r.ben
}

func (r shared) channel(c bot.Chat) string {
	if u, ok := c.Private(); ok {
		return r.Nook(r.who(u))
	}
	return c.ID
}

func (r shared) Tap(u bot.User, c bot.Chat, message, payload string) (string, bool) {
	reply := r.Server.Tap(r.who(u), r.channel(c), message, payload)
	return reply.Text, reply.Ticked
}

func (r shared) Command(u bot.User, c bot.Chat, command string) {
	r.Slash(r.who(u), r.channel(c), command, "")
}

func (r shared) Say(u bot.User, _ bot.Chat, text string) { r.DM(r.who(u), text) }

func (r shared) Noise() {
	nook := r.Nook(r.ana)
	me := map[string]any{"id": r.ana.ID, "username": "ana"}
	note := func(over map[string]any) map[string]any {
		m := map[string]any{"id": "77", "channel_id": nook, "type": 0, "content": "noise", "author": me}
		for k, v := range over {
			m[k] = v
		}
		return m
	}
	for _, m := range []map[string]any{
		note(map[string]any{"author": map[string]any{"id": "8", "bot": true}}),
		note(map[string]any{"webhook_id": "9"}),
		note(map[string]any{"guild_id": r.home.ID, "channel_id": r.home.Channel}),
		note(map[string]any{"type": 7}),
		note(map[string]any{"content": "", "components": []any{map[string]any{"type": 99}}}),
		note(map[string]any{"author": nil}),
		note(map[string]any{"content": 5}),
	} {
		r.Dispatch("MESSAGE_CREATE", m)
	}
	act := func(over map[string]any) map[string]any {
		m := map[string]any{"id": "78", "application_id": r.App, "token": "t", "type": 3, "channel_id": nook, "user": me,
			"context": 1, "data": map[string]any{"component_type": 2, "custom_id": "suite/1/a"}}
		for k, v := range over {
			m[k] = v
		}
		return m
	}
	for _, m := range []map[string]any{
		act(map[string]any{"type": 1}),
		act(map[string]any{"type": 4}),
		act(map[string]any{"type": 77}),
		act(map[string]any{"context": 2}),
		act(map[string]any{"user": nil}),
		act(map[string]any{"data": map[string]any{"component_type": 3, "custom_id": "suite/1/a", "values": []any{"x"}}}),
		act(map[string]any{"data": map[string]any{"component_type": 2}}),
		act(map[string]any{"data": nil}),
		act(map[string]any{"type": 5, "data": map[string]any{"custom_id": "other", "components": []any{map[string]any{"type": 22}}}}),
		act(map[string]any{"type": 2, "data": map[string]any{"type": 3, "name": "menu"}}),
	} {
		r.Dispatch("INTERACTION_CREATE", m)
	}
	r.Dispatch("TYPING_START", map[string]any{"x": 1})
	r.Dispatch("AN_EVENT_OF_TOMORROW", []any{1, "two"})
	r.Dispatch("CHANNEL_UPDATE", map[string]any{"id": 5})
	r.Dispatch("GUILD_DELETE", nil)
}

func (r shared) Vanish(c bot.Chat, message string) { r.Server.Vanish(r.channel(c), message) }

func (r shared) Messages(c bot.Chat) []adaptertest.Shown {
	var out []adaptertest.Shown
	for _, m := range r.Server.Messages(r.channel(c)) {
		shown := adaptertest.Shown{ID: m.ID, Title: m.Title, Text: m.Text}
		for _, row := range m.Buttons {
			var keys []bot.Key
			for _, b := range row {
				keys = append(keys, bot.Key{Label: b.Label, Payload: b.CustomID, Link: b.URL})
			}
			shown.Buttons = append(shown.Buttons, keys)
		}
		if m.File != nil {
			shown.File = &bot.File{Name: m.File.Name, Type: m.File.Type, Data: m.File.Data}
		}
		out = append(out, shown)
	}
	return out
}

func (r shared) Fault(c bot.Chat, f adaptertest.Fault) bool {
	fault := discordtest.Fault{Op: create, Path: r.channel(c)}
	switch f {
	case adaptertest.Gone:
		fault.Status, fault.Code = 403, 50001
	case adaptertest.Later:
		fault.Status, fault.After = 429, 7
	case adaptertest.Refused:
		fault.Status, fault.Code = 400, 50035
	case adaptertest.Broken:
		fault.Status, fault.HTML = 502, true
	case adaptertest.Lost:
		fault.Lost = true
	}
	r.Server.Fault(fault)
	return true
}

func (r shared) Secrets() []string {
	return []string{discordtest.Token, "canary-0451", "interaction-token"}
}
func (r shared) Logs() string { return r.logs.String() }

const (
	create = "POST /channels/{channel_id}/messages"
	edit   = "PATCH /channels/{channel_id}/messages/{message_id}"
	answer = "POST /interactions/{interaction_id}/{interaction_token}/callback"
	openDM = "POST /users/@me/channels"
)

func TestSuite(t *testing.T) {
	adaptertest.Run(t, func(t *testing.T, h bot.Handler) adaptertest.Rig { return shared{newRig(t, h)} })
}

// contains reports whether a JSON request body holds a string.
func contains(r discordtest.Request, s string) bool { return strings.Contains(string(r.Body), s) }

func field(r discordtest.Request, name string) any {
	var m map[string]any
	json.Unmarshal(r.Body, &m)
	return m[name]
}
