package flows

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/rituals"
	"evenfall/storage/memory"
)

// The seal is proven with twins. Two houses live the same evening, move by move, but
// in the second one Ana gives other answers: another face, another line, the other
// choice about keeping it, or "not now" where the first Ana did something as private. As
// long as nothing is revealed, all that Ben can see must be the same in both, to the letter: the room,
// his nook, his toasts, and everything that is logged.

// twin is one of the two houses.
type twin struct {
	*bottest.House
	log bytes.Buffer
}

var (
	seen    = bot.User{Network: "left", ID: "ben"}
	private = bot.User{Network: "left", ID: "ana"}
	common  = bot.Chat{Network: "left", ID: bottest.Room}
)

func newTwin(t *testing.T, flows []bot.Conversation) *twin {
	w := &twin{}
	w.House = bottest.Begin(t, memory.New(), flows, &w.log)
	w.Net.Say(private, common, "/checkin")
	return w
}

// view is all that Ben, and anyone who reads the log, can see.
func (w *twin) view(t testing.TB) string {
	w.Settle(t)
	var out strings.Builder
	for _, c := range []bot.Chat{common, bot.Nook(seen)} {
		for _, m := range w.Net.Messages(c) {
			fmt.Fprintf(&out, "%s\n%s\n%v\n", m.Title, m.Text, m.Buttons)
		}
	}
	for _, line := range strings.Split(w.log.String(), "\n") {
		_, line, _ = strings.Cut(line, " ") // the time
		out.WriteString(line + "\n")
	}
	return out.String()
}

// over reports whether the evening was revealed or has closed.
func (w *twin) over(t testing.TB) bool {
	rec, err := w.Store.Load(context.Background(), w.ID, "checkin", bot.Want{Days: true})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(rec.Days, func(d rituals.Day) bool { return d.Mark == rituals.Together }) || len(rec.Days) > 1
}

// move is one thing that happens in both houses.
type move struct {
	who  bot.User
	chat bot.Chat
	tap  string // a button's payload …
	say  string // … or words …
	wait time.Duration
}

// find is the message in the chat that bears the button.
func (w *twin) find(m move) (message string, key bot.Key, ok bool) {
	for _, shown := range w.Net.Messages(m.chat) {
		for _, row := range shown.Buttons {
			for _, key := range row {
				if key.Payload == m.tap {
					return shown.ID, key, true
				}
			}
		}
	}
	return "", bot.Key{}, false
}

func (w *twin) do(t testing.TB, m move) (toast string) {
	switch {
	case m.wait > 0:
		for range int(m.wait / time.Minute) {
			w.Pass(time.Minute)
			if err := w.Tick(context.Background()); err != nil {
				t.Fatal(err)
			}
			w.Settle(t) // a letter has its minute too
		}
		return ""
	case m.say != "":
		return w.Net.Say(m.who, m.chat, m.say)
	}
	message, key, _ := w.find(m)
	return w.Net.Tap(m.who, m.chat, message, key)
}

func pick[T any](rnd *rand.Rand, from ...T) T { return from[rnd.IntN(len(from))] }

// lives is how many random evenings to try: EVENFALL_LONG=1 asks for many.
func lives() int {
	if os.Getenv("EVENFALL_LONG") != "" {
		return 20_000
	}
	return 300
}

// draw chooses a move that is possible, and what the other Ana does instead.
func draw(rnd *rand.Rand, w *twin, sealed map[string][]string) (move, move) {
	m := move{who: pick(rnd, private, seen)}
	m.chat = pick(rnd, common, bot.Nook(m.who))
	words := []string{"/checkin", "/streak", "/menu", "4", "😞", "a quiet line", "/help"}
	switch rnd.IntN(10) {
	case 0:
		m.wait = time.Duration(1+rnd.IntN(120)) * time.Minute
		return m, m
	case 1, 2:
		m.say = pick(rnd, words...)
		other := m
		if m.who == private && !strings.HasPrefix(m.say, "/") && m.chat != common {
			other.say = map[string]string{"4": "1", "😞": "🙂", "a quiet line": "quite another one"}[m.say]
		}
		return m, other
	}
	shown := w.Net.Messages(m.chat)
	if len(shown) == 0 {
		m.say = "/checkin"
		return m, m
	}
	buttons := shown[rnd.IntN(len(shown))].Buttons
	if len(buttons) == 0 {
		m.say = "/checkin"
		return m, m
	}
	row := buttons[rnd.IntN(len(buttons))]
	m.tap = pick(rnd, row...).Payload
	other := m
	if a, ok := bot.ParseAction(m.tap); ok && m.who == private && slices.Contains(sealed[a.Flow], a.Verb) {
		other.tap = instead(rnd, row, a, sealed[a.Flow])
	}
	return m, other
}

// instead is another button that answers the same question.
func instead(rnd *rand.Rand, row []bot.Key, a bot.Action, sealed []string) string {
	choices := []string{a.String()}
	for _, key := range row {
		b, _ := bot.ParseAction(key.Payload)
		same := b.Verb == a.Verb || a.Verb != "mood" && a.Verb != "note" && b.Verb != "note"
		if b.Flow == a.Flow && slices.Contains(sealed, b.Verb) && same {
			choices = append(choices, key.Payload)
		}
	}
	return pick(rnd, choices...)
}

// twins lives one random evening in both houses and returns what Ben could tell
// them apart by, or "".
func twins(t *testing.T, seed uint64, flows []bot.Conversation) string {
	rnd := rand.New(rand.NewPCG(seed, 1))
	one, two := newTwin(t, flows), newTwin(t, flows)
	defer one.End()
	defer two.End()
	sealed := bot.SealedVerbs(flows)
	var story []string
	for range 3 + rnd.IntN(23) {
		one.Settle(t)
		two.Settle(t)
		m, other := draw(rnd, one, sealed)
		if _, _, ok := two.find(other); m.tap != "" && !ok {
			continue // a button that only this Ana has
		}
		story = append(story, fmt.Sprintf("%+v | %+v", m, other))
		a, b := one.do(t, m), two.do(t, other)
		one.Settle(t)
		two.Settle(t)
		if one.over(t) || two.over(t) {
			return ""
		}
		if m.who == seen && a != b {
			return "a toast: " + a + " | " + b + "\n" + strings.Join(story, "\n")
		}
		if a, b := one.view(t), two.view(t); a != b {
			return bottest.Differ(a, b) + "\n" + strings.Join(story, "\n")
		}
	}
	return ""
}

// TestSealed: nothing of what Ana answers reaches Ben before the reveal.
func TestSealed(t *testing.T) {
	if len(bot.SealedVerbs(All())) == 0 {
		t.Fatal("no flow has sealed answers")
	}
	for seed := range uint64(lives()) {
		if leak := twins(t, seed, All()); leak != "" {
			t.Fatalf("evening %d: Ben can tell: %s", seed, leak)
		}
	}
}

// TestSealBroken breaks the seal on purpose, in every way a message can leak, and
// wants TestSealed to notice.
func TestSealBroken(t *testing.T) {
	for name, leak := range map[string]func(bot.Scene, evening, bot.Event, *bot.Reply){
		"an edit in the room": func(sc bot.Scene, s evening, ev bot.Event, r *bot.Reply) {
			if ev.Action.Verb == "mood" {
				r.Say(bot.Room, "board", bot.Message{Title: bot.Verbatim(ev.Action.Arg)})
			}
		},
		"the other's toast": func(sc bot.Scene, s evening, ev bot.Event, r *bot.Reply) {
			if ev.Who == bot.Two && s.Answers[0].Load != 0 {
				r.Ack = bot.Verbatim(fmt.Sprint(s.Answers[0].Load))
			}
		},
		"a nudge": func(sc bot.Scene, s evening, ev bot.Event, r *bot.Reply) {
			if ev.Kind == bot.Woke && s.Answers[0].Later {
				r.Say(bot.TwoOnly, "nudge", bot.Message{Title: bot.Verbatim("not today")})
			}
		},
		"a failure in the log": func(sc bot.Scene, s evening, ev bot.Event, r *bot.Reply) {
			if s.Answers[0].Keep && s.Answers[1].Mood != 0 {
				panic("kept")
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			leaky := CheckIn
			leaky.Step = func(sc bot.Scene, s evening, ev bot.Event) (evening, bot.Reply) {
				s, r := checkIn(sc, s, ev)
				leak(sc, s, ev, &r)
				return s, r
			}
			flows := slices.Clone(All())
			for i, f := range flows {
				if _, ok := f.(bot.Flow[evening, *evening]); ok {
					flows[i] = leaky
				}
			}
			for seed := range uint64(2000) {
				if twins(t, seed, flows) != "" {
					return
				}
			}
			t.Error("the leak was not noticed")
		})
	}
}
