package store

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/kivuko/kivuko/internal/unit"
)

// The chain. Each unit of work keeps a row that names the transfers, audit entries and so on that it has written (tables.Sealed), with a hash over
// them and over the hash of the row before. The rows of a chain follow each other: a chain has one unit at a time. Now and then an anchor is
// kept, which names the chains' latest rows, with a hash over them and over the anchor before, and a code that nobody without the
// installation's secret can make.

// The tables of the chain.
var (
	Links   = unit.NewLog[Link]("units")
	Anchors = unit.NewLog[Anchor]("anchors")
	Chains  = unit.NewTable[int64, Chain]("chains")
)

// HashSize is the size of the hashes.
const HashSize = sha256.Size

// Link is the row of a unit of work.
type Link struct {
	Chain, Seq int64
	At         int64  // when it was decided, milliseconds
	Rows       []byte // which rows it has written (tables.Sealer)
	Hash       []byte // none: it has written nothing that the chain vouches for, and its row only says that it has committed
	Void       int64  // 1: the unit has not committed and never will
}

// Chain has the last unit of a chain that an anchor names.
type Chain struct {
	Chain    int64
	Anchored int64 // the seq of the last unit that an anchor names
}

// Head is the latest unit of a chain.
type Head struct {
	Chain, Seq int64
	Hash       [HashSize]byte
}

// Anchor holds the chains at a time.
type Anchor struct {
	Number int64 // from 1
	At     int64 // milliseconds
	Heads  []Head
	Hash   []byte
	MAC    []byte
}

// NextAnchor makes the anchor after another one; nil: the first. sign makes bytes that only this installation can make of a text.
func NextAnchor(last *Anchor, moved []Head, at int64, sign func(string) []byte) Anchor {
	a := Anchor{Number: 1, At: at, Heads: moved}
	var before []byte
	if last != nil {
		a.Number, a.At, before = last.Number+1, max(at, last.At), last.Hash
	}
	a.Hash = a.sum(before)
	a.MAC = sign(signed(a.Hash))
	return a
}

// KeepAnchor keeps an anchor at a time, in milliseconds; nil: no chain has moved since the last one, or another node was faster.
func KeepAnchor(ctx context.Context, s Store, at int64, sign func(string) []byte) (*Anchor, error) {
	last, moved, err := s.Heads(ctx)
	if err != nil || len(moved) == 0 {
		return nil, err
	}
	u, err := s.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer u.Rollback()
	v := &unit.View{At: at}
	for _, h := range moved {
		Chains.Need(v, h.Chain)
	}
	if err := u.Load(ctx, v); err != nil {
		return nil, err
	}
	for _, h := range moved {
		Chains.Put(v, h.Chain, Chain{h.Chain, h.Seq})
	}
	a := NextAnchor(last, moved, at, sign)
	Anchors.Add(v, a)
	if err = u.Commit(ctx, v); errors.Is(err, ErrConflict) {
		return nil, nil
	}
	return &a, err
}

func signed(hash []byte) string { return "anchor " + hex.EncodeToString(hash) }

// sum is the hash of an anchor that comes after another one's.
func (a *Anchor) sum(before []byte) []byte {
	b := []byte("kivuko anchor 1")
	b = binary.BigEndian.AppendUint64(b, uint64(a.Number))
	b = binary.BigEndian.AppendUint64(b, uint64(a.At))
	b = append(b, before...)
	sum := sha256.Sum256(AppendHeads(b, a.Heads))
	return sum[:]
}

// Check tells what is wrong with an anchor that comes after another one's hash; "" when nothing is. Without sign its code is not looked at.
func (a *Anchor) Check(before []byte, sign func(string) []byte) string {
	switch {
	case !slices.Equal(a.sum(before), a.Hash):
		return "its hash is not that of what it has"
	case sign != nil && !hmac.Equal(a.MAC, sign(signed(a.Hash))):
		return "its code was not made with this installation's secret"
	}
	return ""
}

// AppendHeads appends the stored form of heads.
func AppendHeads(b []byte, heads []Head) []byte {
	for _, h := range heads {
		b = binary.AppendUvarint(b, uint64(h.Chain))
		b = binary.AppendUvarint(b, uint64(h.Seq))
		b = append(b, h.Hash[:]...)
	}
	return b
}

// ParseHeads reads what AppendHeads wrote.
func ParseHeads(b []byte) (heads []Head, err error) {
	for len(b) > 0 {
		chain, n := binary.Uvarint(b)
		seq, m := binary.Uvarint(b[max(n, 0):])
		if n <= 0 || m <= 0 || len(b) < n+m+HashSize {
			return nil, fmt.Errorf("the heads of an anchor are not readable: %x", b)
		}
		h := Head{Chain: int64(chain), Seq: int64(seq)}
		b = b[n+m+copy(h.Hash[:], b[n+m:]):]
		heads = append(heads, h)
	}
	return heads, nil
}

// FormatHash writes a hash as people write it down: in groups of four hexadecimal digits.
func FormatHash(hash []byte) string {
	var groups []string
	for group := range slices.Chunk(hash, 2) {
		groups = append(groups, hex.EncodeToString(group))
	}
	return strings.Join(groups, " ")
}

// ErrHash says what a hash has to be.
var ErrHash = errors.New("it has to be 64 hexadecimal digits, with or without spaces")

// ParseHash reads a hash that somebody wrote down.
func ParseHash(text string) ([]byte, error) {
	hash, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || len(hash) != HashSize {
		return nil, ErrHash
	}
	return hash, nil
}

// Evidence is what the books are checked by that is not in the database.
type Evidence struct {
	Sign   func(text string) []byte // makes bytes that only this installation can make of a text; nil: the anchors' codes are not looked at
	Anchor []byte                   // the hash of an anchor that was written down; nil: none was
}
