// Package discord is the house's adapter for Discord: it listens on the gateway,
// answers interactions, and sends letters. It knows no rule of the product.
//
// It stands on discordgo, and around what bites there:
//   - Events are read from their raw JSON into own types: discordgo's cannot hold
//     components it does not know, and panic on them.
//   - Its session reconnects, retries and sleeps without asking: all of that is
//     switched off and done here (run.go, rest.go).
//   - Its gateway connection has neither deadlines nor a limit on identifies: link.go
//     puts both under it.
//   - Its logger prints tokens: it is silenced.
//
// What goes wrong is told to the core by the table at bot.Adapter (send.go). TestMatrix
// lets every request go wrong in every way and holds the adapter to that table.
//
// The bot asks for two intents only, guilds and direct messages, so it cannot read
// what the couple write to each other in their channel.
package discord
