package main

import (
	"os"
	"strconv"
	"syscall"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// limits is "limit BYTES": from now on no file of the process in the background can grow
// beyond that.
func limits(ts *testscript.TestScript, _ bool, args []string) {
	size, err := strconv.ParseUint(args[0], 10, 64)
	ts.Check(err)
	ts.Check(unix.Prlimit(on(ts).process.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil))
}

// occupied is how much of the disk a file takes.
func occupied(info os.FileInfo) int64 { return info.Sys().(*syscall.Stat_t).Blocks * 512 }
