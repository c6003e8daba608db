package read

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
)

// table reads lines that may be the rows of a table.
type table struct {
	*reader
	force   bool // it is said to be CSV
	sep     byte
	columns []role // nil until a header or Options.Columns say them
	rows    int64
	began   bool // a line that is no comment was there
	fields  []string
	cut     string // why the row just read may be cut off
}

func (t *table) line(raw []byte, at place) error {
	t.cut = ""
	line := string(raw)
	text := strings.TrimSpace(line)
	if text == "" {
		return nil
	}
	if note, ok := comment(text); ok {
		return t.note(note)
	}
	first := !t.began
	t.began = true
	if first && t.o.Columns != nil {
		if header, err := t.declare(text); err != nil || header {
			return err
		}
	} else if first && t.header(text) { // even if a comment announced the columns: the first row may name them again
		return nil
	}
	t.rows++
	if t.columns == nil {
		if t.force {
			return fmt.Errorf("%w: line %d: no column is known by name; say --columns value=NAME or value=1", ErrNotFeed, at.line)
		}
		return t.listLine(line, at, raw)
	}
	return t.row(line, at, raw)
}

// comment returns what a line says that is no data.
func comment(text string) (string, bool) {
	switch {
	case text[0] == '#', text[0] == ';', text[0] == '!':
		return strings.TrimSpace(strings.TrimLeft(text, "#;!")), true
	case strings.HasPrefix(text, "//"):
		return text, true
	case strings.HasPrefix(text, "[Adblock"):
		return "", true
	}
	return "", false
}

// note reads a comment: the columns before the first row, the number of rows behind the last.
func (t *table) note(text string) error {
	if !t.began {
		if t.o.Columns == nil {
			t.header(text)
		}
		return nil
	}
	n, ok := announced(text)
	if ok && n != t.rows {
		return fmt.Errorf("%w: it announces %d entries and holds %d", ErrCut, n, t.rows)
	}
	return nil
}

// announced reads the last line of abuse.ch's files: "Number of entries: 12" or "END 12 entries".
func announced(text string) (int64, bool) {
	low := strings.ToLower(text)
	rest, ok := strings.CutPrefix(low, "number of entries:")
	if !ok {
		if rest, ok = strings.CutPrefix(low, "end "); ok {
			rest, ok = strings.CutSuffix(rest, " entries")
		}
	}
	n, err := strconv.ParseInt(strings.TrimSpace(rest), 10, 64)
	return n, ok && err == nil
}

// row reads a row by its columns.
func (t *table) row(line string, at place, raw []byte) error {
	var err error
	if t.fields, err = split(t.fields[:0], line, t.sep); err != nil {
		t.cut = err.Error()
		return t.reject(at, raw, err.Error())
	}
	if len(t.fields) < len(t.columns) && (len(t.fields) == 1 || t.o.Columns == nil) {
		t.cut = fmt.Sprintf("%d columns where %d belong", len(t.fields), len(t.columns))
		return t.reject(at, raw, t.cut)
	}
	in, port := t.about()
	n := 0
	for i, c := range t.columns {
		if c != colValue || i >= len(t.fields) || nothing(t.fields[i]) {
			continue
		}
		n++
		v, err := ioc.Parse(t.fields[i])
		if err != nil {
			if err := t.reject(at, raw, err.Error()); err != nil {
				return err
			}
			continue
		}
		one := in
		one.Type, one.Value, one.Wild = v.Type, v.Text, v.Wild
		one.Tags = append([]string(nil), in.Tags...)
		if v.Port != "" {
			port = v.Port
		}
		if port != "" {
			one.AddTag("port " + port)
		}
		if err := t.keep(&one, at, raw); err != nil {
			return err
		}
	}
	if n == 0 {
		return t.reject(at, raw, "no value in the row")
	}
	return nil
}

// about reads what a row says about its values.
func (t *table) about() (in ioc.Indicator, port string) {
	var tags []string
	for i, c := range t.columns {
		if i >= len(t.fields) || nothing(t.fields[i]) {
			continue
		}
		f := strings.TrimSpace(t.fields[i])
		switch c {
		case colFirst:
			in.First = moment(f)
		case colLast:
			in.Last = moment(f)
		case colUntil:
			in.Until = moment(f)
		case colFamily:
			in.AddTag(f)
		case colTags:
			tags = append(tags, strings.Split(f, ",")...)
		case colConfidence:
			n, _ := strconv.ParseUint(strings.TrimSuffix(f, "%"), 10, 7)
			in.Confidence = uint8(n)
		case colVerdict:
			in.Verdict, _ = ioc.VerdictOf(f)
		case colTLP:
			in.TLP, _ = ioc.TLPOf(f)
		case colReference:
			in.Refer(f)
		case colPort:
			port = ioc.Cut(f, 5)
		case colNone, colValue:
		}
	}
	for _, tag := range tags {
		if !nothing(tag) {
			in.AddTag(tag)
		}
	}
	return in, port
}

// nothing tells the words with which a feed leaves a column empty.
func nothing(s string) bool {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "none", "null", "n/a", "-", "nil":
		return true
	}
	return false
}

var errQuote = errors.New("a quote is not closed")

// split appends the fields of one row. Quotes may follow a blank, a doubled one stands for itself.
func split(fields []string, line string, sep byte) ([]string, error) {
	for {
		line = strings.TrimLeft(line, " ")
		if line == "" || line[0] != '"' {
			i := strings.IndexByte(line, sep)
			if i < 0 {
				return append(fields, strings.TrimSpace(line)), nil
			}
			fields, line = append(fields, strings.TrimSpace(line[:i])), line[i+1:]
			continue
		}
		field, rest, ok := quoted(line[1:])
		if !ok {
			return fields, errQuote
		}
		fields = append(fields, field)
		i := strings.IndexByte(rest, sep)
		if i < 0 {
			return fields, nil
		}
		line = rest[i+1:]
	}
}

// quoted reads up to the closing quote.
func quoted(s string) (field, rest string, ok bool) {
	doubled := false
	for i := 0; i < len(s); i++ {
		if s[i] != '"' {
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			doubled = true
			i++
			continue
		}
		if field = s[:i]; doubled {
			field = strings.ReplaceAll(field, `""`, `"`)
		}
		return field, s[i+1:], true
	}
	return "", "", false
}

// end looks whether the file ended where it should.
func (t *table) end(lines *lineReader) error {
	if t.cut != "" && !lines.whole {
		return fmt.Errorf("%w in line %d: %s", ErrCut, lines.at.line, t.cut)
	}
	return nil
}
