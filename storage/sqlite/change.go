package sqlite

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"

	"evenfall/bot"
	"evenfall/storage/vault"
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
	if err := c.seal(w); !leaves && (errors.Is(err, bot.ErrNone) || errors.Is(err, vault.ErrTampered)) {
		return err, nil // with new keys in place it were no refusal any more
	} else if err != nil {
		return nil, err
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
