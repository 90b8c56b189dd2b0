package flows

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"evenfall/bot"
	"evenfall/rituals"
)

var (
	anaUser = bot.User{Network: "left", ID: "ana"}
	benUser = bot.User{Network: "left", ID: "ben"}
	noon    = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
)

func pair(language string) bot.Couple {
	c := fresh(language)
	c.ID, c.Zone, c.Ready, c.Types = 1, "Europe/Madrid", true, []string{"long_distance", "caregiver"}
	for i, u := range []bot.User{anaUser, benUser} {
		c.Partners[i] = bot.Partner{User: u, Name: strings.Repeat("n", longestName), Open: true, Country: "CC", Rest: rituals.DateOf(noon) + 3}
	}
	c.Room, c.Members, c.Rest = bot.Chat{Network: "left", ID: "room"}, 2, rituals.DateOf(noon)+3
	return c
}

// messages are the largest that the conversations around the evening can say.
func messages(lang string) map[string]bot.Message {
	c := pair(lang)
	nook := bot.Event{Who: bot.One, At: noon, Chat: bot.Nook(anaUser)}
	room := bot.Event{Who: bot.One, At: noon, Chat: c.Room}
	token := strings.Repeat("t", tokenLength)
	s := joining{Claim: &claim{Partner: c.Partners[1], Invited: true}}
	alone := c
	alone.Partners[1], alone.Room, alone.Ready = bot.Partner{}, bot.Chat{}, false
	all := map[string]bot.Message{
		"notice": notice(present(c), token), "welcome": welcome(alone), "claim": s.claimMessage(alone),
		"closing": s.closing(alone, nook), "exits": exits(), "menu": menu(c), "help": help(false),
		"settings": settingsList(asking{Couple: c, who: bot.One, at: noon}), "offer": roomOffer(),
		"streak": streakMessage(bot.Scene{Couple: c}, nook),
		"rest":   resters{}.restMessage(bot.Scene{Couple: c}, nook), "rest in the room": resters{}.restMessage(bot.Scene{Couple: c}, room),
		"mine": resters{At: [2]string{"mine"}}.restMessage(bot.Scene{Couple: c}, nook), "ours": resters{At: [2]string{"ours"}}.restMessage(bot.Scene{Couple: c}, nook),
	}
	_, r := s.invite(bot.Scene{Couple: alone}, bot.Event{Who: bot.One, At: noon, Token: token, Chat: bot.Nook(anaUser)}, false)
	all["invite"] = r.Says[0].Message
	for _, q := range questions {
		x := asking{Couple: c, who: bot.One, at: noon}
		all["settings "+q.name] = settingsPage(q, x)
		for _, order := range [][]string{setupOrder, privateOrder} {
			all["form "+q.name] = form{At: q.name}.ask(order, x)
			all["found "+q.name] = form{At: q.name, Found: readPlace(x, "8").found}.ask(order, x)
		}
	}
	return all
}

// TestTextsFit: every message fits where people read it, in every language.
func TestTextsFit(t *testing.T) {
	for _, lang := range catalogue().Languages() {
		for name, m := range messages(lang) {
			most := 900
			if name == "notice" {
				most = 1500
			}
			text := speak(lang, m.Title)
			for _, line := range m.Lines {
				text += "\n" + speak(lang, line)
			}
			if n := utf8.RuneCountInString(text); n > most {
				t.Errorf("%s %s: %d characters", lang, name, n)
			}
			if strings.Contains(text, "<no value>") {
				t.Errorf("%s %s: a placeholder is empty: %s", lang, name, text)
			}
			if len(m.Buttons) > 5 {
				t.Errorf("%s %s: %d rows", lang, name, len(m.Buttons))
			}
			for _, row := range m.Buttons {
				for _, b := range row {
					label := speak(lang, b.Label)
					if n := utf8.RuneCountInString(label); n == 0 || n > longestLabel {
						t.Errorf("%s %s: label %q", lang, name, label)
					}
				}
			}
		}
	}
	for _, lang := range catalogue().Languages() {
		for _, key := range catalogue().Keys(lang) {
			toast := strings.HasSuffix(key, ".toast") || strings.HasSuffix(key, ".hint") || strings.HasPrefix(key, "command.")
			if n := utf8.RuneCountInString(catalogue().Say(lang, key, nil)); toast && n > 200 || strings.HasPrefix(key, "command.") && n > 100 {
				t.Errorf("%s %s: %d characters", lang, key, n)
			}
		}
	}
}

// TestLabelsCanBeTyped: each button of its own flow can be written instead, in every language.
func TestLabelsCanBeTyped(t *testing.T) {
	for _, lang := range catalogue().Languages() {
		for name, m := range messages(lang) {
			for _, row := range m.Buttons {
				for _, b := range row {
					if b.Verb == "" || b.Link != "" {
						continue
					}
					label := strings.ToUpper(speak(lang, b.Label)) + "!"
					if got, ok := press(m, label); !ok || got.Verb != b.Verb || got.Arg != b.Arg {
						t.Errorf("%s %s: %q presses %+v, want %s %s", lang, name, label, got, b.Verb, b.Arg)
					}
				}
			}
		}
	}
}

// TestOldClaim: a yes to somebody seats nobody else, who asked later.
func TestOldClaim(t *testing.T) {
	c := pair("en")
	c.Partners[1], c.Members = bot.Partner{}, 4
	s := joining{Open: true}
	asks := func(id string) string {
		ev := bot.Event{Kind: bot.Tapped, At: noon, Chat: c.Room, Visitor: bot.Partner{User: bot.User{Network: "left", ID: id}}, Action: bot.Action{Verb: "in"}}
		next, r := join(bot.Scene{Couple: c}, s, ev)
		s = next
		return r.Says[0].Buttons[0][0].Arg
	}
	eve, ben := asks("eve"), asks("ben")
	admit := func(arg string) bot.Reply {
		_, r := join(bot.Scene{Couple: c}, s, bot.Event{Kind: bot.Tapped, Who: bot.One, At: noon, Chat: c.Room, Action: bot.Action{Verb: "admit", Arg: arg}})
		return r
	}
	if r := admit(eve); r.Set != nil {
		t.Errorf("the yes to Eve seats %s", r.Set.Partners[1].User.ID)
	}
	if r := admit(ben); r.Set == nil || r.Set.Partners[1].User != benUser {
		t.Error("the yes to Ben does not seat Ben")
	}
}
