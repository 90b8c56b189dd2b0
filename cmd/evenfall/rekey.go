package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// rekeyLine is what may be written after "evenfall rekey".
type rekeyLine struct {
	File string `arg:"" placeholder:"NEWFILE" help:"Where to put the new master key. It must not be there yet."`
}

// do gives a house that is not running a new master key. The new one is on the disk before it
// is needed, and the old one stays: whenever this is interrupted, one of the two files opens
// everything.
func (r rekeyLine) do(ctx context.Context, s settings, stdout io.Writer) (err error) {
	release, err := sqlite.Hold(s.Data)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if _, err := os.Stat(filepath.Join(s.Data, vault.File)); err != nil {
		return fmt.Errorf("there are no keys in the data folder: %w", err)
	}
	if err := exchange(ctx, s, r.File); err != nil {
		return err
	}
	if err := opens(ctx, s.Data, r.File); err != nil {
		return err
	}
	old := s.masterKey()
	fmt.Fprintf(stdout, "every key is under the new master key in %s now; before the next start:\n", r.File)
	if s.MasterKeyFile == "" {
		fmt.Fprintf(stdout, "  set EVENFALL_MASTER_KEY_FILE to it (best outside the data folder), or: mv %s %s\n", r.File, old)
	} else {
		fmt.Fprintf(stdout, "  set EVENFALL_MASTER_KEY_FILE to it\n")
	}
	fmt.Fprintf(stdout, "  make a backup; copies of the keys from before need the old master key, so keep %s for a week, and then destroy it\n", old)
	return nil
}

// exchange makes the new master key and wraps all keys with it.
func exchange(ctx context.Context, s settings, file string) (err error) {
	keys, err := vault.Open(ctx, vault.Options{Folder: s.Data, MasterKeyFile: s.masterKey()})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, keys.Close()) }()
	to, err := vault.MakeMaster(file)
	if err != nil {
		return err
	}
	if err := keys.Rekey(ctx, to); err != nil {
		return fmt.Errorf("%w; keep both %s and %s until evenfall has started with one of them", err, s.masterKey(), file)
	}
	return nil
}

// opens reports whether this master key is the one of the folder.
func opens(ctx context.Context, folder, masterKeyFile string) error {
	keys, err := vault.Open(ctx, vault.Options{Folder: folder, MasterKeyFile: masterKeyFile})
	if err != nil {
		return err
	}
	return keys.Close()
}
