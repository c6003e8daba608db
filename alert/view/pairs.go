package view

import "strings"

const groupSeparator = '\x1d'

// pair is one key=value seen in a line: where it stands, and what stands before it. lead is the delimiter before the
// key, a blank when there is none; spaced says that a blank stands directly before the key.
type pair struct {
	key, value, end int // the key begins, the value begins, the value ends when quoted
	quoted, spaced  bool
	lead            byte
}

// pairs reads a line of at least two key=value, whatever stands between them. A row of columns whose cells hold pairs
// is written as columns first: pairs in a text that a stranger chose must not hide the row.
func pairs(o *object, s string) bool {
	kept, d := keptPairs(s)
	if len(kept) < 2 {
		return false
	}
	if c := columnDelimiter(s); c != 0 {
		before := strings.Count(s[:kept[0].key], string(c))
		if before >= leastDelimiters || (before > 0 || c == d) && strings.Count(s, string(c)) >= 2*len(kept) {
			columns(o, s)
		}
	}
	writePairs(o, s, kept, d)
	return true
}

// keptPairs returns the pairs that the delimiter of the line, which it returns too, separates.
func keptPairs(s string) ([]pair, byte) {
	all := scanPairs(s)
	d := delimiterOf(all)
	kept := all[:0]
	for i, p := range all {
		if i == 0 || d != ' ' && p.lead == d || d == ' ' && p.spaced {
			kept = append(kept, p)
		}
	}
	return kept, d
}

func writePairs(o *object, s string, kept []pair, d byte) {
	o.open("kv")
	for i, p := range kept {
		next := len(s)
		if i+1 < len(kept) {
			next = kept[i+1].key
		}
		key := strings.TrimRight(s[p.key:p.value-1], `"`)
		o.member(key, pairValue(s, p, next, d))
	}
	o.end()
}

func pairValue(s string, p pair, next int, d byte) string {
	if p.quoted {
		return unquote(s[p.value+1 : p.end])
	}
	v := s[p.value:next]
	if d != ' ' {
		return strings.Trim(strings.TrimSuffix(strings.TrimRight(v, " \t\n\r"), string(d)), " \t\n\r")
	}
	if i := strings.IndexAny(v, " \t\n\r\x1d"); i >= 0 {
		if fits(v, "9999-99-99 99:99:99") {
			i = len("9999-99-99 99:99:99") // a time that its sender did not quote
		}
		v = v[:i]
	}
	if n := len(v); n > 1 && (v[n-1] == ',' || v[n-1] == ';') {
		v = v[:n-1]
	}
	if strings.IndexByte(v, '[') < 0 {
		v = strings.TrimRight(v, "]")
	}
	if strings.IndexByte(v, '(') < 0 {
		v = strings.TrimRight(v, ")")
	}
	return v
}

// scanPairs finds every equals sign outside quotes that has a key before it.
func scanPairs(s string) []pair {
	var all []pair
	single := true // whether a single quote may still find its other one; keeps the scan linear
	last, i := 0, 0
	for {
		n := strings.IndexByte(s[i:], '=')
		if n < 0 {
			return all
		}
		e := i + n
		i = e + 1
		k, ok := keyBefore(s, last, e)
		if !ok {
			continue
		}
		begin := k
		if k > 0 && s[k-1] == '"' {
			begin--
		}
		spaced := begin == 0 || blank(s[begin-1]) || s[begin-1] == '[' || s[begin-1] == '('
		p := pair{key: k, value: e + 1, spaced: spaced, lead: leadOf(s, begin)}
		if i < len(s) && (s[i] == '"' || s[i] == '\'' && single) {
			end := closingBefore(s, i+1, s[i])
			switch {
			case end >= 0:
				p.quoted, p.end = true, end
				i = end + 1
			case s[i] == '"': // cut off
				p.quoted, p.end = true, len(s)
				i = len(s)
			default:
				single = false
			}
		}
		last = i
		all = append(all, p)
	}
}

// keyBefore returns where the key that ends at e begins. It begins with a letter, and after something that separates.
func keyBefore(s string, last, e int) (int, bool) {
	if e-1 > last && s[e-1] == '"' {
		k := strings.LastIndexByte(s[max(last, e-128):e-1], '"') + max(last, e-128)
		return k + 1, k >= last && s[k] == '"' && k+2 < e && (k == 0 || separates(s[k-1]))
	}
	k := e
	for k > last && e-k < 128 && keyByte(s[k-1]) && s[k-1] != '[' {
		k--
	}
	letter := k < e && (s[k] == '_' || s[k] == '@' || s[k]|0x20 >= 'a' && s[k]|0x20 <= 'z')
	return k, letter && (k == 0 || separates(s[k-1]))
}

func leadOf(s string, k int) byte {
	for k > 0 && s[k-1] == ' ' {
		k--
	}
	if k > 0 && strings.IndexByte(",;|\t", s[k-1]) >= 0 {
		return s[k-1]
	}
	return ' '
}

// delimiterOf tells what separates the pairs. Blanks must be clearly outnumbered: a distinguished name, OU=x,DC=y, has
// commas of its own.
func delimiterOf(all []pair) byte {
	var count [128]int
	for _, p := range all[min(1, len(all)):] {
		count[p.lead]++
		if p.lead != ' ' && p.lead != '\t' && p.spaced {
			count[p.lead]++
		}
	}
	best := byte(' ')
	for _, d := range [...]byte{'\t', '|', ';', ','} {
		if count[d] > 2*count[' '] && count[d] > count[best] {
			best = d
		}
	}
	return best
}

// closingBefore returns the first unescaped quote that a separator or the end follows; -1 when there is none.
func closingBefore(s string, from int, quote byte) int {
	for {
		i := closing(s, from, quote)
		if i < 0 || i+1 == len(s) || separates(s[i+1]) {
			return i
		}
		from = i + 1
	}
}

func separates(c byte) bool {
	switch c {
	case ',', ';', '|', '[', ']', '(', ')':
		return true
	}
	return blank(c)
}

func blank(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == groupSeparator
}

// unquote undoes \" and \'. Other backslashes stay: most senders write Windows paths as they are.
func unquote(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\'') {
			i++
		}
		b = append(b, s[i])
	}
	return string(b)
}
