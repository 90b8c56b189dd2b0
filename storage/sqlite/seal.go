package sqlite

import (
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
