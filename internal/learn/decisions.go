package learn

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/triage"
)

// Reject is a record of a decision file that is none, with its reason. Line counts from 1.
type Reject struct {
	Line   int64
	Reason string
}

// What a record can be rejected for.
var (
	errNoDecision = errors.New("no decision: not a JSON object, nor a row of a table whose header was understood")
	errNoSubject  = errors.New("names no alert, finding or verdict")
	errNoWord     = errors.New("no field says what it turned out to be")
)

// ReadDecisions hands over every decision of a file: soc's own, or what a product exports of its closed alerts and incidents, as JSON,
// one object per line, in an array or in a response, or as a table with a header. The product is recognised by its fields, see
// products. An incident of several alerts gives one decision for each, all named for the incident. What says nothing yet, or says it
// in words that are not known, goes to reject; other documents of soc are skipped. An error of yield ends the reading and is returned.
// A file that breaks off is an error: what it would have said is not known.
func ReadDecisions(r io.Reader, yield func(triage.Decision) error, reject func(Reject)) error {
	src := stream.Source{Name: "decisions", Open: func() (io.ReadCloser, error) { return io.NopCloser(r), nil }}
	d := newDecoder()
	err := stream.Read(context.Background(), src, stream.Limits{}, func(b stream.Batch) error {
		rejects := b.Rejects
		for i := range b.Records {
			rec := &b.Records[i]
			for len(rejects) > 0 && rejects[0].Line < rec.Line {
				reject(Reject{rejects[0].Line, rejects[0].Reason})
				rejects = rejects[1:]
			}
			if err := d.record(rec, yield, reject); err != nil {
				return err
			}
		}
		for i := range rejects {
			reject(Reject{rejects[i].Line, rejects[i].Reason})
		}
		if len(b.Gaps) > 0 {
			return errors.New(b.Gaps[0].Reason)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("reading decisions: %w", err)
	}
	return nil
}

// decoder turns records into decisions.
type decoder struct {
	products []product
	wanted   map[string]struct{}
	header   []string // of a table too narrow to be recognised as one by its shape
	comma    rune
	first    bool // nothing was read yet
}

func newDecoder() *decoder {
	d := &decoder{products: products(), wanted: map[string]struct{}{}, first: true}
	for i := range d.products {
		p := &d.products[i]
		words := common()
		maps.Copy(words, p.meaning)
		p.meaning = words
		for path := range p.paths {
			d.wanted[path] = struct{}{}
		}
	}
	return d
}

// record reads one record. Its error is that of yield.
func (d *decoder) record(rec *stream.Record, yield func(triage.Decision) error, reject func(Reject)) error {
	text := rec.View
	if text == nil {
		text = rec.Raw
	}
	first := d.first
	d.first = false
	if text = bytes.TrimRight(bytes.TrimSpace(text), ","); len(text) == 0 || first && d.head(text) {
		return nil
	}
	if d.header != nil {
		row, err := d.row(text)
		if err != nil {
			reject(Reject{rec.Line, err.Error()})
			return nil
		}
		text = row
	}
	in := json.NewDecoder(bytes.NewReader(text))
	for {
		var raw json.RawMessage
		if err := in.Decode(&raw); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			reject(Reject{rec.Line, errNoDecision.Error()})
			return nil
		}
		if err := d.value(raw, rec.Line, yield, reject); err != nil {
			return err
		}
	}
}

// value reads one JSON value: an object, or DFIR-IRIS's response with a list of them.
func (d *decoder) value(raw []byte, line int64, yield func(triage.Decision) error, reject func(Reject)) error {
	v := gjson.ParseBytes(raw)
	objects := []gjson.Result{v}
	if list := v.Get("data.alerts"); list.IsArray() {
		objects = list.Array()
	}
	for _, object := range objects {
		list, err := d.object(object)
		if err != nil {
			reject(Reject{line, err.Error()})
			continue
		}
		for i := range list {
			if err := yield(list[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// object reads one JSON object.
func (d *decoder) object(v gjson.Result) ([]triage.Decision, error) {
	f, err := fieldsOf(v, d.wanted)
	if err != nil {
		return nil, err
	}
	if kind := f.first("kind"); kind != "" && kind != "decision" && f.has("version") {
		return nil, nil
	}
	for i := range d.products {
		if p := &d.products[i]; p.fits(f) {
			return p.read(f)
		}
	}
	return nil, errNoWord
}

// head takes the first line of a file for the header of a table when it is one: two columns at least, one of which names alerts.
func (d *decoder) head(text []byte) bool {
	if text[0] == '{' || text[0] == '[' {
		return false
	}
	for _, comma := range ",;\t" {
		row, err := split(text, comma)
		if err != nil || len(row) < 2 {
			continue
		}
		for _, name := range row {
			if _, ok := d.wanted[fold(name)]; ok {
				d.header, d.comma = row, comma
				return true
			}
		}
	}
	return false
}

// row spells a line of a table as an object.
func (d *decoder) row(text []byte) ([]byte, error) {
	row, err := split(text, d.comma)
	if err != nil || len(row) != len(d.header) {
		return nil, errors.New("row has another number of fields than the header")
	}
	object := make(map[string]string, len(row))
	for i, name := range d.header {
		object[name] = row[i]
	}
	return json.Marshal(object)
}

func split(text []byte, comma rune) ([]string, error) {
	in := csv.NewReader(bytes.NewReader(text))
	in.Comma = comma
	return in.Read()
}
