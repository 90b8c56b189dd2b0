package sqlite

import (
	"database/sql/driver"
	"errors"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

// Where a sealed text stands. What it must not be parted from is in the row as well:
// an answer from whose it is and whether it was revealed, a letter from its chat.

func inCouple() vault.Place { return vault.Place{Table: "couple", Column: "body"} }

func inState(flow string) vault.Place {
	return vault.Place{Table: "state", Column: "body", Row: flow}
}

func inEntry(kind string, date rituals.Date, who bot.Who, shared bool) vault.Place {
	return vault.Place{Table: "entry", Column: "value", Row: kind + string([]byte{0, byte(who), byte(flag(shared))}), Number: int64(date)}
}

func inLetter(id int64, c bot.Chat) vault.Place {
	return vault.Place{Table: "letter", Column: "body", Row: c.Network + "\x00" + c.ID, Number: id}
}

// ownerOf is whose key seals an entry: the partner's whose it is, or the shared one.
func ownerOf(who bot.Who) bot.Who {
	if who == bot.One || who == bot.Two {
		return who
	}
	return bot.Both
}

// seal seals all that a change writes. It comes before anything is written, so that a
// couple without keys can be refused. Errors: bot.ErrNone, those of the vault.
func (c *change) seal(w *writer) (err error) {
	seal := func(owner bot.Who, at vault.Place, text []byte) (sealed []byte) {
		if err == nil {
			sealed, err = w.keys.Seal(c.receipt.ID, owner, at, text)
		}
		return sealed
	}
	if c.Couple != nil {
		c.couple = seal(bot.Both, inCouple(), c.body)
	}
	for _, st := range c.States {
		c.states = append(c.states, seal(bot.Both, inState(st.Flow), st.JSON))
	}
	for _, e := range c.Entries {
		c.entries = append(c.entries, seal(ownerOf(e.Who), inEntry(e.Kind, e.Date, e.Who, e.Shared), []byte(e.Value)))
	}
	for i, l := range c.Letters {
		c.letters = append(c.letters, seal(bot.Both, inLetter(c.receipt.Letters[i], l.Chat), c.bodies[i]))
	}
	return gone(err)
}

// gone is bot.ErrNone for a couple whose keys are: what cannot be opened is not there.
func gone(err error) error {
	if errors.Is(err, vault.ErrShredded) {
		return bot.ErrNone
	}
	return err
}

// row is a sealed text with what finds it again.
type row struct {
	at     vault.Place
	owner  bot.Who
	sealed []byte
	key    []any // of the row, after the couple
}

// mend makes the rows of a couple agree with its keys: what cannot be opened any more
// is dropped, what is not under the newest key is sealed anew. Doing it twice changes nothing.
func (w *writer) mend(id bot.CoupleID) error {
	body, err := w.body.one(int64(id))
	if err != nil || body == nil {
		return err
	}
	couple := row{at: inCouple(), owner: bot.Both, sealed: blob(body[0])}
	if _, err := w.keys.Open(id, couple.at, couple.sealed); errors.Is(err, vault.ErrShredded) {
		return w.erase(w.dropCouple, int64(id))
	}
	if err := w.renew(id, w.setCouple, w.dropCouple, []row{couple}); err != nil {
		return err
	}
	for _, t := range []struct {
		list, seal, drop *stmt
		of               func(v []driver.Value) row
	}{
		{w.listStates, w.sealState, w.dropState, func(v []driver.Value) row {
			return row{inState(text(v[1])), bot.Both, blob(v[0]), []any{text(v[1])}}
		}},
		{w.listEntries, w.sealEntry, w.dropEntry, func(v []driver.Value) row {
			who, shared := bot.Who(number(v[3])), number(v[4]) != 0
			return row{inEntry(text(v[1]), rituals.Date(number(v[2])), who, shared), ownerOf(who), blob(v[0]), []any{text(v[1]), number(v[2]), number(v[3])}}
		}},
		{w.listLetters, w.sealLetter, w.dropLetter, func(v []driver.Value) row {
			return row{inLetter(number(v[1]), bot.Chat{Network: text(v[2]), ID: text(v[3])}), bot.Both, blob(v[0]), []any{number(v[1])}}
		}},
	} {
		var rows []row
		if err := t.list.each(func(v []driver.Value) error {
			rows = append(rows, t.of(v))
			return nil
		}, int64(id)); err != nil {
			return err
		}
		if err := w.renew(id, t.seal, t.drop, rows); err != nil {
			return err
		}
	}
	return nil
}

// unshare takes back that anything was revealed. That stands in the seal as well. What cannot
// be opened stays as it is.
func (w *writer) unshare(id bot.CoupleID) error {
	var shared []bot.Entry
	var values [][]byte
	err := w.listShared.each(func(v []driver.Value) error {
		shared = append(shared, bot.Entry{Kind: text(v[1]), Date: rituals.Date(number(v[2])), Who: bot.Who(number(v[3]))})
		values = append(values, blob(v[0]))
		return nil
	}, int64(id))
	if err != nil {
		return err
	}
	for i, e := range shared {
		value, err := w.keys.Open(id, inEntry(e.Kind, e.Date, e.Who, true), values[i])
		if errors.Is(err, vault.ErrShredded) || errors.Is(err, vault.ErrTampered) {
			continue
		}
		if err == nil {
			value, err = w.keys.Seal(id, ownerOf(e.Who), inEntry(e.Kind, e.Date, e.Who, false), value)
		}
		if err == nil {
			_, err = w.unshareEntry.exec(value, int64(id), e.Kind, int64(e.Date), int64(e.Who))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// renew mends rows of one table. What is damaged stays as it is: to be told, not to be lost.
func (w *writer) renew(id bot.CoupleID, seal, drop *stmt, rows []row) error {
	for _, r := range rows {
		if ok, err := w.keys.Current(id, r.sealed); ok || errors.Is(err, vault.ErrTampered) {
			continue
		} else if err != nil {
			return err
		}
		plain, err := w.keys.Open(id, r.at, r.sealed)
		switch {
		case errors.Is(err, vault.ErrShredded):
			err = w.erase(drop, append([]any{int64(id)}, r.key...)...)
		case errors.Is(err, vault.ErrTampered):
			continue
		case err == nil:
			var sealed []byte
			if sealed, err = w.keys.Seal(id, r.owner, r.at, plain); err == nil {
				w.erased = true
				_, err = seal.exec(append([]any{sealed, int64(id)}, r.key...)...)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
