package sqlite

import (
	"context"
	"encoding/json"
	"time"

	"evenfall/bot"
)

// change is a bot.Change with everything that can be made ready before its turn.
type change struct {
	bot.Change
	body    []byte   // the couple
	letters [][]byte // their bodies
	receipt bot.Receipt
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
	if err := s.queue.do(ctx, job{apply: c.apply, kept: func() { s.shelf.note(c.Change) }}); err != nil {
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
		body, err := seal(l)
		if err != nil {
			return err
		}
		c.letters = append(c.letters, body)
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
	c.receipt = bot.Receipt{ID: c.ID}
	if c.Delete {
		return w.drop(c.ID)
	}
	if c.Couple != nil {
		if refused, err = c.seat(w); refused != nil || err != nil {
			return refused, err
		}
	} else if c.Reset || c.Forget != bot.Nobody || len(c.States) == 0 {
		row, err := w.exists.one(int64(c.ID))
		if err != nil {
			return nil, err
		}
		if row == nil {
			return bot.ErrNone, nil
		}
	}
	if err := c.clear(w); err != nil {
		return nil, err
	}
	if found, err := c.states(w); err != nil {
		return nil, err
	} else if !found {
		return bot.ErrNone, nil
	}
	return nil, c.write(w)
}

// drop forgets a couple with everything.
func (w *writer) drop(id bot.CoupleID) (refused, err error) {
	n, err := w.dropCouple.exec(int64(id))
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return bot.ErrNone, nil
	}
	w.erased = true
	return nil, nil
}

// seat writes the couple and makes its people and its room known.
func (c *change) seat(w *writer) (refused, err error) {
	if refused, err = c.free(w); refused != nil || err != nil {
		return refused, err
	}
	if c.ID == 0 {
		if c.receipt.ID, err = w.add(c.body); err != nil {
			return nil, err
		}
	} else if n, err := w.setCouple.exec(c.body, int64(c.ID)); err != nil {
		return nil, err
	} else if n == 0 {
		return bot.ErrNone, nil
	} else {
		if _, err := w.dropMembers.exec(int64(c.ID)); err != nil {
			return nil, err
		}
		if _, err := w.dropRoom.exec(int64(c.ID)); err != nil {
			return nil, err
		}
	}
	id := int64(c.receipt.ID)
	for _, p := range c.Couple.Partners {
		if p.User.ID == "" {
			continue
		}
		if _, err := w.addMember.exec(p.User.Network, p.User.ID, id); err != nil {
			return nil, err
		}
	}
	if r := c.Couple.Room; r.ID != "" {
		_, err = w.addRoom.exec(r.Network, r.ID, id)
	}
	return nil, err
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

// states writes the states. It reports false, having written nothing, when the
// couple is not there: that is how a tap learns it without a question of its own.
func (c *change) states(w *writer) (found bool, err error) {
	id := int64(c.receipt.ID)
	for _, st := range c.States {
		body := st.JSON
		if body == nil {
			body = []byte{}
		}
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
	for _, e := range c.Entries {
		if _, err := w.addEntry.exec(id, e.Kind, int64(e.Date), int64(e.Who), flag(e.Shared), e.Value); err != nil {
			return err
		}
	}
	for i, l := range c.Letters {
		n, err := w.number()
		if err != nil {
			return err
		}
		if _, err := w.addLetter.exec(n, id, l.Chat.Network, l.Chat.ID, int64(l.Attempts), int64(l.Copies), c.letters[i]); err != nil {
			return err
		}
		c.receipt.Letters = append(c.receipt.Letters, n)
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
