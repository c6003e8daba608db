package alert

import (
	"bytes"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// nameTable is the harvest: what a key means by its common name alone, whatever product wrote it. It is made of the
// generic format, whose paths are read as the last one or two keys of a place. It fills what a format's own paths leave.
type nameTable struct {
	byHash map[uint64][]named
	filter [1024]uint64 // bit foldHash%65536 is set for every last key in the table
}

type named struct {
	last, above string
	out         output
}

func newNames(h header) (*nameTable, error) {
	f, err := decodeFormat(h.file, bytes.NewReader(h.body))
	if err != nil {
		return nil, err
	}
	t := &nameTable{byHash: make(map[uint64][]named, 512)}
	slots := slotsByName()
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) {
		for i, p := range f.Fields[name] {
			if strings.Contains(p, " + ") {
				continue // members are joined by a format's own paths alone
			}
			words := splitPath(p)
			n := named{last: words[len(words)-1], out: output{slot: slots[name], order: i, found: true}}
			if len(words) > 1 {
				n.above = words[len(words)-2]
			}
			last := foldHash(n.last)
			key := pair(n.above, last)
			t.byHash[key] = append(t.byHash[key], n)
			t.filter[last%65536>>6] |= 1 << (last & 63)
		}
	}
	for _, key := range valueKeys {
		h := foldHash(key)
		t.filter[h%65536>>6] |= 1 << (h & 63)
	}
	return t, nil
}

func pair(above string, last uint32) uint64 {
	if above == "" {
		return uint64(last)
	}
	return uint64(foldHash(above))<<32 | uint64(last)
}

// mayKnow rules out, cheaply, most values whose key is in no table.
func (t *nameTable) mayKnow(tp *tape, nd *node) bool {
	if tp.nodes[nd.parent].kind == kindArray || t.filter[nd.hash%65536>>6]&(1<<(nd.hash&63)) != 0 {
		return true
	}
	return nd.dotted || strings.ContainsAny(tp.key(nd), " )]")
}

// find returns what a value under these keys means: the more precise answer first.
func (t *nameTable) find(above, last string, hash uint32) *output {
	if t.filter[hash%65536>>6]&(1<<(hash&63)) == 0 {
		return nil
	}
	if above != "" {
		for i, n := range t.byHash[pair(above, hash)] {
			if sameKey(n.last, last) && sameKey(n.above, above) {
				return &t.byHash[pair(above, hash)][i].out
			}
		}
	}
	for i, n := range t.byHash[uint64(hash)] {
		if sameKey(n.last, last) {
			return &t.byHash[uint64(hash)][i].out
		}
	}
	return nil
}

// harvest reads every value of the tape that no path has claimed: by its key's common name, else by its own shape.
func (w walker) harvest(src source) {
	t := src.tape
	if sh := w.p.shape; sh != nil && t == w.p.tapes[0] {
		for _, l := range w.leaves(t, sh) {
			if !w.left(t, l.node) {
				continue
			}
			if l.asks {
				l.out, _ = w.p.set.names.means(t, l.node)
			}
			w.glean(&src, l.node, l.out)
		}
		return
	}
	for i := range t.nodes {
		if n := uint32(i); w.left(t, n) {
			out, _ := w.p.set.names.means(t, n)
			w.glean(&src, n, out)
		}
	}
}

// left tells the values that no path has claimed.
func (w walker) left(t *tape, n uint32) bool {
	nd := &t.nodes[n]
	if nd.kind != kindString && nd.kind != kindNumber || nd.end == nd.start || nd.end-nd.start > 8192 {
		return false
	}
	return t != w.p.tapes[0] || w.p.claimed[n>>6]&(1<<(n&63)) == 0
}

// means returns what the keys of a value mean, and whether that depends on another value: the name in a pair.
func (t *nameTable) means(tp *tape, n uint32) (out *output, asks bool) {
	if !t.mayKnow(tp, &tp.nodes[n]) {
		return nil, false
	}
	last, above, hash, asks := tp.names(n)
	if out = t.find(above, last, hash); out == nil {
		if bare := heading(last); bare != last {
			out = t.find(above, bare, foldHash(bare))
		}
	}
	return out, asks
}

// heading makes a key of a table's heading: what it says in brackets of its column goes, and blanks are underscores. Source IP, Date (UTC),
// TimeGenerated [UTC], Size (bytes).
func heading(key string) string {
	if n := len(key); n > 0 && (key[n-1] == ')' || key[n-1] == ']') {
		if i := strings.LastIndexAny(key, "(["); i > 0 {
			key = strings.TrimRight(key[:i], " ")
		}
	}
	return strings.ReplaceAll(key, " ", "_")
}

// glean adds a value that means out, or what its own shape says.
func (w walker) glean(src *source, n uint32, out *output) {
	t := src.tape
	nd := &t.nodes[n]
	if out == nil && nd.kind == kindString {
		if out = shapeOf(t.text[nd.start:nd.end]); out != nil && out.slot == EntitySlot(Related, IP) && versioned(t.key(nd)) {
			return
		}
	}
	if out == nil || !w.wanted(out.slot) {
		return
	}
	value := t.str(nd)
	if junk(value) {
		return
	}
	if out.slot.single() {
		if !w.p.filled.has(out.slot) && len(w.p.hits) < maxHits { // the generic format's order decides among names for one thing
			w.p.hits = append(w.p.hits, hit{out, src.at(n).join(), value})
		}
		return
	}
	w.field(out.slot, Attacker, src.at(n).join(), value)
}

// versioned tells a key under which four numbers are a version, not an address.
func versioned(key string) bool {
	const word = "version"
	return len(key) >= len(word) && strings.EqualFold(key[len(key)-len(word):], word)
}

// wanted tells what the harvest may add to a record of a known product: things, not meanings.
func (w walker) wanted(s Slot) bool {
	if w.m.format.Name == Generic {
		return true
	}
	if _, t := s.Entity(); t != NoEntity {
		return true
	}
	return s == SlotTime && !w.p.filled.has(SlotTime) || s == SlotCVE
}

// names returns the key of a value and the key above it. The elements of an array go by the array's key; in a pair
// {"Name": x, "Value": y} y goes by x, which asks tells.
func (t *tape) names(n uint32) (last, above string, hash uint32, asks bool) {
	at := n
	for t.nodes[t.nodes[at].parent].kind == kindArray && t.nodes[at].parent != 0 {
		at = t.nodes[at].parent
	}
	nd := &t.nodes[at]
	last, hash = t.key(nd), nd.hash
	up := t.nodes[at].parent
	if up != at {
		k := up
		for t.nodes[t.nodes[k].parent].kind == kindArray && t.nodes[k].parent != 0 {
			k = t.nodes[k].parent
		}
		above = t.key(&t.nodes[k])
	}
	if asks = isValueKey(last) && t.nodes[up].kind == kindObject; asks {
		if name := t.pairName(up); name != "" {
			last, hash = name, foldHash(name)
		}
	}
	if i := strings.LastIndexByte(last, '.'); i >= 0 && i+1 < len(last) {
		rest := last[:i]
		last = last[i+1:]
		hash = foldHash(last)
		above = rest[strings.LastIndexByte(rest, '.')+1:]
	}
	return last, above, hash, asks
}

// valueKeys are the keys of the second half of a pair {"Name": x, "Value": y}.
var valueKeys = [...]string{"value", "Value", "#text", "val", "newValue", "NewValue", "text"}

func isValueKey(s string) bool {
	for _, k := range valueKeys {
		if s == k {
			return true
		}
	}
	return false
}

func (t *tape) pairName(obj uint32) string {
	for c := obj + 1; c < t.nodes[obj].next; c = t.nodes[c].next {
		switch k := t.key(&t.nodes[c]); k {
		case "name", "Name", "key", "Key", "@Name", "displayName", "DisplayName", "id", "type", "field", "label":
			if t.nodes[c].kind == kindString {
				return t.str(&t.nodes[c])
			}
		}
	}
	return ""
}

var (
	shapeIP   = output{slot: EntitySlot(Related, IP)}
	shapeHash = output{slot: EntitySlot(Related, Hash)}
	shapeURL  = output{slot: EntitySlot(Related, URL)}
	shapeMail = output{slot: EntitySlot(Related, Mail)}
)

// shapeOf tells an address, a hash, a URL or a mail address by its looks.
func shapeOf(b []byte) *output {
	n := len(b)
	if n < 4 || n > 2048 {
		return nil
	}
	switch c := b[0]; {
	case c-'0' <= 9 && n <= 15 && bytes.Count(b, []byte{'.'}) == 3:
		if _, err := netip.ParseAddr(asString(b)); err == nil {
			return &shapeIP
		}
	case n <= 45 && (c == ':' || unhex(c) < 16) && likeIPv6(b):
		if _, err := netip.ParseAddr(asString(b)); err == nil {
			return &shapeIP
		}
	case (n == 32 || n == 40 || n == 64) && allHex(b):
		return &shapeHash
	case (c|0x20 == 'h' || c|0x20 == 'f') && (bytes.HasPrefix(b, []byte("http://")) || bytes.HasPrefix(b, []byte("https://")) || bytes.HasPrefix(b, []byte("ftp://"))):
		return &shapeURL
	}
	if n <= 254 && bytes.IndexByte(b, '@') > 0 && isMail(asString(b)) {
		return &shapeMail
	}
	return nil
}

// likeIPv6 rules out what netip would refuse with an error that costs an allocation.
func likeIPv6(b []byte) bool {
	colons := 0
	for _, c := range b {
		switch {
		case c == ':':
			colons++
		case c == '%':
			return colons >= 2
		case c != '.' && unhex(c) > 15:
			return false
		}
	}
	return colons >= 2
}

func allHex(b []byte) bool {
	digits, letters := 0, 0
	for _, c := range b {
		if unhex(c) > 15 {
			return false
		}
		if c <= '9' {
			digits++
		} else {
			letters++
		}
	}
	return digits > 0 && letters > 0
}
