// Package store keeps one feed in one immutable file: millions of indicators that cost no memory until one is found. It does not
// know where feeds come from nor what a hit means. Start with Create, Writer.Commit, Open and Store.Find.
//
// The file, all numbers little-endian, sections in this order:
//
//	header   128 bytes: magic, version, where each section lies, checksums
//	records  length (4 bytes) and body, one after the other, in the order of the feed
//	table    (hash, offset) of every live key, sorted by hash; the top bit of an offset says that the key is the host of a URL
//	index    where in the table the hashes with these first bits begin
//	filter   a binary fuse filter over the hashes: a value that is not in the feed is answered here, 255 times of 256
//	ranges   offsets of the records that are ranges of addresses
//	patterns offsets of the records that are substrings and expressions
//	meta     what was imported, JSON
//
// The hash only leads to candidates; a hit is one whose whole value is equal. A damaged file is refused when it is opened.
package store

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"github.com/cespare/xxhash/v2"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

const (
	magic      = "socintel"
	version    = 1
	headerSize = 128
	entrySize  = 16 // of the table
	hostBit    = 1 << 63
)

// Suffix ends the name of a feed's file.
const Suffix = ".intel"

// MaxEntries bounds the entries of one feed: sorting them takes 32 bytes of memory each.
const MaxEntries = 20_000_000

// Errors that a caller may tell apart.
var (
	ErrDamaged = errors.New("is damaged") // the bytes are not those that were written
	ErrForeign = errors.New("is not a feed of soc")
	ErrNewer   = errors.New("was written by a newer soc")
	ErrFull    = fmt.Errorf("more than %d entries", MaxEntries)
)

// Meta is what is known about a feed as a whole.
type Meta struct {
	Name       string           `json:"name"`
	Kind       string           `json:"kind"`             // the reader that understood it
	Source     string           `json:"source,omitempty"` // file, directory or address it came from
	Imported   time.Time        `json:"imported"`
	Warning    bool             `json:"warning,omitempty"` // a list of what is no attack
	Title      string           `json:"title,omitempty"`   // a warning list's own name
	Applies    []string         `json:"applies,omitempty"` // the types a warning list is about; none means all
	Read       int64            `json:"read"`
	Entries    int64            `json:"entries"`
	Duplicates int64            `json:"duplicates"`
	Rejected   int64            `json:"rejected"`
	Skipped    int64            `json:"skipped,omitempty"` // not meant for detection, or revoked
	Counts     map[string]int64 `json:"counts"`            // entries by type
	Wild       int64            `json:"wild,omitempty"`
	Oldest     time.Time        `json:"oldest,omitzero"` // of what was seen first and last
	Newest     time.Time        `json:"newest,omitzero"`
	Digest     string           `json:"digest"` // SHA-256 over the records
}

// header is where the sections end. Each begins where the one before ends.
type header struct {
	records, table, index, filter, ranges, patterns, meta uint64
	bits                                                  uint64 // of the index
	sum                                                   uint64 // of all that follows the header
}

func (h *header) fields() []*uint64 {
	return []*uint64{&h.records, &h.table, &h.index, &h.filter, &h.ranges, &h.patterns, &h.meta, &h.bits, &h.sum}
}

func (h *header) encode() []byte {
	b := make([]byte, 0, headerSize)
	b = append(b, magic...)
	b = binary.LittleEndian.AppendUint64(b, version)
	for _, f := range h.fields() {
		b = binary.LittleEndian.AppendUint64(b, *f)
	}
	b = append(b, make([]byte, headerSize-8-len(b))...)
	return binary.LittleEndian.AppendUint64(b, xxhash.Sum64(b))
}

func decodeHeader(b []byte, size int64) (h header, err error) {
	if len(b) < headerSize || string(b[:len(magic)]) != magic {
		return h, ErrForeign
	}
	if v := binary.LittleEndian.Uint64(b[8:]); v > version {
		return h, ErrNewer
	}
	if xxhash.Sum64(b[:headerSize-8]) != binary.LittleEndian.Uint64(b[headerSize-8:]) {
		return h, fmt.Errorf("%w: its header does not match its checksum", ErrDamaged)
	}
	for i, f := range h.fields() {
		*f = binary.LittleEndian.Uint64(b[16+8*i:])
	}
	if h.meta != uint64(size) {
		return h, fmt.Errorf("%w: %d bytes where %d were written", ErrDamaged, size, h.meta)
	}
	return h, nil
}

// Key is a value as the table knows it.
type Key struct {
	Hash  uint64
	typ   ioc.Type
	value string
	host  bool
}

// KeyOf is the key of a value in its normal spelling.
func KeyOf(t ioc.Type, value string) Key {
	return Key{xxhash.Sum64String(value) + uint64(t)*spread, t, value, false}
}

// HostKey is the key under which a URL is found by its host.
func HostKey(host string) Key {
	return Key{^xxhash.Sum64String(host), ioc.URL, host, true}
}

// spread keeps apart the hashes of one text as two types.
const spread = 0x9e3779b97f4a7c15
