package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"syscall"
	"testing"

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

// secluded tells what of a process's seclusion is missing.
func secluded(pid int) (missing []string) {
	for file, want := range map[string]string{"status": `(?m)^Umask:\s+0077$`, "limits": `(?m)^Max core file size +0 +0 `} {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
		if err != nil || !regexp.MustCompile(want).Match(text) {
			missing = append(missing, fmt.Sprintf("%s does not say %s (%v)", file, want, err))
		}
	}
	return missing
}

// TestUndumpable: no other program of this user may read the memory.
func TestUndumpable(t *testing.T) {
	t.Cleanup(func() { unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0) })
	if err := undumpable(); err != nil {
		t.Fatal(err)
	}
	if can, err := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0); err != nil || can != 0 {
		t.Errorf("the process can be dumped (%d, %v)", can, err)
	}
}
