package stream

type state int

const (
	unfinished state = iota
	done
	broken
)

const maxDepth = 1024

// balance finds the end of one JSON value by its brackets and strings, in a fixed amount of memory and without recursion.
// It looks at no more grammar than tells a truncated value from a whole one: brackets match, none opens where no value may
// stand, no string runs over the end of its line. It may be fed in pieces.
type balance struct {
	oneLine bool // a newline breaks the value
	depth   int
	arrays  [maxDepth / 64]uint64 // which of the open brackets are arrays
	prev    byte                  // the last byte that is not blank
	inStr   bool
	escaped bool
	why     string // what broke
}

// scan looks at p and returns how much of it belongs to the value.
func (b *balance) scan(p []byte) (int, state) {
	for i := 0; i < len(p); i++ {
		if b.inStr {
			n, st := b.text(p[i:])
			if i += n; st != done {
				return i, st
			}
			if b.depth == 0 {
				return i + 1, done
			}
			continue
		}
		switch c := p[i]; c {
		case ' ', '\t', '\r':
		case '\n':
			if b.oneLine {
				return i, b.breaks("line ends inside a value")
			}
		case '"':
			b.inStr, b.prev = true, c
		case '{', '[':
			if st := b.push(c); st != unfinished {
				return i, st
			}
		case '}', ']':
			if st := b.pop(c); st == broken {
				return i, st
			} else if st == done {
				return i + 1, st
			}
		default:
			b.prev = c
		}
	}
	return len(p), unfinished
}

// text goes to the closing quote.
func (b *balance) text(p []byte) (int, state) {
	for i, c := range p {
		switch {
		case c == '\n':
			return i, b.breaks("line ends inside a string")
		case b.escaped:
			b.escaped = false
		case c == '\\':
			b.escaped = true
		case c == '"':
			b.inStr = false
			return i, done
		}
	}
	return len(p), unfinished
}

func (b *balance) push(c byte) state {
	switch {
	case b.depth == maxDepth:
		return b.breaks("nested too deeply")
	case b.depth > 0 && !b.valueMayStand():
		return b.breaks("value begins where none may stand")
	}
	word, bit := b.depth/64, uint64(1)<<(b.depth%64)
	b.arrays[word] &^= bit
	if c == '[' {
		b.arrays[word] |= bit
	}
	b.depth++
	b.prev = c
	return unfinished
}

func (b *balance) pop(c byte) state {
	if b.depth == 0 || b.inArray() != (c == ']') {
		return b.breaks("bracket closes what is not open")
	}
	b.depth--
	b.prev = c
	if b.depth == 0 {
		return done
	}
	return unfinished
}

func (b *balance) inArray() bool {
	return b.arrays[(b.depth-1)/64]>>((b.depth-1)%64)&1 == 1
}

func (b *balance) valueMayStand() bool {
	if b.inArray() {
		return b.prev == '[' || b.prev == ','
	}
	return b.prev == ':'
}

func (b *balance) breaks(why string) state {
	b.why = why
	return broken
}

// value measures the JSON value (object, array or string) that begins at byte from of the rest. A reason instead of a
// length says why it has no end; n is then how far the look went.
func (w *window) value(from int, oneLine bool) (n int, reason string) {
	b := balance{oneLine: oneLine}
	at := from
	for {
		k, st := b.scan(w.rest()[min(at, len(w.rest())):])
		at += k
		switch {
		case at-from > w.limit:
			return w.limit, tooLong
		case st == done:
			return at - from, ""
		case st == broken:
			return at - from, b.why
		case !w.more():
			return at - from, "input ends inside a value"
		}
	}
}

const tooLong = "value longer than a record may be"
