//go:build crash

package crashtest

import (
	"hash/fnv"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// disk is the data folder as the recorded calls left it: for every file what is surely on
// the disk, and what was written since and may be lost. Names are kept the same way: they are
// sure once the folder was synced.
type disk struct {
	names  map[string]*file
	sure   map[string]*file
	naming []naming // since the folder was synced
}

type file struct {
	sure  []byte
	since []call // writes and truncations since the file was synced
}

// naming is a change of one name; with no file it is taken away.
type naming struct {
	name string
	file *file
}

// cut is what a crash does to what is not sure.
type cut int

const (
	kill cut = iota // the process dies, the system lives: nothing is lost
	lost            // the power goes: all of it is lost
	torn            // the power goes: any half of it is lost
)

func newDisk() *disk { return &disk{names: map[string]*file{}, sure: map[string]*file{}} }

// do plays a call.
func (d *disk) do(c call) {
	switch f := d.names[c.file]; c.name {
	case "create":
		if f == nil {
			d.name(c.file, &file{})
		}
	case "write", "truncate":
		f.since = append(f.since, c)
	case "rename":
		d.name(c.to, f)
		d.name(c.file, nil)
	case "unlink":
		d.name(c.file, nil)
	case "sync":
		if c.file == "." {
			d.sure, d.naming = maps.Clone(d.names), nil
			return
		}
		f.sure, f.since = f.after(f.since), nil
	}
}

func (d *disk) name(name string, f *file) {
	rename(d.names, naming{name, f})
	d.naming = append(d.naming, naming{name, f})
}

func rename(names map[string]*file, n naming) {
	if n.file == nil {
		delete(names, n.name)
	} else {
		names[n.name] = n.file
	}
}

// after is the file's content with these changes. A hole reads as zeros.
func (f *file) after(changes []call) []byte {
	b := slices.Clone(f.sure)
	for _, c := range changes {
		end := c.offset + int64(len(c.data))
		if c.name == "truncate" && int64(len(b)) > end {
			b = b[:end]
		}
		if n := end - int64(len(b)); n > 0 {
			b = append(b, make([]byte, n)...)
		}
		copy(b[c.offset:], c.data)
	}
	return b
}

// image is the folder's files after a crash. File systems keep changes of names in
// their order, so of those a torn image has the first few.
func (d *disk) image(how cut, rng *rand.Rand) map[string][]byte {
	names := d.names
	if how != kill {
		names = maps.Clone(d.sure)
		if how == torn {
			for _, n := range d.naming[:rng.IntN(len(d.naming)+1)] {
				rename(names, n)
			}
		}
	}
	all := map[string][]byte{}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		f := names[name]
		changes := f.since
		switch how {
		case lost:
			changes = nil
		case torn:
			changes = slices.DeleteFunc(slices.Clone(changes), func(call) bool { return rng.IntN(2) == 0 })
		}
		all[name] = f.after(changes)
	}
	return all
}

// sum tells images apart.
func sum(image map[string][]byte) uint64 {
	h := fnv.New64a()
	for _, name := range slices.Sorted(maps.Keys(image)) {
		h.Write([]byte(name))
		h.Write([]byte{0})
		h.Write(image[name])
	}
	return h.Sum64()
}

// lay puts an image into a new folder.
func lay(folder string, image map[string][]byte) error {
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	for name, data := range image {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			return err
		}
	}
	return nil
}
