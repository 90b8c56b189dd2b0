package flows_test

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"evenfall/bot"
	"evenfall/bot/flows"
	"evenfall/storage/memory"
)

// still is a moment in which one after another things are tried: whatever is done, it stays as it is.
type still struct {
	*moment
	rows    map[string]string // what the store holds, see memory.Store.Dump
	couples map[bot.CoupleID]bot.Couple
	rounds  map[string]int // of the couple's flows
	idle    *house         // one in which nothing has happened yet that left a trace
}

func (m *moment) still() *still {
	s := &still{moment: m, couples: map[bot.CoupleID]bot.Couple{}, rounds: map[string]int{}}
	for _, f := range flows.All() {
		s.rounds[nameOf(f)] = m.round(m.ours(), nameOf(f))
	}
	s.rows, _ = parted(m.store)
	for key, value := range s.rows {
		if strings.HasPrefix(key, "couple/") {
			var c bot.Couple
			if err := json.Unmarshal([]byte(value), &c); err != nil {
				panic(err)
			}
			c.ID = coupleIn(key)
			s.couples[c.ID] = c
		}
	}
	return s
}

// effect is what came of an event.
type effect struct {
	rows    map[string]string // what the store holds then …
	changes []change          // … and what of it is new
	heard   []bot.Letter
	toast   string
}

// change is one row of the store, before and after; "" = it was not there, or is gone.
type change struct{ key, was, is string }

// tells reports whether a change is more than that a nook is open, which any event in it tells.
func (ch change) tells() bool {
	shut := func(row string) string { return strings.ReplaceAll(row, `,"open":true`, "") }
	return shut(ch.was) != shut(ch.is)
}

// nothing reports whether an event passed without a trace.
func (e effect) nothing() bool { return len(e.changes) == 0 && len(e.heard) == 0 && e.toast == "" }

// try plays an event on a copy of the moment.
func (s *still) try(t testing.TB, in bot.Incoming) effect {
	t.Helper()
	if s.idle == nil {
		s.idle = newHouse(t, &lazy{Store: s.store}, s.at, 1<<32)
	}
	h, store := s.idle, s.idle.store.(*lazy)
	answer, err := h.Handle(context.Background(), in)
	if err != nil || h.Broken() > 0 {
		t.Errorf("%s: %+v: %v\n%s", s.name, in, err, h.log.String())
	}
	e := effect{rows: s.rows, heard: h.heard, toast: answer.Toast}
	if store.own {
		var letters []bot.Letter
		e.rows, letters = parted(store.Store)
		e.heard, e.changes = append(letters, e.heard...), differences(s.rows, e.rows)
	}
	if store.own || len(e.heard) > 0 {
		s.idle = nil
	}
	return e
}

// lazy is a store that becomes another one with the first thing that is written. Most of
// what is tried writes nothing.
type lazy struct {
	*memory.Store
	own bool
}

func (l *lazy) Commit(ctx context.Context, ch bot.Change) (bot.Receipt, error) {
	return l.ours().Commit(ctx, ch)
}

func (l *lazy) Settle(ctx context.Context, o []bot.Outcome) error { return l.ours().Settle(ctx, o) }

func (l *lazy) Move(ctx context.Context, from, to bot.Chat) error {
	return l.ours().Move(ctx, from, to)
}

func (l *lazy) ours() *memory.Store {
	if !l.own {
		l.Store, l.own = l.Clone(), true
	}
	return l.Store
}

// parted is the store without its letters, and its letters. A state that says nothing is as
// none, and of which events were taken in nobody learns anything.
func parted(store *memory.Store) (rows map[string]string, letters []bot.Letter) {
	rows = store.Dump()
	maps.DeleteFunc(rows, func(key, value string) bool {
		kind, _, _ := strings.Cut(key, "/")
		switch kind {
		case "state":
			return strings.Contains(value, " wake -") && blank.MatchString(value)
		case "letter":
			var l bot.Letter
			if err := json.Unmarshal([]byte(value), &l); err != nil {
				panic(err)
			}
			letters = append(letters, l)
			return true
		}
		return kind == "seen"
	})
	slices.SortFunc(letters, func(a, b bot.Letter) int { return cmp.Compare(a.ID, b.ID) })
	return rows, letters
}

var blank = regexp.MustCompile(`^\{("\w+":(\[(\{\}|""),(\{\}|"")\]),?)*\} wake -\d+ open false$`)

func differences(before, after map[string]string) (all []change) {
	for key, was := range before {
		if is := after[key]; is != was {
			all = append(all, change{key, was, is})
		}
	}
	for key, is := range after {
		if before[key] == "" {
			all = append(all, change{key, "", is})
		}
	}
	slices.SortFunc(all, func(a, b change) int { return strings.Compare(a.key, b.key) })
	return all
}
