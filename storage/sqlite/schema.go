package sqlite

import (
	"embed"
	"fmt"
	"io/fs"

	"evenfall/storage/internal/dbfile"
	"evenfall/storage/vault"
)

//go:embed migrations/*.sql
var migrations embed.FS

// kind is what the file of a real house or of the demo is. Only migrations want the keys.
func kind(demo bool, keys *vault.Vault) dbfile.Kind {
	schema, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the name above is wrong
	}
	return dbfile.Kind{Stamp: stamp(demo), Other: other, Schema: schema, Steps: append(sealing(keys), numbering(keys))}
}

// other tells a demo from a real house.
func other(stamp uint32) error {
	switch stamp {
	case stampDemo:
		return ErrDemo
	case stampReal:
		return ErrReal
	}
	return ErrForeign
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
