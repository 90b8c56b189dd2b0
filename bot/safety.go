package bot

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"evenfall/rituals/safety"
)

const (
	supportCommand = "support"
	supportPayload = "safety/0/menu/support" // opens the same from a link
	whisperWithin  = 10 * time.Second
	heldFor        = 15 * time.Minute
)

// guard is the first to see whatever people write. Signs of danger are answered with
// fixed pages, to the writer alone and only in the nook; nothing of it is stored or
// logged, no flow hears of it, and nothing else changes. It reports done when the
// event ends here.
func (b *Bot) guard(ctx context.Context, in Incoming) (answer Answer, done bool, err error) {
	_, private := in.Chat.Private()
	page, choice, ours := strings.Cut(strings.TrimPrefix(in.Payload, "safety/0/"), "/")
	switch {
	case in.Kind == Called && in.Command == supportCommand:
		answer, err = b.support(ctx, in)
		return answer, true, err
	case ours && in.Kind == Tapped && strings.HasPrefix(in.Payload, "safety/0/"):
		if !private {
			return Answer{}, true, nil
		}
		answer, err = b.turnPage(ctx, in, page, choice)
		return answer, true, err
	case in.released || in.Text == "" || in.Kind == Called && in.Command == "start":
		return Answer{}, false, nil
	}
	found := safety.Check(in.Text)
	switch id := safety.Open(found); {
	case id == "":
		return Answer{}, false, nil
	case !private && in.Payload != "": // a form: only its writer sees the answer
		return Answer{Toast: b.words.Say(b.locale(in), "guard.form", nil)}, true, nil
	case !private:
		return Answer{}, true, nil
	default:
		return Answer{}, true, b.care(ctx, in, id, found)
	}
}

// care answers a sign of danger. Words that a flow waits for may be meant for the
// partner: they are held, in memory only, until the writer says what to do with them.
func (b *Bot) care(ctx context.Context, in Incoming, id string, found safety.Result) error {
	partner, err := b.acquainted(ctx, in)
	if err != nil {
		return err
	}
	b.show(ctx, in.Chat, "", partner, in, id)
	meant := in.Payload != "" || partner.Focus != ""
	if !meant {
		return nil
	}
	if life := found.Classes.Has(safety.S1, safety.S2, safety.S3, safety.S4, safety.S5); life {
		b.held.put(in, b.now())
		b.show(ctx, in.Chat, "", partner, in, safety.Hold)
	} else if found.Ambiguous {
		b.held.put(in, b.now())
	}
	return nil
}

// turnPage follows a button of the fixed pages; the same message shows the next one.
func (b *Bot) turnPage(ctx context.Context, in Incoming, page, choice string) (Answer, error) {
	next, ok := safety.Next(page, choice)
	if in.Payload == supportPayload {
		next, ok, in.Message = safety.Support, true, ""
	}
	if !ok {
		return Answer{}, nil
	}
	partner, err := b.acquainted(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	carryOn := page == "ask" && next == "fine" || choice == "send"
	if held, ok := b.held.take(in.User, b.now()); ok && carryOn {
		held.released = true
		if _, err := b.Handle(ctx, held); err != nil {
			return Answer{}, err
		}
	}
	b.show(ctx, in.Chat, in.Message, partner, in, next)
	return Answer{}, nil
}

// support opens the menu that is the same for everyone, in the nook.
func (b *Bot) support(ctx context.Context, in Incoming) (Answer, error) {
	partner, err := b.acquainted(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	if _, private := in.Chat.Private(); private || partner.Open {
		b.show(ctx, Nook(in.User), "", partner, in, safety.Support)
		if private {
			return Answer{}, nil
		}
		return Answer{Toast: b.words.Say(b.tongue(partner, in), "guard.support", nil)}, nil
	}
	lang := b.tongue(partner, in)
	b.whisper(ctx, Letter{Chat: in.Chat, Page: Page{
		Text:    b.words.Say(lang, "nook.closed", nil),
		Buttons: [][]Key{{{Label: b.words.Say(lang, "nook.open", nil), Link: "nook:" + supportPayload}}},
	}})
	return Answer{}, nil
}

// acquainted is what is known of the person: their language and country. It reads only.
func (b *Bot) acquainted(ctx context.Context, in Incoming) (Partner, error) {
	stranger := Partner{User: in.User, Open: in.Open}
	found, err := b.store.Find(ctx, in.User, in.Chat, nil, b.now())
	if err != nil || found.ByUser == 0 {
		return stranger, err
	}
	rec, err := b.store.Load(ctx, found.ByUser, "", Want{})
	if errors.Is(err, ErrNone) {
		return stranger, nil
	}
	who := rec.Couple.Which(in.User)
	if err != nil || who == Nobody {
		return stranger, err
	}
	partner := rec.Couple.Partner(who)
	partner.Language = rec.Couple.Tongue(who)
	return partner, nil
}

func (b *Bot) tongue(p Partner, in Incoming) string {
	if p.Language != "" {
		return p.Language
	}
	return b.locale(in)
}

// show whispers a fixed page, in the place of the message edit if there is one.
func (b *Bot) show(ctx context.Context, chat Chat, edit string, p Partner, in Incoming, id string) {
	page, ok := safety.PageOf(id)
	if !ok {
		return
	}
	lang := b.tongue(p, in)
	say := func(key string, args map[string]any) string { return b.words.Say(lang, key, args) }
	out := Page{Text: strings.TrimSpace(say(page.Text, safety.LinesFor(p.Country).Args(say)))}
	for _, c := range page.Buttons {
		out.Buttons = append(out.Buttons, []Key{{Label: say(c.Label, nil), Payload: "safety/0/" + id + "/" + c.ID}})
	}
	b.whisper(ctx, Letter{Chat: chat, Edit: edit, Page: out})
}

// whisper sends a letter that is kept nowhere, and says nothing if it fails.
func (b *Bot) whisper(ctx context.Context, l Letter) {
	adapter := b.adapters[l.Chat.Network]
	if adapter == nil {
		return
	}
	ctx, stop := context.WithTimeout(ctx, whisperWithin)
	defer stop()
	for try := range 3 {
		if _, err := adapter.Send(ctx, l); err == nil || errors.Is(err, ErrGone) || errors.Is(err, ErrRefused) || ctx.Err() != nil {
			return
		}
		select {
		case <-time.After(time.Duration(try) * 500 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// held are words that wait for their writer's decision. They are in memory only: a
// restart forgets them.
type held struct {
	mu    sync.Mutex
	words map[User]heldWords
}

type heldWords struct {
	in    Incoming
	until time.Time
}

func (h *held) put(in Incoming, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.words == nil {
		h.words = map[User]heldWords{}
	}
	for u, w := range h.words {
		if w.until.Before(now) {
			delete(h.words, u)
		}
	}
	h.words[in.User] = heldWords{in, now.Add(heldFor)}
}

func (h *held) take(u User, now time.Time) (Incoming, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.words[u]
	delete(h.words, u)
	return w.in, ok && now.Before(w.until)
}
