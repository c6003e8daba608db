package alert

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/seed-959697dd/soc/alert/view"
)

// Options are what reading depends on besides the bytes.
type Options struct {
	Formats []string       // further format files, asked before the shipped ones
	Found   []string       // the same, from a place that is not trusted: every value they read is an attacker's
	Zone    *time.Location // of times that carry none; UTC when nil
	Now     time.Time      // gives the year to times that carry none
}

// Set is the formats of one run, compiled. It is safe for concurrent use; a Parser is made from it per goroutine.
type Set struct {
	opts    Options
	headers []header
	rec     recogniser
	maps    []atomic.Pointer[map[Path]*mapping] // per format, by the path of the envelope
	names   *nameTable
	generic int
	mu      sync.Mutex
}

// NewSet loads the shipped formats and those of the options.
func NewSet(opts Options) (*Set, error) {
	if opts.Zone == nil {
		opts.Zone = time.UTC
	}
	s := &Set{opts: opts}
	for i, file := range slices.Concat(opts.Formats, opts.Found) {
		body, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("format: %w", err)
		}
		if _, err := ReadFormat(file, bytes.NewReader(body)); err != nil {
			return nil, err
		}
		h := scanHeader(file, body)
		h.rank -= 1000
		h.found = i >= len(opts.Formats)
		s.headers = append(s.headers, h)
	}
	hs, err := shipped()
	if err != nil {
		return nil, err
	}
	s.headers = append(s.headers, hs...)
	s.maps = make([]atomic.Pointer[map[Path]*mapping], len(s.headers))
	s.generic = -1
	for i, h := range s.headers {
		if err := s.rec.add(i, h); err != nil {
			return nil, err
		}
		if h.name == Generic {
			s.generic = i
		}
	}
	s.rec.order()
	if s.generic < 0 {
		return nil, errors.New("format generic is missing")
	}
	if s.names, err = newNames(s.headers[s.generic]); err != nil {
		return nil, err
	}
	return s, nil
}

// mapping returns format i compiled for records below prefix, compiling it at its first use.
func (s *Set) mapping(i int, prefix Path) (*mapping, error) {
	if m := s.maps[i].Load(); m != nil && (*m)[prefix] != nil {
		return (*m)[prefix], nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	next := map[Path]*mapping{}
	if m := s.maps[i].Load(); m != nil {
		for k, v := range *m {
			next[k] = v
		}
	}
	if next[prefix] == nil {
		f, err := decodeFormat(s.headers[i].file, bytes.NewReader(s.headers[i].body))
		if err != nil {
			return nil, err
		}
		if next[prefix], err = compile(f, prefix); err != nil {
			return nil, fmt.Errorf("format %s: %w", s.headers[i].file, err)
		}
		next[prefix].number = i
		if s.headers[i].found {
			next[prefix].trust = [256]Trust{}
		}
		s.maps[i].Store(&next)
	}
	return next[prefix], nil
}

// Parser reads records one at a time. It holds scratch memory and is not safe for concurrent use.
type Parser struct {
	set     *Set
	tapes   []*tape // one per nesting of documents within strings
	depth   int
	hits    []hit
	turn    []uint16 // hits in the order in which they count
	filled  slotSet
	texts   []span
	claimed []uint64
	shapes  shapes
	shape   *shape // of the record at hand, nil when it is not kept
	plan    *plan  // being made
	proofs  []proof
	values  []string // of the things to do
	lower   []byte   // values that recognition asked for

	arranged *plan // by which the fields of the record at hand were made, nil when there was none
	part     part
	yield    func(string) // takePart
}

// NewParser returns a parser over the set.
func (s *Set) NewParser() *Parser {
	p := &Parser{set: s, tapes: []*tape{{}}, shapes: shapes{seed: maphash.MakeSeed()}}
	p.yield = p.takePart
	return p
}

// Errors of Parse. Each rejects one record.
var (
	ErrNoStructure = errors.New("not a record of any known shape")
	ErrNotObject   = errors.New("JSON that is not an object")
)

// Parse reads one record: a JSON object, or a line of text that view.Text can read. decoded is the record's view when its
// container already knows it (a CSV row), else nil. rest is what follows a JSON object on the same line.
// The alert keeps raw and decoded; neither may be written afterwards. The memory of a's lists is used again: an alert that is to
// outlive the next call with the same a is copied by Clone.
func (p *Parser) Parse(a *Alert, raw, decoded []byte) (rest []byte, err error) {
	doc := decoded
	if doc == nil {
		if doc, err = documentOf(raw); err != nil {
			return nil, err
		}
	}
	t := p.tapes[0]
	n, err := p.scan(t, doc)
	if err != nil {
		return nil, err
	}
	if decoded == nil && n < len(doc) {
		rest = doc[n:]
		raw = raw[:len(raw)-len(rest)]
		doc = doc[:n]
	}
	*a = Alert{
		Raw: raw, View: doc, Digest: DigestOf(raw), Severity: Severity{Score: -1},
		Fields: a.Fields[:0], Techniques: a.Techniques[:0], Ambiguous: a.Ambiguous[:0], Gaps: a.Gaps[:0],
	}
	for _, d := range t.dups {
		a.Ambiguous = append(a.Ambiguous, "duplicate key "+d)
	}
	if err := p.read(a, t); err != nil {
		return nil, err
	}
	return rest, nil
}

// scan puts the record on the tape and finds its shape.
func (p *Parser) scan(t *tape, doc []byte) (n int, err error) {
	if p.shape, n = p.shapes.follow(t, doc); p.shape != nil {
		return n, nil
	}
	if n, err = t.scan(doc); err != nil {
		return 0, err
	}
	if t.nodes[0].kind != kindObject {
		return 0, ErrNotObject
	}
	p.shape = p.shapes.of(t)
	return n, nil
}

// documentOf returns the JSON of a record: itself, or its view.
func documentOf(raw []byte) ([]byte, error) {
	i := blanks(raw, 0)
	if i == len(raw) {
		return nil, io.ErrUnexpectedEOF
	}
	if raw[i] == '{' {
		return raw, nil
	}
	doc, ok := view.Text(make([]byte, 0, len(raw)+len(raw)/2+64), raw)
	if !ok {
		if doc, ok = view.Prose(doc, raw); !ok {
			return nil, ErrNoStructure
		}
	}
	return doc, nil
}

// read recognises the record and fills the alert.
func (p *Parser) read(a *Alert, t *tape) error {
	src := source{tape: t}
	format := p.find(t, 0)
	if format < 0 {
		format, src = p.unwrap(source{tape: t}, 3)
	}
	if format < 0 {
		src, format = source{tape: t}, p.set.generic
		a.Gaps = append(a.Gaps, Gap{Check: "format", Class: Partial, Reason: "no format knows this record: read by common names only"})
	}
	m, err := p.mapping(format, t, src)
	if err != nil {
		return err
	}
	p.fill(a, m, t, src)
	p.depth = 0
	return nil
}

// mapping returns the format ready for a record at src.
func (p *Parser) mapping(format int, t *tape, src source) (*mapping, error) {
	if p.shape != nil && src.tape == t {
		for i := range p.shape.plans {
			if pl := &p.shape.plans[i]; pl.m != nil && pl.m.number == format && pl.node == src.node {
				return pl.m, nil
			}
		}
	}
	prefix := Path("")
	if src.tape == t && src.node != 0 {
		if prefix = t.path(src.node); len(prefix) > 64 {
			prefix = ""
		}
	}
	return p.set.mapping(format, prefix)
}
