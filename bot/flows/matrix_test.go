package flows_test

import (
	"maps"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"testing"

	"evenfall/bot"
	"evenfall/bot/flows"
)

// TestMatrix is who may do what, and when: everybody tries everything in every state of the
// conversations, and nothing comes of it that the rules do not allow. See rule for what is
// allowed, and verdict for what holds always.
//
// A new flow is part of it by itself: its commands, the buttons that its scripts show, and their
// forms are deeds, and its states are the moments that its scripts name with a comment:
//
//	# moment: one has agreed
func TestMatrix(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // hundreds of thousands of houses, each for a moment
	all := moments(t)
	commands := newHouse(t, all[0].store, all[0].at, 0).Commands()
	shown := all[0].shown
	sum, cells, tried := newTally(), 0, map[string]bool{}
	for { // again with the buttons that turned up meanwhile
		try := slices.DeleteFunc(deeds(commands, shown), func(d deed) bool { return tried[kindOf(d)] })
		if len(try) == 0 {
			break
		}
		for _, d := range try {
			tried[kindOf(d)] = true
		}
		sum.add(everywhere(t, all, try))
		maps.Copy(shown, sum.shown)
		sum.deeds = append(sum.deeds, try...)
	}
	if stride == 1 && !t.Failed() {
		sum.whole(t)
	}
	for _, wrong := range sum.told.differing() {
		t.Error(wrong)
	}
	for _, name := range slices.Sorted(maps.Keys(sum.cells)) {
		t.Logf("%7d %s", sum.cells[name], name)
		cells += sum.cells[name]
	}
	t.Logf("%7d cells: %d deeds in %d moments", cells, len(sum.deeds), len(all))
}

// enough wrong cells of one moment are shown.
const enough = 10

// kindOf is what deeds have in common that differ in their button's argument.
func kindOf(d deed) string { return strings.Replace(d.String(), " "+d.arg, "", 1) }

// everywhere is every deed of everyone in every moment.
func everywhere(t *testing.T, all []*moment, try []deed) *tally {
	var mu sync.Mutex
	sum := newTally()
	t.Run("moments", func(t *testing.T) {
		for _, m := range all {
			t.Run(m.name, func(t *testing.T) {
				t.Parallel()
				one := m.still().play(t, try)
				mu.Lock()
				defer mu.Unlock()
				sum.add(one)
			})
		}
	})
	return sum
}

// play tries deeds of everyone in one moment.
func (s *still) play(t *testing.T, try []deed) *tally {
	sum, n, fails := newTally(), 0, 0
	for _, p := range cast {
		for _, at := range p.at {
			for _, d := range try {
				in, ok := s.incoming(p.who, at, d)
				if n++; !ok || n%stride != 0 {
					continue
				}
				c := s.cell(p.who, at, d)
				r := c.rule()
				e := s.try(t, in)
				if wrong := s.verdict(c, r, e); wrong != "" {
					if fails++; fails > enough {
						t.Fatal("… and more")
					}
					t.Errorf("%s, in %s: %s, in the moment “%s”: %s\nrule: %s", title(p.who), at.ID, d, s.name, wrong, r.name)
				}
				sum.note(c, r, e, s.name)
			}
		}
	}
	return sum
}

// incoming is the deed as a network tells of it, in the round that the couple's flow is in. It
// is not ok where there is no such invitation, or no such chat.
func (s *still) incoming(u bot.User, at bot.Chat, d deed) (in bot.Incoming, ok bool) {
	in = s.from(u, at)
	in.ID, in.Kind, in.Command, in.Text = "event", d.Kind, d.command, d.text
	switch {
	case d.verb != "":
		in.Payload = bot.Action{Flow: d.flow, Round: s.rounds[d.flow], Verb: d.verb, Arg: d.arg}.String()
	case d.Kind == bot.Tapped:
		in.Payload, in.Command, in.Text = strings.TrimSpace("/"+d.command+" "+d.text), "", ""
	}
	if name := d.token(); name != "" {
		in.Text = strings.Replace(d.text, name, s.tokens[name], 1)
		return in, s.tokens[name] != ""
	}
	switch d.Kind {
	case bot.Counted:
		in.Members = 3
	case bot.Moved:
		in.To = moved
	}
	_, private := at.Private()
	return in, !private || d.Kind != bot.Moved && d.Kind != bot.Counted
}

// tally is what has come of cells.
type tally struct {
	cells map[string]int  // by their rule
	did   map[string]bool // the doors at which something came of it for those who may
	shown map[string]bool // the buttons that were seen
	told  refusals
	deeds []deed
}

func newTally() *tally {
	return &tally{cells: map[string]int{}, did: map[string]bool{}, shown: map[string]bool{}, told: refusals{}}
}

func (sum *tally) note(c cell, r rule, e effect, moment string) {
	sum.cells[r.name]++
	if r.allowed && c.deed.Kind != bot.Said && (slices.ContainsFunc(e.changes, change.tells) || len(e.heard) > 0) {
		sum.did[c.deed.door()] = true
	}
	for _, l := range e.heard {
		eachButton(l, func(payload string) { sum.shown[payload] = true })
	}
	sum.told.note(c, r, e, moment)
}

func (sum *tally) add(other *tally) {
	for name, n := range other.cells {
		sum.cells[name] += n
	}
	maps.Copy(sum.did, other.did)
	maps.Copy(sum.shown, other.shown)
	sum.told.add(other.told)
}

// whole fails if the matrix leaves something out (a flow, a kind of event, a deed that did nothing
// wherever somebody may do it).
func (sum *tally) whole(t *testing.T) {
	for _, f := range flows.All() {
		commands := reflect.ValueOf(f).FieldByName("Commands").Interface().([]string)
		if !sum.tried(func(d deed) bool {
			return d.flow == nameOf(f) && d.verb != "nonsense" || slices.Contains(commands, d.command)
		}) {
			t.Errorf("nobody tried anything of the flow %s", nameOf(f))
		}
	}
	for kind := bot.Called; kind < bot.Woke; kind++ {
		if !sum.tried(func(d deed) bool { return d.Kind == kind }) {
			t.Errorf("nobody tried an event of kind %d", kind)
		}
	}
	for _, d := range sum.deeds {
		vain := d.verb == "nonsense" || d.Kind == bot.Said || d.Kind == bot.Moved
		if !vain && !sum.did[d.door()] {
			t.Errorf("%s: nothing came of it in any moment, so nothing is known of who may do it: name a moment in a script", d)
		}
	}
}

func (sum *tally) tried(d func(deed) bool) bool { return slices.ContainsFunc(sum.deeds, d) }
