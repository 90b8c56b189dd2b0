package backup

import (
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"evenfall/bot"
)

// TestFullDisk lets the disk fill up at one place after another. There is a whole copy or
// none, the house lives on, and what was begun does not stay. It does so in a process of its
// own: the limit would also hold for what the go command lets tests write.
func TestFullDisk(t *testing.T) {
	if os.Getenv("EVENFALL_FULL_DISK") == "" {
		alone := exec.Command(os.Args[0], "-test.run=^TestFullDisk$", "-test.v")
		alone.Env = append(os.Environ(), "EVENFALL_FULL_DISK=yes")
		if out, err := alone.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	signal.Ignore(syscall.SIGXFSZ)
	defer signal.Reset(syscall.SIGXFSZ)
	h := newHouse(t)
	id := h.seat(t, 0)
	h.copies = t.TempDir()
	made := 0
	for size := int64(0); size < 220_000; size += 15_000 {
		o := Order{Folder: h.folder, MasterKeyFile: h.master(), File: filepath.Join(h.copies, "copy"), Now: noon}
		var err error
		limited(t, size, func() { _, err = Make(t.Context(), o) })
		if s := list(t, h.copies); (err == nil) != (len(s) == 2) {
			t.Fatalf("%d bytes: %v, and there are %v", size, err, s)
		}
		if slices.Contains(list(t, h.folder), workshop) {
			t.Errorf("%d bytes: what was begun stays behind", size)
		}
		if err == nil {
			made++
			r, _ := h.restored(t, Return{File: o.File})
			r.same(t, id)
			h.copies = t.TempDir()
		}
	}
	if made == 0 || made > 12 {
		t.Errorf("%d copies were made: the disk was never full, or always", made)
	}
	h.commit(t, bot.Change{ID: id})
	h.same(t, id)
}

// limited does something while no file may grow beyond a size.
func limited(t *testing.T, size int64, do func()) {
	t.Helper()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: uint64(size), Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	do()
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &before); err != nil {
		t.Fatal(err)
	}
}
