package adaptertest

import (
	"errors"
	"time"

	"evenfall/bot"
)

// Verdict is what an error of Send says about the letter, in the terms of bot.Adapter.
type Verdict string

// The verdicts.
const (
	IsDone    Verdict = "done"
	IsGone    Verdict = "gone"    // bot.ErrGone
	IsRefused Verdict = "refused" // bot.ErrRefused
	IsLater   Verdict = "later"   // *bot.Later
	IsMoved   Verdict = "moved"   // *bot.MovedError
	IsUnsent  Verdict = "unsent"  // bot.ErrUnsent
	IsUnknown Verdict = "unknown" // nobody knows
	several   Verdict = "several things at once"
)

func verdict(err error) Verdict {
	var l *bot.Later
	var m *bot.MovedError
	found := IsUnknown
	for _, is := range []struct {
		true bool
		v    Verdict
	}{
		{errors.Is(err, bot.ErrGone), IsGone},
		{errors.Is(err, bot.ErrRefused), IsRefused},
		{errors.As(err, &l) && l.After > 0 && l.After <= time.Hour, IsLater},
		{errors.As(err, &m), IsMoved},
		{errors.Is(err, bot.ErrUnsent), IsUnsent},
	} {
		switch {
		case is.true && found != IsUnknown:
			return several
		case is.true:
			found = is.v
		}
	}
	return found
}
