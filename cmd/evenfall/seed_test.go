package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"evenfall/bot"
	"evenfall/bot/bottest"
	"evenfall/storage/sqlite"
	"evenfall/storage/vault"
)

// full is the open store of n couples. A thousand evenings are due at eight, those of every
// so-manieth couple from the first on; the others at nine. Those of the thousand are real; of
// the others there is noise of the same size, in the texts as in the keys, and nobody looks.
func full(b *testing.B, n, every int) *sqlite.Store {
	b.Helper()
	folder := b.TempDir()
	var due []bot.CoupleID
	for i := range min(1000, n/every) {
		due = append(due, bot.CoupleID((i+1)*every))
	}
	fill := func(name string, queries ...string) {
		b.Helper()
		replace := strings.NewReplacer("COUPLES", strconv.Itoa(n), "DUE", fmt.Sprintf("(id %% %d = 0 AND id <= %d)", every, every*1000))
		db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: filepath.Join(folder, name)}).EscapedPath()+"?_pragma=synchronous(OFF)")
		if err != nil {
			b.Fatal(err)
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		for _, query := range append(queries, `PRAGMA wal_checkpoint(TRUNCATE)`) {
			if _, err := db.Exec(replace.Replace(query)); err != nil {
				b.Fatal(err)
			}
		}
	}
	keys, err := vault.Open(b.Context(), vault.Options{Folder: folder})
	if err != nil {
		b.Fatal(err)
	}
	if err := keys.Adopt(b.Context(), due); err != nil {
		b.Fatal(err)
	}
	if err := keys.Close(); err != nil {
		b.Fatal(err)
	}
	fill(vault.File,
		`WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id+1 FROM n WHERE id < COUPLES)
		 INSERT INTO ring (couple, id, owner) SELECT n.id, 3000 + 3 * n.id + column1, column1 FROM n, (VALUES (1), (2), (3)) WHERE NOT DUE`,
		`INSERT INTO key (id, wrapped) SELECT id, randomblob(60) FROM ring WHERE id > 3000 ORDER BY id`,
		`UPDATE meta SET value = (SELECT max(id) FROM key) WHERE name = 'key'`)
	store, err := sqlite.Open(b.Context(), sqlite.Options{Folder: folder})
	if err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	fill(sqlite.File,
		`WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id+1 FROM n WHERE id < COUPLES)
		 INSERT INTO couple (id, body) SELECT id, randomblob(293) FROM n`,
		`INSERT INTO member SELECT 'left', 'a'||id, id FROM couple UNION ALL SELECT 'left', 'b'||id, id FROM couple`,
		`INSERT INTO room SELECT 'left', 'r'||id, id FROM couple`,
		`INSERT INTO state (couple, flow, wake, body) SELECT id, 'checkin', 1772485200, randomblob(101) FROM couple WHERE NOT DUE`)
	if store, err = sqlite.Open(b.Context(), sqlite.Options{Folder: folder}); err != nil {
		b.Fatal(err)
	}
	settle := make(chan struct{}, 64)
	var all sync.WaitGroup
	for _, id := range due {
		settle <- struct{}{}
		all.Go(func() {
			defer func() { <-settle }()
			if _, err := store.Commit(b.Context(), expecting(id)); err != nil {
				b.Error(err)
			}
		})
	}
	all.Wait()
	return store
}

// expecting is a couple whose evening is due at eight.
func expecting(id bot.CoupleID) bot.Change {
	c := bottest.Couple("left")
	c.Room.ID = fmt.Sprint("r", id)
	c.Partners[0].User.ID, c.Partners[1].User.ID = fmt.Sprint("a", id), fmt.Sprint("b", id)
	return bot.Change{ID: id, Couple: &c, States: []bot.State{{Flow: "checkin", Wake: time.Unix(1772481600, 0),
		JSON: []byte(`{"wake":"2026-03-02T20:00:00Z","next":20514}`)}}}
}
