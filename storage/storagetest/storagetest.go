// Package storagetest is the suite that every bot.Store passes. It has no optional
// cases: what it asks is what the contract promises.
package storagetest

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"evenfall/bot"
)

// Run plays the whole suite. open makes an empty store; Run closes each one it opened.
func Run(t *testing.T, open func(t *testing.T) bot.Store) {
	for _, c := range []struct {
		name string
		play func(h house)
	}{
		{"a new couple is found by both users and its room", house.newCouple},
		{"a couple comes back as it went in", house.roundTrip},
		{"what was asked for is a copy", house.copies},
		{"an invitation is found until it runs out", house.invitation},
		{"an invitation is replaced, used up, reset", house.invitationEnds},
		{"a couple that is not there", house.none},
		{"a user has one seat", house.userTaken},
		{"a room has one couple", house.roomTaken},
		{"who leaves a seat is free", house.freed},
		{"a refused change leaves nothing", house.refused},
		{"reset", house.reset},
		{"forget", house.forget},
		{"forgotten letters", house.forgetLetters},
		{"what a partner may take along", house.own},
		{"delete", house.remove},
		{"states are kept for each flow", house.states},
		{"alarms come in order", house.alarms},
		{"alarms come in pages", house.pages},
		{"open states are listed", house.openStates},
		{"an event is taken in once", house.seen},
		{"a refused event may come again", house.seenRefused},
		{"beats tell of outages", house.beats},
		{"what was kept long enough is swept", house.sweep},
		{"entries are replaced", house.entriesReplaced},
		{"entries are filtered", house.entriesFiltered},
		{"days are replaced and sorted", house.days},
		{"letters are numbered in order", house.numbered},
		{"letters come back as they went in", house.letterRoundTrip},
		{"waiting letters come in pages", house.waiting},
		{"a settled letter is gone, another is tried again", house.settle},
		{"a letter that is no longer there is passed over", house.settleGone},
		{"posted follows slot, flow, chat and round", house.posted},
		{"posted follows sends, edits and deletes", house.postedChanges},
		{"a room moves", house.move},
		{"a room moves onto another", house.moveTaken},
		{"many couples at once", house.crowd},
		{"one couple is never read half changed", house.whole},
		{"an ended context changes nothing", house.ended},
		{"a closed store refuses", house.closed},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			c.play(house{t, s})
		})
	}
}

// house is a store under test.
type house struct {
	*testing.T
	s bot.Store
}

// noon is when the suite plays.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func user(n int) bot.User { return bot.User{Network: "telegram", ID: fmt.Sprint(1000 + n)} }
func room(n int) bot.Chat { return bot.Chat{Network: "telegram", ID: fmt.Sprint(-1000 - n)} }

// pair is the couple of users 2n and 2n+1 in room n.
func pair(n int) bot.Couple {
	return bot.Couple{
		Partners: [2]bot.Partner{{User: user(2 * n), Name: "Ana"}, {User: user(2*n + 1), Name: "Ben"}},
		Room:     room(n), Zone: "Europe/Madrid", Evening: 1200,
	}
}

// seat makes couple n and returns its number.
func (h house) seat(n int) bot.CoupleID {
	h.Helper()
	c := pair(n)
	return h.commit(bot.Change{Couple: &c}).ID
}

func (h house) commit(ch bot.Change) bot.Receipt {
	h.Helper()
	r, err := h.s.Commit(h.Context(), ch)
	if err != nil {
		h.Fatalf("Commit: %v", err)
	}
	return r
}

// refuse commits what must be refused with an error.
func (h house) refuse(ch bot.Change, want error) {
	h.Helper()
	if _, err := h.s.Commit(h.Context(), ch); !errors.Is(err, want) {
		h.Fatalf("Commit: %v, want %v", err, want)
	}
}

func (h house) find(u bot.User, c bot.Chat) bot.Found {
	h.Helper()
	f, err := h.s.Find(h.Context(), u, c, nil, noon)
	if err != nil {
		h.Fatalf("Find: %v", err)
	}
	return f
}

func (h house) load(id bot.CoupleID, flow string, want bot.Want) bot.Record {
	h.Helper()
	r, err := h.s.Load(h.Context(), id, flow, want)
	if err != nil {
		h.Fatalf("Load: %v", err)
	}
	return r
}

func (h house) due(after bot.Alarm, limit int) []bot.Alarm {
	h.Helper()
	due, err := h.s.Due(h.Context(), noon, after, limit)
	if err != nil {
		h.Fatalf("Due: %v", err)
	}
	return due
}

func (h house) letters() []bot.Letter {
	h.Helper()
	l, err := h.s.Waiting(h.Context(), 0, 1000)
	if err != nil {
		h.Fatalf("Waiting: %v", err)
	}
	return l
}

func (h house) outcome(o ...bot.Outcome) {
	h.Helper()
	if err := h.s.Settle(h.Context(), o); err != nil {
		h.Fatalf("Settle: %v", err)
	}
}

// message asks as the house does: the couple was read before, so a store that remembers
// what was read lately has it in mind.
func (h house) message(l bot.Letter) string {
	h.Helper()
	if _, err := h.s.Load(h.Context(), l.Couple, l.Flow, bot.Want{}); err != nil && !errors.Is(err, bot.ErrNone) {
		h.Fatalf("Load: %v", err)
	}
	m, err := h.s.Posted(h.Context(), l)
	if err != nil {
		h.Fatalf("Posted: %v", err)
	}
	return m
}

// same fails unless got is want. An empty slice is as good as none.
func same[V any](h house, what string, got, want V) {
	h.Helper()
	if v := reflect.ValueOf(got); v.Kind() == reflect.Slice && v.Len() == 0 && reflect.ValueOf(want).Len() == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		h.Fatalf("%s: got %+v\nwant %+v", what, got, want)
	}
}
