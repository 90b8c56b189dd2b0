package simulation

import (
	"context"
	"errors"
	"time"

	"evenfall/bot"
	"evenfall/storage/sqlite"
)

var (
	errDead = errors.New("simulation: the program is dead")
	errDisk = errors.New("simulation: the disk is broken")
)

// seam is the store as the program sees it, with the faults of a disk and of a process that
// dies at any moment.
type seam struct {
	*sqlite.Store
	h *house
}

// rarely is how likely it is that one of the two or three commits of a tap or an alarm goes wrong.
func (w *world) rarely() float64 { return min(0.001, 12/float64(w.size.couples*w.days)) }

// guard plays one write. The program may die before it or after it, and the disk may fail with
// or without it. With a failed disk a program lives on for a while, but nothing is written.
func (s *seam) guard(write func() error, keys ...int) error {
	switch {
	case s.h.dead.Load():
		return errDead
	case s.h.failed.Load():
		return errDisk
	}
	s.h.mu.Lock()
	fate, limit := s.h.share(forCommit, append(keys, s.h.crashes)...), s.h.rarely()
	if s.h.calm {
		fate = 1
	}
	s.h.mu.Unlock()
	switch {
	case fate < limit/2:
		s.h.die()
		return errDead
	case fate > 1-limit/4 && fate < 1:
		s.h.fail()
		return errDisk
	}
	err := write()
	switch {
	case fate < limit:
		s.h.die()
	case fate > 1-limit/2 && fate < 1:
		s.h.fail()
		return errDisk
	}
	if s.h.dead.Load() {
		return errDead
	}
	return err
}

// fail breaks the disk, until the program is killed some minutes later.
func (h *house) fail() {
	if h.failed.Swap(true) {
		return
	}
	const long = 10 * time.Minute
	h.mu.Lock()
	defer h.mu.Unlock()
	h.note("the disk fails")
	h.deaths = append(h.deaths, down{h.wall(), h.wall().Add(long)})
	h.fell()
	h.in(long, h.die)
}

func (s *seam) Commit(ctx context.Context, ch bot.Change) (r bot.Receipt, err error) {
	err = s.guard(func() error {
		r, err = s.Store.Commit(ctx, ch)
		return err
	}, s.turn(ch.ID), int(ch.ID))
	return r, err
}

// turn is the number of this commit among those of its couple.
func (s *seam) turn(id bot.CoupleID) int {
	s.h.mu.Lock()
	defer s.h.mu.Unlock()
	for _, c := range s.h.couples[max(0, min(int(id)-1, len(s.h.couples)-1)):] {
		if c.id == id {
			c.commits++
			return c.commits
		}
	}
	return int(s.h.count)
}

func (s *seam) Settle(ctx context.Context, outcomes []bot.Outcome) error {
	l := outcomes[0].Letter
	return s.guard(func() error { return s.Store.Settle(ctx, outcomes) }, int(l.Couple), l.Round, l.Attempts, l.Copies, int(l.Class), len(l.Slot), -1)
}

func (s *seam) Beat(ctx context.Context, now time.Time) (away []bot.Span, err error) {
	if s.h.dead.Load() || s.h.failed.Load() {
		return nil, errDead
	}
	return s.Store.Beat(ctx, now)
}

func (s *seam) Load(ctx context.Context, id bot.CoupleID, flow string, want bot.Want) (bot.Record, error) {
	if s.h.dead.Load() {
		return bot.Record{}, errDead
	}
	return s.Store.Load(ctx, id, flow, want)
}
