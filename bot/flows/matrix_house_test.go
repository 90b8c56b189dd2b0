package flows_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
	"evenfall/bot/words"
	"evenfall/storage/memory"
)

// moment is a house between two events. Nothing moves in it by itself: letters stay in the
// store, so that what an event said is what the store holds more.
type moment struct {
	name    string
	store   *memory.Store
	at      time.Time
	members int               // people in the room, as the network tells
	tokens  map[string]string // invitations that were made, by what they are now
	shown   map[string]bool   // the payloads of all buttons that were ever shown
	events  uint64            // that have happened: no two draw the same tokens
}

// house is a bot on the store of a moment. Nobody carries its letters.
type house struct {
	*bot.Bot
	store bot.Store
	heard []bot.Letter // whispers: they go past the store
	log   bytes.Buffer
}

// wire is one of the two networks of a house.
type wire struct {
	*house
	network string
}

func (w wire) Network() string                        { return w.network }
func (w wire) Run(context.Context, bot.Handler) error { return nil }
func (w wire) Send(_ context.Context, l bot.Letter) (string, error) {
	w.heard = append(w.heard, l)
	return "whispered", nil
}

var vocabulary = sync.OnceValues(words.Load)

func newHouse(t testing.TB, store bot.Store, at time.Time, seed uint64) *house {
	t.Helper()
	catalogue, err := vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{store: store}
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	h.Bot = bot.New(bot.Options{
		Store: store, Adapters: []bot.Adapter{wire{h, "left"}, wire{h, "right"}}, Flows: flows.All(), Words: catalogue,
		Now: func() time.Time { return at }, Random: rand.NewChaCha8(key),
		Log: slog.New(slog.NewTextHandler(&h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	return h
}

// then is a later moment: the same house, in which more may happen.
func (m *moment) then() *moment {
	next := *m
	next.name, next.store, next.tokens, next.events = "", m.store.Clone(), maps.Clone(m.tokens), m.events+1
	return &next
}

// do is the moment after an event, when all letters have arrived.
func (m *moment) do(t testing.TB, in bot.Incoming) *moment {
	t.Helper()
	next := m.then()
	h := newHouse(t, next.store, next.at, next.events)
	if _, err := h.Handle(context.Background(), in); err != nil || h.Broken() > 0 {
		t.Fatalf("after %s: %+v: %v\n%s", m.name, in, err, h.log.String())
	}
	return next.deliver(t, h.heard)
}

// wakes is the moment in which the alarms of a later time have rung.
func (m *moment) wakes(t testing.TB, after time.Duration) *moment {
	t.Helper()
	next := m.then()
	next.at = m.at.Add(after)
	h := newHouse(t, next.store, next.at, next.events)
	if err := h.Tick(context.Background()); err != nil {
		t.Fatal(err)
	}
	return next.deliver(t, h.heard)
}

// deliver carries what is waiting, and remembers the buttons.
func (m *moment) deliver(t testing.TB, whispers []bot.Letter) *moment {
	t.Helper()
	waiting, err := m.store.Waiting(context.Background(), 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	var sent []bot.Outcome
	for _, l := range waiting {
		sent = append(sent, bot.Outcome{Letter: l, Message: fmt.Sprintf("m%d", l.ID), Done: true})
	}
	for _, l := range append(waiting, whispers...) {
		eachButton(l, func(payload string) { m.shown[payload] = true })
		for _, key := range flat(l.Page.Buttons) {
			if token, ok := strings.CutPrefix(key.Link, "invite:"); ok {
				m.tokens["last"] = token
			}
		}
	}
	if err := m.store.Settle(context.Background(), sent); err != nil {
		t.Fatal(err)
	}
	return m
}

// eachButton hands over the payloads of a letter's buttons, also of those that open the nook first.
func eachButton(l bot.Letter, f func(payload string)) {
	for _, key := range flat(l.Page.Buttons) {
		if payload := cmp.Or(key.Payload, strings.TrimPrefix(key.Link, "nook:")); payload != "" {
			f(payload)
		}
	}
}

func flat(rows [][]bot.Key) (all []bot.Key) {
	for _, row := range rows {
		all = append(all, row...)
	}
	return all
}

// says is words or a command.
func (m *moment) says(t testing.TB, u bot.User, c bot.Chat, text string) *moment {
	t.Helper()
	in := m.from(u, c)
	bottest.Typed(&in, text)
	return m.do(t, in)
}

// taps is a button of the round that a flow is in.
func (m *moment) taps(t testing.TB, u bot.User, c bot.Chat, flow, verb, arg string) *moment {
	t.Helper()
	in := m.from(u, c)
	in.Kind = bot.Tapped
	in.Payload = bot.Action{Flow: flow, Round: m.round(m.coupleOf(u, c), flow), Verb: verb, Arg: arg}.String()
	return m.do(t, in)
}

// from is an event as a network begins it.
func (m *moment) from(u bot.User, c bot.Chat) bot.Incoming {
	in := bot.Incoming{User: u, Name: bottest.Name(u), Chat: c}
	if _, private := c.Private(); private {
		in.Open = true
	} else if in.Members = 2; c == room {
		in.Members = m.members
	}
	return in
}

// couple is a couple as it stands; the zero Couple when there is none.
func (m *moment) couple(id bot.CoupleID) bot.Couple {
	rec, _ := m.store.Load(context.Background(), id, "", bot.Want{})
	return rec.Couple
}

// round is the round that a couple's flow is in.
func (m *moment) round(id bot.CoupleID, flow string) int {
	rec, _ := m.store.Load(context.Background(), id, flow, bot.Want{})
	var stage bot.Stage
	if len(rec.State) > 0 {
		if err := json.Unmarshal(rec.State, &stage); err != nil {
			panic(err)
		}
	}
	return stage.Round
}

// ours is the couple that the matrix is about: Ana's, or else the room's; 0 = there is none.
func (m *moment) ours() bot.CoupleID { return m.coupleOf(ana, room) }

// coupleOf is where an event of a person in a chat belongs.
func (m *moment) coupleOf(u bot.User, c bot.Chat) bot.CoupleID {
	found, _ := m.store.Find(context.Background(), u, c, nil, m.at)
	if found.ByUser != 0 {
		return found.ByUser
	}
	return found.ByChat
}
