package sqlite

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/storage/vault"
)

// TestOpenFolderNames opens folders whose names mean something in a URI.
func TestOpenFolderNames(t *testing.T) {
	for _, name := range []string{"a b", "what?mode=ro", "100%41", "#1", "ñandú", "a&b=c;d"} {
		folder := filepath.Join(t.TempDir(), name)
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		s := open(t, folder)
		seat(t, s, 0)
		if _, err := os.Stat(filepath.Join(folder, File)); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// TestFilesArePrivate looks at every file of a house in use.
func TestFilesArePrivate(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	seat(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(folder, File), 0o644); err != nil {
		t.Fatal(err)
	}
	seat(t, open(t, folder), 1)
	for _, name := range []string{File, File + "-wal", File + "-shm", Lock, vault.File, vault.File + "-wal", vault.File + "-shm", vault.MasterFile} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
	}
}

// TestHalfMade finds the draft of a start that was cut short.
func TestHalfMade(t *testing.T) {
	folder := t.TempDir()
	for _, end := range []string{"", "-wal", "-shm"} {
		if err := os.WriteFile(filepath.Join(folder, File+".new"+end), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seat(t, open(t, folder), 0)
	if left := files(t, folder); len(left) != 8 {
		t.Errorf("%d files are left, want two databases, their logs, the logs' indexes, the master key and the lock", len(left))
	}
}

func TestDemo(t *testing.T) {
	folder := t.TempDir()
	for range 2 {
		s, err := Open(t.Context(), Options{Folder: folder, Demo: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Find(t.Context(), bot.User{}, bot.Chat{}, nil, time.Time{}); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
