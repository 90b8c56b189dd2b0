// Package telegramtest is a small Telegram inside the process: people, groups, one
// bot, and the Bot API over HTTP on 127.0.0.1. It keeps state, speaks Telegram's own
// error texts, fails on demand, and checks every request against the facts of the
// Bot API; a wrong request fails the test.
//
// A test plays people with Start, Say, Reply, Tap, Follow, Add, Kick, Block and so on,
// and looks at Messages. Chats and people are Telegram's numbers: a private chat
// has the number of its person, groups are negative. Messages are named by their
// number as a string, as the adapter names them.
package telegramtest
