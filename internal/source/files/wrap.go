package files

import "bytes"

// A record of CEF may go on over several lines, each of which ends in a blank. Where a hit lies in such lines, those around it are read together with
// it; which of them are one record is for alert/stream to say.

// mostWrapped bounds how many lines are looked at in each direction.
const mostWrapped = 32

// goesOn tells whether the last line of a text ends in a blank.
func goesOn(text []byte) bool {
	text = bytes.TrimSuffix(bytes.TrimSuffix(text, newline), []byte{'\r'})
	n := len(text)
	return n > 0 && (text[n-1] == ' ' || text[n-1] == '\t')
}

// around returns the lines that must be read to know the records in which byte at stands. They do not reach before byte done.
func around(text []byte, at, done int) (from, to int) {
	from = done + bytes.LastIndexByte(text[done:at], '\n') + 1
	for range mostWrapped {
		if from == done || !goesOn(text[done:from]) {
			break
		}
		from = done + bytes.LastIndexByte(text[done:from-1], '\n') + 1
	}
	to = lineEnd(text, at)
	for range mostWrapped {
		if to == len(text) || !goesOn(text[from:to]) {
			break
		}
		to = lineEnd(text, to)
	}
	return from, to
}

func lineEnd(text []byte, at int) int {
	if k := bytes.IndexByte(text[at:], '\n'); k >= 0 {
		return at + k + 1
	}
	return len(text)
}
