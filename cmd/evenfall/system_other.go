//go:build !linux

package main

import (
	"errors"
	"os"
)

// free is how many bytes this user can still write to the disk of a folder. Here nobody tells.
func free(string) (int64, error) { return 0, errors.ErrUnsupported }

// reserve takes so many bytes of the disk for a file. Here one has to write them.
func reserve(*os.File, int64) error { return errors.ErrUnsupported }

// undumpable is Linux's.
func undumpable() error { return nil }
