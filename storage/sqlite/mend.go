package sqlite

import (
	"database/sql/driver"
	"errors"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

// row is a sealed text with what finds it again.
type row struct {
	at     vault.Place
	owner  bot.Who
	sealed []byte
	key    []any // of the row, after the couple
}

// table is one that holds sealed texts of couples.
type table struct {
	list, seal, drop *stmt
	row              func(v []driver.Value) row // of what list finds
}

func (w *writer) tables() [4]table {
	return [4]table{
		{w.body, w.setCouple, w.dropCouple, func(v []driver.Value) row {
			return row{inCouple(), bot.Both, blob(v[0]), nil}
		}},
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
	}
}

// of is what the table holds of a couple.
func (t table) of(id bot.CoupleID) (rows []row, err error) {
	err = t.list.each(func(v []driver.Value) error {
		rows = append(rows, t.row(v))
		return nil
	}, int64(id))
	return rows, err
}

// mend makes the rows of a couple agree with its keys: what cannot be opened any more
// is dropped, the couple first and with it everything; what is not under the newest key
// is sealed anew. Doing it twice changes nothing.
func (w *writer) mend(id bot.CoupleID) error {
	for _, t := range w.tables() {
		rows, err := t.of(id)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if err := w.renew(id, t, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// renew mends one row. What is damaged stays as it is: to be told, not to be lost.
func (w *writer) renew(id bot.CoupleID, t table, r row) error {
	if ok, err := w.keys.Current(id, r.sealed); ok || errors.Is(err, vault.ErrTampered) {
		return nil
	} else if err != nil {
		return err
	}
	plain, err := w.keys.Open(id, r.at, r.sealed)
	switch {
	case errors.Is(err, vault.ErrShredded):
		return w.erase(t.drop, append([]any{int64(id)}, r.key...)...)
	case errors.Is(err, vault.ErrTampered):
		return nil
	case err != nil:
		return err
	}
	sealed, err := w.keys.Seal(id, r.owner, r.at, plain)
	if err != nil {
		return err
	}
	w.erased = true
	_, err = t.seal.exec(append([]any{sealed, int64(id)}, r.key...)...)
	return err
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
