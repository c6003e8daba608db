package sigma_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-959697dd/soc/internal/sigma"
)

// TestModifiers: what each modifier of the specification matches and what it does not. F is a field's value as JSON, rule a selection
// in YAML's flow style.
func TestModifiers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		rule string
		yes  []string
		no   []string
	}{
		"a plain value is the whole value, in any case": {`{F: Foo}`, []string{`"foo"`, `"FOO"`}, []string{`"foo "`, `"a foo"`, `""`, `null`}},
		"a number is a number as written":               {`{F: 4624}`, []string{`4624`, `"4624"`}, []string{`46240`, `"04624"`}},
		"a truth value":                                 {`{F: true}`, []string{`true`, `"True"`}, []string{`false`, `1`}},
		"one of a list":                                 {`{F: [a, b]}`, []string{`"a"`, `"B"`}, []string{`"c"`}},
		"any value of a list in the record":             {`{F: b}`, []string{`["a","b"]`, `"b"`}, []string{`["a","c"]`, `[]`}},
		"null is no value":                              {`{F: null}`, []string{`null`}, []string{`""`, `"null"`, `0`}},
		"the empty value":                               {`{F: ''}`, []string{`""`}, []string{`null`, `" "`}},
		"null or a value":                               {`{F: [null, x]}`, []string{`null`, `"x"`}, []string{`"y"`, `""`}},
		"a star is any text":                            {`{F: 'a*c'}`, []string{`"ac"`, `"abc"`, `"a\nc"`}, []string{`"acd"`, `"xac"`}},
		"a question mark is one character":              {`{F: 'a?c'}`, []string{`"abc"`, `"aéc"`}, []string{`"ac"`, `"abbc"`}},
		"an escaped star":                               {`{F: 'a\*'}`, []string{`"a*"`}, []string{`"ab"`, `"a\\*"`}},
		"a backslash before a star":                     {`{F: 'C:\\*'}`, []string{`"C:\\x"`, `"c:\\"`}, []string{`"C:*"`, `"C:x"`}},
		"a lone backslash":                              {`{F: 'C:\Temp\x'}`, []string{`"C:\\Temp\\x"`}, []string{`"C:Tempx"`}},
		"contains":                                      {`{F|contains: Mid}`, []string{`"a mid b"`, `"mid"`}, []string{`"mi d"`}},
		"contains a wildcard":                           {`{F|contains: 'a*b'}`, []string{`"xaybz"`}, []string{`"ba"`}},
		"startswith":                                    {`{F|startswith: ab}`, []string{`"abc"`, `"AB"`}, []string{`"cab"`}},
		"endswith":                                      {`{F|endswith: '\cmd.exe'}`, []string{`"C:\\x\\CMD.exe"`}, []string{`"cmd.exe"`, `"\\cmd.exe "`}},
		"all of the values":                             {`{F|contains|all: [a, b]}`, []string{`"xbxa"`}, []string{`"a"`, `"b"`}},
		"a regular expression is searched, in its case": {`{F|re: 'a[0-9]+b'}`, []string{`"xa1bx"`}, []string{`"A1B"`, `"ab"`}},
		"a regular expression in any case":              {`{F|re|i: '^a.b$'}`, []string{`"AxB"`}, []string{`"A\nB"`, `"AxB\n1"`}},
		"a regular expression over lines":               {`{F|re|m: '^b$'}`, []string{`"a\nb"`}, []string{`"ab"`}},
		"a dot that is a line end too":                  {`{F|re|s: 'a.b'}`, []string{`"a\nb"`}, []string{`"ab"`}},
		"cidr":                                          {`{F|cidr: 10.0.0.0/8}`, []string{`"10.200.0.1"`, `"::ffff:10.0.0.1"`}, []string{`"11.0.0.1"`, `"10.0.0"`}},
		"cidr of version 6":                             {`{F|cidr: '2001:db8::/32'}`, []string{`"2001:DB8:1::5"`}, []string{`"2001:db9::1"`, `"10.0.0.1"`}},
		"base64":                                        {`{F|base64|contains: 'foo'}`, []string{`"x Zm9v y"`}, []string{`"foo"`}},
		"base64 at any offset": {
			`{F|base64offset|contains: 'http://'}`,
			[]string{`"aHR0cDovL2E="`, `"YWh0dHA6Ly9h"`, `"YWFodHRwOi8vYQ=="`},
			[]string{`"http://"`},
		},
		"wide text in base64":    {`{F|wide|base64offset|contains: 'ping'}`, []string{`"cABpAG4AZwA="`}, []string{`"cGluZw=="`}},
		"utf16le is wide":        {`{F|utf16le|base64|contains: 'ping'}`, []string{`"cABpAG4AZwA="`}, []string{`"AHAAaQBuAGc="`}},
		"utf16be":                {`{F|utf16be|base64|contains: 'ping'}`, []string{`"AHAAaQBuAGc="`}, []string{`"cABpAG4AZwA="`}},
		"utf16 with its mark":    {`{F|utf16|base64|contains: 'ping'}`, []string{`"//5wAGkAbgBnAA=="`}, []string{`"cABpAG4AZwA="`}},
		"parameter dashes":       {`{F|contains|windash: ' -enc x-y'}`, []string{`"a -enc x-y"`, `"a /enc x-y"`, `"a –enc x-y"`}, []string{`"a enc x-y"`, `"a /enc x/y"`}},
		"reference to a field":   {`{F|fieldref: G}`, []string{`"same"`, `"SAME"`}, []string{`"same too"`}},
		"reference to its start": {`{F|fieldref|startswith: G}`, []string{`"same too"`}, []string{`"the same"`}},
		"exists":                 {`{F|exists: true}`, []string{`"x"`, `""`, `0`}, []string{`null`}},
		"does not exist":         {`{F|exists: false}`, []string{`null`}, []string{`"x"`, `""`}},
		"placeholder":            {`{F|expand: '%admins%'}`, []string{`"root"`, `"adm-1"`}, []string{`"%admins%"`, `"x"`}},
		"placeholder in a text":  {`{F|contains|expand: 'is %admins%!'}`, []string{`"he is root!"`}, []string{`"root"`}},
		"cased":                  {`{F|cased|contains: Foo}`, []string{`"a Foo"`}, []string{`"a foo"`}},
		"less than":              {`{F|lt: 10}`, []string{`9`, `"-1"`, `9.9`}, []string{`10`, `"x"`, `""`}},
		"at most":                {`{F|lte: 10}`, []string{`10`}, []string{`10.1`}},
		"greater than":           {`{F|gt: 10}`, []string{`11`, `"10.5"`}, []string{`10`, `null`}},
		"at least":               {`{F|gte: 10}`, []string{`10`}, []string{`9`}},
		"not equal":              {`{F|neq: [a, b]}`, []string{`"c"`, `null`}, []string{`"a"`, `"B"`}},
		"minute":                 {`{F|minute: 5}`, []string{`"2026-01-02T03:05:00Z"`}, []string{`"2026-01-02T03:04:00Z"`, `"5"`}},
		"hour, in UTC":           {`{F|hour: 2}`, []string{`"2026-01-02T03:05:00+01:00"`, `"2026-01-02 02:05:00.123"`}, []string{`"2026-01-02T03:05:00Z"`}},
		"day":                    {`{F|day: 2}`, []string{`"2026-01-02"`}, []string{`"2026-02-01"`}},
		"week of the year":       {`{F|week: 1}`, []string{`"2025-12-31T00:00:00Z"`}, []string{`"2026-01-12T00:00:00Z"`}},
		"month":                  {`{F|month: 12}`, []string{`"2025-12-31"`}, []string{`"2025-11-30"`}},
		"year":                   {`{F|year: 2025}`, []string{`"2025-12-31"`}, []string{`"2026-01-01"`}},
		"all fields of a map":    {`{F: a, G: same}`, []string{`"a"`}, []string{`"b"`}},
		"one map of a list":      {`[{F: a, G: other}, {F: b}]`, []string{`"b"`}, []string{`"a"`}},
		"keywords":               {`[needle, 'st?ck']`, []string{`"a NEEDLE b"`, `"hay stack"`}, []string{`"hay"`}},
		"all keywords":           {`{'|all': [hay, stack]}`, []string{`"haystack"`}, []string{`"hay"`}},
		"a letter that has two small forms": {
			`{F|re: '(?i)miſs|kelvin'}`, []string{`"MISS"`, `"kelvin"`}, []string{`"mist"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := load(t, "title: t\nlogsource: {product: windows}\ndetection:\n  s: "+c.rule+"\n  condition: s\n")
			for _, v := range c.yes {
				if !matches(t, set, v) {
					t.Errorf("%s does not match %s", c.rule, v)
				}
			}
			for _, v := range c.no {
				if matches(t, set, v) {
					t.Errorf("%s matches %s", c.rule, v)
				}
			}
		})
	}
}

func matches(t *testing.T, set *sigma.Set, value string) bool {
	t.Helper()
	a := parse(t, fmt.Appendf(nil, `{"EventID":1,"Channel":"Security","Computer":"ws-1","F":%s,"G":"same"}`, value))
	return len(set.Match(a)) == 1
}

func load(t *testing.T, text string) *sigma.Set {
	t.Helper()
	set, skipped := loadSome(t, map[string]string{"rules/a.yml": text})
	if len(skipped) > 0 {
		t.Fatal(skipped)
	}
	return set
}

func loadSome(t *testing.T, files map[string]string) (*sigma.Set, []sigma.Skipped) {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, skipped, err := sigma.Load(sigma.Options{Placeholders: map[string][]string{"admins": {"root", "adm-*"}}}, sigma.Tree{Name: "t", FS: fsys})
	if err != nil {
		t.Fatal(err)
	}
	return set, skipped
}

// TestConditions: what a condition makes of its selections.
func TestConditions(t *testing.T) {
	t.Parallel()
	for cond, want := range map[string]string{ // the values of F, of a to d, that match
		"sel_a":                         "a",
		"sel_a or sel_b":                "ab",
		"not sel_a":                     "bcd",
		"1 of sel_*":                    "abc",
		"all of sel_*":                  "",
		"1 of them":                     "abcd",
		"all of them":                   "",
		"1 of sel_a":                    "a",
		"1 of sel_* and not sel_b":      "ac",
		"not 1 of sel_*":                "d",
		"not (sel_a or sel_b) or sel_a": "acd",
		"sel_a or sel_b and other":      "a",
		"(sel_a or sel_b) and not _odd": "ab",
		"1 of _*":                       "d",
	} {
		t.Run(cond, func(t *testing.T) {
			t.Parallel()
			set := load(t, "title: t\nlogsource: {product: windows}\ndetection:\n  sel_a: {F: a}\n  sel_b: {F: b}\n  sel_c: {F: c}\n"+
				"  other: {G: same, F: d}\n  _odd: {F: d}\n  condition: "+cond+"\n")
			got := ""
			for v := range strings.SplitSeq("a b c d", " ") {
				if matches(t, set, `"`+v+`"`) {
					got += v
				}
			}
			if got != want {
				t.Errorf("matches %q, want %q", got, want)
			}
		})
	}
}
