package view

import (
	"strings"
	"unicode"
)

// leastWords is how many words with a letter in them make a line a sentence of a log.
const leastWords = 3

// Prose appends the view {"message": record} of one line that [Text] refuses but that is plainly something a program said:
// printable UTF-8, at least three words, nothing that begins like JSON, XML or a quoted piece of one. Devices write much of
// what matters without a header or a structure, and a relay may have cut the header off.
//
// It is apart from Text so that a sentence inside a JSON member is not taken for a record of its own. ok is false, and out is
// dst, for anything else. Prose keeps nothing and is safe for concurrent use.
func Prose(dst, record []byte) (out []byte, ok bool) {
	s := strings.TrimSpace(strings.TrimPrefix(string(record), "\uFEFF"))
	if s == "" || strings.IndexByte(`{}]"'`, s[0]) >= 0 || s[0] == '<' && digits(s[1:]) == 0 || broken(s) || !printable(s) || !sentence(s) {
		return dst, false
	}
	o := object{b: append(dst, '{')}
	o.member("message", s)
	return append(o.b, '}'), true
}

// sentence reports whether s has enough words. JSON whose begin was cut off has words too: what gives it away is the quote
// before a colon.
func sentence(s string) bool {
	if strings.Contains(s, `":`) {
		return false
	}
	words := 0
	for word := range strings.FieldsSeq(s) {
		if strings.IndexFunc(word, unicode.IsLetter) >= 0 {
			if words++; words == leastWords {
				return true
			}
		}
	}
	return false
}
