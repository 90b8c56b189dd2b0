package flows

import (
	"slices"
	"strings"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// question is one thing that people choose. There is one definition for set-up, for the
// private bits after it, and for the settings.
type question struct {
	name    string // of its words and in payloads
	many    bool   // several options can be on; else one choice is the answer
	numbers bool   // a typed number is a value, not the number of a button
	wide    int    // buttons in a row
	options func(asking) []option
	read    func(x asking, text string) reading // words that are no button; nil = buttons only
	set     func(c *bot.Couple, who bot.Who, value string) bool
	show    func(asking) bot.Text // the choice as it stands
}

// asking is whom a question is for (Nobody = both), and what their last words may mean.
type asking struct {
	bot.Couple
	who   bot.Who
	found []rituals.Place
	at    time.Time
}

// option is one button of a question.
type option struct {
	label bot.Text
	value string
	on    bool
}

// reading is what typed words mean: a value, or places to choose from, or nothing.
type reading struct {
	value string
	found []rituals.Place
}

// questions are all there are.
var questions = []question{
	typesQuestion, zoneQuestion, eveningQuestion, freeQuestion, languageQuestion,
	nameQuestion, tongueQuestion, placeQuestion, countryQuestion, promptsQuestion, hideQuestion,
}

func questionOf(name string) (question, bool) {
	i := slices.IndexFunc(questions, func(q question) bool { return q.name == name })
	if i < 0 {
		return question{}, false
	}
	return questions[i], true
}

// stays reports whether the question stays open after an answer: when one of several
// options was turned over, but not when all were written at once ("=…").
func (q question) stays(value string) bool { return q.many && !strings.HasPrefix(value, "=") }

// message asks the question.
func (q question) message(x asking) bot.Message {
	m := bot.Message{Title: bot.T("ask." + q.name + ".title"), Lines: []bot.Text{bot.T("ask." + q.name + ".text")}}
	if len(x.found) > 0 {
		m.Lines = []bot.Text{bot.T("ask.found")}
	}
	var row []bot.Button
	for _, o := range q.options(x) {
		label := o.label
		if o.on {
			label = bot.T("ask.on", "Label", o.label)
		}
		row = append(row, bot.Button{Label: label, Verb: "set", Arg: q.name + ":" + o.value})
		if len(row) == q.wide {
			m.Buttons, row = append(m.Buttons, row), nil
		}
	}
	if len(row) > 0 {
		m.Buttons = append(m.Buttons, row)
	}
	return m
}

// understand turns words into what a button of the message would have said.
func (q question) understand(m bot.Message, x asking, text string) (verb, arg string, found []rituals.Place) {
	var r reading
	if q.numbers {
		r = q.read(x, text)
	}
	if b, ok := press(m, text); ok && r.value == "" {
		return b.Verb, b.Arg, nil
	}
	if q.read != nil && r.value == "" {
		r = q.read(x, text)
	}
	if r.value == "" {
		return "", "", r.found
	}
	return "set", q.name + ":" + r.value, nil
}

// form is where people are in a row of questions.
type form struct {
	At    string          `json:"at,omitempty"`    // the open question; "" = none
	Found []rituals.Place `json:"found,omitempty"` // what the last words may have meant
}

// outcome is what came of one answer.
type outcome struct {
	couple bot.Couple
	set    bool     // the couple has changed
	done   bool     // the last question was answered
	hint   bot.Text // what to write instead
}

// ask is the open question, with the way back and on.
func (f form) ask(order []string, x asking) bot.Message {
	q, _ := questionOf(f.At)
	x.found = f.Found
	m := q.message(x)
	var row []bot.Button
	if f.At != order[0] {
		row = append(row, button("ask.back", "back", f.At))
	}
	if q.many {
		on := slices.ContainsFunc(q.options(x), func(o option) bool { return o.on })
		row = append(row, button(map[bool]string{true: "ask.next", false: "ask.skip"}[on], "next", f.At))
	}
	if len(row) > 0 {
		m.Buttons = append(m.Buttons, row)
	}
	return m
}

// hear is what words mean to the open question.
func (f form) hear(order []string, x asking, text string) (verb, arg string, found []rituals.Place) {
	q, ok := questionOf(f.At)
	if !ok {
		return "", "", nil
	}
	x.found = f.Found
	return q.understand(f.ask(order, x), x, text)
}

// turn answers: verb and arg as a button has them, or what words were found to mean.
func (f form) turn(order []string, x asking, verb, arg string, found []rituals.Place) (form, outcome) {
	name, value, _ := strings.Cut(arg, ":")
	out := outcome{couple: x.Couple}
	q, ok := questionOf(name)
	if f.At == "" {
		f.At = name
	}
	here := name == f.At
	switch {
	case len(found) > 0:
		f.Found = found
		return f, out
	case !ok || !slices.Contains(order, name):
		out.hint = bot.T("ask." + f.At + ".hint")
		return f, out
	case verb == "set":
		if out.set = q.set(&out.couple, x.who, value); !out.set {
			out.hint = bot.T("ask." + name + ".hint")
			return f, out
		}
		if !here || q.stays(value) {
			return f, out
		}
	case !here: // an old button
		return f, out
	}
	step := 1
	if verb == "back" {
		step = -1
	}
	i := slices.Index(order, f.At) + step
	if out.done = i == len(order); out.done {
		return form{}, out
	}
	return form{At: order[max(i, 0)]}, out
}
