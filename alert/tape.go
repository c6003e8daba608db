package alert

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	mathbits "math/bits"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A tape is one JSON document scanned once: a flat list of nodes in document order that point into the text.
// It exists because an alert is looked at by several readers (recognition, mapping, harvest) and a general decoder
// would allocate a tree for each. It is strict: RFC 8259, UTF-8 only, one value, bounded depth and keys.
//
// A tape is scratch memory: it is reused for the next document and is not safe for concurrent use.
type tape struct {
	text  []byte
	nodes []node
	keys  []byte   // the document's shape: each key and, behind it, a control character for the kind of its value
	used  int      // bytes of keys
	dups  []string // "path key" of every key that repeats within one object, also when only the case differs
	own   room     // nodes, keys and dups lie here, or in the shape that was followed
	stack []frame
	chunk []byte // memory for unescaped strings, never rewritten
	seen  map[uint64]int32
}

// room is memory that is used again for every document.
type room struct {
	nodes []node
	keys  []byte
	dups  []string
}

type kind uint8

const (
	kindNull kind = iota
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindObject
	kindArray
)

// node is one value. Children of a container follow it directly; next is the index behind the last of them.
type node struct {
	keyStart, keyEnd uint32 // in the tape's keys
	start, end       uint32 // the value's text, without the quotes of a string
	next             uint32
	parent           uint32
	hash             uint32 // foldHash of the key
	kind             kind
	keyEsc, esc      bool // the key or the string holds backslashes
	dotted           bool // the key holds a dot
}

// frame is a container that is open.
type frame struct {
	node    uint32
	count   uint32
	repeats bool      // two keys may be equal
	seen    [4]uint64 // a bit per hash of a key
}

// note remembers a key's hash.
func (f *frame) note(hash uint32) {
	word, bit := &f.seen[hash>>6&3], uint64(1)<<(hash&63)
	f.repeats = f.repeats || *word&bit != 0
	*word |= bit
}

// Limits of one document; both come from the hostile-input rules of SECURITY.md.
const (
	maxDepth = 64
	maxKeys  = 4096
)

var (
	errUTF8      = errors.New("invalid UTF-8")
	errDepth     = fmt.Errorf("nested deeper than %d", maxDepth)
	errKeys      = fmt.Errorf("an object with more than %d keys", maxKeys)
	errTruncated = errors.New("JSON ends too early")
)

// scan reads one JSON value from the front of text and returns the number of bytes used, blanks behind it included.
func (t *tape) scan(text []byte) (int, error) {
	if !utf8.Valid(text) {
		return 0, errUTF8
	}
	if len(t.own.keys) < len(text)+16 {
		t.own.keys = make([]byte, len(text)+len(text)/4+16)
	}
	t.text, t.stack, t.used = text, t.stack[:0], 0
	t.nodes, t.keys, t.dups = t.own.nodes[:0], t.own.keys, t.own.dups[:0]
	defer t.keep()
	i, err := t.value(blanks(text, 0), t.node(0))
	for err == nil && len(t.stack) > 0 {
		top := &t.stack[len(t.stack)-1]
		if t.nodes[top.node].kind == kindObject {
			i, err = t.object(i, top)
		} else {
			i, err = t.array(i, top)
		}
	}
	if err != nil {
		return 0, err
	}
	return blanks(text, i), nil
}

// keep remembers memory that has grown.
func (t *tape) keep() { t.own.nodes, t.own.dups = t.nodes, t.dups }

// node appends a node.
func (t *tape) node(parent uint32) *node {
	n := len(t.nodes)
	if n == cap(t.nodes) {
		t.nodes = append(t.nodes, node{})
	}
	t.nodes = t.nodes[:n+1]
	nd := &t.nodes[n]
	*nd = node{parent: parent, next: uint32(n + 1)}
	return nd
}

// object reads members of the innermost container up to its end or to the beginning of another.
func (t *tape) object(i int, top *frame) (int, error) {
	b := t.text
	for {
		if i = blanks(b, i); i >= len(b) {
			return 0, errTruncated
		}
		if b[i] == '}' {
			t.close(top, i+1)
			return i + 1, nil
		}
		if top.count > 0 {
			if b[i] != ',' {
				return 0, fmt.Errorf("unexpected %s at byte %d", show(b[i]), i)
			}
			i = blanks(b, i+1)
		}
		if top.count++; top.count > maxKeys {
			return 0, errKeys
		}
		if i >= len(b) {
			return 0, errTruncated
		}
		if b[i] != '"' {
			return 0, fmt.Errorf("unexpected %s at byte %d, wanted a key", show(b[i]), i)
		}
		nd := t.node(top.node)
		end, err := t.name(i+1, nd)
		if err != nil {
			return 0, err
		}
		top.note(nd.hash)
		if i = blanks(b, end+1); i >= len(b) || b[i] != ':' {
			return 0, fmt.Errorf("no colon at byte %d", i)
		}
		if i, err = t.value(blanks(b, i+1), nd); err != nil || nd.kind >= kindObject {
			return i, err
		}
	}
}

// array is object for elements.
func (t *tape) array(i int, top *frame) (int, error) {
	b := t.text
	for {
		if i = blanks(b, i); i >= len(b) {
			return 0, errTruncated
		}
		if b[i] == ']' {
			t.close(top, i+1)
			return i + 1, nil
		}
		if top.count > 0 {
			if b[i] != ',' {
				return 0, fmt.Errorf("unexpected %s at byte %d", show(b[i]), i)
			}
			i = blanks(b, i+1)
		}
		top.count++
		nd := t.node(top.node)
		var err error
		if i, err = t.value(i, nd); err != nil || nd.kind >= kindObject {
			return i, err
		}
	}
}

// close ends the innermost container at byte end.
func (t *tape) close(top *frame, end int) {
	nd := &t.nodes[top.node]
	nd.end, nd.next = uint32(end), uint32(len(t.nodes))
	t.mark(markEnd)
	t.stack = t.stack[:len(t.stack)-1]
	if top.repeats {
		t.duplicates(top.node, int(top.count))
	}
}

// name reads the key that begins at i, hashing it on the way, and returns the index of its closing quote.
func (t *tape) name(i int, nd *node) (int, error) {
	b := t.text
	nd.keyStart = uint32(t.used)
	h, gaps, dots := uint64(hashSeed), uint64(0), uint64(0)
	for j := i; j+8 <= len(b); j += 8 {
		w := binary.LittleEndian.Uint64(b[j:])
		gap, dot := equal(w, '_')|equal(w, '-'), equal(w, '.')
		if j == i {
			gap &^= 0x80 // in front it is no gap
		}
		binary.LittleEndian.PutUint64(t.keys[t.used+j-i:], w)
		stop := stops(w)
		if stop == 0 {
			h, gaps, dots = mix(h, w|lowers), gaps|gap, dots|dot
			continue
		}
		n := mathbits.TrailingZeros64(stop) &^ 7
		end := j + n>>3
		if b[end] != '"' {
			break
		}
		mask := uint64(1)<<n - 1
		gaps, dots = gaps|gap&mask, dots|dot&mask
		if n > 0 {
			h = mix(h, (w|lowers)&mask)
		}
		t.used += end - i
		nd.keyEnd = uint32(t.used)
		key := asString(b[i:end])
		if nd.hash = uint32(h ^ h>>32); gaps != 0 {
			nd.hash = foldHash(key)
		}
		nd.dotted = dots != 0 && strings.IndexByte(key, '.') > 0
		return end, nil
	}
	end, esc, err := str(b, i)
	if err != nil {
		return 0, err
	}
	t.used += copy(t.keys[t.used:], b[i:end])
	nd.keyEnd, nd.keyEsc = uint32(t.used), esc
	key := t.key(nd)
	nd.hash, nd.dotted = foldHash(key), strings.IndexByte(key, '.') > 0
	return end, nil
}

// value reads the value at i into nd, the node appended last; a container is opened, not walked.
func (t *tape) value(i int, nd *node) (int, error) {
	if i >= len(t.text) {
		return 0, errTruncated
	}
	nd.start = uint32(i)
	switch c := t.text[i]; c {
	case '"':
		end, esc, err := str(t.text, i+1)
		if err != nil {
			return 0, err
		}
		nd.kind, nd.start, nd.end, nd.esc = kindString, uint32(i+1), uint32(end), esc
		t.mark(markString)
		return end + 1, nil
	case '{', '[':
		nd.kind = kindObject
		if c == '[' {
			nd.kind = kindArray
		}
		if len(t.stack) >= maxDepth {
			return 0, errDepth
		}
		t.mark(markString + byte(nd.kind-kindString))
		t.stack = append(t.stack, frame{node: uint32(len(t.nodes) - 1)})
		return i + 1, nil
	}
	k, end, err := literal(t.text, i)
	if err != nil {
		return 0, err
	}
	nd.kind, nd.end = k, uint32(end)
	if k == kindNull {
		t.mark(markNull)
	} else {
		t.mark(markWord)
	}
	return end, nil
}

// The kinds of values as far as they decide what is read.
const (
	markNull   = 1 + iota
	markWord   // a number, true or false
	markString // and above it an object and an array
	_
	_
	markEnd // of an object or array
)

// mark adds a control character to the shape. No key holds one, so that two documents of one shape have the same keys.
func (t *tape) mark(c byte) {
	t.keys[t.used] = c
	t.used++
}

// key returns the key of a node, unescaped. It is good until the next scan.
func (t *tape) key(n *node) string {
	if n.keyEsc {
		return t.unescaped(t.keys[n.keyStart:n.keyEnd])
	}
	return asString(t.keys[n.keyStart:n.keyEnd])
}

// str returns the text of a scalar: a string unescaped, a number or word as written, nothing for null.
func (t *tape) str(n *node) string {
	switch n.kind {
	case kindString:
		if n.esc {
			return t.unescaped(t.text[n.start:n.end])
		}
		return asString(t.text[n.start:n.end])
	case kindNumber, kindTrue, kindFalse:
		return asString(t.text[n.start:n.end])
	case kindNull, kindObject, kindArray:
	}
	return ""
}

// unescaped returns the text of a string body that holds escapes. The text lies in a chunk that is only ever appended to,
// so that it stays valid and costs no allocation of its own.
func (t *tape) unescaped(b []byte) string {
	t.reserve(len(b))
	at := len(t.chunk)
	t.chunk = unescape(t.chunk, b)
	return asString(t.chunk[at:])
}

// reserve makes sure that n more bytes fit into the chunk, so that what lies there never moves.
func (t *tape) reserve(n int) {
	if cap(t.chunk)-len(t.chunk) < n {
		t.chunk = make([]byte, 0, max(16<<10, n))
	}
}

// digest is d.String, in the chunk.
func (t *tape) digest(d *Digest) string {
	const word = "sha256:"
	t.reserve(len(word) + 2*len(d))
	at := len(t.chunk)
	t.chunk = hex.AppendEncode(append(t.chunk, word...), d[:])
	return asString(t.chunk[at:])
}

// asString is b as a string without a copy. Every caller hands in bytes that are never written again.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
