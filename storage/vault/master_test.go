package vault

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"evenfall/bot"
	"evenfall/storage/internal/dbfile"
)

// TestOpenRefuses spoils a good vault in every way we know and expects the right word
// for it, and files that nobody touched.
func TestOpenRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(t *testing.T, keys, master string)
		want  error
	}{
		"no master":          {func(_ *testing.T, _, master string) { os.Remove(master) }, ErrMasterMissing},
		"only the log":       {func(_ *testing.T, keys, master string) { os.Rename(keys, keys+"-wal"); os.Remove(master) }, ErrMasterMissing},
		"log without keys":   {func(_ *testing.T, keys, _ string) { os.Rename(keys, keys+"-wal") }, dbfile.ErrBroken},
		"others read it":     {func(_ *testing.T, _, master string) { os.Chmod(master, 0o644) }, ErrMasterExposed},
		"the group writes":   {func(_ *testing.T, _, master string) { os.Chmod(master, 0o660) }, ErrMasterExposed},
		"empty":              {func(_ *testing.T, _, master string) { os.Truncate(master, 0) }, ErrMasterMalformed},
		"half":               {func(_ *testing.T, _, master string) { os.Truncate(master, 20) }, ErrMasterMalformed},
		"a text":             {write("my password\n"), ErrMasterMalformed},
		"too long":           {write(strings.Repeat("A", 2000)), ErrMasterMalformed},
		"16 bytes":           {write("AAAAAAAAAAAAAAAAAAAAAA==\n"), ErrMasterMalformed},
		"another key":        {write(strings.Repeat("A", 43) + "=\n"), ErrMasterWrong},
		"a folder":           {func(_ *testing.T, _, master string) { os.Remove(master); os.Mkdir(master, 0o700) }, nil},
		"foreign keys":       {func(_ *testing.T, keys, _ string) { os.WriteFile(keys, make([]byte, 8192), 0o600) }, dbfile.ErrForeign},
		"half the keys":      {func(_ *testing.T, keys, _ string) { os.Truncate(keys, 2*4096) }, dbfile.ErrBroken},
		"the couples' texts": {func(_ *testing.T, keys, _ string) { overwrite(keys, 68, "EvnF") }, dbfile.ErrForeign},
		"a flipped check":    {flipCheck, ErrMasterWrong},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			v := open(t, folder)
			couple(t, v)
			if err := v.Close(); err != nil {
				t.Fatal(err)
			}
			c.spoil(t, filepath.Join(folder, File), filepath.Join(folder, MasterFile))
			before := list(t, folder)
			_, err := Open(t.Context(), Options{Folder: folder})
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Fatalf("Open: %v, want %v", err, c.want)
			}
			if strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("more than a line: %q", err)
			}
			if after := list(t, folder); after != before {
				t.Errorf("the files were\n%s\nand are\n%s", before, after)
			}
		})
	}
}

func write(text string) func(*testing.T, string, string) {
	return func(t *testing.T, _, master string) {
		if err := os.WriteFile(master, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func overwrite(file string, at int64, with string) {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err == nil {
		f.WriteAt([]byte(with), at)
		f.Close()
	}
}

func flipCheck(t *testing.T, keys, _ string) {
	db, err := dbfile.Connect(keys, dbfile.Writing, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec(`UPDATE meta SET value = zeroblob(60) WHERE name = 'check'`); err != nil {
		t.Fatal(err)
	}
}

// list is the names, modes and contents of a folder's files.
func list(t *testing.T, folder string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || path == folder {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		all.WriteString(info.Mode().String() + " " + d.Name() + " ")
		if !d.IsDir() {
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			all.Write(data)
		}
		all.WriteByte('\n')
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// TestMasterFlips turns every bit of the master key's file: no other key opens the vault.
func TestMasterFlips(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	id := couple(t, v)
	sealed := seal(t, v, id, bot.One, mood, "4")
	if err := v.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, MasterFile)
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(good) * 8 {
		bad := bytes.Clone(good)
		bad[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(file, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := Open(t.Context(), Options{Folder: folder})
		if err == nil { // the line's end, read as another kind of space
			opens(t, v, id, mood, sealed, "4")
			v.Close()
			continue
		}
		if !errors.Is(err, ErrMasterMalformed) && !errors.Is(err, ErrMasterWrong) {
			t.Errorf("bit %d: %v", bit, err)
		}
		if strings.Contains(err.Error(), strings.TrimSpace(string(good))[:20]) {
			t.Errorf("the key stands in the error %q", err)
		}
	}
}

// TestMasterElsewhere keeps the master key out of the data folder.
func TestMasterElsewhere(t *testing.T) {
	folder, file := t.TempDir(), filepath.Join(t.TempDir(), "evenfall.key")
	o := Options{Folder: folder, MasterKeyFile: file}
	if _, err := Open(t.Context(), o); !errors.Is(err, ErrMasterMissing) {
		t.Fatalf("Open without a key: %v", err)
	}
	if _, err := MakeMaster(file); err != nil {
		t.Fatal(err)
	}
	if _, err := MakeMaster(file); !errors.Is(err, fs.ErrExist) {
		t.Fatalf("MakeMaster again: %v", err)
	}
	for range 2 {
		v, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if v.Made {
			t.Error("Made")
		}
		couple(t, v)
		v.Close()
	}
	if _, err := os.Stat(filepath.Join(folder, MasterFile)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key was made in the folder: %v", err)
	}
	if _, err := Open(t.Context(), Options{Folder: folder}); !errors.Is(err, ErrMasterMissing) {
		t.Errorf("Open without its key: %v", err)
	}
}

// TestMade says once that there is a new key in the folder.
func TestMade(t *testing.T) {
	folder := t.TempDir()
	for _, want := range []bool{true, false} {
		v := open(t, folder)
		if v.Made != want {
			t.Errorf("Made is %v", v.Made)
		}
		v.Close()
	}
}
