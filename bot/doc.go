// Package bot is the core of the house: the words of the domain, the engine, and
// the two contracts (Adapter, Store) with everything outside.
//
// # One evening, in six hops
//
//  1. rituals.Heartbeat beats every minute and calls Bot.Beat, which asks the store
//     what is due (tick.go).
//  2. The alarm is played on its flow: CheckIn.Step opens the evening and says one
//     message to the room (flows/checkin.go).
//  3. turn.commit makes state, alarm, marks and letters durable, all or nothing, in one
//     transaction (reply.go, storage/sqlite).
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
// An alarm that is due as soon as it is set is played at once. So a flow can make a
// decision durable first and carry it out in a step of its own: erasing does, because keys and rows
// cannot go in one transaction, and after a crash the alarm is still there to finish it.
//
// A couple without people exists only where the bot was brought into a group and
// waits. A stranger's event is played on an empty couple, which is kept when somebody
// takes a seat.
//
// # Nothing lost
//
// In: an event is confirmed to its network when Handle returns without an error, and Handle
// returns when the event's effect is durable. So there is no queue of raw events: what a crash
// interrupts the network brings again, and the commit of a tap is the only one. Each commit notes the
// event's id with its effect; the ids are kept as a set for two days (Memory), because networks
// begin their numbers anew. An event that panics three times is put aside (inbox.go).
//
// Out: letters are committed with what they tell, and post.go shows the states they go
// through. How often one may be sent is its Class: a network that was asked and did not answer may
// have shown it, so a Prompt is tried once more and a Nudge never. Edits say the same thing again
// and are repeated until they arrive; that is why an evening is one message that changes.
//
// Away: each beat leaves a mark in the store. A gap of more than two minutes (Gap) is an outage,
// and is told to every open state (Returned): taps may have been lost, the networks keep them
// only for minutes. An alarm is never skipped but comes late, and its flow decides what is
// still worth saying; an evening the house slept through is nobody's fault (Scene.Away). Nobody is
// told what they missed: at most one message waits for them.
//
// # Nothing kept too long
//
// A flow says for how many days its entries are kept (Flow.Keeps), and once a day the first
// beat forgets what is older. What is written is sealed with the couple's own keys
// (storage/vault); whoever leaves takes their keys along.
//
// What the safety check answers is whispered: sent, and kept nowhere (safety.go).
// No letter, state or log line says that it happened.
package bot
