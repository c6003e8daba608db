package indicator

// What a byte does to a link.
const (
	stop   = iota // ends it
	plain         // belongs to it
	trails        // belongs to it where more follows
	odds          // see special
)

// urlBytes tells what a byte does to a link.
var urlBytes = func() (t [256]uint8) {
	for c := range 256 {
		switch {
		case isAlnum(byte(c)) && c < 0x80:
			t[c] = plain
		case c >= 0x80:
			t[c] = odds
		}
	}
	for _, c := range "-_~/%+@#$" {
		t[c] = plain
	}
	for _, c := range ".;:!?*" {
		t[c] = trails
	}
	for _, c := range "()[]{}\\&=,'" {
		t[c] = odds
	}
	return t
}()

// writing is a link while it is read: from b at i into out.
type writing struct {
	b       []byte
	i       int
	limit   int
	out     []byte
	good    int // where the link ends in b if nothing better follows
	goodOut int // and in out
	depth   [3]int
	quote   byte // in front of the link: one like it ends it
	percent bool // every byte may be encoded by a percent sign
	soft    bool // lines may be broken softly, as in quoted-printable text
}

// mark says that the link may end here.
func (w *writing) mark() { w.good, w.goodOut = w.i, len(w.out) }

// rest writes the path, the query and the fragment.
func (w *writing) rest() {
	switch at(w.b, w.i) {
	case '/', '?', '#', '\\', '%', '=':
	case '[':
		if bracketed(w.b, w.i).sign != slash {
			return
		}
	default:
		return
	}
	for w.i < w.limit {
		c := w.b[w.i]
		switch urlBytes[c] {
		case stop:
			return
		case plain:
			if c == '%' && w.percent {
				if !w.decoded() {
					return
				}
				continue
			}
			w.out = append(w.out, c)
			w.i++
			w.mark()
		case trails:
			w.out = append(w.out, c)
			w.i++
		default:
			if !w.special(c) {
				return
			}
		}
	}
}

// put takes a byte that was written with n bytes; false when it ends the link.
func (w *writing) put(c byte, n int) bool {
	if c >= 0x80 || urlBytes[c] == stop {
		return false
	}
	w.out = append(w.out, c)
	w.i += n
	if urlBytes[c] != trails {
		w.mark()
	}
	return true
}

// decoded takes %3D for =.
func (w *writing) decoded() bool {
	c, n := hexByte(w.b, w.i)
	return n > 0 && c != '\'' && w.put(c, n)
}

func (w *writing) special(c byte) bool {
	switch c {
	case '(', '[', '{':
		return w.open(c)
	case ')', ']', '}':
		return w.close(c)
	case '\\':
		return w.backslash()
	case '&':
		if w.percent {
			return false
		}
		if c, n := entity(w.b, w.i); n > 0 {
			return c != '\'' && w.put(c, n)
		}
		return w.put('&', 1)
	case '=':
		return w.equals()
	case '\'':
		if w.quote == c || at(w.b, w.i+1) == ')' {
			return false
		}
	case ',':
		if w.quote == ',' || w.quote == '\n' || w.quote == 0 || hasFold(w.b, w.i+1, "http") || hasFold(w.b, w.i+1, "hxxp") {
			return false
		}
	default:
		return w.beyond(c)
	}
	w.out = append(w.out, c) // a comma or an apostrophe
	w.i++
	return true
}

// open takes an opening bracket, or a sign in brackets.
func (w *writing) open(c byte) bool {
	if s := bracketed(w.b, w.i); s.sign != none {
		sign := [...]string{dot: ".", atSign: "@", colon: ":", slash: "/", schemeEnd: "://"}[s.sign]
		w.out = append(w.out, sign...)
		w.i += s.size
		if s.sign != dot {
			w.mark()
		}
		return true
	}
	w.depth[pair(c)]++
	w.out = append(w.out, c)
	w.i++
	return true
}

// pair numbers the kinds of brackets.
func pair(c byte) byte { return c>>5&3 - 1 }

// close takes a closing bracket whose opening one belongs to the link.
func (w *writing) close(c byte) bool {
	d := &w.depth[pair(c)]
	if *d == 0 {
		return false
	}
	*d--
	w.out = append(w.out, c)
	w.i++
	w.mark()
	return true
}

// backslash takes \/ and \u0026 of JSON, and what a shell or Markdown escapes.
func (w *writing) backslash() bool {
	if c, n := unicodeEscape(w.b, w.i); n > 0 {
		return w.put(c, n)
	}
	j := w.i
	for at(w.b, j) == '\\' && j < w.i+4 {
		j++
	}
	switch c := at(w.b, j); c {
	case '/', '&', '?', '=', '.', '_', '-', '~', '#', '%', '+':
		if (c == '.' || c == '-') && kinds[at(w.b, j+1)] == 0 {
			return false
		}
		return w.put(c, j+1-w.i)
	}
	return false
}

// equals takes a plain sign, or what quoted-printable text makes of it.
func (w *writing) equals() bool {
	if w.soft {
		if n := softBreak(w.b, w.i); n > 0 {
			w.i += n
			return true
		}
		if c, n := hexByte(w.b, w.i); n > 0 {
			return w.put(c, n)
		}
	}
	return w.put('=', 1)
}

// beyond takes a letter beyond ASCII. Punctuation there ends a link: such quotes and stops belong to the sentence.
func (w *writing) beyond(c byte) bool {
	n := runeLen(w.b, w.i)
	if c == 0xc2 || c == 0xe2 || c == 0xef || c == 0xe3 && at(w.b, w.i+1) == 0x80 || c < 0xc0 || n < 2 || w.i+n > w.limit {
		return false
	}
	w.out = append(w.out, w.b[w.i:w.i+n]...)
	w.i += n
	w.mark()
	return true
}
