package main

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"evenfall/storage/sqlite"
)

// What is set aside is given back when the disk is full, and at no other time.
func TestBallast(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, ballastFile)
	var log bytes.Buffer
	setAside(folder, slog.New(slog.NewTextHandler(&log, nil)))
	info, err := os.Stat(file)
	if err != nil || info.Size() != ballastSize || log.Len() > 0 {
		t.Fatalf("%+v, %v, and the log says:\n%s", info, err, log.String())
	}
	if occupied(info) < ballastSize {
		t.Errorf("the file takes %s of the disk", size(occupied(info)))
	}

	broken := fmt.Errorf("%w: a bad sector", sqlite.ErrFailed)
	if err := relieve(folder, broken); err != broken {
		t.Errorf("of a broken disk it says: %v", err)
	}
	if err := relieve(folder, nil); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Fatalf("it was given away for nothing: %v", err)
	}
	full := fmt.Errorf("%w: %w", sqlite.ErrFailed, sqlite.ErrFull)
	if err := relieve(folder, full); !errors.Is(err, sqlite.ErrFull) || !strings.Contains(err.Error(), "16.0 MB that were set aside are free now") {
		t.Errorf("of a full disk it says: %v", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it was not given back: %v", err)
	}
	if err := relieve(folder, full); err != full {
		t.Errorf("the second time it says: %v", err)
	}
	if found := checkRoom(folder); len(found) != 1 || !found[0].OK {
		t.Errorf("the doctor says %+v", found)
	}
}
