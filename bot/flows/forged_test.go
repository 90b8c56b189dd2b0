package flows_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"evenfall/bot"
	"evenfall/bot/flows"
)

// TestForged presses buttons that nobody has: made up, changed, cut off, of a round that is over,
// of another couple, or pressed again. None may have any effect.
//
//	EVENFALL_LONG=1 go test -run TestForged ./bot/flows     1,000,000 of them
//	EVENFALL_SEED=7 go test -run TestForged ./bot/flows     those of one seed
func TestForged(t *testing.T) {
	tries, seed := 20_000, uint64(1)
	if os.Getenv("EVENFALL_LONG") != "" {
		tries, seed = 1_000_000, rand.Uint64()
	}
	if text := os.Getenv("EVENFALL_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("seed %d", seed)
	all := moments(t)
	var mu sync.Mutex
	sum := map[string]int{}
	t.Run("hands", func(t *testing.T) {
		const hands = 8
		for hand := range uint64(hands) {
			t.Run(fmt.Sprint(hand), func(t *testing.T) {
				t.Parallel()
				f := newForger(all, rand.New(rand.NewPCG(seed, hand)))
				for n := 0; n < tries/hands/stride; {
					if !f.press(t) {
						continue
					}
					if n++; n%20 == 0 {
						f.again(t)
					}
				}
				mu.Lock()
				defer mu.Unlock()
				for kind, n := range f.pressed {
					sum[kind] += n
				}
			})
		}
	})
	t.Logf("%7d %s", sum[spelling], spelling)
	for _, kind := range kinds {
		t.Logf("%7d %s", sum[kind], kind)
		if sum[kind] == 0 {
			t.Errorf("nobody pressed a button that is %s", kind)
		}
	}
	if t.Failed() {
		t.Logf("to press them again: EVENFALL_LONG=%s EVENFALL_SEED=%d go test -run TestForged ./bot/flows", os.Getenv("EVENFALL_LONG"), seed)
	}
}

// forger presses buttons in all moments.
type forger struct {
	*rand.Rand
	stills  []*still
	real    []bot.Action    // every button that any conversation showed, in some round
	known   map[string]bool // of these: flow, verb and argument
	flows   []string
	pressed map[string]int // by kind of forgery
	fails   int
}

func newForger(all album, rnd *rand.Rand) *forger {
	f := &forger{Rand: rnd, known: map[string]bool{}, pressed: map[string]int{}}
	for _, flow := range flows.All() {
		f.flows = append(f.flows, nameOf(flow))
	}
	for _, m := range all {
		f.stills = append(f.stills, m.still())
	}
	for _, payload := range slices.Sorted(maps.Keys(all[0].shown)) {
		if a, ok := bot.ParseAction(payload); ok {
			f.real = append(f.real, a)
			f.known[face(a)] = true
		}
	}
	return f
}

// face is a button without its round.
func face(a bot.Action) string { a.Round = 0; return a.String() }

// press forges a button and presses it, or sends the form that it would have opened. It is not
// forged if it came out as one that the person has.
func (f *forger) press(t *testing.T) (forged bool) {
	s, p := pick(f, f.stills), pick(f, cast)
	at, kind := pick(f, p.at), pick(f, kinds)
	in := f.tap(s, p.who, at, forgeries[kind](f, s))
	live, home := f.live(s, in)
	if f.mayPress(s, in) {
		return false
	}
	if f.IntN(4) == 0 && in.Payload != "" && !(live && home) { // at home words are words, whatever form they came in
		in.Kind, in.Text = bot.Said, "4"
	}
	e := s.try(t, in)
	if len(e.changes)+len(e.heard) > 0 && live && f.like(t, s, in) {
		f.pressed[spelling]++
		return false
	}
	f.pressed[kind]++
	wrong := s.leaks(cell{who: p.who, at: at}, e)
	for _, l := range e.heard {
		if l.Chat != bot.Nook(p.who) {
			wrong = "says in " + l.Chat.ID + ": " + l.Page.Title + l.Page.Text
		}
	}
	if len(e.changes) > 0 {
		wrong = fmt.Sprintf("changes %+v", e.changes)
	}
	if wrong != "" {
		if f.fails++; f.fails > enough {
			t.Fatal("… and more")
		}
		t.Errorf("%s, in %s, in the moment “%s”: %q, which is %s: %s", title(p.who), at.ID, s.name, in.Payload, kind, wrong)
	}
	return true
}

// tap is a button that is pressed. That the nook is open, as every event in it tells, is known here.
func (f *forger) tap(s *still, u bot.User, at bot.Chat, payload string) bot.Incoming {
	in := s.from(u, at)
	in.ID, in.Kind, in.Payload, in.Open = "event", bot.Tapped, payload, false
	return in
}

// spelling is what no forgery is: a button that the person has, written in another way, as in
// "mood/04".
const spelling = "true, in another spelling, by who has it"

// like reports whether a button does what a true one of its kind does that the person has.
func (f *forger) like(t *testing.T, s *still, in bot.Incoming) bool {
	forged, _ := bot.ParseAction(in.Payload)
	s.idle = nil // both draw the same tokens
	e := s.try(t, in)
	for _, a := range f.real {
		if a.Flow != forged.Flow || a.Verb != forged.Verb {
			continue
		}
		a.Round, s.idle = forged.Round, nil
		in.Payload = a.String()
		if f.mayPress(s, in) && reflect.DeepEqual(e, s.try(t, in)) {
			return true
		}
	}
	return false
}

// mayPress reports whether the forged button is one that this person has, or that is no more than
// what they may type.
func (f *forger) mayPress(s *still, in bot.Incoming) bool {
	a, _ := bot.ParseAction(in.Payload)
	live, home := f.live(s, in)
	typed := strings.HasPrefix(in.Payload, "/") || live && home && a.Verb == "set" // a value that a question takes
	return typed && len(in.Payload) <= bot.MaxPayload || live && f.known[face(a)] && (home || slices.Contains(open, a.Flow+" "+a.Verb))
}

// live reports whether a button is of the round in which its flow is where it is pressed, and
// whether the person is at home there.
func (f *forger) live(s *still, in bot.Incoming) (live, home bool) {
	found, err := s.store.Find(context.Background(), in.User, in.Chat, nil, s.at)
	if err != nil {
		panic(err)
	}
	id := found.ByChat
	if _, private := in.Chat.Private(); private {
		id = found.ByUser
	}
	a, ok := bot.ParseAction(in.Payload)
	return ok && slices.Contains(f.flows, a.Flow) && a.Round == s.round(id, a.Flow), id != 0 && id == found.ByUser
}

// again presses a true button twice, as a network does that has lost the answer.
func (f *forger) again(t *testing.T) {
	s, p := pick(f, f.stills), pick(f, cast)
	at, a := pick(f, p.at), pick(f, f.real)
	in := f.tap(s, p.who, at, now(s, a, s.coupleOf(p.who, at)).String())
	store := s.store.Clone()
	once, twice := map[string]string{}, map[string]string{}
	for _, rows := range []map[string]string{once, twice} {
		h := newHouse(t, store, s.at, 1<<32)
		if _, err := h.Handle(context.Background(), in); err != nil || h.Broken() > 0 {
			t.Errorf("%s: %+v: %v\n%s", s.name, in, err, h.log.String())
		}
		maps.Copy(rows, store.Dump())
	}
	if more := differences(once, twice); len(more) > 0 {
		t.Errorf("%s, in %s, in the moment “%s”: %q, pressed again, changes %+v", title(p.who), at.ID, s.name, in.Payload, more)
	}
}

func pick[T any](f *forger, from []T) T { return from[f.IntN(len(from))] }
