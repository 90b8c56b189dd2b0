package memory

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"evenfall/bot"
)

// Dump is everything the store holds, to be compared: by what it is, its couple (0 = no
// couple's), and what tells it from others, as in "state/3/checkin".
func (s *Store) Dump() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]string{}
	put := func(value any, key string, parts ...any) {
		text, err := json.Marshal(value)
		if err != nil {
			panic(fmt.Errorf("memory: dump: %w", err)) // plain data always can be
		}
		all[fmt.Sprintf(key, parts...)] = string(text)
	}
	for id, h := range s.houses {
		all[fmt.Sprintf("couple/%d", id)] = string(h.couple)
		for flow, st := range h.states {
			all[fmt.Sprintf("state/%d/%s", id, flow)] = fmt.Sprintf("%s wake %d open %t", st.JSON, st.Wake.Unix(), st.Open)
		}
		for date, mark := range h.days {
			put(mark, "day/%d/%s", id, date)
		}
		for l, e := range h.entries {
			put(e, "entry/%d/%s/%s/%d", id, l.date, l.kind, l.who)
		}
		for at, p := range h.posted {
			put([]any{p.round, p.message}, "posted/%d/%s/%s/%s/%s", id, at.flow, at.slot, at.chat.Network, at.chat.ID)
		}
		if h.invite != nil {
			put(h.invite, "invite/%d", id)
		}
	}
	for _, l := range s.letters {
		put(l, "letter/%d/%d", l.Couple, l.ID)
	}
	for ev, at := range s.seen {
		put(at, "seen/0/%s/%s", ev.network, ev.id)
	}
	put(s.beat, "beat/0")
	put(s.away, "away/0")
	return all
}

// Clone is another store that holds the same.
func (s *Store) Clone() *Store {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &Store{
		couples: s.couples, last: s.last, beat: s.beat, away: slices.Clone(s.away),
		houses: make(map[bot.CoupleID]*house, len(s.houses)), users: maps.Clone(s.users), rooms: maps.Clone(s.rooms),
		seen: maps.Clone(s.seen),
	}
	for id, h := range s.houses {
		c.houses[id] = &house{couple: h.couple, states: maps.Clone(h.states), days: maps.Clone(h.days),
			entries: maps.Clone(h.entries), posted: maps.Clone(h.posted), invite: h.invite}
	}
	for _, l := range s.letters {
		c.letters = append(c.letters, copyLetter(l))
	}
	return c
}
