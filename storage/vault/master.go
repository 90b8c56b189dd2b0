package vault

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"evenfall/storage/internal/dbfile"
)

// MasterFile is the name of the master key's file in the data folder, where nobody
// named another.
const MasterFile = "master.key"

// What a master key can be refused for, to be told apart with errors.Is.
var (
	ErrMasterMissing   = errors.New("the master key is missing")
	ErrMasterExposed   = errors.New("the master key can be read by others")
	ErrMasterMalformed = errors.New("the file is not a master key")
	ErrMasterWrong     = errors.New("the master key is not the one of these keys")
)

// keySize is that of all keys here: AES-256.
const keySize = 32

// Master is the key that wraps the couples' keys.
type Master struct{ aead cipher.AEAD }

// ReadMaster reads the file of a master key. Errors: ErrMasterMissing,
// ErrMasterExposed, ErrMasterMalformed, and those of reading; none holds a part of it.
func ReadMaster(file string) (Master, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Master{}, fmt.Errorf("%w: %s is not there; put it back, or name its place in EVENFALL_MASTER_KEY_FILE", ErrMasterMissing, file)
	} else if err != nil {
		return Master{}, fmt.Errorf("the master key cannot be read: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Master{}, fmt.Errorf("the master key cannot be read: %w", err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o027 != 0 { // the group may read: so systemd hands out credentials
		return Master{}, fmt.Errorf("%w: close it with chmod 600 %s", ErrMasterExposed, file)
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<10))
	if err != nil {
		return Master{}, fmt.Errorf("the master key cannot be read: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(text)))
	if err != nil || len(key) != keySize { // err would quote what stands there
		return Master{}, fmt.Errorf("%w: %s must hold 32 bytes as base64 and nothing else", ErrMasterMalformed, file)
	}
	aead, err := newAEAD(key)
	return Master{aead}, err
}

// MakeMaster makes a new master key. The file appears when it is whole and durable,
// and must not be there yet: then the error is fs.ErrExist.
func MakeMaster(file string) (Master, error) {
	if err := makeMaster(file); err != nil {
		return Master{}, fmt.Errorf("a master key cannot be made: %w", err)
	}
	return ReadMaster(file)
}

func makeMaster(file string) (err error) {
	if _, err := os.Lstat(file); err == nil {
		return fmt.Errorf("%s: %w", file, fs.ErrExist)
	}
	draft, err := os.CreateTemp(filepath.Dir(file), ".master-*") // 0600
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(draft.Name()))
		}
	}()
	key := make([]byte, keySize)
	rand.Read(key)
	_, err = draft.WriteString(base64.StdEncoding.EncodeToString(key) + "\n")
	if err = errors.Join(err, draft.Sync(), draft.Close()); err != nil {
		return err
	}
	if err = os.Rename(draft.Name(), file); err != nil {
		return err
	}
	return dbfile.Flush(filepath.Dir(file))
}

// newAEAD is AES-GCM with a random nonce in front of what it seals. Of the 2³² texts
// that one key may seal, a couple of a thousand years needs not a thousandth.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
