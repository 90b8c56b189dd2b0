package sqlite

import (
	"time"

	"evenfall/bot"
)

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
		if _, err := w.dropLetters.exec(id); err != nil {
			return err
		}
	}
	if c.Forget == bot.Both {
		if _, err := w.dropDays.exec(id); err != nil {
			return err
		}
	}
	if c.Reset {
		return w.unshare(c.receipt.ID)
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
