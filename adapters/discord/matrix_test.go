package discord

import (
	"context"
	"encoding/json"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/adapters/adaptertest"
	"evenfall/adapters/discord/discordtest"
	"evenfall/bot"
)

// exposed is the rig with a wire on which requests go wrong.
type exposed struct {
	shared
	wire  *adaptertest.Wire
	ahead *atomic.Int64 // the adapter's clock, in nanoseconds
}

func expose(t *testing.T, h bot.Handler) adaptertest.Exposed {
	air := &adaptertest.Air{}
	r := rigOn(discordtest.On(t, air.Listen()), t, h)
	e := exposed{shared{r}, adaptertest.NewWire(t, air, discordtest.Op, refusalBody), &atomic.Int64{}}
	e.a.rest.session.Client.Transport.(*transport).next = e.wire
	e.a.dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := air.DialContext(ctx, network, address)
		return &leaver{Conn: conn, closed: make(chan struct{})}, err
	}
	e.a.pause, e.Patience = pauseBefore, adaptertest.Long
	e.a.now = func() time.Time { return time.Now().Add(time.Duration(e.ahead.Load())) }
	return e
}

// leaver hears nothing any more once it has said goodbye. discordgo sleeps a second then
// and holds the lock for which its reader, told of the end, would wait; and synctest's
// clock stands still while anybody waits for a lock.
type leaver struct {
	net.Conn
	left   atomic.Bool
	once   sync.Once
	closed chan struct{}
}

func (l *leaver) Write(p []byte) (int, error) {
	const goodbye = 0x88 // the first byte of a websocket's close frame
	if p[0] == goodbye {
		l.left.Store(true)
	}
	return l.Conn.Write(p)
}

func (l *leaver) Read(p []byte) (int, error) {
	n, err := l.Conn.Read(p)
	if l.left.Load() {
		<-l.closed
	}
	return n, err
}

func (l *leaver) Close() error {
	l.once.Do(func() { close(l.closed) })
	return l.Conn.Close()
}

// refusalBody is how Discord says no; its message may quote what it was sent.
func refusalBody(status, after int) string {
	no := map[string]any{"message": "canary words", "code": map[int]int{400: 50035, 403: noAccess}[status]}
	if after > 0 {
		no["retry_after"] = after
	}
	raw, _ := json.Marshal(no)
	return string(raw)
}

// Start ends when the network has noticed too: what is said before is said to nobody.
func (e exposed) Start(ctx context.Context) error {
	defer e.AwaitNobody()
	return e.shared.Start(ctx)
}

func (e exposed) Wire() *adaptertest.Wire { return e.wire }

func (e exposed) Check(ctx context.Context) (lines string, ill int) {
	for _, f := range e.a.Check(ctx) {
		lines += f.Line + f.Fix + "\n"
		if !f.OK {
			ill++
		}
	}
	return lines, ill
}

func (e exposed) Settled() bool {
	e.AwaitCommands()
	return true
}

// TestMatrix: every request that the adapter can make × every way for it to go wrong.
// The gateway itself is no request: TestGatewayMatrix is its.
func TestMatrix(t *testing.T) {
	const (
		application = "GET /applications/@me"
		remove      = "DELETE /channels/{channel_id}/messages/{message_id}"
		getMenu     = "GET /applications/{application_id}/commands"
		setMenu     = "PUT /applications/{application_id}/commands"
		original    = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
	)
	rest := adaptertest.Row(adaptertest.Rest)
	// What Discord refuses is not tried again: the tap fails, and the person sees it.
	told := adaptertest.But(rest, adaptertest.Unticked, "400", "401", "403", "409")
	look := adaptertest.Row(adaptertest.Look)
	final := adaptertest.But(rest, adaptertest.Ends, "401")
	unset := adaptertest.But(rest, adaptertest.Unset, "400", "403")
	menu := adaptertest.But(unset, adaptertest.Ends, "401")
	send := adaptertest.Letter(1, 0)
	adaptertest.Matrix{
		Open:     expose,
		Scenes:   append(adaptertest.Scenes(), put("put off", "kept"), put("put off in silence", ""), form, recount, publish),
		Apart:    map[string][]string{"start": {application}}, // unless the gateway is faster to tell
		Known:    discordtest.Ops(),
		Requests: []string{"call", "ask", "twice", "follow", "send", "post", "Open"},
		Rows: map[string]adaptertest.Row{
			"start: GET /gateway":     rest,
			"start: GET /gateway/bot": final,
			"start: " + getMenu:       menu,
			"start: " + setMenu:       menu,

			"menu: " + application: unset,
			"menu: " + getMenu:     unset,
			"menu: " + setMenu:     unset,

			"tap: " + answer:                     told,
			"tap for nothing to read: " + answer: told,
			"put off: " + answer:                 told,
			"put off in silence: " + answer:      told,
			"form: " + answer:                    rest,

			"put off: PATCH " + original:             told,
			"put off in silence: DELETE " + original: told,
			"recount: GET /guilds/{guild_id}":        final,
			"recount: " + answer:                     told,

			"send: " + create:               send,
			"send to a nook: " + openDM:     adaptertest.Opening,
			"send to a nook: " + create:     send,
			"send a link: " + application:   adaptertest.Question,
			"send a link: " + create:        send,
			"send a file: " + openDM:        adaptertest.Opening,
			"send a file: " + create:        send,
			"edit: " + edit:                 adaptertest.Letter(0, 0),
			"edit what vanished: " + edit:   adaptertest.Letter(1, 0),
			"edit what vanished: " + create: send,
			"delete: " + remove:             adaptertest.Letter(-1, 0),

			"check: " + application:        look,
			"check: GET /gateway/bot":      look,
			"check: GET /users/@me/guilds": look,
		},
	}.Run(t)
}

// put is a tap that takes so long that its answer is put off.
func put(name, toast string) adaptertest.Scene {
	return adaptertest.Scene{Name: name, Set: adaptertest.Posted, Play: func(p *adaptertest.Play) {
		p.Reply(func(bot.Incoming) (bot.Answer, error) {
			time.Sleep(2 * time.Second)
			return bot.Answer{Toast: toast}, nil
		})
		p.Taps("suite/1/a")
	}}
}

// form is a tap that opens a form; nobody hears of it until the form is sent.
var form = adaptertest.Scene{Name: "form", Set: adaptertest.Posted, Play: func(p *adaptertest.Play) {
	e := p.Exposed.(exposed)
	e.Server.Tap(e.ana, e.home.Channel, p.Message, customID("suite/1/a", true, map[string]bool{}))
}}

// publish sets the menu without a gateway.
var publish = adaptertest.Scene{Name: "menu", Play: func(p *adaptertest.Play) {
	p.Exposed.(exposed).a.publish(p.Context())
}}

// recount is a tap after which the members of the server are counted anew.
var recount = adaptertest.Scene{Name: "recount", Set: adaptertest.Posted, Play: func(p *adaptertest.Play) {
	p.Exposed.(exposed).ahead.Add(int64(recountAfter + time.Minute))
	p.Taps("suite/1/a")
}}
