package splunk

import "github.com/tidwall/gjson"

// Held tells whether a row, which is JSON, holds a value as Search compares them.
func Held(row []byte, value string) bool {
	text := folded(gjson.ParseBytes(row))
	for _, v := range spellings(value) {
		if holds(text, v) {
			return true
		}
	}
	return false
}
