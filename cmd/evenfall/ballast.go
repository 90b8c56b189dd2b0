package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"evenfall/storage/sqlite"
)

// The ballast is room on the disk that is set aside in good times. On a full disk not even
// deleting works: a database writes in order to forget. So the house gives the ballast back
// when it stops because the disk is full, and there is room to start again, to leave, to
// make more. It is set aside anew only when that leaves as much again.
const (
	ballastFile = "ballast"
	ballastSize = 16 << 20 // bytes
)

// setAside makes the ballast in the data folder if it is not there.
func setAside(folder string, log *slog.Logger) {
	file := filepath.Join(folder, ballastFile)
	if info, err := os.Lstat(file); err == nil && info.Size() == ballastSize {
		return
	}
	if room, err := free(folder); err == nil && room < 2*ballastSize {
		log.Warn("the disk is nearly full", "free", size(room))
		return
	}
	if err := fillBallast(file); err != nil {
		log.Warn("no room could be set aside for a full disk", "error", errors.Join(err, drop(file)))
	}
}

func fillBallast(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	err = reserve(f, ballastSize)
	if errors.Is(err, errors.ErrUnsupported) {
		_, err = io.CopyN(f, rand.Reader, ballastSize) // zeros take no room where the file system compresses
	}
	return errors.Join(err, f.Close())
}

// relieve gives the ballast back if an error came of a full disk, and says so.
func relieve(folder string, err error) error {
	file := filepath.Join(folder, ballastFile)
	if err == nil || !crammed(folder, err) {
		return err
	}
	if _, e := os.Lstat(file); e != nil {
		return err
	}
	if e := drop(file); e != nil {
		return errors.Join(err, e)
	}
	return fmt.Errorf("%w; the disk is full, and %s that were set aside are free now: it can be started again, but make room soon", err, size(ballastSize))
}

// crammed reports whether there is no room. Not every error of it says so: where SQLite cannot
// enlarge the index of its log, that is an I/O error to it.
func crammed(folder string, err error) bool {
	if errors.Is(err, sqlite.ErrFull) || errors.Is(err, syscall.ENOSPC) {
		return true
	}
	room, e := free(folder)
	return e == nil && room < 64<<10
}

func drop(file string) error {
	if err := os.Remove(file); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// checkRoom looks whether the disk of the data folder has room.
func checkRoom(folder string) []finding {
	room, err := free(folder)
	switch {
	case err != nil:
		return nil // the folder is not there yet, or this system does not tell
	case room < 2*ballastSize:
		return []finding{ill("make room on the disk of "+folder, "disk: nearly full, %s are free", size(room))}
	}
	return []finding{well("disk: %s are free", size(room))}
}
