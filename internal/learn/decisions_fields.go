package learn

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// fields are the wanted values of a record by their path, in which keys are folded and joined by dots. What an array holds stands
// under the array's own path. A text that holds JSON, as tables have it for lists and owners, is read like what it holds.
type fields map[string]found

// found are the values at one path.
type found struct {
	values []string
	owner  int // the object, by number, whose key gave the last of them
}

// maxDepth bounds how deep a record may be nested.
const maxDepth = 64

var errDepth = errors.New("no decision: nested too deep")

// walker reads one record into fields.
type walker struct {
	wanted  map[string]struct{}
	out     fields
	objects int
	texts   int // how many texts that hold JSON are open
}

// fieldsOf reads an object, which has been checked to be JSON.
func fieldsOf(v gjson.Result, wanted map[string]struct{}) (fields, error) {
	if !v.IsObject() {
		return nil, errNoDecision
	}
	w := walker{wanted: wanted, out: fields{}}
	return w.out, w.object(v, "", 0)
}

func (w *walker) object(v gjson.Result, prefix string, depth int) (err error) {
	if depth > maxDepth {
		return errDepth
	}
	w.objects++
	me := w.objects
	v.ForEach(func(key, value gjson.Result) bool {
		if prefix == "" && value.IsObject() && wraps(key.Str) {
			err = w.object(value, "", depth+1)
			return err == nil
		}
		path := fold(key.Str)
		if prefix != "" {
			path = prefix + "." + path
		}
		if old, ok := w.out[path]; ok && old.owner == me {
			err = fmt.Errorf("ambiguous: the key %q stands there twice", key.Str)
			return false
		}
		err = w.value(value, path, me, depth)
		return err == nil
	})
	return err
}

func (w *walker) value(v gjson.Result, path string, owner, depth int) (err error) {
	switch {
	case depth > maxDepth:
		return errDepth
	case v.IsObject():
		return w.object(v, path, depth+1)
	case v.IsArray():
		v.ForEach(func(_, element gjson.Result) bool {
			err = w.value(element, path, owner, depth+1)
			return err == nil
		})
		return err
	case v.Type == gjson.String && w.texts == 0 && holdsJSON(v.Str) && w.under(path):
		w.texts++
		err = w.value(gjson.Parse(v.Str), path, owner, depth+1)
		w.texts--
		return err
	}
	if _, ok := w.wanted[path]; !ok || v.Type == gjson.Null {
		return nil
	}
	text := strings.TrimSpace(v.String())
	f := w.out[path]
	f.owner = owner
	if text != "" && !slices.Contains(f.values[max(0, len(f.values)-1):], text) {
		f.values = append(f.values, text)
	}
	w.out[path] = f
	return nil
}

// under tells whether something wanted is at the path or below it.
func (w *walker) under(path string) bool {
	for want := range w.wanted {
		if rest, ok := strings.CutPrefix(want, path); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}

func holdsJSON(text string) bool {
	text = strings.TrimSpace(text)
	// the validator descends with every bracket
	return len(text) > 1 && (text[0] == '{' || text[0] == '[') && strings.Count(text, "[")+strings.Count(text, "{") < 10_000 && gjson.Valid(text)
}

// wraps tells a key whose object is the record itself: of search results, exports, resources and web hooks.
func wraps(key string) bool {
	switch key {
	case "_source", "fields", "result", "properties", "object":
		return true
	}
	return false
}

// fold spells a key the way the table of products does: lower case, without what only parts words. A leading underscore stays:
// _id and id are two things.
func fold(key string) string {
	key = strings.TrimSpace(key)
	if n := len(key) - len("[utc]"); n > 0 && strings.EqualFold(key[n:], "[utc]") {
		key = strings.TrimSpace(key[:n])
	}
	b := make([]byte, 0, 64)
	for i := range len(key) {
		c := key[i]
		switch {
		case c-'A' <= 25:
			c |= 0x20
		case i > 0 && (c == '_' || c == '-' || c == ' '):
			continue
		}
		b = append(b, c)
	}
	return string(b)
}

func (f fields) has(path string) bool { return len(f[path].values) > 0 }

// first is the first value at the first of the paths that has any.
func (f fields) first(paths ...string) string {
	for _, path := range paths {
		if v := f[path].values; len(v) > 0 {
			return v[0]
		}
	}
	return ""
}
