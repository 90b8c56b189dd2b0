package adaptertest

import "strings"

// harmless reports whether all is well in the end.
func (m Mishap) harmless() bool { return m.line == slowly || m.line == mislabel }

// Lies are the mishaps in which the network says, in its own form, that all was done.
var Lies = []string{"nonsense", "emptiness", "hollowness"}

// unsaid reports whether the request certainly never left.
func (m Mishap) unsaid() bool { return m.line == refused || m.line == noTLS }

func (m Mishap) tooMany() bool { return strings.HasPrefix(m.Name, "429") }

// Rest is the row of what nobody waits for: it goes on.
func Rest(Mishap) Want { return Want{} }

// Letter is the row of a request that is a letter: made is how many messages it adds
// when it goes through, left when it is turned away.
func Letter(made, left int) Row {
	return func(m Mishap) Want {
		w := Want{Send: IsUnknown, Copies: made}
		switch {
		case m.harmless():
			w.Send = IsDone
		case m.unsaid():
			w.Send = IsUnsent
		case m.tooMany():
			w.Send = IsLater
		case m.Name == "400":
			w.Send, w.Copies = IsRefused, left
		case m.Name == "403":
			w.Send, w.Copies = IsGone, left
		}
		return w
	}
}

// Question is the row of a request that has to be made before a letter can be: the
// letter stays here, and nothing is said of its chat.
func Question(m Mishap) Want {
	w := Want{Send: IsUnsent, Copies: 1}
	switch {
	case m.harmless():
		w.Send = IsDone
	case m.tooMany():
		w.Send = IsLater
	}
	return w
}

// Opening is the row of a request that opens the chat of a letter: a refusal is the chat's.
func Opening(m Mishap) Want {
	if w := Letter(1, 0)(m); w.Send == IsRefused || w.Send == IsGone {
		return w
	}
	return Question(m)
}

// Look is the row of a request of the check-up.
func Look(m Mishap) Want { return Want{Ill: !m.harmless()} }

// But is a row with exceptions, by the names of mishaps.
func But(row Row, change func(*Want), names ...string) Row {
	return func(m Mishap) Want {
		w := row(m)
		for _, name := range names {
			if m.Name == name {
				change(&w)
			}
		}
		return w
	}
}

// Twice is a row for networks that know no letter again: what took effect without an
// answer is there twice.
func Twice(row Row) Row {
	return func(m Mishap) Want {
		w := row(m)
		if m.After && w.Send == IsUnknown {
			w.Copies++
		}
		return w
	}
}

// What a Want may be changed to.
func Ends(w *Want)     { w.Ends = true }
func Unticked(w *Want) { w.Unticked = true }
func Unset(w *Want)    { w.Unset = true }
func Fine(w *Want)     { w.Ill = false }
func Believed(w *Want) { w.Send, w.Copies = IsDone, 0 }
