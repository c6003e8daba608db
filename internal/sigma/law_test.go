package sigma_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/sigma"
)

// TestAgreesWithReference: the compiled rules match exactly the events that the slow evaluator says, over generated rules and
// events of a fixed seed, and every receipt holds.
func TestAgreesWithReference(t *testing.T) {
	t.Parallel()
	rounds := 40
	if testing.Short() {
		rounds = 4
	}
	pairs, matches := 0, 0
	for seed := range rounds {
		g := generator{rand.New(rand.NewPCG(uint64(seed), 42))}
		rules := make([]refRule, 50)
		files := fstest.MapFS{}
		for i := range rules {
			rules[i] = g.rule()
			files[fmt.Sprintf("r%03d.yml", i)] = &fstest.MapFile{Data: []byte(rules[i].yaml(i))}
		}
		set, skipped, err := sigma.Load(sigma.Options{}, sigma.Tree{Name: "made", FS: files})
		if err != nil || len(skipped) > 0 || set.Len() != len(rules) {
			t.Fatalf("seed %d: %v %v, %d rules", seed, err, skipped, set.Len())
		}
		for range 50 {
			e := g.event()
			a := e.alert(t)
			got := map[string]sigma.Match{}
			for _, m := range set.Match(a) {
				got[m.Rule.ID] = m
			}
			for i, r := range rules {
				m, ok := got[fmt.Sprint("id", i)]
				if want := r.matches(e.flat()); want != ok {
					t.Fatalf("seed %d: compiled %v, reference %v\n%s\n%s", seed, ok, want, r.yaml(i), a.View)
				}
				pairs++
				if ok {
					matches++
				}
				for _, f := range m.Fields {
					if !(alert.Ref{Path: f.Path, Value: f.Value}).Holds(a.View) {
						t.Fatalf("receipt %s %q does not hold in %s", f.Path, f.Value, a.View)
					}
				}
			}
		}
	}
	if matches*20 < pairs || matches*20 > 19*pairs {
		t.Errorf("%d of %d pairs match: the generator makes too little difference", matches, pairs)
	}
}

type refRule struct {
	searches  map[string][]refItem // all must match; a search "_or" joins by or
	keywords  map[string]refItem
	condition refCondition
}

type refCondition struct {
	text string
	eval func(map[string]bool) bool
}

func (r refRule) matches(e refEvent) bool {
	held := map[string]bool{}
	for name, items := range r.searches {
		held[name] = !slices.ContainsFunc(items, func(it refItem) bool { return !it.matches(e) })
	}
	for name, it := range r.keywords {
		held[name] = it.matches(e)
	}
	return r.condition.eval(held)
}

func (r refRule) yaml(i int) string {
	detection := map[string]any{"condition": r.condition.text}
	for name, items := range r.searches {
		m := map[string]any{}
		for _, it := range items {
			m[strings.Join(append([]string{it.field}, it.modifiers...), "|")] = it.values
		}
		detection[name] = m
	}
	for name, it := range r.keywords {
		detection[name] = it.values
	}
	text, err := json.Marshal(detection)
	if err != nil {
		panic(err) // maps of strings always encode
	}
	return fmt.Sprintf("title: rule %d\nid: id%d\nlogsource: {product: windows, category: process_creation}\ndetection: %s\n", i, i, text)
}

type generator struct{ *rand.Rand }

func pick[T any](g generator, list ...T) T { return list[g.IntN(len(list))] }

var (
	fieldNames = []string{"Alpha", "Beta", "Gamma", "Delta"}
	pieces     = []string{
		"foo", "Bar", "BAZ", "evil", "-enc", " /enc", "–enc", "x-y", "x/e", "x-e", `\`, `\\`, "é", "É", "ß", "*", "?", " ", "12", "7", "ab", "a", "power",
		"Zm9v", "ZgBvAG8A",
	}
	wholes = []string{
		"", "foo", "FOO", "12", "7", "100", "-3.5", "true", "10.1.2.3", "10.9.9.9", "2001:db8::1", "2024-02-29T23:05:00Z",
		"2025-01-01T00:30:00+01:00", "Zm9vYmFy", "xZm9vYmFyx", "ZgBvAG8A", "AGYAbwBv", "Zm9v",
	}
)

// text is a few pieces in a row.
func (g generator) text() string {
	s := ""
	for range g.IntN(4) {
		s += pick(g, pieces...)
	}
	return s
}

// pattern is a text with wildcards and escapes in it.
func (g generator) pattern() string {
	s := ""
	for range 1 + g.IntN(3) {
		s += pick(g, "foo", "bar", "baz", "evil", "-enc", "/enc", "*", "?", `\*`, `\?`, `\\`, `\`, "é", "12", "a", "e", " ", "power", "x-", "x-e")
	}
	return s
}

func (g generator) item() refItem {
	it := refItem{field: pick(g, fieldNames...)}
	for range 1 + g.IntN(3) {
		it.values = append(it.values, g.pattern())
	}
	place := pick(g, nil, []string{"contains"}, []string{"startswith"}, []string{"endswith"}, []string{"contains", "all"})
	switch g.IntN(14) {
	case 0:
		it.modifiers = []string{"re"}
		it.values = []any{pick(g, "fo+", "^b.r$", `(?:foo|evil)\d*`, `evil.+`, "B[aA]R", `\d{2}`, "foo$", "pow(er)+", "^$")}
		it.modifiers = append(it.modifiers, pick(g, nil, []string{"i"}, []string{"m"}, []string{"s"}, []string{"i", "m", "s"})...)
	case 1:
		it.modifiers, it.values = []string{"cidr"}, []any{pick(g, "10.0.0.0/8", "10.1.0.0/16", "2001:db8::/32", "10.1.2.3/32")}
	case 2:
		it.modifiers, it.values = []string{pick(g, "lt", "lte", "gt", "gte")}, []any{pick(g, 12.0, 7.0, -3.5, 100.0)}
	case 3:
		part := pick(g, "minute", "hour", "day", "week", "month", "year")
		it.modifiers, it.values = []string{part}, []any{pick(g, 5.0, 30.0, 23.0, 29.0, 31.0, 9.0, 1.0, 2.0, 12.0, 2024.0)}
	case 4:
		it.modifiers, it.values = []string{"exists"}, []any{g.IntN(2) == 0}
	case 5:
		it.modifiers = append([]string{"fieldref"}, pick(g, nil, []string{"contains"}, []string{"startswith"}, []string{"endswith"})...)
		it.values = []any{pick(g, fieldNames...)}
	case 6:
		it.values = []any{pick[any](g, nil, "", 12.0, 7.0, true, "foo")}
	case 7:
		it.modifiers = append(pick(g, nil, []string{"wide"}, []string{"utf16le"}, []string{"utf16be"}, []string{"utf16"}), pick(g, "base64", "base64offset"), "contains")
		it.values = []any{pick(g, "foo", "foobar", "bar", `a\b`, "é")}
	case 8:
		it.modifiers = append([]string{"windash"}, place...)
	case 9:
		it.modifiers = append([]string{"cased"}, place...)
	case 10:
		it.modifiers = []string{"neq"}
	default:
		it.modifiers = place
	}
	return it
}

func (g generator) rule() refRule {
	r := refRule{searches: map[string][]refItem{}, keywords: map[string]refItem{}}
	names := []string{"sel_a", "sel_b", "other", "filter_x"}
	for _, name := range names {
		items := []refItem{g.item()}
		for range g.IntN(2) {
			if it := g.item(); it.field != items[0].field {
				items = append(items, it)
			}
		}
		r.searches[name] = items
	}
	if g.IntN(6) == 0 {
		delete(r.searches, "other")
		r.keywords["other"] = refItem{values: []any{pick(g, "foo", "evil", "b?r", "-enc"), pick(g, "power*12", "ß", "zzz")}}
	}
	r.condition = g.condition(2)
	return r
}

func (g generator) condition(depth int) refCondition {
	if depth > 0 && g.IntN(3) > 0 {
		a, b := g.condition(depth-1), g.condition(depth-1)
		switch g.IntN(3) {
		case 0:
			return refCondition{"(" + a.text + " and " + b.text + ")", func(h map[string]bool) bool { return a.eval(h) && b.eval(h) }}
		case 1:
			return refCondition{"(" + a.text + " or " + b.text + ")", func(h map[string]bool) bool { return a.eval(h) || b.eval(h) }}
		}
		return refCondition{"not (" + a.text + ")", func(h map[string]bool) bool { return !a.eval(h) }}
	}
	switch g.IntN(6) {
	case 0:
		return refCondition{"1 of sel_*", func(h map[string]bool) bool { return h["sel_a"] || h["sel_b"] }}
	case 1:
		return refCondition{"all of sel_*", func(h map[string]bool) bool { return h["sel_a"] && h["sel_b"] }}
	case 2:
		return refCondition{"1 of them", func(h map[string]bool) bool { return h["sel_a"] || h["sel_b"] || h["other"] || h["filter_x"] }}
	case 3:
		return refCondition{"sel_a and not filter_x", func(h map[string]bool) bool { return h["sel_a"] && !h["filter_x"] }}
	case 4:
		return refCondition{"all of them", func(h map[string]bool) bool { return h["sel_a"] && h["sel_b"] && h["other"] && h["filter_x"] }}
	}
	name := pick(g, "sel_a", "sel_b", "other")
	return refCondition{name, func(h map[string]bool) bool { return h[name] }}
}

// madeEvent is a flat Sysmon record.
type madeEvent map[string]any

func (g generator) event() madeEvent {
	e := madeEvent{"EventID": 1.0, "Channel": "Microsoft-Windows-Sysmon/Operational", "Computer": "ws-1.example.com"}
	for _, name := range fieldNames {
		switch g.IntN(8) {
		case 0: // absent
		case 1:
			e[name] = nil
		case 2:
			e[name] = []any{g.text(), pick(g, wholes...)}
		case 3:
			e[name] = pick[any](g, 12.0, 7.0, true, 3.25)
		case 4, 5:
			e[name] = pick(g, wholes...)
		default:
			e[name] = g.text()
		}
	}
	return e
}

// flat is the event as the reference sees it.
func (e madeEvent) flat() refEvent {
	flat := refEvent{}
	for name, v := range e {
		list, ok := v.([]any)
		if !ok {
			list = []any{v}
		}
		for _, x := range list {
			if x != nil {
				flat[name] = append(flat[name], fmt.Sprint(x))
			}
		}
	}
	return flat
}

func (e madeEvent) alert(t *testing.T) *alert.Alert {
	t.Helper()
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, text)
}

func parse(t *testing.T, text []byte) *alert.Alert {
	t.Helper()
	set, err := formats()
	if err != nil {
		t.Fatal(err)
	}
	var a alert.Alert
	if _, err := set.NewParser().Parse(&a, text, nil); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return &a
}
