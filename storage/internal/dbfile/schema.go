package dbfile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

// small is up to which size a file is checked as a whole at each start: a few milliseconds.
const small = 1 << 19

// Settle chooses how this process locks its files. With locks of the open file
// description, where the system has them, a backup program inside the process
// cannot strip ours by closing the file.
func Settle() error {
	if _, err := sqlite.OFDLocking(true); err != nil && !errors.Is(err, sqlite.ErrOFDLockingUnavailable) {
		return err
	}
	return nil
}

// build gives a new file its schema and its stamp.
func build(ctx context.Context, path string, k Kind) error {
	return upgrade(ctx, path, k, fmt.Sprintf("PRAGMA application_id = %d", k.Stamp))
}

// migrate brings the schema of a file up to this version.
func migrate(ctx context.Context, path string, k Kind) error {
	err := upgrade(ctx, path, k, "PRAGMA page_count")
	if err != nil && !errors.Is(err, ErrNewer) && !errors.Is(err, ErrBroken) {
		return Explain(path, err)
	}
	return err
}

// upgrade runs first, then every migration the file has not seen.
func upgrade(ctx context.Context, path string, k Kind, first string) (err error) {
	db, err := Connect(path, Writing, 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := check(ctx, db, path); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, first); err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, k.Schema, goose.WithGoMigrations(k.Steps...),
		goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
	if err != nil {
		return err
	}
	have, known, err := p.GetVersions(ctx)
	if err != nil {
		return err
	}
	if have > known {
		return fmt.Errorf("%w: %s has schema %d, this one knows up to %d", ErrNewer, path, have, known)
	}
	if have < known {
		_, err = p.Up(ctx)
	}
	return err
}

// Version is the schema that the file has, 0 where there is no file. Errors: as Ready.
func Version(ctx context.Context, path string, k Kind) (version int64, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err := inspect(path, k); err != nil {
		return 0, err
	}
	db, err := Connect(path, Reading, 1)
	if err != nil {
		return 0, Explain(path, err)
	}
	defer db.Close()
	if err := db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil {
		return 0, Explain(path, err)
	}
	return version, nil
}

// Connect opens a pool of so many connections through database/sql.
func Connect(path, how string, most int) (*sql.DB, error) {
	connector, err := sqlite.NewConnector(DSN(path, how))
	if err != nil {
		return nil, err
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// check looks through a small file as a whole, and of a big one at what every start
// reads anyway. The full check is the doctor's.
func check(ctx context.Context, db *sql.DB, path string) error {
	var pages, size int64
	if err := db.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		return err
	}
	if err := db.QueryRowContext(ctx, "PRAGMA page_size").Scan(&size); err != nil {
		return err
	}
	if pages*size > small {
		return nil
	}
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s: %s", ErrBroken, path, strings.ReplaceAll(verdict, "\n", " "))
	}
	return nil
}

// Whole looks through a file as a whole, whatever its size. Errors: ErrBroken, ErrFolder.
func Whole(ctx context.Context, path string) error {
	db, err := Connect(path, Reading, 1)
	if err != nil {
		return Explain(path, err)
	}
	defer db.Close()
	var verdict string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check(1)").Scan(&verdict); err != nil {
		return Explain(path, err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s: %s", ErrBroken, path, strings.ReplaceAll(verdict, "\n", " "))
	}
	return nil
}
