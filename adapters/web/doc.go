// Package web is the page with both phones: a network of its own on one
// computer, for trying the bot without a token and for its browser tests.
//
// The shared room stands in the middle and each partner's phone, with the nook on
// it, at its side. The page plays the network's servers too: chats keeps what was
// said in one small file of its own, and keeps each event until the house has it.
//
//	browser ─► guard ─► act ─► chats.accept ─► lane ─► Handler
//	browser ◄─ events ◄─ chats.tell ◄─ chats.post ◄─ Adapter.Send
//
// It listens on loopback addresses only and answers no other site: see guard.
package web
