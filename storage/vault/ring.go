package vault

import (
	"crypto/cipher"
	"encoding/binary"
	"sync"

	"evenfall/bot"
)

// room is how many couples' keys stay unwrapped: as many as the store's shelf holds.
const room = 8192

// ring is the keys of a couple, the oldest first. It does not change.
type ring struct{ keys []*key }

type key struct {
	id    int64
	owner bot.Who
	raw   []byte    // nil = it is damaged
	once  sync.Once // most keys of a ring are not wanted
	aead  cipher.AEAD
}

// cipher is nil for a key that is damaged.
func (k *key) cipher() cipher.AEAD {
	k.once.Do(func() {
		if k.raw == nil {
			return
		}
		var err error
		if k.aead, err = newAEAD(k.raw); err != nil {
			panic(err) // its length is not that of a key: unwrap has seen to it
		}
	})
	return k.aead
}

func (r *ring) newest(owner bot.Who) *key {
	for i := len(r.keys) - 1; i >= 0; i-- {
		if r.keys[i].owner == owner {
			return r.keys[i]
		}
	}
	return nil
}

// rotated reports whether a key has a newer one beside it.
func (r *ring) rotated() bool {
	for _, k := range r.keys {
		if r.newest(k.owner) != k {
			return true
		}
	}
	return false
}

func (r *ring) numbered(id int64) *key {
	for _, k := range r.keys {
		if k.id == id {
			return k
		}
	}
	return nil
}

// wrap seals a data key under the master key, for its number, couple and owner alone.
func (m Master) wrap(raw []byte, id int64, couple bot.CoupleID, owner bot.Who) []byte {
	return m.aead.Seal(nil, nil, raw, label(id, couple, owner))
}

// unwrap takes it out again. Errors: ErrTampered.
func (m Master) unwrap(wrapped []byte, id int64, couple bot.CoupleID, owner bot.Who) ([]byte, error) {
	raw, err := m.aead.Open(nil, nil, wrapped, label(id, couple, owner))
	if err != nil || len(raw) != keySize {
		return nil, ErrTampered
	}
	return raw, nil
}

// label is the associated data of a wrapped key; all zero for the check value.
func label(id int64, couple bot.CoupleID, owner bot.Who) []byte {
	b := append(make([]byte, 0, 32), "evenfall key"...)
	b = binary.BigEndian.AppendUint64(b, uint64(id))
	b = binary.BigEndian.AppendUint64(b, uint64(couple))
	return append(b, byte(owner))
}

// cache holds the rings of couples that were here lately.
type cache struct {
	mu    sync.RWMutex
	rings map[bot.CoupleID]*ring
}

func (c *cache) find(couple bot.CoupleID) *ring {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.rings[couple]
}

func (c *cache) keep(couple bot.CoupleID, r *ring) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.rings) >= room {
		for other := range c.rings {
			delete(c.rings, other)
			break
		}
	}
	c.rings[couple] = r
}

func (c *cache) drop(couple bot.CoupleID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.rings, couple)
}
