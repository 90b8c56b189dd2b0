package flows

import (
	"slices"
	"strconv"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

type phase string

const (
	waiting  phase = ""         // for the next evening
	open     phase = "open"     // answers are taken
	revealed phase = "revealed" // both were in
)

// evening is the state: the evening that is open or was last, and the one to come.
type evening struct {
	bot.Stage
	Phase   phase        `json:"phase,omitempty"`
	Date    rituals.Date `json:"date,omitempty"`   // of the evening that is open or was last
	Next    rituals.Date `json:"next,omitempty"`   // of the evening to come
	Begun   time.Time    `json:"begun,omitzero"`   // when the open evening began …
	Until   time.Time    `json:"until,omitzero"`   // … and when it closes
	Unsent  bool         `json:"unsent,omitempty"` // its message may never have come
	Answers [2]answer    `json:"answers"`
	Nudged  bool         `json:"nudged,omitempty"`
	Boards  bot.Who      `json:"boards,omitempty"` // whose nooks show a board of their own
	Streak  int          `json:"streak,omitempty"` // as told at the reveal
	Relit   bool         `json:"relit,omitempty"`
}

// answer is what one partner tapped. All but Mood is optional.
type answer struct {
	Mood  int    `json:"mood,omitempty"` // 1–5; 0 = not yet
	Load  int    `json:"load,omitempty"` // pressure from outside, 1–5
	Close int    `json:"close,omitempty"`
	Note  string `json:"note,omitempty"`
	Keep  bool   `json:"keep,omitempty"`  // the mood stays with its owner
	Later bool   `json:"later,omitempty"` // no nudge tonight
	Heart int    `json:"heart,omitempty"` // the reply after the reveal
}

// resting reports whether the couple's evening of a date is paused, by both or by
// either; nobody learns by whom.
func resting(c bot.Couple, date rituals.Date) bool {
	if c.Rest > date {
		return true
	}
	for _, p := range bot.Each {
		if c.Seated().Has(p) && (c.Partner(p).Rest > date || c.Partner(p).Off[bot.KindEvening]) {
			return true
		}
	}
	return false
}

// entries is the evening as history.
func (s evening) entries(shared bool) []bot.Entry {
	var all []bot.Entry
	for _, p := range bot.Each {
		a := s.Answers[p.Index()]
		line := func(kind, value string, shared bool) {
			if value != "" && value != "0" {
				all = append(all, bot.Entry{Date: s.Date, Kind: kind, Who: p, Value: value, Shared: shared})
			}
		}
		line("mood", strconv.Itoa(a.Mood), shared)
		line("load", strconv.Itoa(a.Load), false)
		line("close", strconv.Itoa(a.Close), false)
		line("note", a.Note, shared)
	}
	return all
}

// own is what of tonight is a partner's own and not history yet; what they replied after the reveal
// never becomes history.
func (s evening) own(who bot.Who) (all []bot.Entry) {
	if s.Phase == open {
		for _, e := range s.entries(false) {
			if e.Who == who {
				all = append(all, e)
			}
		}
	}
	if n := s.Answers[who.Index()].Heart; n != 0 {
		all = append(all, bot.Entry{Date: s.Date, Kind: "heart", Who: who, Value: strconv.Itoa(n), Shared: true})
	}
	return all
}

// forget is the evening without a partner's answer. An open one goes on: they may answer anew. What
// was revealed is not shown again.
func (s evening) forget(who bot.Who) evening {
	a := &s.Answers[who.Index()]
	*a = answer{Later: a.Later}
	return s
}

func anyOff(c bot.Couple, kind string) bool {
	return slices.ContainsFunc(c.Partners[:], func(p bot.Partner) bool { return p.Off[kind] })
}
