package view

import (
	"encoding/json"
	"strings"
)

// embedded reads a JSON object behind a short prefix (`@cee: {...}`, `app: {...}`) and copies its bytes, so that what
// is wrong with it, a repeated key for instance, is seen later as if it had come alone. Behind an equals sign an object
// is the value of a pair.
func embedded(o *object, s string) bool {
	i := strings.IndexByte(s[:min(len(s), 64)], '{')
	if i < 0 || !strings.HasSuffix(s, "}") || strings.IndexByte(s[:i], '=') >= 0 {
		return false
	}
	raw := s[i:]
	if !json.Valid([]byte(raw)) {
		return false
	}
	o.name("json")
	o.b = append(o.b, raw...)
	return true
}
