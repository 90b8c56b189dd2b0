package backup

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"filippo.io/age"
)

// What a copy can be refused for, to be told apart with errors.Is.
var (
	ErrDamaged   = errors.New("the backup is damaged")
	ErrForeign   = errors.New("the file is not a backup of evenfall")
	ErrEncrypted = errors.New("the backup is encrypted")
	ErrIdentity  = errors.New("the backup was not encrypted to this identity")
)

// What a copy can be of.
const (
	ofRows = "rows"
	ofKeys = "keys"
)

// label is what stands in front of a copy. Restore does not rely on its time, which nothing protects.
type label struct {
	of   string
	made time.Time
}

// How copies and databases begin.
const (
	magicAge    = "age-encryption.org/v1\n"
	magicGzip   = "\x1f\x8b"
	magicSQLite = "SQLite format 3\x00"
	stanza      = "evenfall"
)

// labelled is a recipient that writes a label into the header as well. age passes over
// stanzas that it does not know.
type labelled struct {
	age.Recipient
	label label
}

func (r labelled) WrapWithLabels(key []byte) (all []*age.Stanza, labels []string, err error) {
	if own, ok := r.Recipient.(age.RecipientWithLabels); ok {
		all, labels, err = own.WrapWithLabels(key)
	} else {
		all, err = r.Wrap(key)
	}
	return append(all, &age.Stanza{Type: stanza, Args: []string{r.label.of, strconv.FormatInt(r.label.made.Unix(), 10)}}), labels, err
}

// pack writes a database as a copy. Without recipients it is not encrypted.
func pack(to io.Writer, from io.Reader, l label, recipients []age.Recipient) (err error) {
	if len(recipients) > 0 {
		sealed, err := age.Encrypt(to, append([]age.Recipient{labelled{recipients[0], l}}, recipients[1:]...)...)
		if err != nil {
			return err
		}
		return errors.Join(pack(sealed, from, l, nil), sealed.Close())
	}
	z, err := gzip.NewWriterLevel(to, gzip.BestSpeed) // sealed texts cannot be made smaller anyway
	if err != nil {
		return err
	}
	z.Comment, z.ModTime = stanza+" "+l.of, l.made
	if _, err := io.Copy(z, from); err != nil {
		return err
	}
	return z.Close()
}

// unpack writes out the database of a copy, or a part of it and an error. Errors: the above
// and those of reading and writing.
func unpack(to io.Writer, from io.Reader, of string, identities []age.Identity) error {
	r := bufio.NewReader(from)
	if begins(r, magicAge) {
		if len(identities) == 0 {
			return fmt.Errorf("%w; name the file of its identity with --identity", ErrEncrypted)
		}
		opened, err := age.Decrypt(r, identities...)
		if errors.As(err, new(*age.NoIdentityMatchError)) {
			return ErrIdentity
		} else if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		r = bufio.NewReader(opened)
	}
	if !begins(r, magicGzip) {
		return ErrForeign
	}
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if !strings.HasPrefix(z.Comment, stanza+" ") {
		return ErrForeign
	}
	if z.Comment != stanza+" "+of {
		return fmt.Errorf("%w: it is a copy of the %s, where one of the %s is wanted", ErrForeign, strings.TrimPrefix(z.Comment, stanza+" "), of)
	}
	return unzip(to, z)
}

// unzip takes no more than the database says it has, or a small file could fill the disk.
func unzip(to io.Writer, z io.Reader) error {
	header := make([]byte, 100)
	if _, err := io.ReadFull(z, header); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	size := int64(binary.BigEndian.Uint16(header[16:])) * int64(binary.BigEndian.Uint32(header[28:]))
	if !bytes.HasPrefix(header, []byte(magicSQLite)) || size < int64(len(header)) {
		return fmt.Errorf("%w: there is no database in it", ErrDamaged)
	}
	if _, err := to.Write(header); err != nil {
		return err
	}
	in := &reading{r: io.LimitReader(z, size-int64(len(header))+1)} // one more, to see the end
	n, err := io.Copy(to, in)
	if in.err != nil || err == nil && n != size-int64(len(header)) {
		return fmt.Errorf("%w: %w", ErrDamaged, errors.Join(in.err, io.ErrUnexpectedEOF))
	}
	return err
}

// reading remembers an error of reading, to tell it from one of writing.
type reading struct {
	r   io.Reader
	err error
}

func (r *reading) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && err != io.EOF {
		r.err = err
	}
	return n, err
}

func begins(r *bufio.Reader, magic string) bool {
	head, err := r.Peek(len(magic))
	return err == nil && string(head) == magic
}

// read reads the label in front of a copy.
func read(file string) (l label, ok bool) {
	f, err := os.Open(file)
	if err != nil {
		return l, false
	}
	defer f.Close()
	r := bufio.NewReader(io.LimitReader(f, 64<<10))
	if !begins(r, magicAge) {
		z, err := gzip.NewReader(r)
		if err != nil {
			return l, false
		}
		of, ok := strings.CutPrefix(z.Comment, stanza+" ")
		return label{of, z.ModTime}, ok && !z.ModTime.IsZero()
	}
	lines := bufio.NewScanner(r)
	for lines.Scan() && !strings.HasPrefix(lines.Text(), "---") {
		words := strings.Fields(lines.Text())
		if len(words) != 4 || words[0] != "->" || words[1] != stanza {
			continue
		}
		made, err := strconv.ParseInt(words[3], 10, 64)
		return label{words[2], time.Unix(made, 0)}, err == nil
	}
	return l, false
}
