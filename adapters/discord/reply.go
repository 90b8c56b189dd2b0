package discord

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/bwmarrin/discordgo"

	"evenfall/bot"
)

// How an interaction is answered.
const (
	answerMessage, answerLater, answerNothing, answerForm = 4, 5, 6, 9

	ephemeral    = 1 << 6          // only the person who did it sees the message
	noEmbeds     = 1 << 2          // links are not unfurled
	answerWithin = 3 * time.Second // Discord waits no longer for the first answer
	followMost   = 5 * time.Second // for one try of what follows it
	wordsMost    = 500             // characters of a form
	titleMost    = 45
	tick         = "✓"
	alreadyDone  = 40060
	unknownToken = 10062
)

// reply is the answer to one interaction. Discord waits three seconds for it. A
// handler that takes longer than half of that is bridged by a private "thinking…",
// which becomes the answer, or goes away, or, if nothing was kept, fails visibly.
type reply struct {
	a              *Adapter
	id, token, app string
	tap            bool // there is a message with a button: silence is an answer
	since          time.Time

	mu    sync.Mutex
	timer *time.Timer
	over  bool
	later chan struct{} // closed when "thinking…" is there; nil = it was not needed
}

type response struct {
	Type int `json:"type"`
	Data any `json:"data,omitempty"`
}

type formBody struct {
	CustomID   string    `json:"custom_id"`
	Title      string    `json:"title"`
	Components []formRow `json:"components"`
}

type formRow struct {
	Type       int         `json:"type"`
	Components []formInput `json:"components"`
}

type formInput struct {
	Type     int    `json:"type"`
	CustomID string `json:"custom_id"`
	Label    string `json:"label"`
	Style    int    `json:"style"`
	Most     int    `json:"max_length"`
	Required bool   `json:"required"`
}

// privately is a message that only the person sees.
func privately(text string) body {
	return body{Content: cut(escape(text), contentMost), Flags: ephemeral | noEmbeds, Mentions: noMentions}
}

// begin starts the clock.
func (r *reply) begin(patience time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = time.AfterFunc(patience, r.putOff)
}

func (r *reply) putOff() {
	defer r.a.rescue("reply")
	r.mu.Lock()
	if r.over {
		r.mu.Unlock()
		return
	}
	r.later = make(chan struct{})
	defer close(r.later)
	r.mu.Unlock()
	r.a.counts.add("answers put off")
	r.send(response{Type: answerLater, Data: body{Flags: ephemeral | noEmbeds, Mentions: noMentions}})
}

// drop leaves the interaction without an answer but the one that was begun.
func (r *reply) drop() (later <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer.Stop()
	r.over = true
	return r.later
}

// finish answers.
func (r *reply) finish(answer bot.Answer) {
	later := r.drop()
	if later != nil {
		<-later
	}
	toast := answer.Toast
	if toast == "" && !r.tap {
		toast = tick
	}
	switch {
	case later == nil && toast == "":
		r.send(response{Type: answerNothing})
	case later == nil:
		r.send(response{Type: answerMessage, Data: privately(toast)})
	case toast == "":
		r.follow(http.MethodDelete, nil)
	default:
		p := privately(toast)
		p.Flags = 0 // fixed by the first answer
		r.follow(http.MethodPatch, p)
	}
}

// form opens a form for words; its title is the label of the pressed button.
func (r *reply) form(id, label string) {
	if label = cut(plain(label), titleMost); label == "" {
		label = "✎"
	}
	r.send(response{Type: answerForm, Data: formBody{
		CustomID: id,
		Title:    label,
		Components: []formRow{{Type: row, Components: []formInput{{
			Type: input, CustomID: "words", Label: label, Style: 2, Most: wordsMost, Required: true,
		}}}},
	}})
}

// send gives the first answer. Each of its two tries has half of the time that is left.
func (r *reply) send(body response) {
	left := max(time.Until(r.since.Add(answerWithin)), time.Second)
	r.twice(left/2, http.MethodPost, discordgo.EndpointInteractionResponse(r.id, r.token), body)
}

// follow edits or deletes the "thinking…".
func (r *reply) follow(method string, body any) {
	r.twice(followMost, method, discordgo.EndpointInteractionResponseActions(r.app, r.token), body)
}

// twice makes a request, and once more if the first try came to nothing: to do any of
// them again changes nothing.
func (r *reply) twice(most time.Duration, method, address string, body any) {
	err := r.call(most, method, address, body)
	var refused *apiError
	if err != nil && (!errors.As(err, &refused) || refused.status/100 != 4) {
		err = r.call(most, method, address, body)
		if errors.As(err, &refused) && (refused.code == alreadyDone || refused.code == unknownMessage) {
			err = nil // the first try did it
		}
	}
	r.note(err)
}

func (r *reply) call(most time.Duration, method, address string, body any) error {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	raw, err := r.a.rest.call(ctx, method, address, free, body)
	switch {
	case method == http.MethodPatch:
		_, err = made(raw, err)
	case err == nil && len(raw) > 0:
		err = errAnswer // Discord says nothing here
	}
	return err
}

func (r *reply) note(err error) {
	if err == nil {
		return
	}
	r.a.counts.add("answers failed")
	var refused *apiError
	if errors.As(err, &refused) && (refused.code == alreadyDone || refused.code == unknownToken) {
		r.a.log.Debug("an answer came too late", "code", refused.code)
		return
	}
	r.a.log.Warn("an answer did not get through", "error", err)
}
