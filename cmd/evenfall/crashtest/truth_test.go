//go:build crash

package crashtest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"evenfall/bot"
)

// truth is what must have been, worked out from the record alone.
type truth struct {
	t       testing.TB
	homes   map[int64]*home // by every chat of the couple
	presses map[string]press
}

// home is what the record tells of one couple.
type home struct {
	*couple
	evenings map[int]*tonight
	rings    int
	out      [2]bool // has left
}

// tonight is one evening of a couple.
type tonight struct {
	round    int
	prompts  int
	nudges   [2]int
	moods    [2][]press // all that were pressed before the reveal
	ticked   [2]press   // the latest that was ticked
	keeps    [2][]press
	keeping  [2]press // the latest ticked "just for me" …
	kept     [2]bool  // … and whether it was switched on
	wrote    [2]int   // where in the record the line stands; 0 = none
	noted    [2]bool  // and that it was kept
	revealed string   // the reveal without its ♡ and buttons; "" = not yet
	streak   string
	missed   bool
}

type press struct {
	at, who int // where in the record, and which of the two
	*home
	bot.Action
}

// judge reads the record from its beginning.
func judge(t testing.TB, couples []*couple, lines []line) *truth {
	x := &truth{t: t, homes: map[int64]*home{}, presses: map[string]press{}}
	for _, c := range couples {
		h := &home{couple: c, evenings: map[int]*tonight{}}
		x.homes[c.room], x.homes[c.people[0].id], x.homes[c.people[1].id] = h, h, h
	}
	for i, l := range lines {
		switch h := x.homes[l.chat]; l.what {
		case pressed:
			x.pressed(i+1, h, l)
		case said:
			h.said(i+1, l)
		case ticked:
			x.ticked(l)
		default:
			x.told(h, l)
		}
	}
	for _, c := range couples {
		x.homes[c.room].settled(x)
	}
	return x
}

func (x *truth) wrong(h *home, format string, args ...any) {
	x.t.Helper()
	x.t.Errorf("couple %d: %s", h.n, fmt.Sprintf(format, args...))
}

func (h *home) tonight(round int) *tonight {
	if h.evenings[round] == nil {
		h.evenings[round] = &tonight{round: round}
	}
	return h.evenings[round]
}

// which is which of the two somebody is.
func (h *home) which(who int64) int {
	if who == h.people[1].id {
		return 1
	}
	return 0
}

func (x *truth) pressed(at int, h *home, l line) {
	a, ok := bot.ParseAction(l.data)
	p := press{at, h.which(l.who), h, a}
	x.presses[l.query] = p
	if !ok || a.Flow != "checkin" {
		return
	}
	n := h.tonight(a.Round)
	switch {
	case n.revealed != "":
	case a.Verb == "mood":
		n.moods[p.who] = append(n.moods[p.who], p)
	case a.Verb == "keep":
		n.keeps[p.who] = append(n.keeps[p.who], p)
	}
}

func (h *home) said(at int, l line) {
	who := h.which(l.who)
	if fields := strings.Fields(l.text); fields[0] == canary {
		round, _ := strconv.Atoi(fields[2])
		h.tonight(round).wrote[who] = at
	}
	if strings.HasPrefix(l.text, "/start") {
		h.out = [2]bool{}
	}
}

// ticked is what the tapper reads: their own answer and nobody else's.
func (x *truth) ticked(l line) {
	p, ok := x.presses[l.query]
	if !ok || !l.taken && l.text == "" {
		return
	}
	n, arg := p.tonight(p.Round), 0
	if p.Flow == "checkin" {
		arg, _ = strconv.Atoi(p.Arg)
	}
	for i, face := range faces {
		if strings.Contains(l.text, face) && (p.Verb != "mood" || arg != i+1) {
			x.wrong(p.home, "evening %d: the tap %q was answered %q", p.Round, p.Action, l.text)
		}
	}
	if !l.taken || p.Flow != "checkin" {
		return // a tick that came again, to a tap that had one
	}
	switch {
	case p.Verb == "mood" && (strings.HasPrefix(l.text, "Kept: ") || l.text == english("checkin.kept.both")):
		n.ticked[p.who] = later(n.ticked[p.who], p)
	case p.Verb == "keep" && (l.text == english("checkin.keep.on") || l.text == english("checkin.keep.off")):
		n.keeping[p.who] = later(n.keeping[p.who], p)
		if n.keeping[p.who].at == p.at {
			n.kept[p.who] = l.text == english("checkin.keep.on")
		}
	}
}

func later(a, b press) press {
	if a.at > b.at {
		return a
	}
	return b
}

// told is what the program has sent or edited in a chat.
func (x *truth) told(h *home, l line) {
	if h == nil {
		x.t.Errorf("something was sent to a chat of nobody")
		return
	}
	x.silent(h, l)
	title, rest, _ := strings.Cut(l.text, "\n")
	round := roundOf(l.keys)
	switch {
	case l.chat == h.room && title == english("checkin.title") && l.what == sent && l.taken:
		if h.tonight(round).prompts++; h.tonight(round).prompts > 2 {
			x.wrong(h, "evening %d was asked for %d times", round, h.tonight(round).prompts)
		}
	case l.chat != h.room && title == english("checkin.nudge.title") && l.what == sent && l.taken:
		n := h.tonight(round)
		if n.nudges[h.which(l.chat)]++; n.nudges[h.which(l.chat)] > 1 {
			x.wrong(h, "evening %d: somebody was reminded twice", round)
		}
	case l.chat == h.room && title == english("checkin.both.title"):
		x.revealed(h, h.tonight(round), rest)
	case l.chat == h.room && title == english("checkin.closed.title"):
		h.latest().missed = true
	case l.chat == h.room && l.what == sent && l.text == english("checkin.ring") && l.taken:
		if h.rings++; h.rings > h.together() {
			x.wrong(h, "the %d. ring for %d evenings together", h.rings, h.together())
		}
	case l.chat != h.room && l.text == english("checkin.note.kept"):
		if n := h.latest(); n.wrote[h.which(l.chat)] > 0 {
			n.noted[h.which(l.chat)] = true
		}
	}
}

// silent looks for what must not be said at all: other people's words, words before their
// time, and anything after somebody has left.
func (x *truth) silent(h *home, l line) {
	for _, found := range strings.SplitAfter(l.text, canary)[1:] {
		var name string
		var round int
		fmt.Sscan(found, &name, &round)
		if !slices.ContainsFunc(h.people[:], func(p *person) bool { return p.name == name }) {
			x.wrong(h, "was told what %s wrote", name)
		}
		if n := h.tonight(round); len(n.moods[0]) == 0 || len(n.moods[1]) == 0 {
			x.wrong(h, "evening %d: a line was told before both had answered", round)
		}
	}
	if l.chat != h.room && h.out[h.which(l.chat)] || l.chat == h.room && h.out[0] && l.text != english("leave.close.line") {
		if !farewell(l.text) && l.text != english("guest") {
			x.wrong(h, "after they had left, they were told %q", l.text)
		}
	}
	if l.chat != h.room && farewell(l.text) {
		h.leaves(h.which(l.chat))
	}
}

// leaves ends what was between the two: whoever joins again begins anew.
func (h *home) leaves(who int) {
	if h.out[who] = true; who == 0 {
		h.evenings, h.rings = map[int]*tonight{}, 0
	}
}

// latest is the newest evening there is a trace of.
func (h *home) latest() *tonight {
	if rounds := h.rounds(); len(rounds) > 0 {
		return h.evenings[rounds[len(rounds)-1]]
	}
	return &tonight{}
}

func (h *home) rounds() (all []int) {
	for round := range h.evenings {
		all = append(all, round)
	}
	slices.Sort(all)
	return all
}

func (h *home) together() (n int) {
	for _, e := range h.evenings {
		if e.revealed != "" {
			n++
		}
	}
	return n
}

// roundOf is the evening that buttons belong to.
func roundOf(keys string) int {
	_, after, ok := strings.Cut(keys, `"checkin/`)
	if !ok {
		return 0
	}
	number, _, _ := strings.Cut(after, "/")
	round, _ := strconv.Atoi(number)
	return round
}
