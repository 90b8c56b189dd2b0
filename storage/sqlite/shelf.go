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
	turns  [256]uint64 // of a part of the couples: grows with their commits; what was read before one is not put here after it
	houses map[bot.CoupleID]*house
	users  map[bot.User]bot.CoupleID // of the couples that are here
	rooms  map[bot.Chat]bot.CoupleID
}

type house struct {
	couple bot.Couple
	states map[string][]byte // nil = the flow never ran
	posted map[spot]sent
}

// spot is where a message stands that later letters edit.
type spot struct {
	flow, slot string
	chat       bot.Chat
}

// sent is the newest message in a spot and its round; "" = none.
type sent struct {
	round   int
	message string
}

// of is the message if it is of that round.
func (at sent) of(round int) string {
	if at.round != round {
		return ""
	}
	return at.message
}

func spotOf(l bot.Letter) spot { return spot{l.Flow, l.Slot, l.Chat} }

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
		return rec, *s.turn(id), false
	}
	state, ok := h.states[flow]
	if !ok {
		return rec, *s.turn(id), false
	}
	return bot.Record{Couple: clone(h.couple), State: bytes.Clone(state)}, 0, true
}

// keep puts a record here unless something was committed since turn.
func (s *shelf) keep(turn uint64, flow string, rec bot.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := rec.Couple.ID
	if *s.turn(id) != turn {
		return
	}
	h := s.houses[id]
	if h == nil {
		if len(s.houses) >= room {
			for other := range s.houses {
				s.drop(other)
				break
			}
		}
		h = &house{couple: clone(rec.Couple), states: map[string][]byte{}, posted: map[spot]sent{}}
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

// post answers when it knows the letter's spot; otherwise turn goes to keepPost.
func (s *shelf) post(l bot.Letter) (at sent, turn uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.houses[l.Couple]; h != nil {
		if at, ok := h.posted[spotOf(l)]; ok {
			return at, 0, true
		}
	}
	return sent{}, *s.turn(l.Couple), false
}

// keepPost notes the message in a spot of a couple that is here, unless something
// was committed since turn.
func (s *shelf) keepPost(turn uint64, l bot.Letter, at sent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.houses[l.Couple]; h != nil && *s.turn(l.Couple) == turn {
		h.posted[spotOf(l)] = at
	}
}

// settled follows what was settled of letters that were there. A spot that is not here
// stays unknown: a newer round may have it.
func (s *shelf) settled(outcomes []bot.Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range outcomes {
		l := o.Letter
		*s.turn(l.Couple)++
		h := s.houses[l.Couple]
		if h == nil {
			continue
		}
		if at, ok := h.posted[spotOf(l)]; !ok || l.Delete {
			delete(h.posted, spotOf(l))
		} else if l.Round >= at.round {
			h.posted[spotOf(l)] = sent{l.Round, o.Message}
		}
	}
}

// turn is that of the part to which a couple belongs.
func (s *shelf) turn(id bot.CoupleID) *uint64 { return &s.turns[uint64(id)%uint64(len(s.turns))] }

// note takes over what was just committed.
func (s *shelf) note(ch bot.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.turn(ch.ID)++
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
	for i := range s.turns {
		s.turns[i]++
	}
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
