package sqlite

import (
	"bytes"
	"maps"
	"slices"
	"sync"

	"evenfall/bot"
)

// room is how many couples the shelf has room for: those of a few minutes.
const room = 8192

// shelf keeps the couples that were read lately, with the states that were asked
// for. Each commit goes through this process and tells the shelf before anybody is
// told of it, so what stands here is what stands in the file. Without it every tap
// would read pages again that the commit before it put out of the cache.
type shelf struct {
	mu     sync.Mutex
	turn   uint64 // grows with every commit: what was read before one is not put here after it
	houses map[bot.CoupleID]*house
	users  map[bot.User]bot.CoupleID // of the couples that are here
	rooms  map[bot.Chat]bot.CoupleID
}

type house struct {
	couple bot.Couple
	states map[string][]byte // nil = the flow never ran
}

func newShelf() *shelf {
	s := &shelf{}
	s.clear()
	return s
}

// find answers when it knows both; who is not here may still be in the file.
func (s *shelf) find(u bot.User, c bot.Chat) (f bot.Found, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f = bot.Found{ByUser: s.users[u], ByChat: s.rooms[c]}
	return f, f.ByUser != 0 && f.ByChat != 0
}

// load answers when it knows both couple and state; otherwise turn goes to keep.
func (s *shelf) load(id bot.CoupleID, flow string) (rec bot.Record, turn uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.houses[id]
	if h == nil {
		return rec, s.turn, false
	}
	state, ok := h.states[flow]
	if !ok {
		return rec, s.turn, false
	}
	return bot.Record{Couple: clone(h.couple), State: bytes.Clone(state)}, s.turn, true
}

// keep puts a record here unless something was committed since turn.
func (s *shelf) keep(turn uint64, flow string, rec bot.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != turn {
		return
	}
	id := rec.Couple.ID
	h := s.houses[id]
	if h == nil {
		if len(s.houses) >= room {
			for other := range s.houses {
				s.drop(other)
				break
			}
		}
		h = &house{couple: clone(rec.Couple), states: map[string][]byte{}}
		s.houses[id] = h
		for _, p := range h.couple.Partners {
			s.users[p.User] = id
		}
		s.rooms[h.couple.Room] = id
		delete(s.users, bot.User{})
		delete(s.rooms, bot.Chat{})
	}
	h.states[flow] = bytes.Clone(rec.State)
}

// note takes over what was just committed.
func (s *shelf) note(ch bot.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	h := s.houses[ch.ID]
	if h == nil {
		return
	}
	if ch.Delete || ch.Reset || ch.Couple != nil {
		s.drop(ch.ID)
		return
	}
	for _, st := range ch.States {
		h.states[st.Flow] = bytes.Clone(st.JSON)
	}
}

// clear forgets everything; the first read puts it back.
func (s *shelf) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	s.houses, s.users, s.rooms = map[bot.CoupleID]*house{}, map[bot.User]bot.CoupleID{}, map[bot.Chat]bot.CoupleID{}
}

func (s *shelf) drop(id bot.CoupleID) {
	c := s.houses[id].couple
	for _, p := range c.Partners {
		delete(s.users, p.User)
	}
	delete(s.rooms, c.Room)
	delete(s.houses, id)
}

// clone copies a couple with all that it points to.
func clone(c bot.Couple) bot.Couple {
	for i := range c.Partners {
		c.Partners[i].Off = maps.Clone(c.Partners[i].Off)
	}
	c.Types = slices.Clone(c.Types)
	return c
}
