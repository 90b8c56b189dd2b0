package adaptertest

import (
	"errors"
	"time"

	"evenfall/bot"
)

func isRefused(err error) bool { return errors.Is(err, bot.ErrRefused) }

// unknown reports whether an error says that nobody knows what became of the letter.
func unknown(err error) bool {
	var later *bot.Later
	var moved *bot.MovedError
	return err != nil && !errors.Is(err, bot.ErrGone) && !errors.Is(err, bot.ErrRefused) &&
		!errors.As(err, &later) && !errors.As(err, &moved)
}

// faulty sends one letter into a fault, wants judge to like the error and the room
// to show copies of it, and then wants a second letter to arrive.
func (s *stage) faulty(f Fault, copies int, judge func(error) bool) {
	s.Helper()
	l := letter(s.Room, page("", "canary words"))
	if !s.Fault(s.Room, f) {
		s.send(l)
		return
	}
	if _, err := s.try(l); !judge(err) {
		s.Errorf("fault %s gave %v", f, err)
	}
	if n := len(s.Messages(s.Room)); n != copies {
		s.Errorf("%d copies to be seen, want %d", n, copies)
	}
	s.send(letter(s.Room, page("", "after it")))
}

func faultGone(s *stage) {
	s.faulty(Gone, 0, func(err error) bool { return errors.Is(err, bot.ErrGone) })
}

func faultLater(s *stage) {
	s.faulty(Later, 0, func(err error) bool {
		var later *bot.Later
		return errors.As(err, &later) && later.After >= 7*time.Second && later.After < 9*time.Second
	})
}

func faultRefused(s *stage) { s.faulty(Refused, 0, isRefused) }

func faultBroken(s *stage) { s.faulty(Broken, 0, unknown) }

func faultLost(s *stage) { s.faulty(Lost, 1, unknown) }
