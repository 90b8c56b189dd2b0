// Package crashtest proves what the program promises about crashes, on the program
// itself: built from its own source, run as a process, spoken to over the network.
//
// # The proofs
//
//   - TestKilled: couples live their evenings while the process is killed again and
//     again, at any instant. Everything that came and went is written down on the way
//     between the program and the pretend network, and judged afterwards.
//   - TestPowerCut (needs strace): one evening is recorded as calls of the
//     operating system. At each of them the data folder is rebuilt as a kill or a power
//     cut would have left it, opened, and compared with what had been promised by then.
//   - TestDiskFull (needs strace): a full disk ends the program, gives it room for the next
//     start, and costs nothing else.
//
// They take minutes and so stand behind a build tag:
//
//	go test -tags crash ./cmd/evenfall/crashtest
//	EVENFALL_LONG=1 go test -tags crash -timeout 4h ./cmd/evenfall/crashtest
//
// The first is the short form: 200 kills, one evening. The second is 20,000 kills and ten.
//
// # How the program is built
//
// The program has no switch for tests. What a proof needs, a clock that can be set, is put in
// while it is built (go build -overlay), and so are the bugs that the proofs are tried on:
// a mutant is the source with one expression exchanged.
package crashtest
