// Package discordtest is a pretend Discord in this process: the HTTP API and the
// gateway, with people, servers, messages and faults. What people see and do is
// written as scripts read it:
//
//	srv := discordtest.New(t)
//	ana := srv.User("Ana")
//	room := srv.Guild(ana).Channel
//	reply := srv.Slash(ana, room, "start", "")
//
// Every request is checked against the official description (testdata/openapi.json
// keeps the facts of the operations used) and against rules that it misses. A bad
// request fails the test.
package discordtest
