package flows_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"evenfall/bot"
)

// verdict is what is wrong with what came of a cell, or "". The rule of the cell says who may
// change and hear what; the rest holds always.
func (s *still) verdict(c cell, r rule, e effect) string {
	for _, wrong := range []string{r.changed(s, e), r.heard(e), seats(s, c, e), halves(s, c, e), erased(s, c, e), s.leaks(c, e)} {
		if wrong != "" {
			return wrong
		}
	}
	return ""
}

// changed: nothing but what the rule allows.
func (r rule) changed(s *still, e effect) string {
	for _, ch := range e.changes {
		couple := coupleIn(ch.key)
		_, known := s.couples[couple]
		if slices.ContainsFunc(r.moves, func(c bot.Chat) bool { return strings.HasSuffix(ch.key, "/"+c.Network+"/"+c.ID) }) {
			continue
		}
		if couple == 0 || known && !slices.Contains(r.change, couple) || !known && !r.founds {
			return "changes " + ch.key + " from " + ch.was + " to " + ch.is
		}
	}
	return ""
}

// heard: nobody but those whom the rule names and who are let in just now, and whoever is to be
// answered is.
func (r rule) heard(e effect) string {
	if len(e.heard) == 0 && e.toast == "" && r.told {
		return "is told nothing"
	}
	if r.silent && !e.nothing() {
		return "is told " + e.toast
	}
	say := r.say
	for _, id := range r.change {
		if len(e.changes) == 0 {
			break
		}
		for _, u := range people(e.rows[fmt.Sprintf("couple/%d", id)]) {
			say = append(say, bot.Nook(u))
		}
	}
	for _, l := range e.heard {
		if !slices.Contains(say, l.Chat) {
			return "says in " + l.Chat.ID + ": " + l.Page.Title + l.Page.Text
		}
	}
	return ""
}

// seats: nobody takes a seat for another or puts another out of one, but a partner who lets in
// whoever asked for it.
func seats(s *still, c cell, e effect) string {
	for _, ch := range e.changes {
		if !strings.HasPrefix(ch.key, "couple/") {
			continue
		}
		was, is := people(ch.was), people(ch.is)
		for _, u := range is {
			if !slices.Contains(was, u) && u != c.who && !(slices.Contains(was, c.who) && u == claimant(s, coupleIn(ch.key))) {
				return "seats " + title(u)
			}
		}
		for _, u := range was {
			if !slices.Contains(is, u) && u != c.who {
				return "takes the seat of " + title(u)
			}
		}
	}
	return ""
}

// claimant is who has asked for the free seat of a couple.
func claimant(s *still, id bot.CoupleID) bot.User {
	var join struct{ Claim struct{ Partner bot.Partner } }
	text, _, _ := strings.Cut(s.rows[fmt.Sprintf("state/%d/join", id)], " wake")
	_ = json.Unmarshal([]byte(text), &join) // no state, no claim
	return join.Claim.Partner.User
}

func people(couple string) (all []bot.User) {
	var c bot.Couple
	_ = json.Unmarshal([]byte(couple), &c) // no couple, no people
	for _, p := range c.Partners {
		if p.User.ID != "" {
			all = append(all, p.User)
		}
	}
	return all
}

// halves: what a flow or the couple keeps for each of the two, in a list of two, is changed by its
// owner alone, unless it begins anew.
func halves(s *still, c cell, e effect) string {
	couple := s.couples[c.home]
	who, after := couple.Which(c.who), fmt.Sprintf("couple/%d", c.home)
	if len(e.changes) == 0 || who == bot.Nobody || couple.Seated() != bot.Both || len(people(e.rows[after])) != 2 {
		return ""
	}
	other := who.Other().Index()
	for _, ch := range e.changes {
		was, is := fields(ch.was), fields(ch.is)
		if coupleIn(ch.key) != c.home || ch.was == "" || !reflect.DeepEqual(was["round"], is["round"]) {
			continue
		}
		for name, value := range was {
			a, ok := value.([]any)
			b, _ := is[name].([]any)
			if ok && len(a) == 2 && len(b) == 2 && !reflect.DeepEqual(a[other], b[other]) {
				return fmt.Sprintf("changes the other's %s: %v became %v", name, a[other], b[other])
			}
		}
	}
	return ""
}

// erased: what somebody said is erased by nobody else, and what is both's only when both want it.
func erased(s *still, c cell, e effect) string {
	couple := s.couples[c.home]
	who := couple.Which(c.who)
	if len(e.changes) == 0 || couple.Seated() != bot.Both || who == bot.Nobody {
		return ""
	}
	state := fmt.Sprintf("state/%d/forget", c.home)
	was, is := fields(s.rows[state]), fields(e.rows[state])
	partners := func(v any) bot.Who { n, _ := v.(float64); return bot.Who(n) }
	if partners(was["asked"]).Has(who.Other()) {
		return ""
	}
	for _, ch := range e.changes {
		if strings.HasPrefix(ch.key, "entry/") && ch.is == "" && strings.HasSuffix(ch.key, fmt.Sprintf("/%d", who.Other())) {
			return "erases the other's " + ch.was
		}
	}
	if partners(is["mine"]).Has(who.Other()) && !partners(was["mine"]).Has(who.Other()) || is["ours"] == true {
		return "decides what is not theirs to erase"
	}
	return ""
}

func fields(value string) map[string]any {
	all := map[string]any{}
	text, _, _ := strings.Cut(value, " wake ")
	_ = json.Unmarshal([]byte(text), &all) // a row without fields has none
	return all
}

// leaks: nobody reads another's line before both have answered, and nothing ever that is one's own.
func (s *still) leaks(c cell, e effect) string {
	if wrong := s.leak(bot.Nook(c.who), e.toast, e); wrong != "" {
		return wrong
	}
	for _, l := range e.heard {
		var text strings.Builder
		text.WriteString(l.Page.Title + "\n" + l.Page.Text)
		for _, key := range flat(l.Page.Buttons) {
			text.WriteString("\n" + key.Label + "\n" + key.Payload)
		}
		if file := l.Page.File; file != nil {
			text.Write(file.Data)
			if l.Chat != bot.Nook(c.who) {
				return "gives a file to " + l.Chat.ID
			}
		}
		if wrong := s.leak(l.Chat, text.String(), e); wrong != "" {
			return wrong
		}
	}
	return ""
}

func (s *still) leak(at bot.Chat, text string, e effect) string {
	if text == "" {
		return ""
	}
	for _, owner := range writers {
		if at == bot.Nook(owner) {
			continue
		}
		if strings.Contains(text, canary(owner)) && !s.together(owner, at, e) {
			return "tells " + at.ID + " what " + title(owner) + " wrote: " + text
		}
		for _, secret := range secrets[owner] {
			if strings.Contains(text, secret) {
				return "tells " + at.ID + " that " + title(owner) + " has " + secret
			}
		}
	}
	return ""
}

// together reports whether a chat may show an owner's evening: both have answered, and none but
// the two read there.
func (s *still) together(owner bot.User, at bot.Chat, e effect) bool {
	for id, couple := range s.couples {
		if couple.Which(owner) == bot.Nobody || couple.Seated() != bot.Both {
			continue
		}
		answers, _ := fields(e.rows[fmt.Sprintf("state/%d/checkin", id)])["answers"].([]any)
		both := len(answers) == 2
		for _, a := range answers {
			both = both && a.(map[string]any)["mood"] != nil
		}
		u, private := at.Private()
		alone := private && couple.Which(u) != bot.Nobody || at == couple.Room && s.members == 2
		return both && alone
	}
	return false
}

// coupleIn is the couple that a row of a dump is about; 0 = none.
func coupleIn(key string) bot.CoupleID {
	id, _ := strconv.ParseInt(strings.Split(key, "/")[1], 10, 64)
	return bot.CoupleID(id)
}
