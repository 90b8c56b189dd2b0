package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"evenfall/storage/vault"
)

// checkMaster looks at the file of the master key: whether it is there, closed to others, the
// one of the keys, and not beside them.
func checkMaster(ctx context.Context, s settings) finding {
	file, keys := s.masterKey(), filepath.Join(s.Data, vault.File)
	_, err := os.Stat(keys)
	begun := !errors.Is(err, fs.ErrNotExist)
	master, err := vault.ReadMaster(file)
	switch {
	case errors.Is(err, vault.ErrMasterMissing) && !begun && s.MasterKeyFile == "":
		return well("master key: none yet; it is made at the first start")
	case errors.Is(err, vault.ErrMasterMissing) && !begun:
		return ill("start once without EVENFALL_MASTER_KEY_FILE, and move the master.key that is made to this place", "master key: %s is not there", file)
	case errors.Is(err, vault.ErrMasterMissing):
		return ill("put your copy back, or name its place in EVENFALL_MASTER_KEY_FILE; without it nothing can be read", "master key: %s is not there", file)
	case errors.Is(err, vault.ErrMasterExposed):
		return ill("chmod 600 "+file, "master key: others on this computer can read or change %s", file)
	case errors.Is(err, vault.ErrMasterMalformed):
		return ill("put your copy back", "master key: %s holds something else", file)
	case err != nil:
		return ill("give it to the user that runs evenfall", "master key: %v", err)
	}
	if begun {
		if err := fits(ctx, master, keys); errors.Is(err, vault.ErrMasterWrong) {
			return ill("put the right one back, or name its place in EVENFALL_MASTER_KEY_FILE", "master key: %s does not open %s", file, keys)
		} else if err != nil {
			return ill("look at what is said about the keys", "master key: it cannot be tried: %v", err)
		}
	}
	f := well("master key: %s, closed to others", file)
	if inside(file, s.Data) {
		f.Fix = "it lies beside what it opens: better move it out of the data folder, name its place in EVENFALL_MASTER_KEY_FILE, and keep a copy elsewhere"
	}
	return f
}

// fits fails with vault.ErrMasterWrong when the master key does not open these keys.
func fits(ctx context.Context, master vault.Master, keys string) error {
	db, err := peek(keys, running(filepath.Dir(keys)))
	if err != nil {
		return err
	}
	defer db.Close()
	var check []byte
	if err := db.QueryRowContext(ctx, "SELECT value FROM meta WHERE name = 'check'").Scan(&check); err != nil {
		return err
	}
	return master.Fits(check)
}

// inside reports whether a file lies in a folder or below it, whatever links lead there.
func inside(file, folder string) bool {
	for _, path := range []*string{&file, &folder} {
		abs, err := filepath.Abs(*path)
		if err != nil {
			return false
		}
		if *path, err = filepath.EvalSymlinks(abs); err != nil {
			return false
		}
	}
	rel, err := filepath.Rel(folder, file)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}
