//go:build unix

package main

import (
	"errors"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// writable says why this user may not make files in a folder, or nil.
func writable(folder string) error { return unix.Access(folder, unix.W_OK|unix.X_OK) }

// seclude closes what this process makes to everybody else: its files, whoever makes them,
// and its memory, which a core dump would write down with tokens, keys and words.
func seclude() error {
	unix.Umask(0o077)
	// Where files may not grow, that is an error of the disk like others, and no reason to crash.
	signal.Ignore(syscall.SIGXFSZ)
	return errors.Join(unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}), undumpable())
}
