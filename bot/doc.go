// Package bot is the core of the house: the words of the domain, the engine, and
// the two contracts (Adapter, Store) with everything outside.
//
// # One evening, in six hops
//
//  1. rituals.Heartbeat beats every minute and calls Bot.Tick, which asks the store
//     what is due (tick.go).
//  2. Tick plays the alarm on its flow: CheckIn.Step opens the evening and says one
//     message to the room (flows/checkin.go).
//  3. turn.commit makes state, alarm, marks and letters durable, all or nothing, in one
//     transaction (turn.go, storage/sqlite).
//  4. The post office takes the letters to the network, one at a time for each chat
//     (post.go, adapters/*).
//  5. Somebody taps. Adapter.Run hands the tap to Bot.Handle: guard looks for danger
//     signs, route finds the couple, the flow steps, commit; only then the tap is ticked.
//  6. With the second mood the step answers with the reveal, as an edit of the same message,
//     and the day's mark; the streak is folded from the marks (rituals.Fold).
//
// # Why the house is as it is
//
// A flow is a pure step, (scene, state, event) → (state, reply), and the reply is
// data. A goroutine per conversation would die with every restart, and ours wait for
// hours, for two people, on two networks. A handler with a map of sessions sends before it
// saves and knows only one chat, never a couple. What is data can be committed
// with the state, compared, and printed in a script.
//
// A step that needs history asks for it (Reply.Want) and is played again from the
// start with what it asked for. So the tap that needs none reads none, and a step
// still never queries.
//
// Flows speak in Texts, keys of the catalogue. The engine puts them into words, once for
// each chat: a room made of two nooks can have two languages.
//
// A store is asked to Load and to Commit, not to run a function inside its transaction. A
// couple's turns come one after another under the engine's lock, so what was loaded
// is still true at the commit; stepping and rendering happen outside the store's one writer,
// which has its hands free to gather the commits of many couples into one.
//
// Alarms are part of a flow's state and one indexed row. Nothing is scheduled in
// memory, so there is nothing to restore after a restart, and a million couples
// who are not due cost nothing.
//
// A couple without people exists only where the bot was brought into a group and
// waits. A stranger's event is played on an empty couple, which is kept when somebody
// takes a seat.
//
// What the safety check answers is whispered: sent, and kept nowhere (safety.go).
// No letter, state or log line says that it happened.
package bot
