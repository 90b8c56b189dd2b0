//go:build !linux

package main

import (
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// limits needs Linux.
func limits(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("the limits of another process cannot be set here")
}

// occupied is how much of the disk a file takes, as far as one can tell here.
func occupied(info os.FileInfo) int64 { return info.Size() }

// secluded tells what of a process's seclusion is missing, where the system tells.
func secluded(int) []string { return nil }
