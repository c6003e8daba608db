package sigma_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/sigma"
)

// FuzzLoad: a rule is loaded or told, and nothing in it breaks the search.
func FuzzLoad(f *testing.F) {
	for _, s := range []string{
		"  s: {F: a}\n  condition: s\n",
		"  s: {F|re|i: '(a|b)+$', G|cidr: 10.0.0.0/8}\n  t: [k, 'x*y']\n  condition: 1 of them and not t\n",
		"  s:\n    - F|wide|base64offset|contains: ab\n    - {F|windash|contains: [-a, null, 5]}\n  condition: all of s*\n",
		"  s: &a {F|expand: '%admins%', G|fieldref: F, H|exists: true, I|lt: 5, J|minute: 3}\n  t: *a\n  condition: [s, t]\n",
	} {
		f.Add(s)
	}
	formats, err := formats()
	if err != nil {
		f.Fatal(err)
	}
	var a alert.Alert
	if _, err := formats.NewParser().Parse(&a, []byte(`{"EventID":1,"Channel":"Security","Computer":"w","F":"a-b","G":"10.0.0.1","H":["x",null],"J":"2026-01-02"}`), nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, detection string) {
		if strings.Contains(detection, "---") {
			return
		}
		text := "title: t\nlogsource: {product: windows}\ndetection:\n" + detection
		set, skipped, err := sigma.Load(sigma.Options{}, sigma.Tree{Name: "t", FS: fstest.MapFS{"a.yml": {Data: []byte(text)}}})
		if err != nil || set.Len()+len(skipped) != 1 {
			t.Fatalf("%v: %d loaded, %v skipped", err, set.Len(), skipped)
		}
		for _, m := range set.Match(&a) {
			for _, c := range m.Fields {
				if !(alert.Ref{Path: c.Path, Value: c.Value}).Holds(a.View) {
					t.Errorf("%s does not hold %q", c.Path, c.Value)
				}
			}
		}
	})
}
