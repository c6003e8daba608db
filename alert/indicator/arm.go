package indicator

// arm is a place in a text and how it is written anew: as it stands, with one bracket or x more, or with one fewer.
type arm struct {
	size    int // of the text it stands for
	front   int // brackets or letters copied from its beginning
	core    int // what stands in the middle
	outer   int // its whole bracket, on each side; 0 when it is copied
	add     bool
	last    bool   // the innermost bracket goes, and with it the word becomes a sign
	sign    string // for which the word stands
	letters string // the scheme as it is written anew
}

// armAt reads what stands at i: a sign in brackets or a disarmed scheme, of which one level is added or taken away, or else one
// byte. Both directions see the same places, which is what makes one the inverse of the other.
func armAt(b []byte, i int, add bool) arm {
	switch c := b[i]; c {
	case '[', '(', '{':
		n := 1
		for at(b, i+n) == c {
			n++
		}
		core, sign := signAt(b, i+n)
		if core == 0 {
			return arm{size: n, core: n}
		}
		closers := 0
		for at(b, i+n+core+closers) == closing(c) {
			closers++
		}
		level := min(n, closers)
		if level == 0 {
			return arm{size: n, core: n}
		}
		return arm{size: n + core + closers, front: n, core: core, outer: closers, add: add, last: level == 1, sign: sign}
	case 'h', 'H', 'f', 'F':
		return schemeArm(b, i, add)
	}
	return arm{size: 1, core: 1}
}

func closing(c byte) byte {
	switch c {
	case '[':
		return ']'
	case '(':
		return ')'
	case '{':
		return '}'
	}
	return 0xff
}

// signAt is the length of what may stand in brackets at i and the sign it stands for.
func signAt(b []byte, i int) (size int, sign string) {
	switch c := at(b, i); c {
	case ':':
		if at(b, i+1) == '/' && at(b, i+2) == '/' {
			return 3, "://"
		}
		return 1, ":"
	case '.':
		return 1, "."
	case '@':
		return 1, "@"
	case '/':
		return 1, "/"
	}
	if hasFold(b, i, "dot") {
		return 3, "."
	}
	if hasFold(b, i, "at") {
		return 2, "@"
	}
	return 0, ""
}

// appendTo writes the place whose text is b.
func (w arm) appendTo(dst, b []byte) []byte {
	switch {
	case w.letters != "":
		return append(dst, w.letters...)
	case w.outer == 0:
		return append(dst, b[:w.size]...)
	}
	open, shut := b[0], b[w.size-1]
	front, outer := w.front-1, w.outer-1
	if w.add {
		front, outer = w.front+1, w.outer+1
	}
	for range front {
		dst = append(dst, open)
	}
	if w.last && !w.add {
		dst = append(dst, w.sign...)
	} else {
		dst = append(dst, b[w.front:w.front+w.core]...)
	}
	for range outer {
		dst = append(dst, shut)
	}
	return dst
}

// schemeArm reads http or ftp, whose t's are x's when they are disarmed, in front of a colon.
func schemeArm(b []byte, i int, add bool) arm {
	one := arm{size: 1, core: 1}
	live := 2
	if b[i]|0x20 == 'f' {
		live = 1
	}
	n, c := 0, at(b, i+1)
	if c|0x20 != 't' && c|0x20 != 'x' {
		return one
	}
	for at(b, i+1+n) == c {
		n++
	}
	p := i + 1 + n
	if at(b, p)|0x20 != 'p' || !colonFollows(b, p+1) {
		return one
	}
	front, end := b[i], b[p]
	switch c {
	case 't', 'T':
		if !add || n != live || !hasFold(b, afterScheme(b, p+1), "://") || !evenCase(front, c, end) {
			return one
		}
		return schemeOf(front, c-'t'+'x', n, end)
	default:
		if n < live {
			return one
		}
	}
	switch {
	case add:
		return schemeOf(front, c, n+1, end).of(n)
	case n > live:
		return schemeOf(front, c, n-1, end).of(n)
	}
	t := c - 'x' + 't'
	if end == 'p' {
		t = 't' // hXXp is how people write http
	}
	return schemeOf(front, t, n, end)
}

func schemeOf(front, c byte, n int, end byte) arm {
	letters := append(make([]byte, 0, 8), front)
	for range n {
		letters = append(letters, c)
	}
	return arm{size: n + 2, letters: string(append(letters, end))}
}

// of says how many letters the text has in the middle.
func (w arm) of(n int) arm {
	w.size = n + 2
	return w
}

// evenCase tells the spellings of a scheme that come back: http, Http, HTTP.
func evenCase(front, c, end byte) bool {
	return c == 't' && end == 'p' || c == 'T' && end == 'P' && front <= 'Z'
}

// afterScheme skips the s of https.
func afterScheme(b []byte, i int) int {
	if at(b, i)|0x20 == 's' {
		i++
	}
	return i
}

// colonFollows tells whether a colon stands behind a scheme, in brackets or not.
func colonFollows(b []byte, i int) bool {
	i = afterScheme(b, i)
	for at(b, i) == '[' {
		i++
	}
	return at(b, i) == ':'
}
