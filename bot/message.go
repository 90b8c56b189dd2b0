package bot

import "time"

// Text is something to say, not yet in any language: a key of the catalogue and
// what goes into its placeholders. Flows speak in Texts; the engine puts them into
// the language of whoever reads them. The zero Text is nothing.
type Text struct {
	Key   string
	Args  map[string]any // values are strings, numbers or Texts; "Count" chooses the plural
	Words string         // with no Key: these very words, see Verbatim
}

// T makes a Text. Args come in pairs: name, value.
func T(key string, pairs ...any) Text {
	t := Text{Key: key}
	for i := 0; i+1 < len(pairs); i += 2 {
		if t.Args == nil {
			t.Args = make(map[string]any, len(pairs)/2)
		}
		t.Args[pairs[i].(string)] = pairs[i+1]
	}
	return t
}

// Verbatim is a Text for words that are not in the catalogue: a person's own, a name, an emoji.
func Verbatim(words string) Text { return Text{Words: words} }

// Button is one choice under a message. It does exactly one thing: an action of
// the flow that shows it (Verb, Arg), a command (Call), or a way to another place (Link).
type Button struct {
	Label Text
	Verb  string
	Arg   string
	Call  string // a command without its slash and what follows it ("start TOKEN yes"), as if typed
	Link  string // see Key.Link
	Words bool   // Verb wants words: a form where the network has one, else the nook asks for them
}

// Message is what a flow wants said.
type Message struct {
	Title   Text
	Lines   []Text
	Buttons [][]Button
	File    *File // nil = none; a message with a file is new, never an edit
}

// File is something to take along: who gets the message can keep it. It never changes.
type File struct {
	Name string `json:"name"` // letters, digits, dots and dashes; says nothing about anybody
	Type string `json:"type"` // its media type
	Data []byte `json:"data"` // something, at most MaxFile bytes
}

// MaxFile is the most bytes a file may have: below what every network takes.
const MaxFile = 8 << 20

// To is where a say goes.
type To uint8

// The places.
const (
	Room    To = iota // where both read
	OneOnly           // the nook of One
	TwoOnly           // the nook of Two
	Here              // the chat the event came from; for visitors
)

// Only is the nook of one partner.
func Only(who Who) To {
	if who == Two {
		return TwoOnly
	}
	return OneOnly
}

// Say is one message to one place. A say with the Slot of an earlier one in the
// same round edits that message; Slot "" or Fresh makes a new message.
type Say struct {
	To    To
	Slot  string
	Fresh bool // send anew even when the slot has a message already; later says edit the new one
	Amend bool // only edit: when the slot has no message, say nothing
	Class Class
	Until time.Time // not sent after this; zero = whenever it can be
	Message
}

// Class is how many copies of a new message there may be when nobody knows whether the
// first one arrived. An edit has no class: it may be repeated.
type Class uint8

// The classes.
const (
	Prompt Class = iota // one or two: that it comes matters more
	Nudge               // one or none: a second would be worse
)

// Copies is the most there may be.
func (c Class) Copies() int {
	if c == Nudge {
		return 1
	}
	return 2
}

// Lane is whose letters go first when there are more than can be sent at once.
type Lane uint8

// The lanes.
const (
	Answers Lane = iota // somebody has just tapped or written
	Prompts             // an alarm
	Digests             // whatever has time
	lanes
)

// Page is a message in one language, as an adapter shows it: plain words, no markup.
type Page struct {
	Title   string  `json:"title,omitempty"`
	Text    string  `json:"text,omitempty"`
	Buttons [][]Key `json:"buttons,omitempty"`
	File    *File   `json:"file,omitempty"`
}

// Key is a button of a page.
type Key struct {
	Label   string `json:"label"`
	Payload string `json:"payload,omitempty"` // at most MaxPayload bytes; comes back as Incoming.Payload
	// Link is a web address, or "nook:" (the private chat with the bot), "nook:PAYLOAD"
	// (the same, as if the payload's button had been tapped there), "invite:TOKEN" (open the
	// private chat with /start TOKEN) or "group:TOKEN" (put the bot into a group and
	// send /start TOKEN there). A network that has no such link leaves the button out.
	Link  string `json:"link,omitempty"`
	Words bool   `json:"words,omitempty"` // the payload wants words: show a form if there is such a thing
}

// Letter is one page on its way to one chat. The store numbers it.
type Letter struct {
	ID       int64
	Couple   CoupleID
	Chat     Chat
	Flow     string
	Round    int
	Slot     string // "" = no later letter edits this one
	Fresh    bool   // send anew even if the slot has a message
	Amend    bool   // never send anew
	Edit     string // the network's id of the message to rewrite; "" = send a new one. Filled in just before sending
	Delete   bool   // take the message Edit away instead; Page is empty
	Class    Class
	Lane     Lane
	Until    time.Time // not sent after this, whole seconds; zero = whenever it can be
	Page     Page
	Attempts int // sends tried and failed so far
	Copies   int // new messages that may have arrived, counted before each is sent
}
