package telegram_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"evenfall/adapters/adaptertest"
	"evenfall/adapters/telegram"
	"evenfall/adapters/telegram/telegramtest"
	"evenfall/bot"
)

// exposed is the rig with a wire on which requests go wrong.
type exposed struct {
	*rig
	wire *adaptertest.Wire
}

func expose(t *testing.T, h bot.Handler) adaptertest.Exposed {
	air := &adaptertest.Air{}
	wire := adaptertest.NewWire(t, air, func(r *http.Request) string { return path.Base(r.URL.Path) }, refusalBody)
	r := rigOn(telegramtest.On(t, air.Listen()), t, h, func(o *telegram.Options) {
		o.Transport = wire
		o.Commands = []bot.Command{{Name: "menu", Description: map[string]string{"en": "All of it", "es": "Todo"}}}
	})
	r.Patience = adaptertest.Long
	return exposed{r, wire}
}

// refusalBody is how Telegram says no, quoting what it was sent.
func refusalBody(status, after int) string {
	no := map[string]any{"ok": false, "error_code": status, "description": `No: "canary words"`}
	if after > 0 {
		no["parameters"] = map[string]any{"retry_after": after}
	}
	raw, _ := json.Marshal(no)
	return string(raw)
}

func (e exposed) Wire() *adaptertest.Wire { return e.wire }

func (e exposed) Check(ctx context.Context) (lines string, ill int) {
	for _, f := range e.adapter.Check(ctx) {
		lines += f.Line + f.Fix + "\n"
		if !f.OK {
			ill++
		}
	}
	return lines, ill
}

func (e exposed) Settled() bool {
	return e.Drained() && e.Await(func() bool { return e.Menu("") != "" && e.Menu("es") != "" })
}

// TestMatrix: every request that the adapter can make × every way for it to go wrong.
func TestMatrix(t *testing.T) {
	rest, ends := adaptertest.Row(adaptertest.Rest), adaptertest.Ends
	look := adaptertest.Row(adaptertest.Look)
	believed := func(row adaptertest.Row) adaptertest.Row {
		return adaptertest.But(row, adaptertest.Believed, adaptertest.Lies...)
	}
	final := adaptertest.But(rest, ends, "401")
	menu := adaptertest.But(rest, adaptertest.Unset, adaptertest.Lies...)
	// 400 is a tap too old to be ticked; a lie is believed.
	tick := adaptertest.But(rest, adaptertest.Unticked, append(adaptertest.Lies, "400")...)
	send := adaptertest.Twice(adaptertest.Letter(1, 0))
	adaptertest.Matrix{
		Open: expose,
		Final: func(site string, x, y adaptertest.Mishap) bool {
			another := site == "getUpdates" && x.Name == "409" && y.Name == "409"
			hooks := site == "deleteWebhook" && slices.Contains(adaptertest.Lies, x.Name) && slices.Contains(adaptertest.Lies, y.Name)
			return another || hooks
		},
		Scenes:   append(adaptertest.Scenes(), hooked, unkept),
		Known:    telegramtest.Methods(),
		Requests: []string{"call", "callFor", "deliver", "upload", "ask", "paced"},
		Apart:    map[string][]string{"": {"getUpdates"}, "start": nil, "stop": nil, hooked.Name: nil, unkept.Name: nil},
		Rows: map[string]adaptertest.Row{
			"start: getMe":         final,
			"start: getUpdates":    final,
			"start: getMyCommands": rest,
			"start: setMyCommands": menu,

			"another's webhook: getMe":         final,
			"another's webhook: getUpdates":    final,
			"another's webhook: getMyCommands": rest,
			"another's webhook: setMyCommands": menu,
			"another's webhook: deleteWebhook": rest,

			"stop: getUpdates":              rest,
			"what nobody keeps: getUpdates": final,

			"tap: getChatMemberCount":  rest,
			"tap: answerCallbackQuery": tick,

			"tap for nothing to read: getChatMemberCount":  rest,
			"tap for nothing to read: answerCallbackQuery": tick,

			"send: sendMessage":           send,
			"send to a nook: sendMessage": send,
			"send a link: getMe":          adaptertest.Question,
			"send a link: sendMessage":    send,
			"send a file: sendDocument":   send,
			"edit: editMessageText":       believed(adaptertest.Letter(0, 0)),

			"edit what vanished: editMessageText": believed(adaptertest.Letter(1, 0)),
			"edit what vanished: sendMessage":     send,

			"delete: deleteMessage": believed(adaptertest.Letter(-1, 0)),

			"check: getMe":          look,
			"check: getWebhookInfo": adaptertest.But(look, adaptertest.Fine, "nonsense", "hollowness"),
		},
	}.Run(t)
}

var hooked = adaptertest.Scene{
	Name: "another's webhook",
	Set:  func(p *adaptertest.Play) { p.Exposed.(exposed).Settings(false, false, "https://example.org/hook") },
	Play: adaptertest.Start,
}

// unkept: what the core cannot keep stays with Telegram, whatever becomes of the polls,
// and the next process hears it.
var unkept = adaptertest.Scene{
	Name: "what nobody keeps",
	Set: func(p *adaptertest.Play) {
		adaptertest.Running(p)
		var tries atomic.Int32
		p.Reply(func(bot.Incoming) (bot.Answer, error) {
			tries.Add(1)
			return bot.Answer{}, errors.New("the disk is full")
		})
		p.Say(p.Ana, bot.Nook(p.Ana), "keep me")
		for tries.Load() == 0 {
			time.Sleep(time.Millisecond)
		}
	},
	Play: func(p *adaptertest.Play) {
		for end := time.Now().Add(adaptertest.Long); p.Wire().Calls("getUpdates") < 2 && p.Runs() && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
		p.Halt()
		p.Wire().End()
		p.Reply(nil)
		p.Go()
		p.Hears("keep me")
	},
}
