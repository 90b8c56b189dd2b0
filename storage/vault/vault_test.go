package vault

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"evenfall/bot"
)

func open(t testing.TB, folder string) *Vault {
	t.Helper()
	v, err := Open(t.Context(), Options{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

func couple(t testing.TB, v *Vault) bot.CoupleID {
	t.Helper()
	id, err := v.NewCouples(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	v.Done(id)
	return id
}

var mood = Place{Table: "entry", Column: "value", Row: "mood", Number: 20514}

func seal(t testing.TB, v *Vault, id bot.CoupleID, owner bot.Who, at Place, text string) []byte {
	t.Helper()
	sealed, err := v.Seal(id, owner, at, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// opens fails unless the sealed text opens to this one.
func opens(t *testing.T, v *Vault, id bot.CoupleID, at Place, sealed []byte, text string) {
	t.Helper()
	if got, err := v.Open(id, at, sealed); err != nil || string(got) != text {
		t.Errorf("Open: %q %v, want %q", got, err, text)
	}
}

func refuses(t *testing.T, v *Vault, id bot.CoupleID, at Place, sealed []byte, want error) {
	t.Helper()
	if got, err := v.Open(id, at, sealed); !errors.Is(err, want) {
		t.Errorf("Open: %q %v, want %v", got, err, want)
	}
}

func TestRoundTrip(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	one, two := couple(t, v), couple(t, v)
	texts := []string{"", "4", "a mood", strings.Repeat("x", 63), strings.Repeat("x", 64), strings.Repeat("x\x00\x80", 5000), "\x80", "\x00"}
	sealed := map[string][]byte{}
	for _, id := range []bot.CoupleID{one, two} {
		for _, owner := range owners {
			for _, text := range texts {
				sealed[fmt.Sprint(id, owner, text)] = seal(t, v, id, owner, mood, text)
			}
		}
	}
	for range 2 {
		for _, id := range []bot.CoupleID{one, two} {
			for _, owner := range owners {
				for _, text := range texts {
					opens(t, v, id, mood, sealed[fmt.Sprint(id, owner, text)], text)
				}
			}
		}
		if err := v.Close(); err != nil {
			t.Fatal(err)
		}
		v = open(t, folder)
	}
}

// TestLengths compares what a short and a long answer look like from outside.
func TestLengths(t *testing.T) {
	v := open(t, t.TempDir())
	id := couple(t, v)
	short := seal(t, v, id, bot.One, mood, "")
	for _, n := range []int{0, 64, 640} {
		first, last := seal(t, v, id, bot.One, mood, strings.Repeat("y", n)), seal(t, v, id, bot.One, mood, strings.Repeat("y", n+63))
		if len(first) != len(last) || len(first) != len(short)+n {
			t.Errorf("from %d on: %d and %d bytes", n, len(first), len(last))
		}
	}
	if again := seal(t, v, id, bot.One, mood, ""); bytes.Equal(short, again) {
		t.Error("the same text is sealed to the same bytes")
	}
}

// TestSwaps takes a sealed text to every other place.
func TestSwaps(t *testing.T) {
	v := open(t, t.TempDir())
	one, two := couple(t, v), couple(t, v)
	sealed := seal(t, v, one, bot.One, mood, "4")
	for _, at := range []Place{
		{"letter", "value", "mood", 20514}, {"entry", "body", "mood", 20514}, {"entry", "value", "note", 20514}, {"entry", "value", "mood", 20515},
		{"entryv", "alue", "mood", 20514}, {"entry", "valuem", "ood", 20514}, {},
	} {
		refuses(t, v, one, at, sealed, ErrTampered)
	}
	refuses(t, v, two, mood, sealed, ErrShredded) // it has no key of that number
	for _, owner := range []bot.Who{bot.Two, bot.Both} {
		other := seal(t, v, one, owner, mood, "5")
		mixed := append(bytes.Clone(other[:head]), sealed[head:]...)
		refuses(t, v, one, mood, mixed, ErrTampered)
	}
	foreign := seal(t, v, two, bot.One, mood, "5")
	refuses(t, v, two, mood, append(bytes.Clone(foreign[:head]), sealed[head:]...), ErrTampered)
	opens(t, v, one, mood, sealed, "4")
}

// TestSameKey sees to it that couple and owner are bound by more than the key they have.
func TestSameKey(t *testing.T) {
	v := open(t, t.TempDir())
	one, two := couple(t, v), couple(t, v)
	sealed := seal(t, v, one, bot.One, mood, "4")
	r, err := v.ring(one)
	if err != nil {
		t.Fatal(err)
	}
	k := r.newest(bot.One)
	v.cache.keep(two, &ring{keys: []*key{{id: k.id, owner: bot.One, raw: k.raw}}})
	refuses(t, v, two, mood, sealed, ErrTampered)
	v.cache.keep(one, &ring{keys: []*key{{id: k.id, owner: bot.Two, raw: k.raw}}})
	refuses(t, v, one, mood, sealed, ErrTampered)
	v.cache.keep(one, r)
	opens(t, v, one, mood, sealed, "4")
}

// TestConcurrency seals, opens, shreds and makes couples all at once.
func TestConcurrency(t *testing.T) {
	v := open(t, t.TempDir())
	var all sync.WaitGroup
	for n := range 8 {
		all.Go(func() {
			for i := range 20 {
				id, err := v.NewCouples(t.Context(), 1)
				if err != nil {
					t.Error(err)
					return
				}
				text := fmt.Sprint(n, " ", i)
				private, shared := seal(t, v, id, bot.One, mood, text), seal(t, v, id, bot.Both, mood, text)
				v.cache.drop(id)
				opens(t, v, id, mood, private, text)
				if err := v.Rotate(t.Context(), id, bot.One); err != nil {
					t.Error(err)
				}
				refuses(t, v, id, mood, private, ErrShredded)
				opens(t, v, id, mood, shared, text)
				if err := v.Retire(t.Context(), id); err != nil {
					t.Error(err)
				}
				refuses(t, v, id, mood, shared, ErrShredded)
			}
		})
	}
	all.Wait()
}

// TestShredMeetsReaders: while keys are taken away nobody fetches them from the file,
// lest a shredded one come back into the cache.
func TestShredMeetsReaders(t *testing.T) {
	v := open(t, t.TempDir())
	id := couple(t, v)
	sealed := seal(t, v, id, bot.One, mood, "4")
	v.cache.drop(id)
	v.changing.Lock()
	read := make(chan struct{})
	go func() {
		v.Open(id, mood, sealed)
		close(read)
	}()
	select {
	case <-read:
		t.Error("a reader did not wait")
	case <-time.After(100 * time.Millisecond):
	}
	v.changing.Unlock()
	<-read
}

// TestCacheIsBounded gives the cache more couples than it has room for.
func TestCacheIsBounded(t *testing.T) {
	c := cache{rings: map[bot.CoupleID]*ring{}}
	for i := range bot.CoupleID(room + 100) {
		c.keep(i, &ring{})
	}
	if len(c.rings) != room || c.find(room+99) == nil {
		t.Errorf("%d rings", len(c.rings))
	}
}

func TestFilesArePrivate(t *testing.T) {
	folder := t.TempDir()
	v := open(t, folder)
	couple(t, v)
	for _, name := range []string{File, File + "-wal", File + "-shm", MasterFile} {
		info, err := os.Stat(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has the mode %v", name, info.Mode())
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 4 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}
}
