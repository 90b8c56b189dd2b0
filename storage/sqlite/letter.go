package sqlite

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"time"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// packed is what of a letter no query asks for.
type packed struct {
	Flow   string    `json:"flow,omitempty"`
	Round  int       `json:"round,omitempty"`
	Slot   string    `json:"slot,omitempty"`
	Fresh  bool      `json:"fresh,omitempty"`
	Edit   string    `json:"edit,omitempty"`
	Delete bool      `json:"delete,omitempty"`
	Class  bot.Class `json:"class,omitempty"`
	Lane   bot.Lane  `json:"lane,omitempty"`
	Amend  bool      `json:"amend,omitempty"`
	Until  int64     `json:"until,omitempty"` // Unix seconds
	Page   bot.Page  `json:"page,omitzero"`
}

// pack makes the body of a letter, unpack puts it back.
func pack(l bot.Letter) ([]byte, error) {
	s := packed{Flow: l.Flow, Round: l.Round, Slot: l.Slot, Fresh: l.Fresh, Edit: l.Edit, Delete: l.Delete,
		Class: l.Class, Lane: l.Lane, Amend: l.Amend, Page: l.Page}
	if !l.Until.IsZero() {
		s.Until = l.Until.Unix()
	}
	return json.Marshal(s)
}

func unpack(l *bot.Letter, body []byte) error {
	var s packed
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	l.Flow, l.Round, l.Slot, l.Fresh, l.Edit, l.Delete = s.Flow, s.Round, s.Slot, s.Fresh, s.Edit, s.Delete
	l.Class, l.Lane, l.Amend, l.Page = s.Class, s.Lane, s.Amend, s.Page
	if s.Until != 0 {
		l.Until = time.Unix(s.Until, 0).UTC()
	}
	return nil
}

// Settle is bot.Store's. It shares its transaction with what others write.
func (s *Store) Settle(ctx context.Context, outcomes []bot.Outcome) error {
	var moved []bot.Outcome // those after which another message stands in the letter's spot
	return s.queue.do(ctx, job{kept: func() { s.shelf.settled(moved) }, apply: func(w *writer) (refused, err error) {
		moved = moved[:0]
		for _, o := range outcomes {
			changed, err := w.settle(o)
			if err != nil {
				return nil, err
			}
			if changed {
				moved = append(moved, o)
			}
		}
		return nil, nil
	}})
}

// settle reports whether it changed which message stands in the letter's spot.
func (w *writer) settle(o bot.Outcome) (changed bool, err error) {
	if !o.Done {
		_, err := w.triedLetter.exec(int64(o.Letter.Attempts), int64(o.Letter.Copies), o.Letter.ID)
		return false, err
	}
	n, err := w.doneLetter.exec(o.Letter.ID)
	if err != nil || n == 0 {
		return false, err
	}
	switch l := o.Letter; {
	case l.Slot == "":
	case l.Delete:
		_, err = w.dropPost.exec(int64(l.Couple), l.Flow, l.Slot, l.Chat.Network, l.Chat.ID, int64(l.Round))
		return true, err
	case o.Message != "" && o.Message != l.Edit: // an edit that succeeded leaves the row as it is
		_, err = w.addPosted.exec(int64(l.Couple), l.Flow, l.Slot, l.Chat.Network, l.Chat.ID, int64(l.Round), o.Message)
		return true, err
	}
	return false, err
}

// Move is bot.Store's. When the new id is already the room of another couple, one
// without people gives way; with people it is bot.ErrTaken and nothing changes.
func (s *Store) Move(ctx context.Context, from, to bot.Chat) error {
	return s.queue.do(ctx, job{kept: s.shelf.clear, apply: func(w *writer) (refused, err error) {
		id, err := owner(w.roomOf, from.Network, from.ID)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			if refused, err = w.moveRoom(id, to); refused != nil || err != nil {
				return refused, err
			}
		}
		if err := w.forward(from, to); err != nil {
			return nil, err
		}
		if _, err := w.moveLetters.exec(to.Network, to.ID, from.Network, from.ID); err != nil {
			return nil, err
		}
		_, err = w.movePosted.exec(to.Network, to.ID, from.Network, from.ID)
		return nil, err
	}})
}

// moveRoom gives a couple its new room.
func (w *writer) moveRoom(id bot.CoupleID, to bot.Chat) (refused, err error) {
	c, err := w.couple(id)
	if err != nil {
		return err, nil // unreadable, nothing written
	}
	c.Room = to
	body, err := json.Marshal(c)
	if err != nil {
		return err, nil
	}
	if body, err = w.keys.Seal(id, bot.Both, inCouple(), body); err != nil {
		return gone(err), nil
	}
	other, err := owner(w.roomOf, to.Network, to.ID)
	if err != nil {
		return nil, err
	}
	if other != 0 && other != id {
		there, err := w.couple(other)
		if err != nil {
			return err, nil
		}
		if there.Seated() != bot.Nobody {
			return bot.ErrTaken, nil
		}
		if _, err := w.drop(other); err != nil {
			return nil, err
		}
	}
	if _, err := w.setCouple.exec(body, int64(id)); err != nil {
		return nil, err
	}
	if _, err := w.dropRoom.exec(int64(id)); err != nil {
		return nil, err
	}
	_, err = w.addRoom.exec(to.Network, to.ID, int64(id))
	return nil, err
}

// couple reads a couple inside the transaction.
func (w *writer) couple(id bot.CoupleID) (bot.Couple, error) {
	row, err := w.body.one(int64(id))
	if err != nil {
		return bot.Couple{}, err
	}
	if row == nil {
		return bot.Couple{}, bot.ErrNone
	}
	return thaw(w.keys, blob(row[0]), id)
}

// forward seals the letters to a chat anew for the chat that takes its place. One that
// cannot be opened goes along as it is.
func (w *writer) forward(from, to bot.Chat) error {
	var letters []bot.Letter
	var bodies [][]byte
	err := w.lettersIn.each(func(row []driver.Value) error {
		letters = append(letters, bot.Letter{ID: number(row[0]), Couple: bot.CoupleID(number(row[1]))})
		bodies = append(bodies, blob(row[2]))
		return nil
	}, from.Network, from.ID)
	if err != nil {
		return err
	}
	for i, l := range letters {
		body, err := w.keys.Open(l.Couple, inLetter(l.ID, from), bodies[i])
		if errors.Is(err, vault.ErrShredded) || errors.Is(err, vault.ErrTampered) {
			continue
		}
		if err == nil {
			body, err = w.keys.Seal(l.Couple, bot.Both, inLetter(l.ID, to), body)
		}
		if err == nil {
			_, err = w.sealLetter.exec(body, int64(l.Couple), l.ID)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
