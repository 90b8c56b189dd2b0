package sqlite

import (
	"errors"
	"sync"

	sqlite3 "modernc.org/sqlite/lib"

	"evenfall/bot"
	"evenfall/storage/internal/dbfile"
	"evenfall/storage/vault"
)

// block is how many letter numbers are set aside at a time: one small write for a
// million letters, and a gap in the numbers at each start.
const block = 1 << 20

// writer is the one connection that writes. Only who holds the queue's gate uses it.
type writer struct {
	*conn
	next, ceiling int64 // letter numbers: the next one, and the first that is not set aside
	erased        bool  // something private was dropped, perhaps by the last process, and may still stand in the log

	keys             *vault.Vault
	rotated, dropped []bot.CoupleID // couples whose keys change with this transaction
	turning          sync.RWMutex   // who reads holds it, lest an old key go in between

	begin, commit, rollback                         *stmt
	exists, body, addCouple, setCouple, dropCouple  *stmt
	memberOf, dropMembers, addMember                *stmt
	roomOf, dropRoom, addRoom                       *stmt
	setState, addState, addDay, addEntry, addLetter *stmt
	setInvite, dropInvite, forget                   *stmt
	dropStates, dropLetters, dropPosted, dropDays   *stmt
	listShared, unshareEntry                        *stmt
	doneLetter, triedLetter, addPosted, dropPost    *stmt
	moveLetters, movePosted, numbers, setNumbers    *stmt
	addSeen, dropSeen, lastBeat, setBeat, addOutage *stmt
	sweepSeen, sweepOutages, sweepInvites           *stmt
	sweepEntries                                    *stmt
	listStates, sealState, dropState                *stmt
	listEntries, sealEntry, dropEntry, lastCouple   *stmt
	listLetters, sealLetter, dropLetter, lettersIn  *stmt
}

func newWriter(c *conn, keys *vault.Vault) (*writer, error) {
	w := &writer{conn: c, keys: keys, erased: true}
	return w, c.prepare(map[**stmt]string{
		&w.begin:    `BEGIN IMMEDIATE`,
		&w.commit:   `COMMIT`,
		&w.rollback: `ROLLBACK`,

		&w.exists:     `SELECT 1 FROM couple WHERE id = ?`,
		&w.body:       `SELECT body FROM couple WHERE id = ?`,
		&w.addCouple:  `INSERT INTO couple (id, body) VALUES (?, ?)`,
		&w.setCouple:  `UPDATE couple SET body = ? WHERE id = ?`,
		&w.dropCouple: `DELETE FROM couple WHERE id = ?`, // and with it all that refers to it

		&w.memberOf:    `SELECT couple FROM member WHERE network = ? AND user = ?`,
		&w.dropMembers: `DELETE FROM member WHERE couple = ?`,
		&w.addMember:   `INSERT INTO member (network, user, couple) VALUES (?, ?, ?)`,
		&w.roomOf:      `SELECT couple FROM room WHERE network = ? AND chat = ?`,
		&w.dropRoom:    `DELETE FROM room WHERE couple = ?`,
		&w.addRoom:     `INSERT INTO room (network, chat, couple) VALUES (?, ?, ?)`,

		// Most taps leave the alarm where it is. Then the index of alarms is not touched.
		&w.setState: `UPDATE state SET body = ? WHERE couple = ? AND flow = ? AND wake IS ? AND open = ?`,
		&w.addState: `INSERT INTO state (couple, flow, wake, open, body) SELECT id, ?, ?, ?, ? FROM couple WHERE id = ?
			ON CONFLICT DO UPDATE SET wake = excluded.wake, open = excluded.open, body = excluded.body`,
		&w.addDay: `INSERT INTO day (couple, date, mark) VALUES (?, ?, ?)
			ON CONFLICT DO UPDATE SET mark = excluded.mark`,
		&w.addEntry: `INSERT INTO entry (couple, kind, date, who, shared, value) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET shared = excluded.shared, value = excluded.value`,
		&w.addLetter: `INSERT INTO letter (id, couple, network, chat, attempts, copies, body) VALUES (?, ?, ?, ?, ?, ?, ?)`,

		&w.setInvite:   `INSERT OR REPLACE INTO invite (couple, hash, expires) VALUES (?, ?, ?)`,
		&w.dropInvite:  `DELETE FROM invite WHERE couple = ?`,
		&w.forget:      `DELETE FROM entry WHERE couple = ? AND who & ? <> 0`,
		&w.dropStates:  `DELETE FROM state WHERE couple = ?`,
		&w.dropLetters: `DELETE FROM letter WHERE couple = ?`,
		&w.dropPosted:  `DELETE FROM posted WHERE couple = ?`,
		&w.dropDays:    `DELETE FROM day WHERE couple = ?`,

		&w.listShared:   `SELECT value, kind, date, who FROM entry WHERE couple = ? AND shared <> 0`,
		&w.unshareEntry: `UPDATE entry SET value = ?, shared = 0 WHERE couple = ? AND kind = ? AND date = ? AND who = ?`,

		&w.doneLetter:  `DELETE FROM letter WHERE id = ?`,
		&w.triedLetter: `UPDATE letter SET attempts = ?, copies = ? WHERE id = ?`,
		&w.addPosted: `INSERT INTO posted (couple, flow, slot, network, chat, round, message) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET round = excluded.round, message = excluded.message WHERE excluded.round >= round`,
		&w.dropPost: `DELETE FROM posted WHERE couple = ? AND flow = ? AND slot = ? AND network = ? AND chat = ? AND round = ?`,

		// To seal anew what stands there, see mend.
		&w.lastCouple:  `SELECT seq FROM sqlite_sequence WHERE name = 'couple'`,
		&w.listStates:  `SELECT body, flow FROM state WHERE couple = ?`,
		&w.sealState:   `UPDATE state SET body = ? WHERE couple = ? AND flow = ?`,
		&w.dropState:   `DELETE FROM state WHERE couple = ? AND flow = ?`,
		&w.listEntries: `SELECT value, kind, date, who, shared FROM entry WHERE couple = ?`,
		&w.sealEntry:   `UPDATE entry SET value = ? WHERE couple = ? AND kind = ? AND date = ? AND who = ?`,
		&w.dropEntry:   `DELETE FROM entry WHERE couple = ? AND kind = ? AND date = ? AND who = ?`,
		&w.listLetters: `SELECT body, id, network, chat FROM letter WHERE couple = ?`,
		&w.sealLetter:  `UPDATE letter SET body = ? WHERE couple = ? AND id = ?`,
		&w.dropLetter:  `DELETE FROM letter WHERE couple = ? AND id = ?`,
		&w.lettersIn:   `SELECT id, couple, body FROM letter WHERE network = ? AND chat = ?`,

		&w.moveLetters: `UPDATE letter SET network = ?, chat = ? WHERE network = ? AND chat = ?`,
		&w.movePosted:  `UPDATE OR REPLACE posted SET network = ?, chat = ? WHERE network = ? AND chat = ?`,
		&w.numbers:     `SELECT value FROM meta WHERE name = 'letter'`,
		&w.setNumbers:  `UPDATE meta SET value = ? WHERE name = 'letter'`,

		&w.addSeen:      `INSERT INTO seen (network, id, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		&w.dropSeen:     `DELETE FROM seen WHERE network = ? AND id = ?`,
		&w.lastBeat:     `SELECT value FROM meta WHERE name = 'beat'`,
		&w.setBeat:      `UPDATE meta SET value = ? WHERE name = 'beat'`,
		&w.addOutage:    `INSERT OR REPLACE INTO outage (since, until) VALUES (?, ?)`,
		&w.sweepSeen:    `DELETE FROM seen WHERE at < ?`,
		&w.sweepOutages: `DELETE FROM outage WHERE until <= ` + remembered,
		&w.sweepInvites: `DELETE FROM invite WHERE expires <= ?`,
		&w.sweepEntries: `DELETE FROM entry WHERE couple BETWEEN ? AND ? AND kind = ? AND date < ?`,
	})
}

// transact applies the jobs in one transaction and commits it. With an error
// nothing of them is kept.
func (w *writer) transact(batch []*job) error {
	if _, err := w.begin.exec(); err != nil {
		return err
	}
	next, ceiling, erased := w.next, w.ceiling, w.erased
	err := w.apply(batch)
	if err == nil {
		if _, err = w.commit.exec(); err == nil {
			return nil
		}
	}
	w.next, w.ceiling, w.erased = next, ceiling, erased
	if _, e := w.rollback.exec(); e != nil && dbfile.Primary(e) != sqlite3.SQLITE_ERROR { // then SQLite has rolled back by itself
		return errors.Join(err, e)
	}
	return err
}

func (w *writer) apply(batch []*job) error {
	for _, j := range batch {
		refused, err := j.apply(w)
		if err != nil {
			return err
		}
		j.err = refused
	}
	return nil
}

// wipe empties the log after something private was dropped. The pages themselves
// are overwritten at once (secure_delete); the log would keep their old text until
// it is used again. A reader can be in the way: then the next commit tries again.
func (w *writer) wipe() error {
	if !w.erased {
		return nil
	}
	row, err := w.once(`PRAGMA wal_checkpoint(TRUNCATE)`)
	if err != nil {
		if busy(err) {
			return nil
		}
		return err
	}
	w.erased = number(row[0]) != 0
	return nil
}

// number gives the next letter its number.
func (w *writer) number() (int64, error) {
	if w.next >= w.ceiling {
		row, err := w.numbers.one()
		if err != nil {
			return 0, err
		}
		w.next = number(row[0]) + 1
		w.ceiling = w.next + block
		if _, err := w.setNumbers.exec(w.ceiling - 1); err != nil {
			return 0, err
		}
	}
	w.next++
	return w.next - 1, nil
}

// owner is the couple that a statement finds, or 0.
func owner(s *stmt, network, id string) (bot.CoupleID, error) {
	row, err := s.one(network, id)
	if err != nil || row == nil {
		return 0, err
	}
	return bot.CoupleID(number(row[0])), nil
}
