//go:build crash

package sqlite

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/rituals"
	"evenfall/storage/vault"
)

// TestErrorAtEachCall lets the k-th call of one kind fail, for one k after another, in a
// process of its own that commits and says so (strace injects the error). After a restart
// all that it had said is there, and nothing was said after the error.
func TestErrorAtEachCall(t *testing.T) {
	times := 17 // about 100 in all
	if os.Getenv("EVENFALL_LONG") != "" {
		times = 80 // more than the process makes
	}
	for _, c := range []string{"pwrite64:error=ENOSPC", "pwrite64:error=EIO", "fsync:error=EIO", "pread64:error=EIO", "open:error=EIO", "openat:error=EMFILE"} {
		t.Run(c, func(t *testing.T) {
			ended := 0
			for k := 1; k <= times; k++ {
				if !suffer(t, fmt.Sprintf("%s:when=%d", c, k)) {
					ended++
				}
			}
			if t.Logf("%d of %d ended it", ended, times); ended == 0 {
				t.Error("no error was ever felt: that was no trial")
			}
		})
	}
}

// suffer runs the process under one error, and reports whether it came to its end all the same.
func suffer(t *testing.T, inject string) (whole bool) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	name, _, _ := strings.Cut(inject, ":")
	words := []string{"-f", "-qq", "-o", "/dev/null", "-e", "trace=" + name, "-e", "signal=none", "-e", "inject=" + inject}
	for _, name := range []string{File, vault.File} {
		for _, end := range []string{"", "-wal", ".new", ".new-wal", ".new-journal"} {
			words = append(words, "-P", filepath.Join(folder, name+end))
		}
	}
	cmd := exec.Command("strace", append(words, os.Args[0], "-test.run=^TestCommitter$")...)
	cmd.Env = append(os.Environ(), "EVENFALL_COMMITTER="+folder)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	err := cmd.Run()
	if strings.Contains(out.String()+complaint.String(), "panic") {
		t.Fatalf("%s: %s%s", inject, out.String(), complaint.String())
	}
	confirmed := strings.Count(out.String(), "kept\n")
	s, err2 := Open(t.Context(), Options{Folder: folder})
	if err2 != nil && confirmed == 0 && !strings.Contains(err2.Error(), "\n") {
		return false // a house that never was begun refuses with a clear line
	}
	if err2 != nil {
		t.Fatalf("%s: after %d commits: %v", inject, confirmed, err2)
	}
	defer s.Close()
	found, err2 := s.Find(t.Context(), person(0), bot.Chat{}, nil, time.Now())
	if err2 != nil {
		t.Fatal(err2)
	}
	kept, notes := 0, [4]int{}
	if found.ByUser != 0 {
		rec, err := s.Load(t.Context(), found.ByUser, "", bot.Want{Days: true, Entries: []string{"note"}})
		if err != nil {
			t.Fatal(err)
		}
		kept = len(rec.Days)
		for _, e := range rec.Entries {
			notes[e.Who]++
		}
	}
	if kept < confirmed || kept > confirmed+1 {
		t.Errorf("%s: %d commits were confirmed, and %d are there", inject, confirmed, kept)
	}
	if forgotten := strings.Contains(out.String(), "forgotten\n"); forgotten && notes[bot.One] > 0 || notes[bot.Two] != kept {
		t.Errorf("%s: forgotten is %v, and of %d notes %v are there", inject, forgotten, kept, notes)
	}
	return err == nil
}

// TestCommitter is the process: it commits one evening after another, on one thread, because
// strace counts the calls of each thread by itself.
func TestCommitter(t *testing.T) {
	folder := os.Getenv("EVENFALL_COMMITTER")
	if folder == "" {
		return
	}
	runtime.LockOSThread()
	if err := commits(folder); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func commits(folder string) error {
	ctx := context.Background()
	s, err := Open(ctx, Options{Folder: folder})
	if err != nil {
		return err
	}
	r, err := s.Commit(ctx, bot.Change{Couple: &bot.Couple{Partners: [2]bot.Partner{{User: person(0)}, {User: person(1)}}, Room: place(0)}})
	if err != nil {
		return err
	}
	var failed error
	for n := range 10 {
		ch := bot.Change{ID: r.ID, Days: []rituals.Day{{Date: rituals.Date(n)}},
			Entries: []bot.Entry{{Date: rituals.Date(n), Kind: "note", Who: bot.Two, Value: "theirs"}}}
		switch {
		case n < 4:
			ch.Entries = append(ch.Entries, bot.Entry{Date: rituals.Date(n), Kind: "note", Who: bot.One, Value: "mine"})
		case n == 4:
			ch.Forget = bot.One
		}
		_, err := s.Commit(ctx, ch)
		if err == nil {
			fmt.Println("kept")
		}
		if err == nil && n == 4 {
			fmt.Println("forgotten")
		}
		if failed != nil && err == nil {
			panic("a commit after the error")
		}
		failed = errors.Join(failed, err)
	}
	return errors.Join(failed, s.Close())
}
