// Package safety reads what a person writes for signs of danger, and knows the
// fixed pages that answer them. It is the first thing to see any free text. It works
// by rules alone, offline, keeps nothing, and logs nothing; the words of the pages
// are in the catalogue (bot/words/*.yaml), the rules in rituals/library/safety.
//
// The rules prefer a false alarm to a miss: a negation ("he never hit me") counts like
// its opposite. Idioms ("this deadline is killing me") are taken out before the
// rules look. What every class must find, and what must stay quiet, is in testdata.
package safety

import "sync"

// Class is a kind of danger sign.
type Class uint8

// The classes. Result.Class has their order of urgency.
const (
	None  Class = iota
	V1          // force or threat
	V2          // sexual coercion
	V3          // fear
	V4          // control
	V5          // own violence
	V6          // wish to control or to watch
	V7          // a child, an elder or an animal hurt
	S1          // tired of living, vague or passive
	S2          // thoughts of suicide or self-harm
	S3          // plan, means, act
	S4          // somebody else's danger
	S5          // low mood without danger
	Minor       // somebody under 18
)

var names = [...]string{"None", "V1", "V2", "V3", "V4", "V5", "V6", "V7", "S1", "S2", "S3", "S4", "S5", "Minor"}

// String is the short name, "V1".
func (c Class) String() string {
	if int(c) < len(names) {
		return names[c]
	}
	return "?"
}

// Classes is a set of classes.
type Classes uint16

// Has reports whether any of the classes is in the set.
func (s Classes) Has(any ...Class) bool {
	for _, c := range any {
		if s>>c&1 == 1 {
			return true
		}
	}
	return false
}

func (s Classes) with(c Class) Classes { return s | 1<<c }

// Result is what Check found.
type Result struct {
	Classes   Classes // everything that was found
	Danger    bool    // the emergency number comes first
	Ambiguous bool    // only fear or control: ask before answering
}

// urgency is the order in which classes are answered when several were found.
var urgency = [...]Class{S3, V2, S2, V1, V7, S1, S4, Minor, V5, V4, V3, V6, S5}

// Class is the most urgent class found. Violence with danger goes before everything
// but an act of self-harm.
func (r Result) Class() Class {
	if r.Danger && r.Classes.Has(V1) && !r.Classes.Has(S3) {
		return V1
	}
	for _, c := range urgency {
		if r.Classes.Has(c) {
			return c
		}
	}
	return None
}

// Check reads a text by the rules of every language, whatever language the person
// uses. It is pure and safe for concurrent use. The first call compiles the rules;
// Warm does that ahead of time.
func Check(text string) Result {
	var r Result
	raised := false
	words := split(text)
	for _, t := range tongues() {
		classes, danger, raise := t.read(words)
		r.Classes |= classes
		r.Danger = r.Danger || danger
		raised = raised || raise
	}
	if raised && r.Classes.Has(V1, V2, V3, V4, V7) || r.Classes.Has(S3) {
		r.Danger = true
	}
	r.Ambiguous = !r.Danger && r.Classes != 0 && r.Classes&^(Classes(0).with(V3).with(V4).with(V6).with(S5)) == 0 && r.Classes.Has(V3, V4)
	return r
}

// Warm compiles the rules, so that the first Check is as quick as the others.
func Warm() { tongues() }

var tongues = sync.OnceValue(func() []*tongue { return []*tongue{open("en"), open("es")} })
