package bot

import (
	"strconv"
	"strings"
	"time"
)

// Kind is what happened.
type Kind uint8

// The kinds. Adapters deliver those up to Counted; the engine makes the others.
const (
	Called   Kind = iota + 1 // a /command
	Said                     // words
	Tapped                   // a button
	Arrived                  // the bot was brought into a chat, by Incoming.User
	Gone                     // the bot was put out of a chat, or blocked
	Moved                    // the chat has a new id (a Telegram group became a supergroup)
	Counted                  // people came to a chat or left it; Members 0 = how many is not known any more
	Woke                     // an alarm is due
	Arranged                 // the couple's people or settings changed
	Returned                 // the house was away, and this flow's state was open all the while
	Unsent                   // a letter of the round never got out: Event.Action names its slot as Verb
)

// Incoming is one thing that happened on a network, as an adapter read it.
type Incoming struct {
	Kind    Kind
	ID      string // the network's own id of the event, its own for two days at least; "" = none: then a repetition is not known for one
	User    User
	Name    string // the name the person shows there; may be empty
	Locale  string // the language the person's app speaks, "en", "es-MX"; may be empty
	Once    bool   // the network does not bring it again when Handle fails
	Chat    Chat   // where; the person's Nook in a private chat
	Members int    // people in the chat besides the bot; 0 = the network did not say
	Open    bool   // the bot may write to this person's nook from now on
	Command string // Called: the name without the slash, lower case
	Text    string // Called: what followed the name; Said: the words
	Payload string // Tapped: the button's; Said: the button's that asked for these words, or ""
	Quiet   bool   // the network has no toast for this; the core answers with a letter instead
	Message string // Tapped: the network's id of the message that bears the button
	To      Chat   // Moved: the new chat

	released bool // words that their writer has decided to send after all, see guard
}

// nameless reports whether somebody did this whom nobody can tell from others, such as an
// administrator in disguise. The networks let none of them through, and no seat could be theirs.
func (in Incoming) nameless() bool {
	return in.User.ID == "" && (in.Kind == Called || in.Kind == Said || in.Kind == Tapped)
}

// MaxPayload is the most bytes a button's payload may have: Telegram's limit.
const MaxPayload = 64

// Action is what a button does: Verb and Arg, in one round of one flow.
type Action struct {
	Flow  string
	Round int
	Verb  string
	Arg   string
}

// String is the payload, "checkin/3/mood/4".
func (a Action) String() string {
	s := a.Flow + "/" + strconv.Itoa(a.Round) + "/" + a.Verb
	if a.Arg != "" {
		s += "/" + a.Arg
	}
	return s
}

// ParseAction reads a payload. It accepts only what String can have made.
func ParseAction(payload string) (Action, bool) {
	if len(payload) > MaxPayload {
		return Action{}, false
	}
	part := strings.SplitN(payload, "/", 4)
	if len(part) < 3 {
		return Action{}, false
	}
	round, err := strconv.Atoi(part[1])
	if err != nil {
		return Action{}, false
	}
	a := Action{Flow: part[0], Round: round, Verb: part[2]}
	if len(part) == 4 {
		a.Arg = part[3]
	}
	return a, a.Flow != "" && a.Verb != "" && round >= 0 && a.String() == payload
}

// Event is what a flow sees.
type Event struct {
	Kind      Kind
	At        time.Time // on the couple's wall clock
	Due       time.Time // Woke: when the alarm was set for, on the couple's wall clock
	Who       Who       // Nobody for a visitor, and for what the engine makes
	Visitor   Partner   // the person when Who is Nobody: someone with no seat in this couple
	Invited   bool      // the visitor came with an invitation of this couple
	Elsewhere bool      // the visitor sits in another couple
	Chat      Chat      // where it happened
	Members   int
	Command   string
	Text      string
	Action    Action // Tapped, or Said to a button that asked for words
	Token     string // 128 fresh random bits, base64url, 22 characters: for invitations
}

// Private reports whether the event happened in somebody's nook.
func (e Event) Private() bool { _, ok := e.Chat.Private(); return ok }
