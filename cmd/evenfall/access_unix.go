//go:build unix

package main

import "golang.org/x/sys/unix"

// writable says why this user may not make files in a folder, or nil.
func writable(folder string) error { return unix.Access(folder, unix.W_OK|unix.X_OK) }
