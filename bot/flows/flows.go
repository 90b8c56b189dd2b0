// Package flows holds the conversations, one file each. A new conversation is a
// file here, its script in testdata, its words in the catalogues, and a line in All.
package flows

import "evenfall/bot"

// All is the house's list of flows, in the order of the command menu.
func All() []bot.Conversation {
	return []bot.Conversation{
		Join,
		Menu,
		CheckIn,
		Streak,
		Settings,
		Rest,
		Export,
		Forget,
		Leave,
	}
}
