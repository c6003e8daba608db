package alert

import (
	"encoding/binary"
	"strings"
)

// appendLower appends strings.ToLower of s and tells whether s is ASCII.
func appendLower(b []byte, s string) ([]byte, bool) {
	from := len(b)
	b = append(b, s...)
	low := b[from:]
	for len(low) >= 8 {
		w := binary.LittleEndian.Uint64(low)
		if w&highs != 0 {
			return append(b[:from], strings.ToLower(s)...), false
		}
		capital := (w + ones*(0x80-'A')) &^ (w + ones*(0x7f-'Z')) & highs // no sum of an ASCII byte reaches the next
		binary.LittleEndian.PutUint64(low, w|capital>>2)
		low = low[8:]
	}
	for i, c := range low {
		if c >= 0x80 {
			return append(b[:from], strings.ToLower(s)...), false
		}
		if c-'A' <= 25 {
			low[i] = c | 0x20
		}
	}
	return b, true
}
