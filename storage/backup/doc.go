// Package backup copies a house while it lives, and makes a house of the copies again.
//
// # Two files
//
//	FILE       evenfall.db: everything about the couples, sealed
//	FILE.keys  keys.db: the keys that open it, wrapped by the master key
//
// The master key is in neither. FILE may be kept for years. FILE.keys lives for a week: who
// leaves is erased at once, and cannot be brought back from any copy once the copies of
// the keys are gone. So an old FILE opens with the newest keys there are, for the couples who
// are still there and for nobody else. The week is a rule and no cryptography: Restore refuses
// older keys, Make takes them away beside the FILE that it writes, and whoever hides
// a copy from both can break the promise.
//
// # How they are made
//
// evenfall.db is copied first and keys.db after it, each as of one instant (VACUUM INTO), so
// that no couple's rows come without their keys, except when somebody leaves in between:
// then it is done again. The copies are made in the data folder, where the same lies in the
// open anyway; what is written beside FILE is finished, and encrypted if it is to be.
//
// A copy is the database in gzip, whose sum tells a damaged one, and around that age's
// encryption if there are recipients: age -d | gunzip gives the database back without us.
// In front stands what it is and of when, for Make to find the old ones: a comment of gzip's
// or a stanza of age's.
//
// # How they are restored
//
// Only where there is no house. It is put together in a folder of its own and opened once:
// there the master key must fit, couples who have left since are dropped, and letters
// that waited are over (sqlite, Older copies). Then evenfall.db takes its place, and keys.db
// after it: a house without keys is not opened by anybody, and the next Restore clears it away.
package backup
