//go:build crash

package crashtest

import (
	"slices"
	"strings"
)

// revealed holds a reveal against what was pressed, ticked and written before it.
func (x *truth) revealed(h *home, n *tonight, text string) {
	core, streak := h.core(text)
	if n.revealed != "" {
		if n.revealed != core || n.streak != streak {
			x.wrong(h, "evening %d was told in two ways: %q and %q", n.round, n.revealed+n.streak, core+streak)
		}
		return
	}
	n.revealed, n.streak = core, streak
	secret := strings.Contains(core, english("checkin.both.kept"))
	for i, p := range h.people {
		if len(n.moods[i]) == 0 {
			x.wrong(h, "evening %d was told before %s had answered", n.round, p.name)
			continue
		}
		x.shows(h, n, i, core, secret)
		if n.kept[i] && !n.changed(i) && !secret {
			x.wrong(h, "evening %d: %s was told that the mood stays secret, and it was shown", n.round, p.name)
		}
		if n.noted[i] != strings.Contains(core, p.words(n.round)) && !secret && n.wrote[i] > 0 && n.noted[i] {
			x.wrong(h, "evening %d: the line that %s gave is lost", n.round, p.name)
		}
	}
	quiet := func(i int) bool { return len(n.keeps[i]) == 0 || !n.kept[i] && n.keeping[i].at > 0 && !n.changed(i) }
	if secret && quiet(0) && quiet(1) {
		x.wrong(h, "evening %d: nobody wanted the moods secret, and they are", n.round)
	}
	x.counts(h, n)
}

// shows wants the mood that was ticked last, or one that was pressed after it.
func (x *truth) shows(h *home, n *tonight, i int, core string, secret bool) {
	var fair []string
	for _, p := range n.moods[i] {
		if p.at >= n.ticked[i].at {
			fair = append(fair, english("checkin.both.mood", "Name", h.people[i].name, "Mood", faces[p.Arg[0]-'1']))
		}
	}
	if !secret && !slices.ContainsFunc(fair, func(f string) bool { return strings.Contains(core, f) }) {
		x.wrong(h, "evening %d shows %q, and what was ticked or came later is %q", n.round, core, fair)
	}
}

// changed reports whether "just for me" was pressed again after its last tick.
func (n *tonight) changed(i int) bool {
	keeps := n.keeps[i]
	return len(keeps) > 0 && keeps[len(keeps)-1].at > n.keeping[i].at
}

// core is a reveal without the ♡ and without the streak, which it returns too.
func (h *home) core(text string) (core, streak string) {
	for line := range strings.Lines(text) {
		switch {
		case strings.Contains(line, "♡"):
		case strings.HasPrefix(line, "🕯"):
			streak = strings.TrimSpace(line)
		default:
			core += line
		}
	}
	return core, streak
}

// counts holds the streak that is told against the evenings that were seen.
func (x *truth) counts(h *home, n *tonight) {
	for _, m := range h.marks(n.round) {
		if now, _, _ := m.streak(); n.streak == english("checkin.streak", "Count", now) {
			return
		}
	}
	x.wrong(h, "evening %d tells the streak %q, after %v", n.round, n.streak, h.marks(n.round))
}

// marks are the evenings up to a round, in each way that they may count: when its prompt was cut
// off twice, and nobody tapped on it, the program cannot know that an evening was seen.
func (h *home) marks(last int) (all []marks) {
	all = []marks{{}}
	for _, round := range h.rounds() {
		e := h.evenings[round]
		if round > last || e.revealed == "" && !e.missed {
			continue
		}
		unseen := slices.Clone(all)
		for i, m := range all {
			all[i] = append(slices.Clone(m), e.revealed != "")
		}
		if e.missed && e.ticked[0].at+e.ticked[1].at == 0 {
			all = append(all, unseen...)
		}
	}
	return all
}

// settled wants every evening on which both were told that their answer is kept to
// have come to its reveal.
func (h *home) settled(x *truth) {
	for _, round := range h.rounds() {
		n := h.evenings[round]
		if n.ticked[0].at > 0 && n.ticked[1].at > 0 && n.revealed == "" {
			x.wrong(h, "evening %d: both were ticked, and nothing is told", round)
		}
	}
}
