//go:build !linux

package main

import "github.com/rogpeppe/go-internal/testscript"

// limits needs Linux.
func limits(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("the limits of another process cannot be set here")
}
