package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/gofrs/flock"

	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// checkFolder looks at the data folder and at who else may look into it.
func checkFolder(folder string) (found []finding) {
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return []finding{checkParent(folder)}
	case err != nil:
		return []finding{ill("see to it that this user can open it, or name another in EVENFALL_DATA", "data folder: it cannot be looked at: %v", err)}
	case !info.IsDir():
		return []finding{ill("name a folder in EVENFALL_DATA", "data folder: %s is not a folder", folder)}
	case info.Mode().Perm()&0o077 != 0:
		found = append(found, ill("chmod 700 "+folder, "data folder: other users of this computer can look into %s", folder))
	}
	if err := writable(folder); err != nil {
		found = append(found, ill("give it to the user that runs evenfall", "data folder: this user cannot write to %s", folder))
	}
	found = append(found, checkModes(folder)...)
	if len(found) == 0 {
		found = append(found, well("data folder: %s, closed to others", folder))
	}
	return found
}

func checkParent(folder string) finding {
	parent := filepath.Dir(filepath.Clean(folder))
	if info, err := os.Stat(parent); err != nil || !info.IsDir() {
		return ill("make it, or name another place in EVENFALL_DATA", "data folder: %s cannot be made, because %s is not there", folder, parent)
	}
	if err := writable(parent); err != nil {
		return ill("make it yourself and give it to the user that runs evenfall", "data folder: %s cannot be made, because this user cannot write to %s", folder, parent)
	}
	return well("data folder: %s is not there yet and is made at the first start", folder)
}

// checkModes looks for files that others can read although the folder is closed: it
// may not stay so.
func checkModes(folder string) (found []finding) {
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil {
		return nil
	}
	for _, file := range files {
		if info, err := os.Stat(file); err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0 {
			found = append(found, ill("chmod 600 "+file, "data folder: others on this computer can read %s", file))
		}
	}
	return found
}

// database is one that the doctor looks at.
type database struct {
	name, file string
	written           // by this version
	couples    string // how to count them
}

// checkData looks at the databases, the couples' with its keys and the demo's.
func checkData(ctx context.Context, folder string) (found []finding) {
	ours, err := fresh(ctx)
	if err != nil {
		return []finding{ill("see to it that the folder for temporary files can be written to", "database: a new one cannot be made: %v", err)}
	}
	sealed := false
	for _, d := range []database{
		{"database", filepath.Join(folder, sqlite.File), ours.real, countCouples},
		{"keys", filepath.Join(folder, vault.File), ours.keys, countRings},
		{"demo", filepath.Join(folder, "demo", sqlite.File), ours.demo, countCouples},
	} {
		if _, err := os.Stat(d.file); errors.Is(err, fs.ErrNotExist) {
			found = append(found, d.absent(sealed))
			continue
		}
		held := running(filepath.Dir(d.file))
		if held {
			found = append(found, well("%s: an evenfall is running on it", d.name))
		}
		f, version := d.check(ctx, held)
		found = append(found, f)
		sealed = d.name == "database" && version >= sqlite.SealedSince
	}
	return found
}

// absent is said of a database that is not there. The couples' texts are of no use without keys.
func (d database) absent(sealed bool) finding {
	if d.name == "keys" && sealed {
		return ill("put it back from a backup; without it nothing can be read", "keys: %s is not there", d.file)
	}
	return well("%s: none yet", d.name)
}

const (
	countCouples = "SELECT count(*) FROM couple"
	countRings   = "SELECT count(DISTINCT couple) FROM ring"
)

// known is what this version of evenfall writes.
type known struct{ real, demo, keys written }

type written struct{ stamp, version int64 }

// fresh makes empty databases aside, to see what this version writes, and that it can.
func fresh(ctx context.Context) (k known, err error) {
	for _, demo := range []bool{false, true} {
		folder, err := os.MkdirTemp("", "evenfall-doctor-*")
		if err != nil {
			return k, err
		}
		defer os.RemoveAll(folder)
		store, err := sqlite.Open(ctx, sqlite.Options{Folder: folder, Demo: demo})
		if err != nil {
			return k, err
		}
		if err := store.Close(); err != nil {
			return k, err
		}
		l, err := look(ctx, filepath.Join(folder, sqlite.File), countCouples, false)
		if err != nil {
			return k, err
		}
		if demo {
			k.demo = l.written
			continue
		}
		k.real = l.written
		if l, err = look(ctx, filepath.Join(folder, vault.File), countRings, false); err != nil {
			return k, err
		}
		k.keys = l.written
	}
	return k, nil
}

// running reports whether somebody holds the folder.
func running(folder string) bool {
	file := filepath.Join(folder, sqlite.Lock)
	if _, err := os.Stat(file); err != nil {
		return false
	}
	lock := flock.New(file)
	free, err := lock.TryRLock()
	if err != nil {
		return false
	}
	if free {
		lock.Unlock()
	}
	return !free
}

func (d database) check(ctx context.Context, held bool) (f finding, version int64) {
	name, file := d.name, d.file
	l, err := look(ctx, file, d.couples, held)
	const fix = "stop evenfall, keep a copy of the data folder, and restore a backup"
	version = l.version
	switch {
	case err != nil && (l.verdict == "" || l.stamp == d.stamp):
		return ill(fix, "%s: %s cannot be read: %v", name, file, err), version
	case l.stamp != d.stamp:
		return ill("look what it is and where it belongs; evenfall leaves it as it is", "%s: %s is not a database of this kind", name, file), version
	case l.version > d.version:
		return ill("install the newer evenfall again", "%s: %s was written by a newer evenfall (schema %d, this one knows up to %d)", name, file, l.version, d.version), version
	case l.verdict != "ok":
		return ill(fix, "%s: %s is damaged: %s", name, file, l.verdict), version
	}
	log := ""
	if info, err := os.Stat(file + "-wal"); err == nil && info.Size() > 0 {
		log = fmt.Sprintf(", and %s of log", size(info.Size()))
	}
	return well("%s: whole; schema %d, %s%s, %d couples", name, l.version, size(l.size), log, l.couples), version
}

// looked is what a database tells about itself.
type looked struct {
	written
	size, couples int64
	verdict       string
}

// look reads a database without leaving a trace.
func look(ctx context.Context, file, couples string, held bool) (l looked, err error) {
	db, err := peek(file, held)
	if err != nil {
		return l, err
	}
	defer db.Close()
	info, err := os.Stat(file)
	if err != nil {
		return l, err
	}
	l.size = info.Size()
	for _, ask := range []struct {
		into  any
		query string
	}{
		{&l.stamp, "PRAGMA application_id"},
		{&l.verdict, "PRAGMA integrity_check(1)"},
		{&l.version, "SELECT max(version_id) FROM goose_db_version"},
		{&l.couples, couples},
	} {
		if err := db.QueryRowContext(ctx, ask.query).Scan(ask.into); err != nil {
			return l, err
		}
	}
	l.verdict = strings.ReplaceAll(l.verdict, "\n", " ")
	return l, nil
}

// peek opens a database that is not to be changed.
func peek(file string, held bool) (*sql.DB, error) {
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, err
	}
	query := "?mode=ro&_busy_timeout=5000"
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) && !held {
		query += "&immutable=1" // nobody writes, and there is no log: no need to make one
	}
	db, err := sql.Open("sqlite", "file://"+(&url.URL{Path: path}).EscapedPath()+query)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

func size(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d kB", (bytes+1023)>>10)
	}
	return fmt.Sprintf("%.1f MB", float64(bytes)/(1<<20))
}
