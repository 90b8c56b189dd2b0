package backup

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"filippo.io/age"

	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// TestRefused is about whose copies are not restored, and where none are.
func TestRefused(t *testing.T) {
	h, stranger := newHouse(t), newHouse(t)
	h.seat(t, 0)
	stranger.seat(t, 0)
	file, _ := h.copy(t, Order{})
	theirs, _ := stranger.copy(t, Order{})
	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	sealed, _ := h.copy(t, Order{Recipients: []age.Recipient{key.Recipient()}})
	for _, c := range []struct {
		r    Return
		want error
	}{
		{Return{File: file + Ending, Keys: file + Ending}, ErrForeign},
		{Return{File: file, Keys: file}, ErrForeign},
		{Return{File: filepath.Join(h.folder, sqlite.File), Keys: file + Ending}, ErrForeign},
		{Return{File: file, Keys: filepath.Join(h.folder, sqlite.File)}, nil},
		{Return{File: theirs, Keys: theirs + Ending}, vault.ErrMasterWrong},
		{Return{File: theirs, Keys: file + Ending}, sqlite.ErrMixed},
		{Return{File: sealed}, ErrEncrypted},
		{Return{File: sealed, Identities: []age.Identity{other}}, ErrIdentity},
		{Return{File: file + "x"}, os.ErrNotExist},
	} {
		if err := h.refused(t, c.r); c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
	folder := t.TempDir()
	r := Return{Folder: folder, MasterKeyFile: h.master(), File: file, Now: noon}
	if _, err := Restore(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	before := bytesOf(t, filepath.Join(folder, sqlite.File))
	if _, err := Restore(t.Context(), r); !errors.Is(err, ErrOccupied) || !bytes.Equal(before, bytesOf(t, filepath.Join(folder, sqlite.File))) {
		t.Errorf("a house was overwritten: %v", err)
	}
	for _, o := range []Order{{File: file}, {File: filepath.Join(t.TempDir(), "none", "copy")}} {
		o.Folder, o.MasterKeyFile, o.Now = h.folder, h.master(), noon
		if _, err := Make(t.Context(), o); err == nil {
			t.Errorf("a copy was made: %s", o.File)
		}
	}
	if err := os.Remove(file); err != nil { // of its keys there is still a copy
		t.Fatal(err)
	}
	if _, err := Make(t.Context(), Order{Folder: h.folder, MasterKeyFile: h.master(), Now: noon, File: file}); !errors.Is(err, ErrExists) {
		t.Errorf("%v, want ErrExists", err)
	}
	if slices.Contains(list(t, h.folder), workshop) {
		t.Error("what was begun stays behind")
	}
}

// TestCutShort begins with what a crash of the same command left behind.
func TestCutShort(t *testing.T) {
	h := newHouse(t)
	id := h.seat(t, 0)
	if err := os.MkdirAll(filepath.Join(h.folder, workshop, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	file, _ := h.copy(t, Order{})
	if slices.Contains(list(t, h.folder), workshop) {
		t.Error("what a crash left stays behind")
	}
	for name, left := range map[string][]string{
		"unpacking": {shell + "/" + sqlite.File},
		"opening":   {shell + "/" + sqlite.File, shell + "/" + vault.File},
		"moving":    {shell + "/" + vault.File, sqlite.File},
	} {
		folder := t.TempDir()
		if err := os.Mkdir(filepath.Join(folder, shell), 0o700); err != nil {
			t.Fatal(err)
		}
		for _, f := range left {
			if err := os.WriteFile(filepath.Join(folder, f), []byte("half a house"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := Restore(t.Context(), Return{Folder: folder, MasterKeyFile: h.master(), File: file, Now: noon}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		(&house{Store: open(t, folder, h.master())}).same(t, id)
	}
}
