package elastic

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/investigate"
)

// most conditions of one question: Elasticsearch takes 1,024 at least.
const mostClauses = 600

// asked is a term of a query made ready.
type asked struct {
	number int // in the query
	kind   investigate.Kind
	values []clause
	host   []clause // nil: any
}

// search is one question under way.
type search struct {
	c      *Client
	q      *investigate.Query
	found  func(*alert.Alert) error
	parser *alert.Parser
	answer investigate.Answer
	kept   []int               // records handed on, by term
	met    map[string]struct{} // documents handed on
}

// Search implements investigate.Source. A record has a time here, or it is in no window. The input of a record is its index; its number in
// it is made of its id, by which it is found again.
func (c *Client) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	s := &search{c: c, q: &q, found: found, kept: make([]int, len(q.Terms)), met: map[string]struct{}{}, answer: investigate.Answer{Counts: make([]int64, len(q.Terms))}}
	if c.search == nil || c.set.Formats == nil {
		s.gap(alert.Unconfigured, "logs were not asked: the source has no elasticsearch_url")
		return s.answer, nil
	}
	s.parser = c.set.Formats.NewParser()
	from, to := q.From.Truncate(time.Millisecond), q.To
	if from.IsZero() {
		from = time.Unix(0, 0)
	}
	if to.IsZero() {
		to = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	for _, part := range s.parts() {
		if err := s.part(ctx, part, from, to); err != nil {
			return s.answer, err
		}
	}
	if !q.From.IsZero() && !q.To.IsZero() {
		if err := s.cover(ctx, from, to); err != nil {
			return s.answer, err
		}
	}
	return s.answer, nil
}

func (s *search) gap(class alert.GapClass, format string, args ...any) {
	if g := (alert.Gap{Source: "elastic", Class: class, Reason: fmt.Sprintf(format, args...)}); !slices.Contains(s.answer.Gaps, g) {
		s.answer.Gaps = append(s.answer.Gaps, g)
	}
}

// parts cuts the terms into questions that Elasticsearch takes, and says which it cannot be asked for.
func (s *search) parts() (parts [][]*asked) {
	fields, where := table(), hosts()
	left := map[string]int{}
	room := 0
	for i, t := range s.q.Terms {
		a := &asked{number: i, kind: t.Kind}
		for _, c := range fields[t.Kind] {
			a.values = append(a.values, c.spell(t.Value)...)
		}
		if t.Host != "" {
			for _, c := range where {
				a.host = append(a.host, c.spell(strings.TrimSuffix(t.Host, "$"))...)
			}
		}
		n := len(a.values) + len(a.host)
		switch {
		case len(fields[t.Kind]) == 0:
			left["values of kind "+string(t.Kind)+", which no field of ECS has"]++
			continue
		case len(a.values) == 0:
			left["values of kind "+string(t.Kind)+" that its fields cannot hold"]++
			continue
		case t.Kind == "process.id" && t.Host == "":
			left["process ids of no host"]++
			continue
		}
		if room < n {
			parts, room = append(parts, nil), mostClauses
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], a)
		room -= n
	}
	for _, why := range slices.Sorted(maps.Keys(left)) {
		s.gap(alert.Partial, "%d values were not asked for: %s", left[why], why)
	}
	return parts
}

// part asks for the records of some terms. When a term among them is common, so that it would crowd the others out, each half is asked for
// alone; a single one is asked for page by page, as far as the query wants it.
func (s *search) part(ctx context.Context, terms []*asked, from, to time.Time) error {
	begin, limit := from, s.c.set.Rows
	if s.q.Most > 0 {
		limit = min(limit, s.q.Most*len(terms)+1)
	}
	for {
		rows, more, err := s.page(ctx, terms, from, to, limit)
		if err != nil {
			return err
		}
		if more && len(terms) > 1 && s.q.Most > 0 {
			half := len(terms) / 2
			if err := s.part(ctx, terms[:half], from, to); err != nil {
				return err
			}
			return s.part(ctx, terms[half:], from, to)
		}
		if more && len(rows) == 0 { // the answer was too large to be read
			if limit = limit / 2; limit > 0 {
				continue
			}
			s.gap(alert.Partial, "%s: one record is larger than an answer may be", s.asking(terms, begin, to))
			return nil
		}
		next := from
		if more {
			next = rows[len(rows)-1].at
			if next.Equal(rows[0].at) {
				s.gap(alert.Partial, "%s: there are moments with more than %d records, and the others of them were left out", s.asking(terms, begin, to), limit)
				next = next.Add(time.Millisecond)
			}
		}
		for _, r := range rows {
			if more && !r.at.Before(next) {
				break
			}
			if err := s.take(terms, r); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
		if s.q.Most > 0 && s.kept[terms[0].number] >= s.q.Most { // a single one: see above
			return s.count(ctx, terms[0], next, to)
		}
		from = next
	}
}

// count counts the records of a common term that are left out.
func (s *search) count(ctx context.Context, t *asked, from, to time.Time) error {
	v, err := s.c.run(ctx, "FROM "+s.c.set.Index+" | "+within+" | STATS n = COUNT(*) | LIMIT 1", t.filter(), from, to)
	if err != nil {
		return s.fault(ctx, err, []*asked{t}, from, to)
	}
	s.answer.Counts[t.number] += v.Get("values.0.0").Int()
	return nil
}

// asking says what a question was about, without a value of it.
func (s *search) asking(terms []*asked, from, to time.Time) string {
	if len(terms) == 0 {
		return fmt.Sprintf("asked what %s reaches over from %s to %s", s.c.set.Index, date(from), date(to))
	}
	kinds := map[string]int{}
	for _, t := range terms {
		kinds[string(t.kind)]++
	}
	var list []string
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		list = append(list, fmt.Sprintf("%d %s", kinds[k], k))
	}
	return fmt.Sprintf("asked for values (%s) in %s from %s to %s", strings.Join(list, ", "), s.c.set.Index, date(from), date(to))
}

// fault makes a gap of what went wrong, or the error that ends the search: the context's, and that nothing may be read.
func (s *search) fault(ctx context.Context, err error, terms []*asked, from, to time.Time) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var e *web.Error
	if errors.As(err, &e) && (e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden) {
		return fmt.Errorf("asking logs: %w", err)
	}
	s.gap(alert.Failed, "%s: %s", s.asking(terms, from, to), err)
	return nil
}

// row is one record.
type row struct {
	at        time.Time
	index, id string
	source    gjson.Result
}

// page asks for the first records of a window. more tells that there are others behind them, or that none could be read for their size.
func (s *search) page(ctx context.Context, terms []*asked, from, to time.Time, limit int) (rows []row, more bool, err error) {
	text := fmt.Sprintf("FROM %s METADATA _id, _index, _source | %s | SORT @timestamp ASC | LIMIT %d | KEEP @timestamp, _id, _index, _source", s.c.set.Index, within, limit)
	v, err := s.c.run(ctx, text, anyOf(terms), from, to)
	if errors.Is(err, web.ErrTooLarge) {
		return nil, true, nil
	}
	if err != nil {
		return nil, false, s.fault(ctx, err, terms, from, to)
	}
	if v.Get("is_partial").Bool() {
		s.gap(alert.Partial, "%s: the answer is partial (is_partial), records are missing", s.asking(terms, from, to))
	}
	for _, r := range v.Get("values").Array() {
		at, err := time.Parse(time.RFC3339, r.Get("0").String())
		one := row{at: at, id: r.Get("1").String(), index: r.Get("2").String(), source: r.Get("3")}
		if err != nil || one.id == "" || !one.source.IsObject() {
			s.gap(alert.Partial, "%s: a record without its time, id or source could not be read", s.asking(terms, from, to))
			continue
		}
		rows = append(rows, one)
	}
	return rows, len(rows) > 0 && len(v.Get("values").Array()) >= limit, nil
}

// take counts a record and hands it over.
func (s *search) take(terms []*asked, r row) error {
	held := flatten(r.source)
	wanted, met := false, false
	for _, t := range terms {
		if len(terms) > 1 && !t.meets(held) {
			continue
		}
		met = true
		if s.answer.Counts[t.number]++; s.q.Most == 0 || s.kept[t.number] < s.q.Most {
			s.kept[t.number]++
			wanted = true
		}
	}
	key := r.index + "/" + r.id
	if _, known := s.met[key]; known || met && !wanted {
		return nil
	}
	s.met[key] = struct{}{}
	raw := wire.Text([]byte(`{`), "_index", r.index)
	raw = wire.Text(raw, "_id", r.id)
	raw = append(append(wire.Key(raw, "_source"), r.source.Raw...), '}')
	a := new(alert.Alert)
	if _, err := s.parser.Parse(a, raw, nil); err != nil {
		s.gap(alert.Partial, "record %s of %s could not be read: %s", short(r.id), r.index, err)
		return nil
	}
	sum := sha256.Sum256([]byte(r.id))
	a.Input = alert.Place{Name: r.index, Line: 1, Offset: int64(binary.BigEndian.Uint64(sum[:8]) >> 12)} //nolint:gosec // 52 bits, which every reader of JSON keeps
	return s.found(a)
}

// flatten lists what each field holds, by its dotted name.
func flatten(source gjson.Result) map[string][]string {
	held := map[string][]string{}
	var walk func(string, gjson.Result)
	walk = func(name string, v gjson.Result) {
		switch {
		case v.IsObject():
			v.ForEach(func(k, e gjson.Result) bool {
				if name == "" {
					walk(k.Str, e)
				} else {
					walk(name+"."+k.Str, e)
				}
				return true
			})
		case v.IsArray():
			for _, e := range v.Array() {
				walk(name, e)
			}
		default:
			held[name] = append(held[name], v.String())
		}
	}
	walk("", source)
	return held
}

func (a *asked) meets(held map[string][]string) bool {
	one := func(list []clause) bool {
		return slices.ContainsFunc(list, func(c clause) bool { return slices.ContainsFunc(held[c.field], c.holds) })
	}
	return one(a.values) && (a.host == nil || one(a.host))
}

// filter is the term as Elasticsearch takes it.
func (a *asked) filter() object {
	either := func(list []clause) object {
		should := make([]object, 0, len(list))
		for _, c := range list {
			should = append(should, c.dsl())
		}
		return object{"bool": object{"should": should, "minimum_should_match": 1}}
	}
	if a.host == nil {
		return either(a.values)
	}
	return object{"bool": object{"filter": []object{either(a.values), either(a.host)}}}
}

func anyOf(terms []*asked) object {
	should := make([]object, 0, len(terms))
	for _, t := range terms {
		should = append(should, t.filter())
	}
	return object{"bool": object{"should": should, "minimum_should_match": 1}}
}
