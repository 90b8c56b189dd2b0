package sqlite

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/bot/flows"
)

// dying is a store that is killed while it forgets.
type dying struct {
	*Store
	kill func(ch bot.Change) // what is done of the change before
	dead bool
}

var errKilled = errors.New("killed")

func (d *dying) Commit(ctx context.Context, ch bot.Change) (bot.Receipt, error) {
	if ch.Forget != bot.Nobody {
		d.kill(ch)
		d.dead = true
	}
	if d.dead {
		return bot.Receipt{}, errKilled
	}
	return d.Store.Commit(ctx, ch)
}

// twoEvenings is a story: one evening is revealed, on the other both have written and only Ana has answered.
const twoEvenings = `clock 2026-03-02 19:30
given
ana writes /checkin
ana taps ✎ A line in the room
ana says canary ana one
ana taps 🙂 in the room
ben taps ✎ A line in the room
ben says canary ben one
ben taps 😐 in the room
clock +1d
clock 20:00
ana taps ✎ A line in the room
ana says canary ana two
ana taps 🙂 in the room
ben taps ✎ A line in the room
ben says canary ben two
`

// TestForgetCrash kills the house in the midst of erasing, at every step between the two
// databases. What was confirmed is finished by the next start, within a minute.
func TestForgetCrash(t *testing.T) {
	const mine = "ana says /forget 1\nana taps Yes, erase mine\n"
	const ours = "ben says /forget 2\nben taps Yes, erase ours\nana says /forget 2\nana taps Yes, erase ours\n"
	steps := map[string]func(t *testing.T, s *Store, ch bot.Change) error{
		"before the keys":          func(*testing.T, *Store, bot.Change) error { return nil },
		"between keys and rows":    func(t *testing.T, s *Store, ch bot.Change) error { return s.keys.Rotate(t.Context(), ch.ID, ch.Forget) },
		"after all of it, unheard": func(t *testing.T, s *Store, ch bot.Change) error { _, err := s.Commit(t.Context(), ch); return err },
		"twice between keys and rows": func(t *testing.T, s *Store, ch bot.Change) error {
			return errors.Join(s.keys.Rotate(t.Context(), ch.ID, ch.Forget), s.keys.Rotate(t.Context(), ch.ID, ch.Forget))
		},
	}
	for name, step := range steps {
		for what, script := range map[string]string{"mine": mine, "ours": ours} {
			t.Run(name+", "+what, func(t *testing.T) {
				folder := t.TempDir()
				world := bottest.World{Networks: []bottest.Network{bottest.NewPretend("left")}, Flows: flows.All()}
				deaths := 0
				world.Open = func() bot.Store {
					d := &dying{Store: open(t, folder)}
					d.kill = func(ch bot.Change) {
						if err := step(t, d.Store, ch); err != nil {
							t.Errorf("%s: %v", name, err)
						}
						folder = image(t, folder)
						deaths++
					}
					if deaths > 0 {
						return d.Store
					}
					return d
				}
				told := bottest.Play(t, world, twoEvenings+script+"restart\nclock +1m\n")
				if _, late, _ := strings.Cut(told, "restart\n"); deaths != 1 || !strings.Contains(late, "Erased: ") && name != "after all of it, unheard" {
					t.Errorf("%d deaths, and then:\n%s", deaths, late)
				}
				erased(t, open(t, folder), what == "ours")
			})
		}
	}
}

// erased looks for what must be gone and what must be there.
func erased(t *testing.T, s *Store, all bool) {
	t.Helper()
	rec, err := s.Load(t.Context(), 1, "checkin", bot.Want{Days: true, Own: bot.Both})
	if err != nil {
		t.Fatal(err)
	}
	letters, err := s.Waiting(t.Context(), 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprintf("%s %v %v", rec.State, rec.Entries, letters)
	for word, there := range map[string]bool{"canary ana": false, "canary ben one": !all, "canary ben two": !all} {
		if strings.Contains(text, word) != there {
			t.Errorf("%q is there: %v\n%s", word, !there, text)
		}
	}
	for _, e := range rec.Entries {
		if e.Who == bot.One || all {
			t.Errorf("left: %v", e)
		}
	}
	if (len(rec.Days) == 0) != all || rec.Couple.Seated() != bot.Both {
		t.Errorf("days %v, seats %v", rec.Days, rec.Couple.Seated())
	}
	left, err := s.keys.Unfinished(t.Context())
	if err != nil || len(left) > 0 {
		t.Errorf("unfinished: %v, %v", left, err)
	}
}
