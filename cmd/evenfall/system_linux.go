package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// free is how many bytes this user can still write to the disk of a folder.
func free(folder string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * s.Bsize, nil
}

// reserve takes so many bytes of the disk for a file.
func reserve(f *os.File, bytes int64) error {
	return unix.Fallocate(int(f.Fd()), 0, 0, bytes)
}

// undumpable keeps other programs of this user from reading this one's memory, and the
// kernel from handing it to a program that collects crashes, which no limit of size forbids.
func undumpable() error { return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) }
