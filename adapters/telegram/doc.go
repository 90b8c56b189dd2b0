// Package telegram is the adapter for Telegram: one bot, long polling, plain text.
//
// It reads with a loop of its own instead of the library's, which tells Telegram
// that an update was received before anybody kept it. Here an update is confirmed only
// once the core has made it durable (loop.go, ledger.go); until then Telegram
// keeps it, a tap for 150 seconds and the rest for a day. The token joins an
// address only inside the transport and no error carries it (wire.go).
//
// It writes plain words with entities, never with markup (page.go), and sorts
// Telegram's refusals into the kinds of the table at bot.Adapter (refusal.go). TestMatrix
// lets every request go wrong in every way and holds the adapter to that table. An edit,
// a deletion or a tick that Telegram calls ok is believed without reading on.
package telegram
