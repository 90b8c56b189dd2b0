package bot

import (
	"time"

	"evenfall/rituals"
)

// Who is a set of partners.
type Who uint8

// The four sets.
const (
	Nobody Who = 0
	One    Who = 1
	Two    Who = 2
	Both   Who = One | Two
)

// Has reports whether every partner in other is in w. Nothing is in Nobody.
func (w Who) Has(other Who) bool { return other != Nobody && w&other == other }

// Other is the partner who is not w; w must be One or Two.
func (w Who) Other() Who { return Both &^ w }

// Index is 0 for One and 1 for Two: the place in arrays that hold one thing for each partner.
func (w Who) Index() int {
	if w == Two {
		return 1
	}
	return 0
}

// Each is the two partners in order, for ranging over.
var Each = [2]Who{One, Two}

// CoupleID names a couple in the store. Zero is a couple that is not there yet.
type CoupleID int64

// User is an account on a network, by the network's own unchanging id.
type User struct{ Network, ID string }

// Chat is a place on a network that a letter can be sent to. An ID that starts
// with "@" is the private chat with the user of that id, whatever the network
// calls it; any other ID is the network's own id of a group or channel.
type Chat struct{ Network, ID string }

// Nook is the private chat of a user with the bot.
func Nook(u User) Chat { return Chat{u.Network, "@" + u.ID} }

// Private reports whose private chat this is, if it is one.
func (c Chat) Private() (User, bool) {
	if len(c.ID) > 1 && c.ID[0] == '@' {
		return User{c.Network, c.ID[1:]}, true
	}
	return User{}, false
}

// Kinds of prompts that a partner can switch off, see Partner.Off.
const (
	KindEvening = "evening" // the evening check-in itself: the couple's evenings rest
	KindNudge   = "nudge"   // the one gentle reminder in the nook
	KindIdea    = "idea"    // the suggestion under the reveal
)

// Partner is one of the two: who they are on their network and what they chose for themselves.
type Partner struct {
	User     User            `json:"user"`
	Name     string          `json:"name,omitempty"`     // what the bot calls them, at most 40 characters
	Language string          `json:"language,omitempty"` // of the nook: "en", "es"; empty = the couple's
	Zone     string          `json:"zone,omitempty"`     // IANA name; empty = the couple's
	Country  string          `json:"country,omitempty"`  // ISO 3166 alpha-2, for help lines only; never shown to the other
	Open     bool            `json:"open,omitempty"`     // the bot may write to the nook
	Off      map[string]bool `json:"off,omitempty"`      // kinds of prompts switched off
	Rest     rituals.Date    `json:"rest,omitempty"`     // rests silently before this date; 0 = not resting
	Hide     bool            `json:"hide,omitempty"`     // wants the streak out of sight
	Focus    string          `json:"focus,omitempty"`    // the flow that asked for words last; the engine keeps it
}

// Couple is everything the house keeps about two people besides flow states, day
// marks and entries. It is a value: a flow that changes it returns a changed copy.
type Couple struct {
	ID       CoupleID         `json:"-"`
	Partners [2]Partner       `json:"partners"`
	Room     Chat             `json:"room,omitzero"`     // zero = none: the two nooks, mirrored
	Members  int              `json:"members,omitempty"` // people in the room besides the bot; 0 = not known
	Adder    User             `json:"adder,omitzero"`    // who brought the bot to the room
	Language string           `json:"language,omitempty"`
	Zone     string           `json:"zone,omitempty"` // IANA name; the evening follows it
	Types    []string         `json:"types,omitempty"`
	Evening  rituals.Clock    `json:"evening"`
	Free     rituals.Weekdays `json:"free,omitempty"`  // days of the week without an evening
	Rest     rituals.Date     `json:"rest,omitempty"`  // both rest before this date
	Ready    bool             `json:"ready,omitempty"` // set-up is done: evenings may come
}

// Seated is the set of partners who are there.
func (c Couple) Seated() Who {
	w := Nobody
	for _, p := range Each {
		if c.Partners[p.Index()].User.ID != "" {
			w |= p
		}
	}
	return w
}

// Partner is the partner who; who must be One or Two.
func (c Couple) Partner(who Who) Partner { return c.Partners[who.Index()] }

// Which partner the user is, or Nobody.
func (c Couple) Which(u User) Who {
	for _, p := range Each {
		if c.Partners[p.Index()].User == u && u.ID != "" {
			return p
		}
	}
	return Nobody
}

// Crowded reports whether somebody besides the two may be reading the room. A
// room whose size is not known counts as crowded.
func (c Couple) Crowded() bool { return c.Room.ID != "" && c.Members != 2 }

// Location is the couple's zone, or the one of a partner who has their own.
// A zone that cannot be loaded is UTC; settings let no such zone in.
func (c Couple) Location(who Who) *time.Location {
	name := c.Zone
	if who == One || who == Two {
		if z := c.Partner(who).Zone; z != "" {
			name = z
		}
	}
	loc, err := rituals.Location(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// Tongue is the language for a partner's nook, or the room's for Nobody and Both.
func (c Couple) Tongue(who Who) string {
	if who == One || who == Two {
		if l := c.Partner(who).Language; l != "" {
			return l
		}
	}
	if c.Language != "" {
		return c.Language
	}
	return "en"
}
