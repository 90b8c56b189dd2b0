// Package adaptertest is the one suite that every adapter of the house passes. It
// drives the adapter against a pretend network with real state: what a person sees
// there and does there, and what the core hears of it. There are no optional cases.
package adaptertest

import (
	"context"
	"testing"

	"evenfall/bot"
)

// Rig is one adapter with a pretend network behind it. Every case opens a rig of
// its own and leaves the tidying up to t.Cleanup.
type Rig interface {
	// Adapter is the adapter under test.
	Adapter() bot.Adapter
	// Start is Adapter().Run(ctx, h) with the handler given to open. It blocks.
	Start(ctx context.Context) error
	// Cast is who and where the suite plays.
	Cast() Cast

	// Tap taps the button of a message that has the payload, and waits for the
	// network to show the tapper that it worked: the toast, "" for a silent tick.
	// ticked is false when it never did.
	Tap(user bot.User, chat bot.Chat, message, payload string) (toast string, ticked bool)
	// Command gives a command without its slash, "menu".
	Command(user bot.User, chat bot.Chat, command string)
	// Say says something the way a person has to for the bot to hear it there.
	Say(user bot.User, chat bot.Chat, text string)
	// Noise makes the network tell of things that the adapter does not know or that
	// are broken: unknown kinds, unknown fields, people who are bots.
	Noise()
	// Vanish takes a message of the bot out of a chat, as a person would.
	Vanish(chat bot.Chat, message string)

	// Messages are the bot's messages that can be seen in a chat, oldest first.
	Messages(chat bot.Chat) []Shown
	// Fault makes the next send to the chat fail. It reports false when nothing of
	// the kind can happen on this network; the suite then wants a plain success.
	Fault(chat bot.Chat, fault Fault) bool

	// Secrets are words that may stand in no error and no log: the token.
	Secrets() []string
	// Logs is all that the adapter has logged so far.
	Logs() string
}

// Cast is two people, their room, and the names the network shows.
// The bot may already write to both nooks and sits in the room.
type Cast struct {
	Ana, Ben         bot.User
	AnaName, BenName string
	Room             bot.Chat
}

// Shown is a message as a person sees it: markup undone.
type Shown struct {
	ID      string
	Title   string
	Text    string
	Buttons [][]bot.Key // Label and either Payload or Link as the network has it
	File    *bot.File   // nil = none
}

// Fault is a way for a send to go wrong.
type Fault string

// The faults.
const (
	Gone    Fault = "gone"    // blocked, kicked, deleted: bot.ErrGone
	Later   Fault = "later"   // too many requests, retry after 7 seconds: *bot.Later
	Refused Fault = "refused" // the network calls the request malformed: bot.ErrRefused
	Broken  Fault = "broken"  // 502 with an HTML page: nobody knows
	Lost    Fault = "lost"    // done, but the answer never arrives: nobody knows
)

// Run plays every case against rigs made by open.
func Run(t *testing.T, open func(t *testing.T, h bot.Handler) Rig) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { c.play(begin(t, open)) })
	}
}

var cases = []struct {
	name string
	play func(*stage)
}{
	{"send, edit, delete", sendEditDelete},
	{"words arrive unchanged", wordsUnchanged},
	{"controls of direction are taken out", noBidi},
	{"a file arrives whole", fileWhole},
	{"an edit without a change succeeds", editSame},
	{"an edit of a vanished message sends anew", editVanished},
	{"a vanished message can be deleted", deleteVanished},
	{"an edit takes buttons away", editButtons},
	{"buttons bring their payload back", payloadBack},
	{"the nook is addressed by the person", nook},
	{"toasts are for the tapper", toastPrivate},
	{"commands", commands},
	{"each event has its own id", ownID},
	{"people's words arrive unchanged", saidUnchanged},
	{"one person's words stay in order", saidInOrder},
	{"a failed event is not ticked and comes again", failedComesAgain},
	{"a failing chat holds up no other", failingAlone},
	{"noise is passed over", noise},
	{"gone", faultGone},
	{"later", faultLater},
	{"refused", faultRefused},
	{"broken", faultBroken},
	{"lost", faultLost},
	{"a malformed letter is refused", malformed},
	{"many sends at once", manySends},
	{"cancelled means stopped", stops},
}
