package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"filippo.io/age"

	"evenfall/storage/backup"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// backupLine is what may be written after "evenfall backup".
type backupLine struct {
	File      string   `arg:"" placeholder:"FILE" help:"Where to put the copy. It must not be there yet; the keys go to FILE.keys."`
	Recipient []string `name:"recipient" placeholder:"age1…" help:"Encrypt to this recipient of age. Can be repeated."`
}

// do copies the house, which may be running.
func (b backupLine) do(ctx context.Context, s settings, stdout io.Writer) error {
	var to []age.Recipient
	for _, text := range b.Recipient {
		r, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return &settingError{errors.New("--recipient: it is not one of age; it must look like age1…")} // what it is may be secret
		}
		to = append(to, r...)
	}
	if err := roomFor(s.Data); err != nil {
		return err
	}
	m, err := backup.Make(ctx, backup.Order{Folder: s.Data, MasterKeyFile: s.masterKey(), File: b.File, Recipients: to, Now: time.Now()})
	for _, file := range m.Old {
		fmt.Fprintf(stdout, "taken away, for it was older than a week: %s\n", file)
	}
	if err != nil {
		return err
	}
	proof := fmt.Sprintf("whole, and the master key opens them: %d couples", m.Couples)
	if !m.Proven {
		proof = "whole; the master key is not here, so whether it opens them was not tried"
	}
	if m.Gone+m.Foreign > 0 {
		proof += fmt.Sprintf(", and %d that cannot be opened", m.Gone+m.Foreign)
	}
	fmt.Fprintf(stdout, "%s and %s are %s\n", b.File, b.File+backup.Ending, proof)
	fmt.Fprintf(stdout, "%s can be used for a week; the master key is in neither\n", b.File+backup.Ending)
	return nil
}

// roomFor refuses where copying could fill the disk under a running house.
func roomFor(folder string) error {
	need := int64(2 * ballastSize)
	for _, name := range []string{sqlite.File, sqlite.File + "-wal", vault.File} {
		if info, err := os.Stat(filepath.Join(folder, name)); err == nil {
			need += info.Size()
		}
	}
	if room, err := free(folder); err == nil && room < need {
		return fmt.Errorf("the disk of %s is too full: a backup needs %s for a moment, and %s are free", folder, size(need), size(room))
	}
	return nil
}

// restoreLine is what may be written after "evenfall restore".
type restoreLine struct {
	File     string   `arg:"" placeholder:"FILE" help:"The copy to restore, into a data folder that has no house."`
	Keys     string   `name:"keys" placeholder:"FILE" help:"The copy of the keys, not older than a week, or a keys.db. Default: FILE.keys."`
	Identity []string `name:"identity" placeholder:"FILE" help:"File with the identity of age that opens them. Can be repeated."`
}

// do makes a house of copies.
func (r restoreLine) do(ctx context.Context, s settings, stdout io.Writer) error {
	var with []age.Identity
	for _, name := range r.Identity {
		ids, err := identities(name)
		if err != nil {
			return &settingError{fmt.Errorf("--identity: %w", err)}
		}
		with = append(with, ids...)
	}
	if _, err := vault.ReadMaster(s.masterKey()); errors.Is(err, vault.ErrMasterMissing) {
		return &settingError{err}
	}
	if err := settle(s.Data, newLog(stdout, stdout, s.Log)); err != nil {
		return err
	}
	t, err := backup.Restore(ctx, backup.Return{Folder: s.Data, MasterKeyFile: s.masterKey(), File: r.File, Keys: r.Keys, Identities: with, Now: time.Now()})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "restored into %s: %d couples; of %d the keys are gone, they have left; %d letters that waited are not sent any more\n",
		s.Data, t.Couples, t.Gone, t.Letters)
	return nil
}

// identities reads a file as age-keygen writes it. Errors do not quote what stands there.
func identities(name string) ([]age.Identity, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	ids, err := age.ParseIdentities(f)
	if err != nil {
		return nil, fmt.Errorf("%s holds no identity of age; it must hold a line AGE-SECRET-KEY-1…", name)
	}
	return ids, nil
}
