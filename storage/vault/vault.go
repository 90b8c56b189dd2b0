package vault

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/pressly/goose/v3"

	"evenfall/bot"
	"evenfall/storage/internal/dbfile"
)

// File is the name of the database in the data folder.
const File = "keys.db"

// stamp is the database's application_id: "EvnK".
const stamp = 0x45766e4b

//go:embed migrations/*.sql
var migrations embed.FS

// Options says where the keys are.
type Options struct {
	Folder        string // must be there, and held by this process
	MasterKeyFile string // "" = MasterFile in the folder, made when there are no keys yet
}

// Vault is an open keys.db.
type Vault struct {
	Made bool // Open has just made a master key in the data folder, where it should not stay

	path     string
	changing sync.RWMutex // whoever takes keys away or wraps them anew has it alone
	cache    cache
	master   Master
	reader   *sql.DB
	find     *sql.Stmt

	mu     sync.Mutex // one writer; guards the rest
	writer *sql.DB
	done   []bot.CoupleID // their marks go with the next write
	erased bool           // a key was dropped, perhaps by the last process, and may still stand in the log
	failed error
}

// Open opens the keys of the folder, or makes the database when there is none.
// Errors: those of ReadMaster, ErrMasterWrong, and dbfile's ErrFolder, ErrBroken, ErrForeign
// and ErrNewer; each is one clear line, and none changes a file.
func Open(ctx context.Context, o Options) (_ *Vault, err error) {
	if err := dbfile.Settle(); err != nil {
		return nil, err
	}
	path, err := filepath.Abs(filepath.Join(o.Folder, File))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", dbfile.ErrFolder, err)
	}
	v := &Vault{path: path, erased: true, cache: cache{rings: map[bot.CoupleID]*ring{}}}
	if err := v.unlock(path, o); err != nil {
		return nil, err
	}
	if err := dbfile.Ready(ctx, path, v.kind()); err != nil {
		return nil, err
	}
	if err := v.connect(ctx, path); err != nil {
		return nil, errors.Join(err, v.close())
	}
	return v, nil
}

// unlock finds the master key. A new one is made only where there is nothing it
// could fail to open.
func (v *Vault) unlock(path string, o Options) (err error) {
	file := o.MasterKeyFile
	if file == "" {
		file = filepath.Join(filepath.Dir(path), MasterFile)
	}
	v.master, err = ReadMaster(file)
	if !errors.Is(err, ErrMasterMissing) || o.MasterKeyFile != "" {
		return err
	}
	for _, end := range []string{"", "-wal"} {
		if _, e := os.Lstat(path + end); !errors.Is(e, fs.ErrNotExist) {
			return err
		}
	}
	if v.master, err = MakeMaster(file); err != nil {
		return fmt.Errorf("%w: %w", dbfile.ErrFolder, err)
	}
	v.Made = true
	return nil
}

// kind makes the check value in a migration of its own: a database that has none is
// never met under its name.
func (v *Vault) kind() dbfile.Kind {
	schema, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the name above is wrong
	}
	check := goose.NewGoMigration(2, &goose.GoFunc{RunTx: func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES ('check', ?)`, v.master.check())
		return err
	}}, nil)
	return dbfile.Kind{Stamp: stamp, Schema: schema, Steps: []*goose.Migration{check}}
}

// check is a value that tells this master key from another one: a key that is none.
func (m Master) check() []byte {
	raw := make([]byte, keySize)
	rand.Read(raw)
	return m.wrap(raw, 0, 0, bot.Nobody)
}

// Fits says whether this is the master key of the keys whose meta.check this is.
// Errors: ErrMasterWrong.
func (m Master) Fits(check []byte) error {
	if _, err := m.unwrap(check, 0, 0, bot.Nobody); err != nil {
		return ErrMasterWrong
	}
	return nil
}

func (v *Vault) connect(ctx context.Context, path string) (err error) {
	const pages = "&_pragma=cache_size(-2000)"
	if v.writer, err = dbfile.Connect(path, dbfile.Writing+pages, 1); err != nil {
		return dbfile.Explain(path, err)
	}
	if v.reader, err = dbfile.Connect(path, dbfile.Reading+pages, 2); err != nil {
		return dbfile.Explain(path, err)
	}
	var check []byte
	if err = v.writer.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'check'`).Scan(&check); err != nil {
		return dbfile.Explain(path, err)
	}
	if err := v.master.Fits(check); err != nil {
		return fmt.Errorf("%w: %s", err, path)
	}
	if v.find, err = v.reader.PrepareContext(ctx, `SELECT id, owner, wrapped FROM ring JOIN key USING (id) WHERE couple = ? ORDER BY id`); err != nil {
		return dbfile.Explain(path, err)
	}
	return nil
}

// read reads and unwraps a couple's keys; it has none when they were shredded. One that
// is damaged opens nothing, and leaves the others alone.
func (v *Vault) read(ctx context.Context, couple bot.CoupleID) (*ring, error) {
	rows, err := v.find.QueryContext(ctx, int64(couple))
	if err != nil {
		return nil, v.unread(err)
	}
	defer rows.Close()
	r := &ring{}
	for rows.Next() {
		var wrapped sql.RawBytes
		k := &key{}
		if err := rows.Scan(&k.id, &k.owner, &wrapped); err != nil {
			return nil, v.unread(err)
		}
		k.raw, _ = v.master.unwrap(wrapped, k.id, couple, k.owner)
		r.keys = append(r.keys, k)
	}
	if err := rows.Err(); err != nil {
		return nil, v.unread(err)
	}
	return r, nil
}

// Close writes what is left to write and lets the files go. Closing again does nothing.
func (v *Vault) Close() error {
	v.mu.Lock()
	left := len(v.done) > 0 && v.failed == nil
	v.mu.Unlock()
	var err error
	if left {
		err = v.write(context.Background(), func(*sql.Tx) error { return nil })
	}
	return errors.Join(err, v.close())
}

func (v *Vault) close() (err error) {
	for _, db := range []*sql.DB{v.reader, v.writer} { // the writer last: it is the one that tidies up
		if db != nil {
			err = errors.Join(err, db.Close())
		}
	}
	return err
}

// unread is what the database says when it cannot be read.
func (v *Vault) unread(err error) error {
	return fmt.Errorf("vault: the keys cannot be read: %w", dbfile.Explain(v.path, err))
}
