package alert

import (
	"errors"
	"fmt"
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
	stack []frame
	chunk []byte   // memory for unescaped strings, never rewritten
	dups  []string // "path key" of every key that repeats within one object, also when only the case differs
	seen  map[uint64]int32
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
	keyStart, keyEnd uint32
	start, end       uint32 // the value's text, without the quotes of a string
	next             uint32
	parent           uint32
	hash             uint32 // foldHash of the key
	kind             kind
	keyEsc, esc      bool // the key or the string holds backslashes
	dotted           bool // the key holds a dot
}

type frame struct {
	node  uint32
	count uint32
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
	t.text, t.nodes, t.stack, t.dups = text, t.nodes[:0], t.stack[:0], t.dups[:0]
	i := blanks(text, 0)
	for {
		n, err := t.value(i, 0, 0, false)
		if err != nil {
			return 0, err
		}
		i = n
		// After a value: descend into a container just opened, or close what ends here.
		for len(t.stack) > 0 {
			top := &t.stack[len(t.stack)-1]
			obj := t.nodes[top.node].kind == kindObject
			i = blanks(text, i)
			if i >= len(text) {
				return 0, errTruncated
			}
			c := text[i]
			closing := byte(']')
			if obj {
				closing = '}'
			}
			if c == closing {
				i++
				t.close(top.node, i)
				continue
			}
			if top.count > 0 {
				if c != ',' {
					return 0, fmt.Errorf("unexpected %s at byte %d", show(c), i)
				}
				i = blanks(text, i+1)
			}
			top.count++
			if top.count > maxKeys && obj {
				return 0, errKeys
			}
			if i, err = t.member(i, obj); err != nil {
				return 0, err
			}
		}
		return blanks(text, i), nil
	}
}

// close ends the innermost container at byte end.
func (t *tape) close(n uint32, end int) {
	nd := &t.nodes[n]
	nd.end, nd.next = uint32(end), uint32(len(t.nodes))
	count := t.stack[len(t.stack)-1].count
	t.stack = t.stack[:len(t.stack)-1]
	if nd.kind == kindObject && count > 1 {
		t.duplicates(n, int(count))
	}
}

// member reads one element of the innermost container.
func (t *tape) member(i int, obj bool) (int, error) {
	if !obj {
		return t.value(i, 0, 0, false)
	}
	if i >= len(t.text) {
		return 0, errTruncated
	}
	if t.text[i] != '"' {
		return 0, fmt.Errorf("unexpected %s at byte %d, wanted a key", show(t.text[i]), i)
	}
	end, esc, err := str(t.text, i+1)
	if err != nil {
		return 0, err
	}
	ks, ke := uint32(i+1), uint32(end)
	i = blanks(t.text, end+1)
	if i >= len(t.text) || t.text[i] != ':' {
		return 0, fmt.Errorf("no colon at byte %d", i)
	}
	return t.value(blanks(t.text, i+1), ks, ke, esc)
}

// value appends the value at i; a container is opened, not walked.
func (t *tape) value(i int, ks, ke uint32, keyEsc bool) (int, error) {
	if i >= len(t.text) {
		return 0, errTruncated
	}
	nd := node{keyStart: ks, keyEnd: ke, keyEsc: keyEsc, start: uint32(i)}
	if ke > ks {
		key := asString(t.text[ks:ke])
		if keyEsc {
			key = t.unescaped(t.text[ks:ke])
		}
		nd.hash = foldHash(key)
		nd.dotted = strings.IndexByte(key, '.') > 0
	}
	self := uint32(len(t.nodes))
	if len(t.stack) > 0 {
		nd.parent = t.stack[len(t.stack)-1].node
	}
	switch c := t.text[i]; c {
	case '{', '[':
		nd.kind = kindObject
		if c == '[' {
			nd.kind = kindArray
		}
		if len(t.stack) >= maxDepth {
			return 0, errDepth
		}
		t.nodes = append(t.nodes, nd)
		t.stack = append(t.stack, frame{node: self})
		return i + 1, nil
	case '"':
		end, esc, err := str(t.text, i+1)
		if err != nil {
			return 0, err
		}
		nd.kind, nd.start, nd.end, nd.esc = kindString, uint32(i+1), uint32(end), esc
		i = end + 1
	default:
		k, end, err := literal(t.text, i)
		if err != nil {
			return 0, err
		}
		nd.kind, nd.end = k, uint32(end)
		i = end
	}
	nd.next = self + 1
	t.nodes = append(t.nodes, nd)
	return i, nil
}

func literal(b []byte, i int) (kind, int, error) {
	word := func(w string, k kind) (kind, int, error) {
		if len(b)-i >= len(w) && string(b[i:i+len(w)]) == w {
			return k, i + len(w), nil
		}
		return 0, 0, fmt.Errorf("unexpected %s at byte %d", show(b[i]), i)
	}
	switch b[i] {
	case 't':
		return word("true", kindTrue)
	case 'f':
		return word("false", kindFalse)
	case 'n':
		return word("null", kindNull)
	}
	end := number(b, i)
	if end == i {
		return 0, 0, fmt.Errorf("unexpected %s at byte %d", show(b[i]), i)
	}
	return kindNumber, end, nil
}

// number returns the end of the JSON number at i, or i.
func number(b []byte, i int) int {
	digits := func(j int) int {
		for j < len(b) && b[j]-'0' <= 9 {
			j++
		}
		return j
	}
	j := i
	if j < len(b) && b[j] == '-' {
		j++
	}
	switch {
	case j < len(b) && b[j] == '0':
		j++
	default:
		k := digits(j)
		if k == j {
			return i
		}
		j = k
	}
	if j < len(b) && b[j] == '.' {
		k := digits(j + 1)
		if k == j+1 {
			return i
		}
		j = k
	}
	if j < len(b) && (b[j] == 'e' || b[j] == 'E') {
		j++
		if j < len(b) && (b[j] == '+' || b[j] == '-') {
			j++
		}
		k := digits(j)
		if k == j {
			return i
		}
		j = k
	}
	return j
}

// str returns the index of the closing quote of the string whose text begins at i.
func str(b []byte, i int) (end int, esc bool, err error) {
	for {
		i += plain(b[i:])
		if i >= len(b) {
			return 0, esc, errTruncated
		}
		switch c := b[i]; {
		case c == '"':
			return i, esc, nil
		case c == '\\':
			esc = true
			n, err := escape(b, i)
			if err != nil {
				return 0, esc, err
			}
			i = n
		default:
			return 0, esc, fmt.Errorf("control character %s in a string at byte %d", show(c), i)
		}
	}
}

// plain counts the bytes in front of the next quote, backslash or control character, eight at a time.
func plain(b []byte) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(b); i += 8 {
		w := *(*uint64)(unsafe.Pointer(&b[i])) //nolint:gosec // eight bytes are there, x86 and arm64 read unaligned
		q, s := w^(ones*'"'), w^(ones*'\\')
		if ((q-ones)&^q|(s-ones)&^s|(w-ones*0x20)&^w)&highs != 0 {
			break
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c == '"' || c == '\\' || c < 0x20 {
			break
		}
	}
	return i
}

func escape(b []byte, i int) (int, error) {
	if i+1 >= len(b) {
		return 0, errTruncated
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, nil
	case 'u':
		if i+6 > len(b) {
			return 0, errTruncated
		}
		for _, c := range b[i+2 : i+6] {
			if unhex(c) > 15 {
				return 0, fmt.Errorf("bad \\u escape at byte %d", i)
			}
		}
		return i + 6, nil
	}
	return 0, fmt.Errorf("bad escape at byte %d", i)
}

func unhex(c byte) byte {
	switch {
	case c-'0' <= 9:
		return c - '0'
	case c|0x20-'a' <= 5:
		return c | 0x20 - 'a' + 10
	}
	return 255
}

func blanks(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t') {
		i++
	}
	return i
}

func show(c byte) string {
	if c < 0x20 || c >= 0x7f {
		return fmt.Sprintf("byte 0x%02x", c)
	}
	return fmt.Sprintf("%q", rune(c))
}

// foldHash is FNV-1a over the lower-cased key without inner underscores and dashes: srcIp, src_ip and SRC-IP meet.
// It only proposes; whoever uses it compares the keys.
func foldHash(key string) uint32 {
	h := uint32(2166136261)
	for i := range len(key) {
		c := key[i]
		if (c == '_' || c == '-') && i > 0 {
			continue
		}
		if c-'A' <= 25 {
			c |= 0x20
		}
		h = (h ^ uint32(c)) * 16777619
	}
	return h
}

// sameKey reports whether two keys are equal in the sense of foldHash.
func sameKey(a, b string) bool {
	i, j := 0, 0
	for {
		for i > 0 && i < len(a) && (a[i] == '_' || a[i] == '-') {
			i++
		}
		for j > 0 && j < len(b) && (b[j] == '_' || b[j] == '-') {
			j++
		}
		if i == len(a) || j == len(b) {
			return i == len(a) && j == len(b)
		}
		x, y := a[i], b[j]
		if x-'A' <= 25 {
			x |= 0x20
		}
		if y-'A' <= 25 {
			y |= 0x20
		}
		if x != y {
			return false
		}
		i, j = i+1, j+1
	}
}

// key returns the key of a node, unescaped.
func (t *tape) key(n *node) string {
	if n.keyEsc {
		return t.unescaped(t.text[n.keyStart:n.keyEnd])
	}
	return asString(t.text[n.keyStart:n.keyEnd])
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
	if cap(t.chunk)-len(t.chunk) < len(b) {
		t.chunk = make([]byte, 0, max(16<<10, len(b)))
	}
	at := len(t.chunk)
	t.chunk = unescape(t.chunk, b)
	return asString(t.chunk[at:len(t.chunk):len(t.chunk)])
}

// asString is b as a string without a copy. Every caller hands in bytes that are never written again.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
