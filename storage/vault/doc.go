// Package vault keeps the keys of the couples, and seals with them what the store
// writes about a couple.
//
// # Three keys a couple
//
// Each couple has one data key for what is partner One's own, one for partner Two's,
// and one for what they share (owner bot.Both). A text is forgotten for good when its
// key is: whoever leaves takes their key along, and the last one takes all three.
// That also reaches every copy of evenfall.db, as far back as copies go, once the
// copies of keys.db are gone. This is why the keys have a database of their own.
//
// # Three files
//
//	evenfall.db  texts, sealed with data keys; the store's
//	keys.db      data keys, wrapped by the master key
//	master.key   the master key: 32 random bytes as base64, best kept elsewhere
//
// A thief needs all three. Neither database says anything about the other's secrets,
// and the operator's copy of the master key stays with the operator.
//
// # What stands in keys.db
//
//	ring        (couple, id) → owner: whose keys there are
//	key         id → wrapped: the data keys
//	unfinished  couple: its keys have changed, its rows in evenfall.db perhaps not yet
//	meta        the highest numbers given, a value that tells a wrong master key, the house and its starts
//
// A key's number is never given twice and stands in front of all that it sealed. So an
// owner can have two keys for a while: the newer one seals, the older one still opens.
//
// SQLite moves rows from page to page when pages split or merge, and secure_delete does
// not reach the copies that stay behind in the gaps. A wrapped key must not have a second
// place: so its row is added at the end of a table without holes, has always the same
// length, and is overwritten with zeros where it stands. Then the log is emptied.
//
// # What stands in a sealed text
//
//	format  1 byte, 1
//	key     8 bytes, its number
//	nonce   12 random bytes
//	text    AES-256-GCM of the text, padded to a multiple of 64 bytes
//	tag     16 bytes
//
// The tag covers format, key, couple, owner and Place as well, so that a sealed text
// opens nowhere but where it was sealed. The padding is one 0x80 and zeros: the length
// of a mood tells nothing.
//
// # Two databases, one order
//
// They do not commit together, so the keys go first: a new couple's keys are durable
// before the couple is, and what is forgotten loses its key before its rows. Each such
// change marks the couple as unfinished in the same transaction. A caller whose rows
// are in order calls Done; after a crash Unfinished names those that are left, and it
// is enough to drop the rows that cannot be opened, to seal anew what is not under the
// newest key (Current), and to call Retire, or Shred when the couple is not there.
package vault
