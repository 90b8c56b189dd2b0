// Package sqlite is the store of the house: one file, evenfall.db, in the data
// folder, written by one process, and beside it the couples' keys, see storage/vault.
// It passes storage/storagetest.
//
// # What stands where
//
//	couple   id → body*: people, room and choices, as JSON
//	member   (network, user) → couple: who has a seat
//	room     (network, chat) → couple: where both read
//	state    (couple, flow) → body*, wake, open: one conversation between two events, and its alarm
//	day      (couple, date) → mark: what the streak is folded from
//	entry    (couple, kind, date, who) → value*, shared: history
//	letter   id → couple, network, chat, attempts, copies, body*: what is still to be sent
//	posted   (couple, flow, slot, network, chat) → round, message: what a later letter edits
//	invite   couple → hash, expires: an invitation, never its token
//	seen     (network, id): events that were taken in lately, so that none is taken in twice
//	outage   since → until: when the house was away
//	meta     the highest letter number that was set aside, the last beat, the house and its starts
//
// What has a star is sealed. A column of its own is only what some query asks for; the
// rest is in the bodies.
// Tables with a natural key have no row ids, all are STRICT, times are Unix
// seconds and dates are days. Everything hangs on couple with ON DELETE CASCADE, so
// that leaving is one statement that forgets no table.
//
// The keys begin with what is asked for first: entry with couple and kind, because a
// step names the kinds it wants; posted with no round, because a new round takes
// the place of the old one and the table does not grow with the evenings. state_wake
// indexes (wake, couple, flow) only where there is an alarm: the heartbeat reads
// that index and nothing else, from where it stopped, and what it costs depends on
// what is due and not on how many couples there are. letter has no index on couple:
// it would cost every tap a page, and is wanted only when somebody leaves. The
// letters that wait are few; reading them all is cheaper.
//
// Numbers of couples and letters are never given twice. Networks remember a
// letter's number to tell a repetition from a new message, so they must not begin
// anew after a restart either: a block of them is set aside at a time, and each
// start begins a new block.
//
// # Writing
//
// A commit is durable when the call returns: write-ahead log, synchronous=FULL.
// Nearly all of its time is the one fsync, so changes that come at the same time
// share it, see queue. There is no timer: a lone change is committed at once. What
// can be refused is looked for before anything is written, so one transaction
// serves many changes without a savepoint for each; should a change break a rule of
// the tables after all, the batch is played again one by one and only that change fails.
//
// The log is copied into the file every 3,000 pages and not every 1,000 as by
// default: pages that change again and again are copied less often, and reading the
// log anew after a kill still takes only some 20 ms.
//
// A tap is two statements between BEGIN and COMMIT: the state, which also tells
// whether the couple is there, and the letter. An alarm that stays where it is does
// not touch its index.
//
// After any other error of the database the store is failed: every later call
// returns that first error until the restart, and Failed tells the process to end. SQLite
// would accept the next commit after a failed fsync, but what the disk then holds nobody
// knows. An error of reading that speaks of the disk or of damage counts the same.
//
// # Reading
//
// Four connections that cannot write, the writer's own when it is idle, and the
// shelf: couples, states and places of messages that were read lately. Every commit invalidates the
// page caches of the other connections, which made reading a third of a tap.
//
// # Opening
//
// Each way in which a folder can be wrong has its own error, and none changes the
// file. A new database is made beside its place and renamed when it is whole, so
// an empty or a foreign file under its name is never taken for a new one. The
// application_id in the header says whether the house is a real one or the demo's. A file
// of up to half a megabyte is checked as a whole at each start, a bigger one not:
// the start must not take longer than a moment. The schema is goose's, forward only
// by design: a version that does not know the file's schema refuses it.
//
// # Older copies
//
// Both databases count the starts, evenfall.db first. Where it is behind keys.db, somebody
// has put an older copy back. Then nothing that waited is sent any more, for it may have
// been sent long ago: each letter's time is set to long ago, so that the engine gives it up
// and tells its flow. Couples whose keys are gone have left since and are dropped. What
// happened since the copy was made is lost like during an outage, and counts as one.
// A number of the house in both keeps files of two houses apart.
//
// # Sealing
//
// All that a couple says, is asked and is called is sealed with the couple's own keys: an
// entry with its partner's, all else with the shared one. In the open stand ids of people
// and chats, which the networks' taps are found by, kinds and dates, day marks, alarms and
// invitations' hashes. The seal covers the row's key, and what a reader must be able to trust
// beside it: whose an answer is and whether it was revealed, to which chat a letter goes. So a
// text that was put elsewhere is refused as tampered with. A whole row put back as it once
// was is not noticed.
//
// A house of before (schema 2) is sealed at its first start, in one transaction, and the file
// is written anew, since old text stays behind in the gaps of pages. Whenever that is cut
// short, the next start does what is left.
//
// # Leaving
//
// The two databases do not commit together. The keys go first:
//
//	made      keys of a new couple ─► the couple ─► Done
//	leaving   leaver's key shredded, new shared key ─► rows, all sealed anew ─► old shared key shredded
//	dropped   all keys shredded ─► rows ─► Done
//
// A crash at any arrow leaves the couple marked in keys.db, and the next start makes its
// rows agree with its keys (mend). Between the first and the second stage the rest of a
// leaving is not done: nobody was told that it was, and the event comes again. An error there
// stops the house, so that nobody goes on with a couple that is half gone.
//
// Who reads holds turning meanwhile: the old shared key is shredded when nobody reads
// rows that are still under it.
//
// # Forgetting
//
// secure_delete overwrites what is dropped, and a commit that resets, forgets or
// deletes empties the log before anybody is told: afterwards none of the files holds it. The
// log of keys.db is emptied each time a key is shredded. When another program is reading, that
// is made up for by the next commit, at the next start, and each night.
//
// What was kept long enough goes without its key, which seals the other evenings too. A copy
// of it may stay behind in a gap, sealed, until the couple leaves.
package sqlite
