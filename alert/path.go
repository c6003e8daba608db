package alert

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert/view"
)

// Path names one place in an alert's view: keys and array indexes joined by dots, a dot or backslash inside a key
// escaped by a backslash. `data.win.eventdata.image`, `kibana\.alert\.uuid`, `evidence.0.ipAddress`.
//
// There are no wildcards, filters or modifiers: a general JSON path language can invent values that no alert holds. A
// step into a string reads the JSON document (or the CEF, LEEF, ... record) that the string holds.
type Path string

// ParsePath checks a path that comes from a rule, a person or a model.
func ParsePath(s string) (Path, error) {
	if s == "" {
		return "", errors.New("path: empty")
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x20 || c == 0x7f:
			return "", fmt.Errorf("path %q: control character", s)
		case c == '\\' && (i+1 == len(s) || s[i+1] != '.' && s[i+1] != '\\'):
			return "", fmt.Errorf("path %q: a backslash escapes only a dot or a backslash", s)
		case c == '\\':
			i++
		}
	}
	p := Path(s)
	steps := p.Steps()
	if len(steps) > maxDepth {
		return "", fmt.Errorf("path %q: more than %d steps", s, maxDepth)
	}
	for _, step := range steps {
		if step == "" {
			return "", fmt.Errorf("path %q: empty key", s)
		}
	}
	return p, nil
}

// NewPath joins keys and indexes (as decimal text) to a path.
func NewPath(steps ...string) Path {
	var b []byte
	for i, s := range steps {
		if i > 0 {
			b = append(b, '.')
		}
		b = appendKey(b, s)
	}
	return Path(b)
}

// Steps returns the keys and indexes of the path, unescaped.
func (p Path) Steps() []string {
	steps := make([]string, 0, 6)
	if !strings.Contains(string(p), `\`) {
		return append(steps, strings.Split(string(p), ".")...)
	}
	var cur []byte
	for i := 0; i < len(p); i++ {
		switch {
		case p[i] == '\\' && i+1 < len(p):
			i++
			cur = append(cur, p[i])
		case p[i] == '.':
			steps, cur = append(steps, string(cur)), cur[:0]
		default:
			cur = append(cur, p[i])
		}
	}
	return append(steps, string(cur))
}

// In returns the text at the path in a JSON document: a string unescaped, anything else as it is written. Of equal
// keys the first counts; an alert that has such keys is ambiguous.
func (p Path) In(doc []byte) (string, bool) {
	cur := gjson.ParseBytes(doc)
	for _, step := range p.Steps() {
		if cur.Type == gjson.String {
			if cur = inside(cur.Str); !cur.Exists() {
				return "", false
			}
		}
		if cur = child(cur, step); !cur.Exists() {
			return "", false
		}
	}
	if cur.Type == gjson.Number {
		return cur.Raw, true // as written: 7.0 stays 7.0
	}
	return cur.String(), true
}

func child(r gjson.Result, step string) gjson.Result {
	var found gjson.Result
	i := 0
	switch {
	case r.IsObject():
		r.ForEach(func(k, v gjson.Result) bool {
			if k.Str == step {
				found = v
			}
			return !found.Exists()
		})
	case r.IsArray():
		want, err := strconv.Atoi(step)
		if err != nil {
			return found
		}
		r.ForEach(func(_, v gjson.Result) bool {
			if i == want {
				found = v
			}
			i++
			return i <= want
		})
	}
	return found
}

// inside reads the document that a string holds.
func inside(s string) gjson.Result {
	if t := strings.TrimSpace(s); strings.HasPrefix(t, "{") || strings.HasPrefix(t, "[") {
		if gjson.Valid(t) {
			return gjson.Parse(t)
		}
		return gjson.Result{}
	}
	if doc, ok := view.Text(nil, []byte(s)); ok {
		return gjson.ParseBytes(doc)
	}
	return gjson.Result{}
}

func appendKey(b []byte, key string) []byte {
	for i := range len(key) {
		if key[i] == '.' || key[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, key[i])
	}
	return b
}

func appendInt(b []byte, i int) []byte { return strconv.AppendInt(b, int64(i), 10) }

// Ref is a receipt: a place in an alert and the text found there. Source is the other place that knows the text: the entry of a
// feed, the line of an inventory, the counts of a baseline. It is empty when the alert itself is all there is.
type Ref struct {
	Path   Path   `json:"path"`
	Value  string `json:"value"`
	Source string `json:"source,omitempty"`
}

// maxRef bounds the text of a receipt in bytes; a longer value is cited by its beginning.
const maxRef = 256

// Cite makes the receipt for a field, or for a part of its text when part is not empty.
func Cite(f *Field, part string) Ref {
	if part == "" {
		part = f.Value
	}
	if len(part) > maxRef {
		part = part[:maxRef]
		for len(part) > 0 && part[len(part)-1]&0xc0 == 0x80 {
			part = part[:len(part)-1]
		}
		if len(part) > 0 && part[len(part)-1] >= 0xc0 {
			part = part[:len(part)-1]
		}
	}
	return Ref{Path: f.Path, Value: part}
}

// Holds reports whether the text at the receipt's path in the view contains the receipt's value. Case and doubled backslashes do not
// count: agents escape Windows paths once more than JSON does, and names are compared folded. A name may stand there as labels.
func (r Ref) Holds(view []byte) bool {
	got, ok := r.Path.In(view)
	if !ok || r.Value == "" {
		return false
	}
	return strings.Contains(got, r.Value) || strings.Contains(foldText(got), foldText(r.Value)) || holdsAddress(got, r.Value) || holdsName(got, r.Value)
}

// holdsName tells whether a text holds the name as labels behind their lengths: (3)www(7)example(3)com(0).
func holdsName(text, value string) (held bool) {
	labels(text, func(name string) {
		held = held || strings.EqualFold(strings.TrimRight(name, "."), strings.TrimRight(value, "."))
	})
	return held
}

// holdsAddress tells whether a text holds the address, however it is written: 2001:DB8::1, 2001:db8:0::1 and ::ffff:192.0.2.1 have one
// canonical form each.
func holdsAddress(text, value string) bool {
	want, err := netip.ParseAddr(value)
	if err != nil {
		return false
	}
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF:.%", r) }) {
		for _, w := range [...]string{word, strings.TrimRight(word, ".:"), word[:max(0, strings.LastIndexByte(word, ':'))]} {
			if a, err := netip.ParseAddr(w); err == nil && a.Unmap().WithZone("") == want {
				return true
			}
		}
	}
	return false
}

// foldText is a text in lower case with every run of backslashes as one.
func foldText(s string) string {
	s = strings.ToLower(s)
	for strings.Contains(s, `\\`) {
		s = strings.ReplaceAll(s, `\\`, `\`)
	}
	return s
}
