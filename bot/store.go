package bot

import (
	"context"
	"errors"
	"time"

	"evenfall/rituals"
)

// Store keeps couples. Both stores of the house pass storage/storagetest.
type Store interface {
	// Find tells which couples a user, a chat and an invitation belong to, 0 for
	// none; invite is the hash of a token or nil. An invitation that ran out by now is none.
	Find(ctx context.Context, u User, c Chat, invite []byte, now time.Time) (Found, error)
	// Load reads a couple with the state of one flow. Errors: ErrNone.
	Load(ctx context.Context, id CoupleID, flow string, want Want) (Record, error)
	// Commit makes a change durable, wholly or not at all. It may share one
	// transaction with changes of other couples. Errors: ErrNone (the couple is not there),
	// ErrTaken (a user or a room of the change sits in another couple), ErrSeen (the event
	// was taken in before). A change of nothing but Seen only notes the event.
	Commit(ctx context.Context, ch Change) (Receipt, error)
	// Due lists alarms at or before now, by time, couple and flow, beginning after the given one.
	Due(ctx context.Context, now time.Time, after Alarm, limit int) ([]Alarm, error)
	// Open lists states that are open, by couple and flow, beginning after the given one.
	Open(ctx context.Context, after Alarm, limit int) ([]Alarm, error)
	// Waiting lists letters that are still to be sent, in the order they were committed, with IDs above after.
	Waiting(ctx context.Context, after int64, limit int) ([]Letter, error)
	// Posted is the network's id of the message that the letter's slot has in its chat and round, or "".
	Posted(ctx context.Context, l Letter) (message string, err error)
	// Settle records what became of letters; durable when it returns. A letter that is
	// no longer there (its couple left) is passed over.
	Settle(ctx context.Context, outcomes []Outcome) error
	// Move gives a chat its new id wherever the old one stood: rooms, letters, posted messages.
	Move(ctx context.Context, from, to Chat) error
	// Beat notes that the house lives now. If it was last noted longer ago than Gap, the time
	// in between is an outage. It returns the outages that are remembered, the oldest first: those
	// that ended within Memory, and those that ended within Memory before one of these began.
	// What fell due in the short life between two is caught up with only after the second.
	Beat(ctx context.Context, now time.Time) ([]Span, error)
	// Sweep forgets what was kept long enough at now: entries of a kind after so many days,
	// seen events after Memory, outages that are not remembered, invitations that ran out.
	Sweep(ctx context.Context, now time.Time, days map[string]int) error
	// Close waits for what is being committed and closes the store.
	Close() error
}

// Errors of a Store.
var (
	ErrNone  = errors.New("store: no such couple")
	ErrTaken = errors.New("store: the user or room belongs to another couple")
	ErrSeen  = errors.New("store: the event was taken in before")
)

const (
	Gap    = 2 * time.Minute // without a beat, and it was an outage: Telegram forgets taps after 150 s
	Memory = 48 * time.Hour  // how long events and outages are remembered
)

// Span is a time from one instant to another.
type Span struct{ From, To time.Time }

// Overlaps reports whether the spans have a moment in common.
func (s Span) Overlaps(o Span) bool { return s.From.Before(o.To) && o.From.Before(s.To) }

// Seen is an event that was taken in, by its network's own id.
type Seen struct {
	Network, ID string
	At          time.Time // whole seconds
}

// Found is what Find found; 0 = none.
type Found struct{ ByUser, ByChat, ByInvite CoupleID }

// Want is which history a step asks to read. The zero Want asks for none.
type Want struct {
	Days    bool         // all day marks
	Entries []string     // entries of these kinds …
	Since   rituals.Date // … from this date on
	Own     Who          // besides, all that this partner may take along: entries of any kind and date that are theirs or were revealed
}

func (w Want) some() bool { return w.Days || len(w.Entries) > 0 || w.Own != Nobody }

// Record is a couple as one flow's step needs it.
type Record struct {
	Couple  Couple
	State   []byte // JSON; nil = the flow never ran for this couple
	Days    []rituals.Day
	Entries []Entry
}

// Entry is one line of history: what one partner answered on one evening.
// A couple has at most one for each date, kind and partner; writing it again replaces it.
type Entry struct {
	Date   rituals.Date
	Kind   string
	Who    Who
	Value  string
	Shared bool // was revealed to the partner who sits there now
}

// Alarm is when a flow of a couple wants to be woken.
type Alarm struct {
	At     time.Time // whole seconds
	Couple CoupleID
	Flow   string
}

// Change is all that one event changes for one couple.
type Change struct {
	ID      CoupleID // 0 = a new couple; then Couple is set
	Couple  *Couple  // nil = as it was
	Reset   bool     // first drop every flow state, alarm, letter, posted message and invitation of the couple; no entry counts as shared any more
	Forget  Who      // first drop these partners' entries and every letter of the couple; Both: the day marks too
	Delete  bool     // drop the couple with everything; all else is ignored
	States  []State
	Days    []rituals.Day // a mark replaces an earlier one for its date
	Entries []Entry
	Letters []Letter // their Couple is filled in by the store
	Invite  *Invite  // replaces an earlier invitation of the couple
	Invited bool     // the couple's invitation was used: drop it
	Seen    Seen     // the event that all this comes from; no ID = it has none
}

// State is what a flow keeps between two events, and when it wants to be woken; zero = not.
type State struct {
	Flow string
	JSON []byte
	Wake time.Time
	Open bool // see Stage.Open
}

// Invite is an invitation, kept only as a hash.
type Invite struct {
	Hash    []byte // SHA-256 of the token
	Expires time.Time
}

// Receipt tells what numbers the store gave.
type Receipt struct {
	ID      CoupleID
	Letters []int64 // for each letter of the change, in order
}

// Outcome is what became of a letter.
type Outcome struct {
	Letter  Letter // with Attempts and Copies as they are from now on
	Message string // the network's id, when it was sent or edited
	Done    bool   // the letter is finished: sent, or never to be
}
