//go:build !unix

package main

// writable says why this user may not make files in a folder, or nil. Here only trying
// it would tell, and the doctor changes nothing.
func writable(string) error { return nil }

// seclude closes what this process makes to everybody else. Here a folder hands down who
// may look into it, and nobody writes a program's memory down unasked.
func seclude() error { return nil }
