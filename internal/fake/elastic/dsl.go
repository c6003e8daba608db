package elastic

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// test tells whether a document meets a clause.
type test func(*doc) bool

// compile reads a clause of Query DSL: bool, range, term, terms, prefix, match_phrase, exists, ids, match_all and, of query_string, NAME:VALUE
// joined by AND.
func compile(clause any) (test, error) {
	o, _ := clause.(object)
	for kind, body := range o {
		b, _ := body.(object)
		switch kind {
		case "match_all":
			return func(*doc) bool { return true }, nil
		case "bool":
			return boolean(b)
		case "range":
			return ranged(b)
		case "ids":
			list, _ := b["values"].([]any)
			return func(d *doc) bool { return slices.Contains(list, any(d.id)) }, nil
		case "exists":
			field := fmt.Sprint(b["field"])
			return func(d *doc) bool { return len(d.values(field)) > 0 }, nil
		case "terms":
			for field, v := range b {
				list, _ := v.([]any)
				return func(d *doc) bool {
					return slices.ContainsFunc(list, func(want any) bool { return d.has(field, fmt.Sprint(want), same) })
				}, nil
			}
		case "term", "prefix", "match_phrase":
			return single(kind, b)
		case "query_string":
			return spoken(fmt.Sprint(b["query"])), nil
		}
		return nil, fmt.Errorf("unknown query [%s]", kind)
	}
	return nil, errors.New("query malformed, empty clause found")
}

// has tells whether one of the values of a field compares with a value.
func (d *doc) has(field, want string, ok func(have, want string) bool) bool {
	for _, have := range d.texts(field) {
		if ok(have, want) {
			return true
		}
	}
	return false
}

func same(have, want string) bool { return have == want || address(have, want) }

// address compares as the field type ip does.
func address(have, want string) bool {
	const letters = "0123456789abcdefABCDEF.:"
	if strings.Trim(have, letters) != "" || strings.Trim(want, letters) != "" {
		return false
	}
	a, err := netip.ParseAddr(have)
	b, err2 := netip.ParseAddr(want)
	return err == nil && err2 == nil && a.Unmap() == b.Unmap()
}

func single(kind string, b object) (test, error) {
	for field, v := range b {
		fold := false
		if o, isObject := v.(object); isObject {
			v, fold = o["value"], o["case_insensitive"] == true
		}
		ok := same
		switch {
		case kind == "match_phrase":
			ok = func(have, want string) bool { return strings.Contains(strings.ToLower(have), strings.ToLower(want)) }
		case kind == "prefix" && fold:
			ok = func(have, want string) bool {
				return len(have) >= len(want) && strings.EqualFold(have[:len(want)], want)
			}
		case kind == "prefix":
			ok = strings.HasPrefix
		case fold:
			ok = strings.EqualFold
		}
		want := fmt.Sprint(v)
		return func(d *doc) bool { return d.has(field, want, ok) }, nil
	}
	return nil, fmt.Errorf("[%s] query malformed, no start_object after query name", kind)
}

func boolean(b object) (test, error) {
	list := func(names ...string) (tests []test, err error) {
		for _, name := range names {
			many, _ := b[name].([]any)
			if one, ok := b[name].(object); ok {
				many = []any{one}
			}
			for _, c := range many {
				t, err := compile(c)
				if err != nil {
					return nil, err
				}
				tests = append(tests, t)
			}
		}
		return tests, nil
	}
	all, err := list("filter", "must")
	not, err2 := list("must_not")
	some, err3 := list("should")
	return func(d *doc) bool {
		met := func(t test) bool { return t(d) }
		return !slices.ContainsFunc(all, func(t test) bool { return !t(d) }) && !slices.ContainsFunc(not, met) && (len(some) == 0 || slices.ContainsFunc(some, met))
	}, errors.Join(err, err2, err3)
}

func ranged(b object) (test, error) {
	for field, v := range b {
		bounds, _ := v.(object)
		for op := range bounds {
			if !slices.Contains([]string{"gte", "gt", "lte", "lt", "format"}, op) {
				return nil, fmt.Errorf("[range] query does not support [%s]", op)
			}
		}
		return func(d *doc) bool {
			return slices.ContainsFunc(d.texts(field), func(have string) bool {
				for op, bound := range bounds {
					n := compare(have, fmt.Sprint(bound))
					if op == "gte" && n < 0 || op == "gt" && n <= 0 || op == "lte" && n > 0 || op == "lt" && n >= 0 {
						return false
					}
				}
				return true
			})
		}, nil
	}
	return nil, errors.New("[range] query malformed")
}

// compare puts dates by their milliseconds, all else by its letters.
func compare(a, b string) int {
	const stamped = len("2006-01-02T15:04:05.000Z")
	if len(a) == stamped && len(b) == stamped && a[stamped-1] == 'Z' && b[stamped-1] == 'Z' {
		return strings.Compare(a, b)
	}
	x, err := time.Parse(time.RFC3339, a)
	y, err2 := time.Parse(time.RFC3339, b)
	if err != nil || err2 != nil {
		return strings.Compare(a, b)
	}
	return cmp.Compare(x.UnixMilli(), y.UnixMilli())
}

func spoken(query string) test {
	return func(d *doc) bool {
		for part := range strings.SplitSeq(query, " AND ") {
			field, value, ok := strings.Cut(part, ":")
			if !ok || !d.has(field, strings.Trim(value, `"`), strings.EqualFold) {
				return false
			}
		}
		return true
	}
}
