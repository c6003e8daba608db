package sigma

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
)

// document is one YAML document of a file.
type document struct {
	text []byte
	line int // of its first, from 1
}

// documents splits a file at the lines that YAML separates documents with.
func documents(text []byte) []document {
	var list []document
	d, number := document{line: 1}, 0
	for line := range bytes.Lines(text) {
		number++
		if bytes.HasPrefix(line, []byte("---")) && (len(bytes.TrimRight(line, "\r\n")) == 3 || line[3] == ' ') {
			list = append(list, d)
			d = document{line: number + 1}
			continue
		}
		d.text = append(d.text, line...)
	}
	return append(list, d)
}

// rule tells a document that means to be a rule from settings, metadata and nothing.
func (d document) rule() bool {
	for line := range bytes.Lines(d.text) {
		for _, key := range [...]string{"detection:", "logsource:", "correlation:", "action:"} {
			if bytes.HasPrefix(line, []byte(key)) {
				return true
			}
		}
	}
	return false
}

// maxNesting bounds what can nest in a condition: the parser goes a few stack frames deeper with each, and a stack that is used
// up ends the program.
const maxNesting = 10_000

// tooDeep tells a document whose condition could use up the parser's stack.
func (d document) tooDeep() bool {
	return bytes.Count(d.text, []byte("("))+bytes.Count(bytes.ToLower(d.text), []byte("not")) > maxNesting
}

// near is the aggregation that the parser does not know at all.
var near = regexp.MustCompile(`^\s*condition:.*\|\s*near\b`)

// blame says what the parser did not understand: it knows the line of bad YAML only.
func (d document) blame(err error) (int, error) {
	number := d.line
	for line := range bytes.Lines(d.text) {
		if near.Match(line) {
			return number, fmt.Errorf("aggregation near in the condition: %w", errUnsupported)
		}
		number++
	}
	return d.line, fmt.Errorf("not a rule: %w", err)
}

// readBounded reads a file of at most maxFile bytes.
func readBounded(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("larger than %d MiB", maxFile>>20)
	}
	return text, err
}
