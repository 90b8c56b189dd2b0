package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// small is up to which size a file is checked as a whole at each start: a few milliseconds.
const small = 1 << 19

// settle chooses how this process locks the file. With locks of the open file
// description, where the system has them, a backup program inside the process
// cannot strip ours by closing the file.
func settle() error {
	if _, err := sqlite.OFDLocking(true); err != nil && !errors.Is(err, sqlite.ErrOFDLockingUnavailable) {
		return err
	}
	return nil
}

// build gives a new file its schema and its stamp.
func build(ctx context.Context, path string, demo bool) error {
	return upgrade(ctx, path, fmt.Sprintf("PRAGMA application_id = %d", stamp(demo)))
}

// migrate brings the schema of a file up to this version.
func migrate(ctx context.Context, path string) error {
	err := upgrade(ctx, path, "PRAGMA page_count")
	if err != nil && !errors.Is(err, ErrNewer) && !errors.Is(err, ErrBroken) {
		return explain(path, err)
	}
	return err
}

// upgrade runs first, then every migration the file has not seen.
func upgrade(ctx context.Context, path, first string) (err error) {
	connector, err := sqlite.NewConnector(dsn(path, writing))
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	if err := check(ctx, db, path); err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, first); err != nil {
		return err
	}
	folder, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, folder, goose.WithDisableGlobalRegistry(true), goose.WithSlog(slog.New(slog.DiscardHandler)))
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

// fit refuses a SQLite whose log could lose or spoil commits.
func fit(c *conn) error {
	row, err := c.once(`SELECT sqlite_version()`)
	if err != nil {
		return err
	}
	return sound(text(row[0]))
}

// sound knows the versions: before 3.51.3 a log that was begun anew could spoil the
// file, and 3.52.0 was withdrawn.
func sound(version string) error {
	var a, b, c int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &a, &b, &c); err != nil {
		return fmt.Errorf("SQLite has the version %q", version)
	}
	if n := a*1_000_000 + b*1_000 + c; n < 3_051_003 || n == 3_052_000 {
		return fmt.Errorf("SQLite %s is not safe: 3.51.3 or newer is needed, and not 3.52.0", version)
	}
	return nil
}
