// Package simulation lives whole worlds: hundreds of couples for two years, with the real
// bot, all its flows and the real SQLite store, in the pretend time of testing/synctest.
// It holds only tests.
//
// # What goes wrong
//
// Every seam has its faults. A send fails before or after its effect, is told to wait, is
// slow, or finds the chat gone; a whole network is away for hours. Events come late, twice,
// out of order between couples, or, like taps after 150 seconds, not at all. A commit fails
// with or without its effect, and the process dies at commits, between a commit and its
// letters, in the middle of a send, and just so; it stays away for seconds or for days. The
// clock is set ahead and back. People change their minds, tap twice, tap old buttons, write
// notes, rest, travel, leave, come back, and bring a third person along.
//
// # Who judges
//
// The judge (judge_test.go) sees what a network sees, the letters as they arrive and the
// ticks that people got, and what the store tells when asked: people's settings, marks and
// history. It knows nothing of the engine. Eight things must hold:
//
//  1. every tick has its row
//  2. an evening counts once for each couple, whatever is tapped how often
//  3. a prompt comes once, twice only when nobody knew whether the first had come; nudges
//     and rings come once or not at all
//  4. nothing unrevealed is shown before both have answered
//  5. nothing is sent to somebody who has left, and nothing of them is shown
//  6. the streak is that of a model of its own (model_test.go)
//  7. nobody's words turn up in another couple, in a room of three, or in the log
//  8. at the end no letter waits and no alarm is overdue
//
// What an evening has to count for follows from what was seen of it. Where nobody outside
// could know, as when the process died in the very second an evening began, more
// than one mark is right; the share of such evenings is limited and told.
//
// # Time
//
// Heartbeats in which nothing is due are not played: the store is told that the house lived
// through them (lived). Everything else happens at its second.
//
// # Playing a seed again
//
// A failure ends with the command that plays its seed again. A seed decides all that people,
// networks and faults do, whichever goroutine comes first; only the bot's own random
// pauses between tries are not the same.
//
//	go test -run TestSimulation ./bot/simulation                                        40 couples, 2 months, 3 seeds
//	EVENFALL_WORLD=200x730 go test -run TestSimulation -timeout 2h ./bot/simulation     200 couples, 24 months, 5 seeds
//	EVENFALL_LONG=1 go test -run TestSimulation -timeout 100h ./bot/simulation          10,000 couples, 24 months, 10 seeds
//
// EVENFALL_SEED=3 with any of them plays one seed alone: seeds can be spread over machines.
package simulation
