package bot

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"evenfall/bot/words"
	"evenfall/rituals/safety"
)

// Options are the parts a Bot is put together from. All are needed.
type Options struct {
	Store    Store
	Adapters []Adapter
	Flows    []Conversation
	Words    *words.Catalogue
	Now      func() time.Time // wall clock; read to the second, as exact as alarms are kept
	Random   io.Reader        // source of tokens; crypto/rand.Reader but in tests
	Log      *slog.Logger
}

// Bot is the engine: it takes what happened, plays it on a flow, commits what the
// flow asked for, and posts the letters.
type Bot struct {
	store    Store
	adapters map[string]Adapter
	flows    []Conversation
	byName   map[string]Conversation
	command  map[string]Conversation
	words    *words.Catalogue
	now      func() time.Time
	random   io.Reader
	log      *slog.Logger
	post     *post
	held     held
	faults   faults
	away     atomic.Pointer[[]Span] // the outages of the last days, as told by the last beat
	swept    atomic.Int64           // the day of the last sweep
	seed     maphash.Seed
	locks    [1024]sync.Mutex
	broken   atomic.Int64 // steps that panicked or lost their state
	seatings atomic.Int64 // changes of who sits where: a route found before one may be wrong
}

// New puts a bot together. It panics if two flows want the same name or command.
func New(o Options) *Bot {
	b := &Bot{
		store: o.Store, adapters: map[string]Adapter{}, flows: o.Flows,
		byName: map[string]Conversation{}, command: map[string]Conversation{},
		words: o.Words, now: func() time.Time { return o.Now().Truncate(time.Second) }, random: o.Random, log: o.Log, seed: maphash.MakeSeed(),
	}
	for _, a := range o.Adapters {
		b.adapters[a.Network()] = a
	}
	for _, f := range o.Flows {
		if b.byName[f.name()] != nil {
			panic("bot: two flows are called " + f.name())
		}
		b.byName[f.name()] = f
		for _, c := range f.commands() {
			if b.command[c] != nil {
				panic("bot: two flows answer /" + c)
			}
			b.command[c] = f
		}
	}
	b.post = newPost(b)
	return b
}

// Run posts the letters that are waiting, runs every adapter until ctx ends, and
// then waits for what is under way. An adapter that has to give up ends it all
// with its error.
func (b *Bot) Run(ctx context.Context) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := b.post.load(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // stopped before it began
		}
		return err
	}
	b.post.start()
	var running sync.WaitGroup
	running.Go(safety.Warm) // nobody who writes of danger waits for the rules to be read
	for _, a := range b.adapters {
		running.Go(func() {
			if err := a.Run(ctx, b.Handle); err != nil {
				stop(err)
			}
		})
	}
	<-ctx.Done()
	running.Wait()
	b.post.stop()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// Quiet waits until no letter is waiting to be sent now.
func (b *Bot) Quiet(ctx context.Context) error { return b.post.quiet(ctx) }

// Broken counts the steps that failed through a fault of the house.
func (b *Bot) Broken() int64 { return b.broken.Load() }

// Commands is the menu for the networks, in the order of the flows.
func (b *Bot) Commands() []Command {
	names := []string{}
	for _, f := range b.flows {
		names = append(names, f.commands()...)
	}
	names = append(names, supportCommand)
	menu := make([]Command, len(names))
	for i, name := range names {
		menu[i] = Command{Name: name, Description: map[string]string{}}
		for _, lang := range b.words.Languages() {
			menu[i].Description[lang] = b.words.Say(lang, "command."+name, nil)
		}
	}
	return menu
}

// Handle plays one thing that happened. When it returns without error, all it
// changed is durable; see Handler.
func (b *Bot) Handle(ctx context.Context, in Incoming) (answer Answer, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			b.fault("handle", cause)
			answer, err = b.stumble(ctx, in)
		}
	}()
	if err := b.post.load(ctx); err != nil {
		return Answer{}, err
	}
	if in.Kind == Moved {
		return Answer{}, b.move(ctx, in.Chat, in.To)
	}
	if in.nameless() {
		return Answer{}, nil
	}
	in = unfold(in)
	if answer, done, err := b.guard(ctx, in); done || err != nil {
		return answer, err
	}
	if a, ok := ParseAction(in.Payload); ok && in.Kind == Tapped {
		b.post.arrived(in.Chat, a, in.Message)
	}
	switch answer, err = b.attend(ctx, in); {
	case errors.Is(err, ErrTaken):
		return Answer{Toast: b.words.Say(b.locale(in), "taken", nil)}, nil
	case errors.Is(err, ErrSeen):
		return Answer{}, nil // a repetition: what it did is done
	}
	return answer, err
}

// attend plays an event on its couple, alone.
func (b *Bot) attend(ctx context.Context, in Incoming) (Answer, error) {
	before := b.seatings.Load()
	way, err := b.route(ctx, in)
	if err != nil {
		return Answer{}, err
	}
	answer, late, err := b.alone(ctx, way, in, before)
	if late {
		return b.attend(ctx, in)
	}
	return answer, err
}

// alone holds the couple while its event is played. It is late when somebody joined or
// left while the event waited: then the way to the couple has to be found again.
func (b *Bot) alone(ctx context.Context, w way, in Incoming, before int64) (answer Answer, late bool, err error) {
	defer b.lock(w.id, in.Chat)()
	if b.seatings.Load() != before {
		return Answer{}, true, nil
	}
	answer, err = b.turn(ctx, w, in)
	return answer, false, err
}

// move gives a chat its new id.
func (b *Bot) move(ctx context.Context, from, to Chat) error {
	defer b.seatings.Add(1)
	err := b.store.Move(ctx, from, to)
	if errors.Is(err, ErrTaken) {
		b.log.Warn("a chat has moved into another couple's room, and stays where it was")
		return nil // it would be no different the next time
	}
	return err
}

// unfold turns a button that stands for a command into that command, and
// shortens what nobody would type.
func unfold(in Incoming) Incoming {
	if command, ok := strings.CutPrefix(in.Payload, "/"); ok && in.Kind == Tapped && len(in.Payload) <= MaxPayload {
		in.Kind, in.Payload = Called, ""
		in.Command, in.Text, _ = strings.Cut(command, " ")
	}
	in.Text = tidy(in.Text, maxWords)
	in.Name = tidy(in.Name, maxName)
	return in
}

// lock holds a couple, or a chat that has none yet, so that its events are played
// one after another. The store is touched by one turn of a couple at a time.
func (b *Bot) lock(id CoupleID, c Chat) (unlock func()) {
	n := uint64(id)
	if id == 0 {
		n = maphash.String(b.seed, c.Network+"/"+c.ID)
	}
	m := &b.locks[n%uint64(len(b.locks))]
	m.Lock()
	return m.Unlock
}

// token makes 128 random bits fit for a link.
func (b *Bot) token() string {
	var raw [16]byte
	if _, err := io.ReadFull(b.random, raw[:]); err != nil {
		panic(fmt.Errorf("bot: no randomness: %w", err)) // never goes on with a weak token
	}
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// seal is what is kept of a token.
func seal(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// locale is the language to answer a person in whose couple is not known.
func (b *Bot) locale(in Incoming) string {
	if lang := b.words.Nearest(in.Locale); lang != "" {
		return lang
	}
	return "en"
}

// fault logs a failure of the house itself: where, and the stack, never what was said.
func (b *Bot) fault(where string, cause any) {
	b.broken.Add(1)
	b.log.Error("a step failed", "where", where, "kind", fmt.Sprintf("%T", cause), "stack", string(debug.Stack()))
}
