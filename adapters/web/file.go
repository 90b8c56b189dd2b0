package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// openChats reads the chats of the last time, or begins new ones.
func openChats(file string) (*chats, error) {
	c := &chats{file: file, watchers: map[chan update]bool{}, bell: map[string]chan struct{}{}}
	for _, chat := range lanes {
		c.bell[chat] = make(chan struct{}, 1)
	}
	c.kept = kept{
		People: []*person{{ID: "ana", Name: "Ana"}, {ID: "ben", Name: "Ben"}},
		Chats:  map[string][]*message{},
	}
	if file == "" {
		return c, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("web: reading the chats: %w", err)
	}
	var k kept
	if err := json.Unmarshal(text, &k); err != nil || len(k.People) != 2 || k.Chats == nil {
		return nil, fmt.Errorf("web: %s is not a file of chats; move it away to begin anew", file)
	}
	c.kept = k
	return c, nil
}

// save writes everything, so that after a crash the file is the old or the new
// one and never half of both. The caller holds mu.
func (c *chats) save() error {
	if c.file == "" {
		return nil
	}
	text, err := json.Marshal(c.kept)
	if err == nil {
		err = replace(c.file, text)
	}
	if err != nil {
		return fmt.Errorf("web: saving the chats: %w", err)
	}
	return nil
}

// replace puts a new content in the place of a file, for the owner's eyes only.
func replace(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(file), "web-chats-*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // nothing to remove once it is renamed
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}
