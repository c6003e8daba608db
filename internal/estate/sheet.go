package estate

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Bounds of one inventory.
const (
	maxFile = 256 << 20 // bytes
	maxRows = 4_000_000
	maxCell = 16 << 10 // bytes
)

// row is one entry of a file: its values by column, the column's name as tidyColumn spells it.
type row struct {
	line  int
	cells map[string][]string
}

// sheet is a file of entries, told apart by content.
type sheet struct {
	name    string // as errors and receipts show it
	text    []byte
	columns map[string]string // those seen so far, with their spelling in the file
	naming  map[string]bool   // columns that only an entry has: addresses, full names, ids
	count   int
}

// open reads a file whole. The digest is that of its bytes.
func open(path, name string) (*sheet, [sha256.Size]byte, error) {
	var digest [sha256.Size]byte
	f, err := os.Open(path)
	if err != nil {
		return nil, digest, fmt.Errorf("reading inventory: %w", err)
	}
	defer func() { _ = f.Close() }() // only read
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return nil, digest, &Error{File: name, Msg: "a directory, where a file is expected"}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, digest, fmt.Errorf("reading inventory: %w", err)
	}
	if len(text) > maxFile {
		return nil, digest, &Error{File: name, Msg: fmt.Sprintf("more than %d MiB", maxFile>>20)}
	}
	digest = sha256.Sum256(text)
	s, err := newSheet(name, text)
	return s, digest, err
}

func newSheet(name string, text []byte) (*sheet, error) {
	text = decoded(text)
	s := &sheet{name: name, text: text, columns: map[string]string{}}
	head := bytes.TrimSpace(text[:min(len(text), 512)])
	msg := ""
	switch {
	case len(head) == 0:
		msg = "empty"
	case head[0] == '<':
		msg = "a web page or XML, where CSV or JSON is expected: a page that asks for a password, perhaps"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		msg = "a spreadsheet or archive: save it as CSV"
	case bytes.HasPrefix(head, []byte("\x1f\x8b")):
		msg = "compressed: unpack it first"
	case bytes.IndexByte(text, 0) >= 0:
		msg = "not a text"
	}
	if msg != "" {
		return nil, &Error{File: name, Msg: msg}
	}
	if !utf8.Valid(text) {
		good := 0
		for good < len(text) {
			r, n := utf8.DecodeRune(text[good:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			good += n
		}
		return nil, &Error{File: name, Line: 1 + bytes.Count(text[:good], []byte("\n")), Msg: "not UTF-8: save it as such"}
	}
	return s, nil
}

// decoded takes away a byte order mark, and makes UTF-16, as spreadsheets save it, UTF-8.
func decoded(text []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(text, []byte("\xef\xbb\xbf")):
		return text[3:]
	case bytes.HasPrefix(text, []byte("\xff\xfe")):
		order = binary.LittleEndian
	case bytes.HasPrefix(text, []byte("\xfe\xff")):
		order = binary.BigEndian
	default:
		return text
	}
	units := make([]uint16, 0, len(text)/2)
	for i := 2; i+1 < len(text); i += 2 {
		units = append(units, order.Uint16(text[i:]))
	}
	return []byte(string(utf16.Decode(units)))
}

// rows calls yield for each entry until it fails. The row is the sheet's: it is reused.
func (s *sheet) rows(yield func(*row) error) error {
	counted := func(r *row) error {
		if s.count++; s.count > maxRows {
			return s.fault(r.line, "", fmt.Sprintf("more than %d entries", maxRows))
		}
		return yield(r)
	}
	read := s.csv
	if c := bytes.TrimSpace(s.text)[0]; c == '{' || c == '[' {
		read = s.json
	}
	if err := read(counted); err != nil {
		return err
	}
	if s.count == 0 {
		return s.fault(0, "", "no entries")
	}
	return nil
}

func (s *sheet) fault(line int, column, msg string) error {
	return &Error{File: s.name, Line: line, Column: column, Msg: msg}
}

// see notes a column and returns its tidy name.
func (s *sheet) see(column string) string {
	name := tidyColumn(column)
	if _, ok := s.columns[name]; !ok {
		s.columns[strings.Clone(name)] = column
	}
	return name
}

// tidyColumn spells "IP Address", ip_address, ipAddress and ip.address alike: ipaddress.
func tidyColumn(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		switch c := s[i]; {
		case 'A' <= c && c <= 'Z':
			b = append(b, c|0x20)
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c >= utf8.RuneSelf:
			b = append(b, c)
		}
	}
	return string(b)
}
