package flows_test

import "evenfall/bot"

// The people of the matrix besides Ana and Ben, whose couple it is about.
var (
	gus      = bot.User{Network: "left", ID: "gus"}  // a guest: reads the room, and belongs to nobody
	adam     = bot.User{Network: "left", ID: "adam"} // brought the bot into the room and took no seat
	lea      = bot.User{Network: "left", ID: "lea"}  // had Ben's seat, left, and sits nowhere
	rex      = bot.User{Network: "left", ID: "rex"}  // had it before her, left, and sits with Rhea now
	rhea     = bot.User{Network: "left", ID: "rhea"}
	otto     = bot.User{Network: "left", ID: "otto"} // sits with Olga in a room of their own
	olga     = bot.User{Network: "left", ID: "olga"}
	nia      = bot.User{Network: "left", ID: "nia"}  // sits alone and has invited somebody
	sam      = bot.User{Network: "left", ID: "sam"}  // a stranger who found the bot
	double   = bot.User{Network: "right", ID: "ana"} // has Ana's id on another network
	benFar   = bot.User{Network: "right", ID: "ben"} // is Ben where the two are on two networks, and else nobody
	nameless = bot.User{Network: "left"}             // an administrator in disguise, should a network ever let one through

	theirs = bot.Chat{Network: "left", ID: "theirs"}
	street = bot.Chat{Network: "left", ID: "street"} // a group of which the house knows nothing
	moved  = bot.Chat{Network: "left", ID: "moved"}  // the new id of a chat that moves
)

// cast is where each of them may try things.
var cast = []struct {
	who bot.User
	at  []bot.Chat
}{
	{ana, []bot.Chat{bot.Nook(ana), room, theirs, street}},
	{ben, []bot.Chat{bot.Nook(ben), room, theirs, street}},
	{gus, []bot.Chat{bot.Nook(gus), room, street}},
	{adam, []bot.Chat{bot.Nook(adam), room}},
	{lea, []bot.Chat{bot.Nook(lea), room}},
	{rex, []bot.Chat{bot.Nook(rex), room, street}},
	{otto, []bot.Chat{bot.Nook(otto), room, theirs}},
	{nia, []bot.Chat{bot.Nook(nia), room}},
	{sam, []bot.Chat{bot.Nook(sam)}},
	{double, []bot.Chat{bot.Nook(double), room}},
	{benFar, []bot.Chat{bot.Nook(benFar)}},
	{nameless, []bot.Chat{room, street}},
}

// title is what to call them.
func title(u bot.User) string {
	switch u {
	case nameless:
		return "an administrator in disguise"
	case double:
		return "ana of another network"
	case benFar:
		return "ben of another network"
	}
	return u.ID
}

// canary is a line that someone wrote for their own evening: words that nothing else says.
func canary(u bot.User) string { return "canary-" + u.ID }

// writers are those whose canaries are in the house.
var writers = []bot.User{ana, ben, lea, rex, otto}

// What each of them has settled in private …
var (
	country = map[bot.User]string{ana: "FO", ben: "BT", otto: "TV", rex: "NR"}
	zone    = map[bot.User]string{ana: "Pacific/Chatham", ben: "Pacific/Marquesas", otto: "Asia/Kathmandu"}
)

// … and what it looks like to a reader.
var secrets = map[bot.User][]string{
	ana:  {"Faroe Islands", "/set/country:FO", "Chatham", "You are resting"},
	ben:  {"Bhutan", "/set/country:BT", "Marquesas"},
	otto: {"Tuvalu", "/set/country:TV", "Kathmandu"},
	rex:  {"Nauru", "/set/country:NR"},
}
