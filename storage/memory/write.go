package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
)

// Commit is bot.Store's.
func (s *Store) Commit(ctx context.Context, ch bot.Change) (bot.Receipt, error) {
	unlock, err := s.lock(ctx)
	if err != nil {
		return bot.Receipt{}, err
	}
	defer unlock()
	ev := event{ch.Seen.Network, ch.Seen.ID}
	if _, ok := s.seen[ev]; ok {
		return bot.Receipt{}, bot.ErrSeen
	}
	var r bot.Receipt
	if ch.ID != 0 || ch.Couple != nil || ev.id == "" {
		if r, err = s.change(ch); err != nil {
			return bot.Receipt{}, err
		}
	}
	if ev.id != "" {
		s.seen[ev] = ch.Seen.At
	}
	return r, nil
}

func (s *Store) change(ch bot.Change) (bot.Receipt, error) {
	id, h := ch.ID, s.houses[ch.ID]
	if h == nil && (id != 0 || ch.Couple == nil || ch.Delete) {
		return bot.Receipt{}, bot.ErrNone
	}
	if ch.Delete {
		s.drop(id)
		return bot.Receipt{ID: id}, nil
	}
	if ch.Couple != nil && !s.free(id, *ch.Couple) {
		return bot.Receipt{}, bot.ErrTaken
	}
	if id == 0 {
		s.couples++
		id, h = bot.CoupleID(s.couples), &house{}
		s.houses[id] = h
		s.clear(id)
		h.days, h.entries = map[rituals.Date]rituals.Mark{}, map[line]bot.Entry{}
	}
	if ch.Couple != nil {
		if err := s.seat(id, *ch.Couple); err != nil {
			return bot.Receipt{}, err
		}
	}
	if ch.Reset {
		s.clear(id)
		h.unshare()
	}
	if ch.Forget != bot.Nobody {
		s.unsend(id)
	}
	h.write(ch)
	r := bot.Receipt{ID: id}
	for _, l := range ch.Letters {
		s.last++
		l = copyLetter(l)
		l.ID, l.Couple = s.last, id
		s.letters = append(s.letters, l)
		r.Letters = append(r.Letters, l.ID)
	}
	return r, nil
}

// drop forgets a couple with everything.
func (s *Store) drop(id bot.CoupleID) {
	s.clear(id)
	s.unseat(id)
	delete(s.houses, id)
}

// vacate makes room for a couple that moves: a couple without people gives way.
func (s *Store) vacate(room bot.Chat, id bot.CoupleID) error {
	other := s.rooms[room]
	if other == 0 || other == id {
		return nil
	}
	c, err := thaw(s.houses[other].couple, other)
	if err != nil {
		return err
	}
	if c.Seated() != bot.Nobody {
		return bot.ErrTaken
	}
	s.drop(other)
	return nil
}

// free reports whether the couple's people and room sit nowhere else.
func (s *Store) free(id bot.CoupleID, c bot.Couple) bool {
	one, two := c.Partners[0].User, c.Partners[1].User
	if one.ID != "" && one == two {
		return false
	}
	for _, u := range []bot.User{one, two} {
		if other := s.users[u]; u.ID != "" && other != 0 && other != id {
			return false
		}
	}
	other := s.rooms[c.Room]
	return c.Room.ID == "" || other == 0 || other == id
}

func (s *Store) seat(id bot.CoupleID, c bot.Couple) (err error) {
	s.unseat(id)
	for _, p := range c.Partners {
		if p.User.ID != "" {
			s.users[p.User] = id
		}
	}
	if c.Room.ID != "" {
		s.rooms[c.Room] = id
	}
	s.houses[id].couple, err = freeze(c)
	return err
}

func (s *Store) unseat(id bot.CoupleID) {
	maps.DeleteFunc(s.users, func(_ bot.User, c bot.CoupleID) bool { return c == id })
	maps.DeleteFunc(s.rooms, func(_ bot.Chat, c bot.CoupleID) bool { return c == id })
}

// clear drops what a Reset drops.
func (s *Store) clear(id bot.CoupleID) {
	h := s.houses[id]
	h.states, h.posted, h.invite = map[string]bot.State{}, map[place]post{}, nil
	s.unsend(id)
}

func (s *Store) unsend(id bot.CoupleID) {
	s.letters = slices.DeleteFunc(s.letters, func(l bot.Letter) bool { return l.Couple == id })
}

// unshare takes back that anything was revealed: whoever sits there next has not seen it.
func (h *house) unshare() {
	for l, e := range h.entries {
		e.Shared = false
		h.entries[l] = e
	}
}

func (h *house) write(ch bot.Change) {
	maps.DeleteFunc(h.entries, func(_ line, e bot.Entry) bool { return e.Who&ch.Forget != 0 })
	if ch.Forget == bot.Both {
		clear(h.days)
	}
	for _, st := range ch.States {
		if !st.Wake.IsZero() {
			st.Wake = time.Unix(st.Wake.Unix(), 0).UTC()
		}
		st.JSON = bytes.Clone(st.JSON)
		h.states[st.Flow] = st
	}
	for _, d := range ch.Days {
		h.days[d.Date] = d.Mark
	}
	for _, e := range ch.Entries {
		h.entries[line{e.Date, e.Kind, e.Who}] = e
	}
	if ch.Invited {
		h.invite = nil
	}
	if ch.Invite != nil {
		h.invite = &bot.Invite{Hash: bytes.Clone(ch.Invite.Hash), Expires: ch.Invite.Expires}
	}
}

// Settle is bot.Store's.
func (s *Store) Settle(ctx context.Context, outcomes []bot.Outcome) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	for _, o := range outcomes {
		i := slices.IndexFunc(s.letters, func(l bot.Letter) bool { return l.ID == o.Letter.ID })
		switch {
		case i < 0:
		case !o.Done:
			s.letters[i].Attempts, s.letters[i].Copies = o.Letter.Attempts, o.Letter.Copies
		default:
			couple := s.letters[i].Couple
			s.letters = slices.Delete(s.letters, i, i+1)
			s.houses[couple].settle(o)
		}
	}
	return nil
}

// settle keeps which message the letter's slot has now.
func (h *house) settle(o bot.Outcome) {
	l := o.Letter
	key := place{l.Flow, l.Slot, l.Chat}
	old, ok := h.posted[key]
	switch {
	case l.Slot == "":
	case l.Delete:
		if ok && old.round == l.Round {
			delete(h.posted, key)
		}
	case o.Message != "" && (!ok || old.round <= l.Round):
		h.posted[key] = post{l.Round, o.Message}
	}
}

// Move is bot.Store's. When the new id is already the room of another couple, one
// without people gives way; with people it is bot.ErrTaken and nothing changes.
func (s *Store) Move(ctx context.Context, from, to bot.Chat) error {
	unlock, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if id := s.rooms[from]; id != 0 {
		if err := s.vacate(to, id); err != nil {
			return err
		}
		c, err := thaw(s.houses[id].couple, id)
		if err != nil {
			return err
		}
		c.Room = to
		if err := s.seat(id, c); err != nil {
			return err
		}
	}
	for i := range s.letters {
		if s.letters[i].Chat == from {
			s.letters[i].Chat = to
		}
	}
	for _, h := range s.houses {
		for key, p := range h.posted {
			if key.chat == from {
				delete(h.posted, key)
				key.chat = to
				h.posted[key] = p
			}
		}
	}
	return nil
}
