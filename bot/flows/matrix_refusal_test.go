package flows_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"evenfall/bot"
)

// refusals are what people were told who were refused. Whoever asks for the same must be told the
// same in every moment: a refusal that changes with them tells something about the couple.
type refusals map[question]map[string]string // what was told → in which moment

// question is what somebody asked for and may not have.
type question struct {
	who  bot.User
	rule string
	deed
	private bool
	seats   string // which are taken where it was asked: whoever is there has read that
}

func (all refusals) note(c cell, r rule, e effect, moment string) {
	if !r.refusal {
		return
	}
	_, private := c.at.Private()
	told := e.toast
	for _, l := range e.heard {
		told += "\n" + l.Page.Title + l.Page.Text
	}
	all.put(question{c.who, r.name, c.deed, private, c.seats()}, told, moment)
}

func (c cell) seats() string {
	switch {
	case c.whole:
		return "both"
	case c.empty:
		return "none"
	}
	return "one"
}

func (all refusals) put(q question, told, moment string) {
	if all[q] == nil {
		all[q] = map[string]string{}
	}
	if before, ok := all[q][told]; !ok || moment < before {
		all[q][told] = moment
	}
}

func (all refusals) add(other refusals) {
	for q, answers := range other {
		for told, moment := range answers {
			all.put(q, told, moment)
		}
	}
}

// differing are the refusals that tell moments apart.
func (all refusals) differing() (wrong []string) {
	for q, answers := range all {
		if len(answers) == 1 {
			continue
		}
		line := fmt.Sprintf("%s: %s: the refusal tells moments apart (rule: %s, private: %v, seats taken: %s):", title(q.who), q.deed, q.rule, q.private, q.seats)
		for _, told := range slices.Sorted(maps.Keys(answers)) {
			line += fmt.Sprintf("\n\t%q in “%s”", strings.TrimSpace(told), answers[told])
		}
		wrong = append(wrong, line)
	}
	slices.Sort(wrong)
	return wrong
}
