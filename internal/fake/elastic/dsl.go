package elastic

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// matches tells whether a document meets a clause of Query DSL: bool, range, term, terms, prefix, match_phrase, exists, ids and, of
// query_string, NAME:VALUE joined by AND.
func matches(d *doc, clause any) (bool, error) {
	o, _ := clause.(object)
	for kind, body := range o {
		b, _ := body.(object)
		switch kind {
		case "match_all":
			return true, nil
		case "bool":
			return boolean(d, b)
		case "range":
			return ranged(d, b)
		case "ids":
			list, _ := b["values"].([]any)
			return slices.Contains(list, any(d.id)), nil
		case "exists":
			return len(d.values(fmt.Sprint(b["field"]))) > 0, nil
		case "terms":
			for field, list := range b {
				list, _ := list.([]any)
				return anyOf(d, field, list, same), nil
			}
		case "term", "prefix", "match_phrase":
			return single(d, kind, b)
		case "query_string":
			return spoken(d, fmt.Sprint(b["query"])), nil
		}
		return false, fmt.Errorf("unknown query [%s]", kind)
	}
	return false, fmt.Errorf("query malformed, empty clause found")
}

func anyOf(d *doc, field string, list []any, ok func(have, want string) bool) bool {
	for _, have := range d.texts(field) {
		for _, want := range list {
			if ok(have, fmt.Sprint(want)) {
				return true
			}
		}
	}
	return false
}

func same(have, want string) bool { return have == want || address(have, want) }

// address compares as the field type ip does.
func address(have, want string) bool {
	a, err := netip.ParseAddr(have)
	b, err2 := netip.ParseAddr(want)
	return err == nil && err2 == nil && a.Unmap() == b.Unmap()
}

func single(d *doc, kind string, b object) (bool, error) {
	for field, v := range b {
		ok, fold := same, false
		if o, isObject := v.(object); isObject {
			v = o["value"]
			fold = o["case_insensitive"] == true
		}
		switch kind {
		case "prefix":
			ok = strings.HasPrefix
		case "match_phrase":
			ok = func(have, want string) bool { return strings.Contains(strings.ToLower(have), strings.ToLower(want)) }
		}
		if inner := ok; fold {
			ok = func(have, want string) bool { return inner(strings.ToLower(have), strings.ToLower(want)) }
		}
		return anyOf(d, field, []any{v}, ok), nil
	}
	return false, fmt.Errorf("[%s] query malformed, no start_object after query name", kind)
}

func boolean(d *doc, b object) (bool, error) {
	list := func(name string) []any {
		if one, ok := b[name].(object); ok {
			return []any{one}
		}
		many, _ := b[name].([]any)
		return many
	}
	for _, c := range slices.Concat(list("filter"), list("must")) {
		if ok, err := matches(d, c); err != nil || !ok {
			return false, err
		}
	}
	for _, c := range list("must_not") {
		if ok, err := matches(d, c); err != nil || ok {
			return false, err
		}
	}
	should := list("should")
	for _, c := range should {
		if ok, err := matches(d, c); err != nil || ok {
			return ok, err
		}
	}
	return len(should) == 0, nil
}

func ranged(d *doc, b object) (bool, error) {
	for field, v := range b {
		bounds, _ := v.(object)
		for _, have := range d.texts(field) {
			ok := true
			for op, bound := range bounds {
				n := compare(have, fmt.Sprint(bound))
				switch op {
				case "gte":
					ok = ok && n >= 0
				case "gt":
					ok = ok && n > 0
				case "lte":
					ok = ok && n <= 0
				case "lt":
					ok = ok && n < 0
				case "format":
				default:
					return false, fmt.Errorf("[range] query does not support [%s]", op)
				}
			}
			if ok {
				return true, nil
			}
		}
		return false, nil
	}
	return false, fmt.Errorf("[range] query malformed")
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

func spoken(d *doc, query string) bool {
	for part := range strings.SplitSeq(query, " AND ") {
		field, value, ok := strings.Cut(part, ":")
		if !ok || !anyOf(d, field, []any{strings.Trim(value, `"`)}, strings.EqualFold) {
			return false
		}
	}
	return true
}
