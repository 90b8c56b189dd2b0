package web

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"evenfall/bot"
)

// maxWords is the most characters that can be said at once.
const maxWords = 4000

// patience is how long a tapper's page waits before it says that it takes longer.
const patience = 10 * time.Second

// deed is what a page sends: who does what, where.
type deed struct {
	As      string `json:"as"`      // "ana", "ben"
	Chat    string `json:"chat"`    // "room", or "nook" for the person's own
	Message string `json:"message"` // the message that bears the button
	Payload string `json:"payload"`
	Text    string `json:"text"`
	Token   string `json:"token"` // of a link
	Name    string `json:"name"`
	Locale  string `json:"locale"`
}

// told is what a page hears back.
type told struct {
	Toast string `json:"toast,omitempty"`
	Late  bool   `json:"late,omitempty"` // not through yet; it is kept and tried again
}

// act reads a deed and does it as the person, in the chat by its id.
func (a *Adapter) act(do func(r *http.Request, d deed, p person, chat string) (told, int)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var d deed
		if err := json.NewDecoder(r.Body).Decode(&d); err != nil {
			http.Error(w, "not a deed", http.StatusBadRequest)
			return
		}
		p, ok := a.chats.person(d.As)
		if !ok || len(d.Payload) > bot.MaxPayload || utf8.RuneCountInString(d.Text) > maxWords {
			http.Error(w, "nobody can do that", http.StatusBadRequest)
			return
		}
		chat := Room.ID
		if d.Chat == "nook" {
			chat = "@" + p.ID
		}
		t, status := do(r, d, p, chat)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(t)
	}
}

// tap taps a button, or sends the form that a button opened: words that no chat shows.
func (a *Adapter) tap(r *http.Request, d deed, p person, chat string) (told, int) {
	in := p.did(bot.Tapped, chat)
	if d.Text != "" {
		in.Kind, in.Text = bot.Said, d.Text
	}
	in.Payload, in.Message = d.Payload, d.Message
	if d.Payload == "" {
		return told{}, http.StatusBadRequest
	}
	id, answered, err := a.expect(in)
	if err != nil {
		return a.unkept(err)
	}
	defer a.forget(id)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case answer := <-answered:
		return told{Toast: answer.Toast}, http.StatusOK
	case <-late.C:
	case <-r.Context().Done():
	}
	return told{Late: true}, http.StatusAccepted
}

// say says words in a chat, where they can be seen; "/name …" is a command.
func (a *Adapter) say(_ *http.Request, d deed, p person, chat string) (told, int) {
	words := strings.TrimSpace(d.Text)
	if words == "" {
		return told{}, http.StatusBadRequest
	}
	in := p.did(bot.Said, chat)
	in.Text = d.Text
	if name, rest, ok := command(words); ok {
		in.Kind, in.Command, in.Text = bot.Called, name, rest
	}
	return a.sent(words, in)
}

// command reads "/name rest"; "/name@bot" is the same as "/name".
func command(words string) (name, rest string, ok bool) {
	after, ok := strings.CutPrefix(words, "/")
	if !ok {
		return "", "", false
	}
	name = after
	if i := strings.IndexAny(after, " \t\n"); i >= 0 {
		name, rest = after[:i], strings.TrimSpace(after[i:])
	}
	name, _, _ = strings.Cut(name, "@")
	plain := func(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' }
	name = strings.ToLower(name)
	return name, rest, name != "" && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0
}

// start opens the nook with an invitation. The chat shows "/start" without the token.
func (a *Adapter) start(_ *http.Request, d deed, p person, _ string) (told, int) {
	in := p.did(bot.Called, "@"+p.ID)
	in.Command, in.Text = "start", d.Token
	return a.sent("/start", in)
}

// group brings the bot into the room with a token, as a link to add it to a group does.
func (a *Adapter) group(_ *http.Request, d deed, p person, _ string) (told, int) {
	in := p.did(bot.Called, Room.ID)
	in.Command, in.Text = "start", d.Token
	return a.sent("/start", p.did(bot.Arrived, Room.ID), in)
}

// sent keeps what was said. The answer of the house comes as a message.
func (a *Adapter) sent(words string, in ...bot.Incoming) (told, int) {
	if _, err := a.chats.accept(words, a.Now(), in...); err != nil {
		return a.unkept(err)
	}
	return told{}, http.StatusOK
}

// unkept is what the page hears when its deed could not be kept: it has to be done again.
func (a *Adapter) unkept(err error) (told, int) {
	a.Log.Warn("web: the chats could not be saved", "error", err)
	return told{}, http.StatusServiceUnavailable
}

// self changes a person's name or language.
func (a *Adapter) self(_ *http.Request, d deed, p person, _ string) (told, int) {
	if d.Locale != "" && !slices.Contains(a.words.languages(), d.Locale) {
		return told{}, http.StatusBadRequest
	}
	if err := a.chats.change(p.ID, d.Name, d.Locale); err != nil {
		return a.unkept(err)
	}
	return told{}, http.StatusOK
}

// forward moves the house's clock: "evening", "hour", "day" or "week" in d.Text.
// It goes on when the page is closed meanwhile.
func (a *Adapter) forward(_ *http.Request, d deed, _ person, _ string) (told, int) {
	if a.Forward == nil {
		return told{}, http.StatusNotFound
	}
	if !a.moving.CompareAndSwap(false, true) {
		return told{}, http.StatusConflict
	}
	a.mu.Lock()
	ctx := a.life
	a.mu.Unlock()
	defer a.clock()
	defer a.moving.Store(false)
	a.clock()
	to, err := a.aim(ctx, d.Text)
	if err != nil {
		a.Log.Warn("web: finding the next evening failed", "error", err)
		return told{}, http.StatusServiceUnavailable
	}
	if !to.After(a.Now()) {
		return told{}, http.StatusNoContent
	}
	if err := a.Forward(ctx, to); err != nil {
		a.Log.Warn("web: moving the clock failed", "error", err)
		return told{}, http.StatusServiceUnavailable
	}
	return told{}, http.StatusOK
}

// aim is where a button moves the clock to; zero is nowhere.
func (a *Adapter) aim(ctx context.Context, button string) (time.Time, error) {
	now := a.Now()
	switch button {
	case "hour":
		return now.Add(time.Hour), nil
	case "day":
		return now.AddDate(0, 0, 1), nil
	case "week":
		return now.AddDate(0, 0, 7), nil
	case "evening":
		if a.Evening != nil {
			return a.Evening(ctx)
		}
	}
	return time.Time{}, nil
}
