package vault

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"evenfall/bot"
)

// What Seal and Open fail with, to be told apart with errors.Is.
var (
	// ErrShredded: the key is gone, and with it the text, for good.
	ErrShredded = errors.New("vault: the key was shredded")
	// ErrTampered: it is not what was sealed in this place.
	ErrTampered = errors.New("vault: the sealed text was changed or belongs elsewhere")
)

// Place is where a sealed text stands, besides its couple: it opens nowhere else.
// Row and Number together are the row's key.
type Place struct {
	Table, Column string
	Row           string
	Number        int64
}

const (
	format = 1
	head   = 1 + 8 // format and key
	bucket = 64    // what lengths are rounded up to
	extra  = 12 + 16
)

// Seal seals a text with the owner's newest key: bot.One, bot.Two, or bot.Both for
// what they share. Nobody may Rotate the couple's keys before what was sealed is
// durable. Errors: ErrShredded, ErrTampered (the key is damaged).
func (v *Vault) Seal(couple bot.CoupleID, owner bot.Who, at Place, text []byte) ([]byte, error) {
	r, err := v.ring(couple)
	if err != nil {
		return nil, err
	}
	k := r.newest(owner)
	if k == nil {
		return nil, fmt.Errorf("%w (couple %d)", ErrShredded, couple)
	}
	aead := k.cipher()
	if aead == nil {
		return nil, fmt.Errorf("%w (a key of couple %d)", ErrTampered, couple)
	}
	padded := (len(text)/bucket + 1) * bucket
	sealed := make([]byte, head+padded, head+padded+extra)
	sealed[0] = format
	binary.BigEndian.PutUint64(sealed[1:], uint64(k.id))
	copy(sealed[head:], text)
	sealed[head+len(text)] = 0x80
	return aead.Seal(sealed[:head], nil, sealed[head:], at.bind(sealed[:head], couple, owner)), nil
}

// Open opens what Seal made for the same couple and place. Errors: ErrShredded, ErrTampered.
func (v *Vault) Open(couple bot.CoupleID, at Place, sealed []byte) ([]byte, error) {
	k, err := v.keyOf(couple, sealed)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, fmt.Errorf("%w (couple %d, %s.%s)", ErrShredded, couple, at.Table, at.Column)
	}
	aead := k.cipher()
	if aead == nil {
		return nil, fmt.Errorf("%w (a key of couple %d)", ErrTampered, couple)
	}
	text, err := aead.Open(nil, nil, sealed[head:], at.bind(sealed[:head], couple, k.owner))
	if err != nil {
		return nil, fmt.Errorf("%w (couple %d, %s.%s)", ErrTampered, couple, at.Table, at.Column)
	}
	end := len(text) - 1
	for end >= 0 && text[end] == 0 {
		end--
	}
	if end < 0 || text[end] != 0x80 {
		return nil, fmt.Errorf("%w (couple %d, %s.%s)", ErrTampered, couple, at.Table, at.Column)
	}
	return text[:end:end], nil
}

// Current reports whether a sealed text is under its owner's newest key.
func (v *Vault) Current(couple bot.CoupleID, sealed []byte) (bool, error) {
	k, err := v.keyOf(couple, sealed)
	if err != nil || k == nil {
		return false, err
	}
	r, err := v.ring(couple)
	return err == nil && r.newest(k.owner) == k, err
}

// keyOf is the key that a text names, or nil when the couple has none of that number.
func (v *Vault) keyOf(couple bot.CoupleID, sealed []byte) (*key, error) {
	if len(sealed) < head+extra+bucket || sealed[0] != format {
		return nil, fmt.Errorf("%w (couple %d)", ErrTampered, couple)
	}
	r, err := v.ring(couple)
	if err != nil {
		return nil, err
	}
	return r.numbered(int64(binary.BigEndian.Uint64(sealed[1:]))), nil
}

// bind is the associated data. Each text in it has its length in front, so that no two
// places are written alike.
func (p Place) bind(head []byte, couple bot.CoupleID, owner bot.Who) []byte {
	b := make([]byte, 0, len(head)+8+1+3*2+len(p.Table)+len(p.Column)+len(p.Row)+8)
	b = append(b, head...)
	b = binary.BigEndian.AppendUint64(b, uint64(couple))
	b = append(b, byte(owner))
	for _, s := range [...]string{p.Table, p.Column, p.Row} {
		b = binary.BigEndian.AppendUint16(b, uint16(len(s)))
		b = append(b, s...)
	}
	return binary.BigEndian.AppendUint64(b, uint64(p.Number))
}

// ring is a couple's keys, from the cache or from the file.
func (v *Vault) ring(couple bot.CoupleID) (*ring, error) {
	if r := v.cache.find(couple); r != nil {
		return r, nil
	}
	v.changing.RLock() // until the ring is in the cache: a shredded key must not come back
	defer v.changing.RUnlock()
	r, err := v.read(context.Background(), couple)
	if err == nil && len(r.keys) > 0 {
		v.cache.keep(couple, r)
	}
	return r, err
}
