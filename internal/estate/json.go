package estate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// maxNesting bounds how deep an entry's values are looked for.
const maxNesting = 8

// jsonReader walks a file of objects: one after the other, a list of them, or an object with one list.
type jsonReader struct {
	*sheet
	dec  *json.Decoder
	seen int64 // bytes whose lines are counted
	line int
	row  row
}

// json reads the file as objects.
func (s *sheet) json(yield func(*row) error) error {
	r := &jsonReader{sheet: s, dec: json.NewDecoder(bytes.NewReader(s.text)), line: 1}
	r.row.cells = map[string][]string{}
	if bytes.HasPrefix(bytes.TrimSpace(s.text), []byte("[")) {
		return r.list(yield)
	}
	first := true
	for {
		var raw json.RawMessage
		err := r.dec.Decode(&raw)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return r.broken(err)
		}
		if first {
			if inner, ok := r.holder(raw); ok {
				return inner.inside(r, yield)
			}
		}
		first = false
		if err := r.one(raw, yield); err != nil {
			return err
		}
	}
}

// inner is the list that a file's only object holds.
type inner struct{ raw json.RawMessage }

// holder tells an object that is no entry but holds the list of them: it has exactly one list of objects and no
// address or domain of its own, and nothing follows it.
func (r *jsonReader) holder(raw json.RawMessage) (inner, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(raw, &members) != nil || len(bytes.TrimSpace(r.text[r.dec.InputOffset():])) > 0 {
		return inner{}, false
	}
	var lists []json.RawMessage
	for name, m := range members {
		if objects(m) {
			lists = append(lists, m)
		} else if r.naming[tidyColumn(name)] {
			return inner{}, false
		}
	}
	if len(lists) != 1 {
		return inner{}, false
	}
	return inner{lists[0]}, true
}

// objects tells a list that begins with an object.
func objects(m json.RawMessage) bool {
	rest, ok := bytes.CutPrefix(m, []byte("["))
	return ok && bytes.HasPrefix(bytes.TrimSpace(rest), []byte("{"))
}

func (in inner) inside(r *jsonReader, yield func(*row) error) error {
	from := bytes.Index(r.text, in.raw)
	sub := &jsonReader{sheet: r.sheet, dec: json.NewDecoder(bytes.NewReader(in.raw)), line: 1 + bytes.Count(r.text[:from], []byte("\n"))}
	sub.row.cells = r.row.cells
	whole := r.text
	r.text = in.raw // lines are counted on from where the list begins
	defer func() { r.text = whole }()
	return sub.list(yield)
}

func (r *jsonReader) list(yield func(*row) error) error {
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	for r.dec.More() {
		var raw json.RawMessage
		if err := r.dec.Decode(&raw); err != nil {
			return r.broken(err)
		}
		if err := r.one(raw, yield); err != nil {
			return err
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.fault(r.at(r.dec.InputOffset()), "", "text behind the list")
	}
	return nil
}

// at is the line of an offset. Offsets never fall, so that every byte is counted once.
func (r *jsonReader) at(offset int64) int {
	offset = min(offset, int64(len(r.text)))
	if offset > r.seen {
		r.line += bytes.Count(r.text[r.seen:offset], []byte("\n"))
		r.seen = offset
	}
	return r.line
}

func (r *jsonReader) broken(err error) error {
	var s *json.SyntaxError
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return r.fault(r.at(int64(len(r.text))), "", "the JSON ends in the middle: is the file whole?")
	}
	if errors.As(err, &s) {
		return r.fault(r.at(max(r.dec.InputOffset(), s.Offset)), "", "not JSON: "+s.Error())
	}
	return r.fault(r.at(r.dec.InputOffset()), "", "not JSON")
}

// one makes an object a row.
func (r *jsonReader) one(raw json.RawMessage, yield func(*row) error) error {
	r.row.line = r.at(r.dec.InputOffset() - int64(len(raw)))
	if !bytes.HasPrefix(raw, []byte("{")) {
		return r.fault(r.row.line, "", "an entry that is no object")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var members map[string]any
	if err := dec.Decode(&members); err != nil {
		return r.fault(r.row.line, "", "not JSON")
	}
	clear(r.row.cells)
	if err := r.flatten("", members, 0); err != nil {
		return err
	}
	return yield(&r.row)
}

// flatten notes every value under the names on the way to it, joined.
func (r *jsonReader) flatten(name string, v any, depth int) error {
	if depth > maxNesting {
		return nil
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			at := k
			if name != "" {
				at = name + "." + k
			}
			if err := r.flatten(at, v[k], depth+1); err != nil {
				return err
			}
		}
	case []any:
		for _, e := range v {
			if err := r.flatten(name, e, depth+1); err != nil {
				return err
			}
		}
	case string:
		return r.cell(name, v)
	case json.Number:
		return r.cell(name, v.String())
	case bool:
		return r.cell(name, fmt.Sprint(v))
	}
	return nil
}

func (r *jsonReader) cell(name, v string) error {
	if len(v) > maxCell {
		return r.fault(r.row.line, name, fmt.Sprintf("more than %d bytes", maxCell))
	}
	column := r.see(name)
	if l := r.row.cells[column]; v != "" && len(l) < maxJoined {
		r.row.cells[column] = append(l, v)
	}
	return nil
}
