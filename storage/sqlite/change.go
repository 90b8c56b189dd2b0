package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"evenfall/bot"
)

// change is a bot.Change with everything that can be made ready before its turn.
type change struct {
	bot.Change
	fresh   bot.CoupleID // a new couple's number
	body    []byte       // the couple …
	bodies  [][]byte     // … and the letters as JSON
	receipt bot.Receipt

	couple                   []byte // all sealed
	states, entries, letters [][]byte
}

// Commit is bot.Store's. It waits for at most one other commit, and ctx counts
// only until the change stands in the queue.
func (s *Store) Commit(ctx context.Context, ch bot.Change) (bot.Receipt, error) {
	if ch.ID == 0 && (ch.Couple == nil || ch.Delete) && ch.Seen.ID == "" {
		return bot.Receipt{}, bot.ErrNone
	}
	c := &change{Change: ch}
	if err := c.freeze(); err != nil {
		return bot.Receipt{}, err
	}
	j := job{apply: c.apply, kept: func() { s.shelf.note(c.Change) }}
	if c.ID == 0 && c.Couple != nil && !c.Delete {
		j.fresh = &c.fresh
	}
	if err := s.queue.do(ctx, j); err != nil {
		return bot.Receipt{}, err
	}
	return c.receipt, nil
}

func (c *change) freeze() (err error) {
	if c.Couple != nil {
		if c.body, err = json.Marshal(c.Couple); err != nil {
			return err
		}
	}
	for _, l := range c.Letters {
		body, err := pack(l)
		if err != nil {
			return err
		}
		c.bodies = append(c.bodies, body)
	}
	return nil
}

// apply plays the change unless the event it comes from was taken in before.
func (c *change) apply(w *writer) (refused, err error) {
	ev := c.Seen
	if ev.ID == "" {
		return c.play(w)
	}
	switch n, err := w.addSeen.exec(ev.Network, ev.ID, ev.At.Unix()); {
	case err != nil:
		return nil, err
	case n == 0:
		return bot.ErrSeen, nil
	case c.ID == 0 && c.Couple == nil:
		return nil, nil
	}
	if refused, err = c.play(w); refused != nil && err == nil {
		_, err = w.dropSeen.exec(ev.Network, ev.ID)
	}
	return refused, err
}

// play looks for what can be refused before it writes anything.
func (c *change) play(w *writer) (refused, err error) {
	c.receipt = bot.Receipt{ID: cmp.Or(c.ID, c.fresh)}
	c.states, c.entries, c.letters = nil, nil, nil // it may be played again
	if c.Delete {
		return w.drop(c.ID)
	}
	if refused, err := c.possible(w); refused != nil || err != nil {
		return refused, err
	}
	leaves := c.ID != 0 && (c.Reset || c.Forget != bot.Nobody)
	if leaves {
		if err := w.leave(c.ID, c.Forget); errors.Is(err, bot.ErrNone) {
			return err, nil
		} else if err != nil {
			return nil, err
		}
	}
	if err := c.address(w); err != nil {
		return nil, err
	}
	if err := c.seal(w); err != nil && leaves {
		return nil, err // with new keys in place it is no refusal any more
	} else if err != nil {
		return err, nil
	}
	if c.Couple != nil {
		if err := c.seat(w); err != nil {
			return nil, err
		}
	}
	if err := c.clear(w); err != nil {
		return nil, err
	}
	if found, err := c.converse(w); err != nil {
		return nil, err
	} else if !found {
		return bot.ErrNone, nil
	}
	if err := c.write(w); err != nil || !leaves {
		return nil, err
	}
	return nil, w.mend(c.ID)
}

// possible refuses a change whose people or room sit elsewhere, or whose couple is
// not there. Of a tap, which is nothing but states, converse tells that.
func (c *change) possible(w *writer) (refused, err error) {
	if c.Couple != nil {
		if refused, err = c.free(w); refused != nil || err != nil {
			return refused, err
		}
	} else if !c.Reset && c.Forget == bot.Nobody && len(c.States) > 0 {
		return nil, nil
	}
	if c.ID == 0 {
		return nil, nil
	}
	row, err := w.exists.one(int64(c.ID))
	if err == nil && row == nil {
		refused = bot.ErrNone
	}
	return refused, err
}

// address gives the letters their numbers.
func (c *change) address(w *writer) error {
	for range c.Letters {
		n, err := w.number()
		if err != nil {
			return err
		}
		c.receipt.Letters = append(c.receipt.Letters, n)
	}
	return nil
}

// seat writes the couple and makes its people and its room known.
func (c *change) seat(w *writer) (err error) {
	if c.ID == 0 {
		if _, err := w.addCouple.exec(int64(c.fresh), c.couple); err != nil {
			return err
		}
	} else {
		if _, err := w.setCouple.exec(c.couple, int64(c.ID)); err != nil {
			return err
		}
		if _, err := w.dropMembers.exec(int64(c.ID)); err != nil {
			return err
		}
		if _, err := w.dropRoom.exec(int64(c.ID)); err != nil {
			return err
		}
	}
	id := int64(c.receipt.ID)
	for _, p := range c.Couple.Partners {
		if p.User.ID == "" {
			continue
		}
		if _, err := w.addMember.exec(p.User.Network, p.User.ID, id); err != nil {
			return err
		}
	}
	if r := c.Couple.Room; r.ID != "" {
		_, err = w.addRoom.exec(r.Network, r.ID, id)
	}
	return err
}

// free refuses people and a room that sit in another couple, and one person on both seats.
func (c *change) free(w *writer) (refused, err error) {
	one, two := c.Couple.Partners[0].User, c.Couple.Partners[1].User
	if one.ID != "" && one == two {
		return bot.ErrTaken, nil
	}
	for _, u := range [2]bot.User{one, two} {
		if u.ID == "" {
			continue
		}
		if id, err := owner(w.memberOf, u.Network, u.ID); err != nil {
			return nil, err
		} else if id != 0 && id != c.ID {
			return bot.ErrTaken, nil
		}
	}
	if r := c.Couple.Room; r.ID != "" {
		if id, err := owner(w.roomOf, r.Network, r.ID); err != nil {
			return nil, err
		} else if id != 0 && id != c.ID {
			return bot.ErrTaken, nil
		}
	}
	return nil, nil
}

// clear drops what a Reset and a Forget drop.
func (c *change) clear(w *writer) error {
	id := int64(c.receipt.ID)
	if c.Reset {
		w.erased = true
		for _, s := range []*stmt{w.dropStates, w.dropLetters, w.dropPosted, w.dropInvite} {
			if _, err := s.exec(id); err != nil {
				return err
			}
		}
	}
	if c.Forget != bot.Nobody {
		w.erased = true
		if _, err := w.forget.exec(id, int64(c.Forget)); err != nil {
			return err
		}
	}
	return nil
}

// converse writes the states. It reports false, having written nothing, when the
// couple is not there: that is how a tap learns it without a question of its own.
func (c *change) converse(w *writer) (found bool, err error) {
	id := int64(c.receipt.ID)
	for i, st := range c.States {
		body := c.states[i]
		wake, open := seconds(st.Wake), flag(st.Open)
		n, err := w.setState.exec(body, id, st.Flow, wake, open)
		if err == nil && n == 0 {
			n, err = w.addState.exec(st.Flow, wake, open, body, id)
		}
		if err != nil || n == 0 {
			return false, err
		}
	}
	return true, nil
}

// seconds is Unix time, and nil for never.
func seconds(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.Unix()
}

func flag(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// write adds days, entries, letters and the invitation.
func (c *change) write(w *writer) error {
	id := int64(c.receipt.ID)
	for _, d := range c.Days {
		if _, err := w.addDay.exec(id, int64(d.Date), int64(d.Mark)); err != nil {
			return err
		}
	}
	for i, e := range c.Entries {
		if _, err := w.addEntry.exec(id, e.Kind, int64(e.Date), int64(e.Who), flag(e.Shared), c.entries[i]); err != nil {
			return err
		}
	}
	for i, l := range c.Letters {
		if _, err := w.addLetter.exec(c.receipt.Letters[i], id, l.Chat.Network, l.Chat.ID, int64(l.Attempts), int64(l.Copies), c.letters[i]); err != nil {
			return err
		}
	}
	if c.Invited {
		if _, err := w.dropInvite.exec(id); err != nil {
			return err
		}
	}
	if in := c.Invite; in != nil {
		if _, err := w.setInvite.exec(id, in.Hash, in.Expires.Unix()); err != nil {
			return err
		}
	}
	return nil
}
