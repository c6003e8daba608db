package triage

import (
	"math"
	"strconv"

	"github.com/tidwall/gjson"
)

// reading walks over one JSON document, once. What it meets that is not JSON makes it bad, and ends it; a value of another type than
// the one that is asked for is passed over. Its texts are views into the document unless they hold escapes.
type reading struct {
	s     string
	i     int
	depth int
	bad   bool
}

// deepest is how deep a document may nest. A verdict holds an alert, whose own nesting is bounded.
const deepest = 128

// blank passes blanks and tells what comes then; 0 when nothing does.
func (r *reading) blank() byte {
	for ; r.i < len(r.s); r.i++ {
		if c := r.s[r.i]; c != ' ' && c != '\t' && c != '\n' && c != '\r' {
			return c
		}
	}
	return 0
}

// take passes c, when that is what comes.
func (r *reading) take(c byte) bool {
	if r.bad || r.blank() != c {
		return false
	}
	r.i++
	return true
}

// whole tells whether the document was read to its end.
func (r *reading) whole() bool { return !r.bad && r.blank() == 0 && r.i == len(r.s) }

// object hands over the key of each member, whose value each has to take. A value of another type is passed over.
func (r *reading) object(each func(key string)) {
	if r.blank() != '{' {
		r.skip()
		return
	}
	r.items('{', '}', func() {
		key := r.key()
		if !r.bad {
			each(key)
		}
	})
}

// list has each take every element.
func (r *reading) list(each func()) {
	if r.blank() != '[' {
		r.skip()
		return
	}
	r.items('[', ']', each)
}

func (r *reading) items(open, shut byte, each func()) {
	if r.depth++; r.depth > deepest || !r.take(open) {
		r.bad = true
		return
	}
	for more := !r.take(shut); more && !r.bad; {
		each()
		if more = r.take(','); !more && !r.take(shut) {
			r.bad = true
		}
	}
	r.depth--
}

func (r *reading) key() string {
	if r.bad || r.blank() != '"' {
		r.bad = true
		return ""
	}
	key := r.text()
	r.bad = r.bad || !r.take(':')
	return key
}

// want is a text that is wanted of an object, and where it goes.
type want struct {
	key  string
	into *string
}

// texts takes what is wanted of an object.
func (r *reading) texts(wanted ...want) {
	r.object(func(key string) {
		for _, w := range wanted {
			if w.key == key {
				*w.into = r.text()
				return
			}
		}
		r.skip()
	})
}

// text takes a string.
func (r *reading) text() string {
	if r.blank() != '"' {
		r.skip()
		return ""
	}
	start := r.i
	if escaped := r.quoted(); r.bad || !escaped {
		return r.s[min(start+1, len(r.s)):max(start+1, r.i-1)]
	}
	return gjson.Parse(r.s[start:r.i]).Str
}

// quoted passes a string and tells whether it holds escapes.
func (r *reading) quoted() (escaped bool) {
	for r.i++; r.i < len(r.s); r.i++ {
		switch c := r.s[r.i]; {
		case c == '"':
			r.i++
			return escaped
		case c == '\\':
			escaped = true
			if r.i++; !r.escape() {
				r.bad = true
				return
			}
		case c < ' ':
			r.bad = true
			return
		}
	}
	r.bad = true
	return
}

// escape tells whether what follows a backslash may, and passes all of it but its last byte.
func (r *reading) escape() bool {
	if r.i >= len(r.s) {
		return false
	}
	switch r.s[r.i] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return true
	case 'u':
		for range 4 {
			if r.i++; r.i >= len(r.s) || !hexDigit(r.s[r.i]) {
				return false
			}
		}
		return true
	}
	return false
}

func hexDigit(c byte) bool { return '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'f' }

// number takes a number.
func (r *reading) number() float64 {
	start := r.numeral()
	if start < 0 || r.bad {
		return 0
	}
	f, _ := strconv.ParseFloat(r.s[start:r.i], 64) // of a numeral: what is too large is infinite
	return f
}

// weight takes milli-nats.
func (r *reading) weight() Weight {
	return Weight(max(math.MinInt32, min(math.MaxInt32, r.number())))
}

// numeral passes a number and tells where it began; another value is passed over, and it began nowhere.
func (r *reading) numeral() int {
	if c := r.blank(); c != '-' && (c < '0' || c > '9') {
		r.skip()
		return -1
	}
	start := r.i
	if r.s[r.i] == '-' {
		r.i++
	}
	if r.i < len(r.s) && r.s[r.i] == '0' {
		r.i++
	} else {
		r.digits()
	}
	if r.i < len(r.s) && r.s[r.i] == '.' {
		r.i++
		r.digits()
	}
	if r.i < len(r.s) && r.s[r.i]|0x20 == 'e' {
		if r.i++; r.i < len(r.s) && (r.s[r.i] == '+' || r.s[r.i] == '-') {
			r.i++
		}
		r.digits()
	}
	return start
}

// digits passes one digit or more.
func (r *reading) digits() {
	start := r.i
	for r.i < len(r.s) && '0' <= r.s[r.i] && r.s[r.i] <= '9' {
		r.i++
	}
	r.bad = r.bad || r.i == start
}

// yes takes a boolean.
func (r *reading) yes() bool {
	is := r.blank() == 't'
	r.skip()
	return is && !r.bad
}

// skip passes any value.
func (r *reading) skip() {
	switch c := r.blank(); c {
	case '"':
		r.quoted()
	case '{':
		r.items('{', '}', func() { r.key(); r.skip() })
	case '[':
		r.items('[', ']', r.skip)
	case 't':
		r.word("true")
	case 'f':
		r.word("false")
	case 'n':
		r.word("null")
	default:
		if c == '-' || '0' <= c && c <= '9' {
			r.numeral()
		} else {
			r.bad = true
		}
	}
}

func (r *reading) word(w string) {
	if len(r.s)-r.i < len(w) || r.s[r.i:r.i+len(w)] != w {
		r.bad = true
		return
	}
	r.i += len(w)
}
