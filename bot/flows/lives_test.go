package flows

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// chance is a random event, forged taps and all.
func chance(rnd *rand.Rand, c bot.Couple) bot.Event {
	pick := func(some ...string) string { return some[rnd.IntN(len(some))] }
	ev := bot.Event{At: noon.Add(time.Duration(rnd.IntN(100)) * time.Hour), Members: rnd.IntN(4), Token: strings.Repeat("t", tokenLength)}
	users := []bot.User{anaUser, benUser, {Network: "right", ID: "eve"}}
	user := users[rnd.IntN(3)]
	ev.Kind = []bot.Kind{bot.Called, bot.Said, bot.Tapped, bot.Tapped, bot.Tapped, bot.Arrived, bot.Woke}[rnd.IntN(7)]
	ev.Chat = []bot.Chat{bot.Nook(user), {Network: "left", ID: "room"}}[rnd.IntN(2)]
	if ev.Kind != bot.Woke {
		if ev.Who = c.Which(user); ev.Who == bot.Nobody {
			ev.Visitor = bot.Partner{User: user, Name: "Eve", Open: true}
			ev.Invited, ev.Elsewhere = rnd.IntN(2) == 0 && ev.Private(), rnd.IntN(4) == 0
		}
	}
	ev.Command = pick("start", "menu", "help")
	ev.Text = pick("", "1", "7", "Madrid", "19:40", "sat, sun", "yes", "here", ev.Token, ev.Token+" yes", "English", "invite", "done", "back", "España", "long distance, caregiver")
	ev.Action = bot.Action{Verb: pick("in", "young", "admit", "deny", "invite", "group", "begin", "mine", "set", "set", "set", "back", "next", "open", "done", "until", "end", "quiet", "close", "stay", "hide", "show"),
		Arg: pick("", "1", "again", "types:caregiver", "types:=", "types:x", "zone:Europe/Paris", "zone:Local", "evening:1260", "evening:-1", "evening:9999", "free:3", "free:=127", "free:=65", "free:9",
			"language:es", "language:xx", "name:", "name:Eve", "tongue:es", "place:-", "place:UTC", "country:-", "country:FR", "country:XX", "prompts:nudge", "prompts:x", "hide:hide", "types", "country", "nonsense:1", "mine", "ours", "mine:3", "ours:3", "mine:99")}
	return ev
}

// sound reports what is wrong with a couple, or "".
func sound(c bot.Couple) string {
	if _, err := rituals.Location(c.Zone); err != nil {
		return "zone " + c.Zone
	}
	for _, p := range c.Partners {
		if _, err := rituals.Location(p.Zone); err != nil {
			return "own zone " + p.Zone
		}
		if p.Country != "" && rituals.CountryName(p.Country, "en") == "" && p.Country != "CC" {
			return "country " + p.Country
		}
		if p.Language != "" && !isTongue(p.Language) {
			return "language " + p.Language
		}
	}
	switch {
	case c.Partners[0].User == c.Partners[1].User && c.Partners[0].User.ID != "":
		return "one person in both seats"
	case c.Free == 1<<7-1:
		return "no evening is left"
	case c.Evening < 0 || c.Evening >= 24*60:
		return "evening " + fmt.Sprint(int(c.Evening))
	case c.Seated() == bot.Nobody && c.Room.ID == "":
		return "nobody and nowhere"
	}
	return ""
}

// life plays random events on one flow, as the engine would.
func life[S any](t *testing.T, seed uint64, visitors bool, step func(bot.Scene, S, bot.Event) (S, bot.Reply)) {
	rnd := rand.New(rand.NewPCG(seed, 2))
	var s S
	var c bot.Couple
	if seed%2 == 0 {
		c = pair("en")
	}
	for range 40 {
		ev := chance(rnd, c)
		visitor := ev.Who == bot.Nobody && ev.Kind != bot.Woke
		lost := visitor && c.ID != 0 && ev.Private() && !(ev.Invited && ev.Kind == bot.Called)
		if ev.Kind == bot.Woke && c.ID == 0 || visitor && (c.Seated() == bot.Both || !visitors) || lost {
			continue // the engine lets none of these through
		}
		before, _ := json.Marshal(c)
		next, r := step(bot.Scene{Couple: c, Loaded: true}, s, ev)
		again, r2 := step(bot.Scene{Couple: c, Loaded: true}, s, ev)
		after, _ := json.Marshal(c)
		if !reflect.DeepEqual(next, again) || !reflect.DeepEqual(r, r2) || string(before) != string(after) {
			t.Fatalf("seed %d: the step is not pure: %+v", seed, ev)
		}
		tells(t, c, ev, r)
		raw, err := json.Marshal(next)
		if err != nil {
			t.Fatal(err)
		}
		var back S
		if err := json.Unmarshal(raw, &back); err != nil {
			t.Fatal(err)
		}
		s = back
		if r.Set != nil {
			c = *r.Set
			if c.ID = 1; sound(c) != "" {
				t.Fatalf("seed %d: %s after %+v", seed, sound(c), ev)
			}
		}
		for _, p := range bot.Each {
			if r.Leave.Has(p) {
				c.Partners[p.Index()] = bot.Partner{}
			}
		}
		if c.Seated() == bot.Nobody && (r.Leave != bot.Nobody || c.ID == 0) {
			c = bot.Couple{}
		}
	}
}

// tells fails if a message where the other one reads holds what is private.
func tells(t *testing.T, c bot.Couple, ev bot.Event, r bot.Reply) {
	country := speak("en", countryQuestion.show(asking{Couple: pair("en"), who: bot.One}))
	for _, say := range r.Says {
		own := ev.Who != bot.Nobody && (say.To == bot.Only(ev.Who) || say.To == bot.Here && ev.Private())
		if own {
			continue
		}
		for _, line := range append(say.Lines, say.Title) {
			text := speak("en", line)
			for _, secret := range []string{country, speak("en", bot.T("rest.mine.over")), "You are resting"} {
				if strings.Contains(text, secret) {
					t.Errorf("%q is told to others", text)
				}
			}
		}
		if r.Set != nil && ev.Who != bot.Nobody && c.Partner(ev.Who).Rest != r.Set.Partner(ev.Who).Rest {
			t.Errorf("a rest of one's own is told: %+v", say)
		}
	}
}

// TestRandomLives: whatever people tap, type or forge, no flow panics, changes its
// input, makes a couple that cannot be, or tells one's private things.
func TestRandomLives(t *testing.T) {
	lives := uint64(500)
	if testing.Short() {
		lives = 100
	}
	for seed := range lives {
		life(t, seed, true, join)
		life(t, seed, false, settings)
		life(t, seed, false, rest)
		life(t, seed, true, leave)
		life(t, seed, true, menuStep)
		life(t, seed, false, streakStep)
	}
}
