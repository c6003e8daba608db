package estate

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csv reads the file as lines of values under a line of names.
func (s *sheet) csv(yield func(*row) error) error {
	r := csv.NewReader(bytes.NewReader(s.text))
	r.Comma = delimiter(s.text)
	r.ReuseRecord = true
	r.FieldsPerRecord = -1
	head, err := r.Read()
	if err != nil {
		return s.csvFault(err)
	}
	columns := make([]string, len(head))
	for i, h := range head {
		columns[i] = s.see(strings.TrimSpace(h))
	}
	entry := &row{cells: make(map[string][]string, len(columns))}
	for {
		values, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return s.csvFault(err)
		}
		entry.line, _ = r.FieldPos(0)
		if len(values) != len(columns) {
			return s.fault(entry.line, "", fmt.Sprintf("%d values under %d columns: is the file whole?", len(values), len(columns)))
		}
		clear(entry.cells)
		for i, v := range values {
			if len(v) > maxCell {
				return s.fault(entry.line, s.columns[columns[i]], fmt.Sprintf("more than %d bytes", maxCell))
			}
			if v != "" {
				entry.cells[columns[i]] = append(entry.cells[columns[i]], v)
			}
		}
		if err := yield(entry); err != nil {
			return err
		}
	}
}

// csvFault says what is wrong with a file that is no CSV.
func (s *sheet) csvFault(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return s.fault(0, "", err.Error())
	}
	line, msg := p.Line, p.Err.Error()
	if errors.Is(p.Err, csv.ErrQuote) {
		line, msg = p.StartLine, "a quote that does not end, or text after one: is the file whole?"
	}
	return s.fault(line, "", msg)
}

// delimiter is the one of the usual four that the first line holds most often.
func delimiter(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, c := range ",;\t|" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}
