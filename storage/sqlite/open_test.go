package sqlite

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"evenfall/storage/vault"
)

// run changes a database file from outside.
func run(t *testing.T, path string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range statements {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
}

// overwrite puts bytes into the middle of a file.
func overwrite(t *testing.T, path string, at int64, with []byte) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.WriteAt(with, at)
	if err = errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestOpenRefuses spoils a good house in every way we know and expects the right
// word for it, a file that nobody touched, and a folder that is free again.
func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, path string)
		demo  bool
		want  error
	}{
		"empty file":    {func(t *testing.T, path string) { os.Truncate(path, 0) }, false, ErrBroken},
		"half a header": {func(t *testing.T, path string) { os.Truncate(path, 50) }, false, ErrBroken},
		"half a file":   {func(t *testing.T, path string) { os.Truncate(path, 3*4096) }, false, ErrBroken},
		"half a page":   {func(t *testing.T, path string) { os.Truncate(path, 4096+700) }, false, ErrBroken},
		"a text": {func(t *testing.T, path string) {
			os.WriteFile(path, bytes.Repeat([]byte("Dear diary, "), 500), 0o600)
		}, false, ErrForeign},
		"another program's database": {func(t *testing.T, path string) {
			os.Remove(path)
			run(t, path, `CREATE TABLE t (a)`)
		}, false, ErrForeign},
		"noise in a page": {func(t *testing.T, path string) {
			overwrite(t, path, 2*4096, bytes.Repeat([]byte{0xa5, 0x11}, 2048))
		}, false, ErrBroken},
		"noise in the schema": {func(t *testing.T, path string) {
			overwrite(t, path, 100, bytes.Repeat([]byte{0xff}, 2000))
		}, false, ErrBroken},
		"only the log is left": {func(t *testing.T, path string) {
			os.Rename(path, path+"-wal")
		}, false, ErrBroken},
		"a newer schema": {func(t *testing.T, path string) {
			run(t, path, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)`)
		}, false, ErrNewer},
		"a real house as a demo": {func(*testing.T, string) {}, true, ErrReal},
		"a demo as a real house": {func(t *testing.T, path string) {
			overwrite(t, path, 68, []byte("EvnD"))
		}, false, ErrDemo},
		"no keys": {func(t *testing.T, path string) {
			os.Remove(filepath.Join(filepath.Dir(path), vault.File))
		}, false, ErrKeys},
		"no master key": {func(t *testing.T, path string) {
			os.Remove(filepath.Join(filepath.Dir(path), vault.MasterFile))
		}, false, vault.ErrMasterMissing},
		"another master key": {func(t *testing.T, path string) {
			os.WriteFile(filepath.Join(filepath.Dir(path), vault.MasterFile), []byte(strings.Repeat("A", 43)+"=\n"), 0o600)
		}, false, vault.ErrMasterWrong},
		"half of the keys": {func(t *testing.T, path string) {
			os.Truncate(filepath.Join(filepath.Dir(path), vault.File), 2*4096)
		}, false, ErrBroken},
		"noise in the keys": {func(t *testing.T, path string) {
			overwrite(t, filepath.Join(filepath.Dir(path), vault.File), 4096, bytes.Repeat([]byte{0xa5, 0x11}, 2048))
		}, false, ErrBroken},
		"a text for keys": {func(t *testing.T, path string) {
			os.WriteFile(filepath.Join(filepath.Dir(path), vault.File), bytes.Repeat([]byte("Dear diary, "), 500), 0o600)
		}, false, ErrForeign},
		"a folder in its place": {func(t *testing.T, path string) {
			os.Remove(path)
			os.Mkdir(path, 0o700)
		}, false, ErrFolder},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, File)
			s := open(t, folder)
			seat(t, s, 0)
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			good := files(t, folder)
			c.spoil(t, path)
			before := files(t, folder)
			_, err := Open(t.Context(), Options{Folder: folder, Demo: c.demo})
			if !errors.Is(err, c.want) {
				t.Fatalf("Open: %v, want %v", err, c.want)
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			after := files(t, folder)
			for name := range before {
				if !bytes.Equal(before[name], after[name]) {
					t.Errorf("%s was changed", name)
				}
			}
			for name := range after {
				if _, ok := before[name]; !ok {
					t.Errorf("%s was made", name)
				}
			}
			if err := errors.Join(os.RemoveAll(path), os.RemoveAll(path+"-wal")); err != nil {
				t.Fatal(err)
			}
			for name, data := range good {
				if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			open(t, folder)
		})
	}
}

// TestOpenCutShort takes the end off a house that is too big to be looked through at each start.
func TestOpenCutShort(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, File)
	s := open(t, folder)
	people(t, s, 30_000, 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() < 1<<20 {
		t.Fatalf("only %d bytes, %v", info.Size(), err)
	}
	if err := os.Truncate(path, info.Size()-4096); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), Options{Folder: folder}); !errors.Is(err, ErrBroken) {
		t.Fatalf("Open: %v, want ErrBroken", err)
	}
}

// files is what a folder holds.
func files(t *testing.T, folder string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		all[d.Name()], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOpenWithoutFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{filepath.Join(t.TempDir(), "none"), file, ""} {
		if _, err := Open(t.Context(), Options{Folder: folder}); !errors.Is(err, ErrFolder) {
			t.Errorf("Open(%q): %v, want ErrFolder", folder, err)
		}
	}
}

func TestOpenTwice(t *testing.T) {
	folder := t.TempDir()
	s := open(t, folder)
	if _, err := Open(t.Context(), Options{Folder: folder}); !errors.Is(err, ErrLocked) {
		t.Fatalf("Open: %v, want ErrLocked", err)
	}
	seat(t, s, 0)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, folder)
}
