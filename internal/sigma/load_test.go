package sigma_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/sigma"
)

const good = "title: good\nlogsource: {product: windows}\ndetection:\n  s: {F: a}\n  condition: s\n"

// TestSkipped: each thing that cannot be a rule is told with its file, its line and why, and the others are loaded.
func TestSkipped(t *testing.T) {
	t.Parallel()
	detection := func(d string) string {
		return "title: t\nlogsource: {product: windows}\ndetection:\n" + d
	}
	for name, c := range map[string]struct{ text, want string }{
		"broken YAML":         {"title: x\nlogsource: [\ndetection: {\n", "t/bad.yml:1: not a rule: yaml"},
		"aggregation":         {detection("  s: {F: a}\n  condition: s | count() by F > 5\n"), "aggregation count in the condition: unsupported"},
		"near":                {detection("  s: {F: a}\n  condition: s | near x\n"), "t/bad.yml:5: aggregation near in the condition: unsupported"},
		"timeframe":           {detection("  s: {F: a}\n  timeframe: 5m\n  condition: s\n"), "timeframe 5m: unsupported"},
		"correlation":         {"title: t\ncorrelation:\n  type: event_count\n  rules: [a]\n  timespan: 5m\n", "correlation event_count: unsupported"},
		"several documents":   {good + "---\n" + detection("  s: {F|frob: a}\n  condition: s\n"), `t/bad.yml:10: s: field "F": modifier "frob": unsupported`},
		"line in a document":  {detection("  ok: {F: a}\n  bad:\n    F|re: '('\n  condition: ok and bad\n"), `t/bad.yml:5: bad: field "F": regular expression: `},
		"unknown selection":   {detection("  s: {F: a}\n  condition: s and x\n"), `condition: no selection "x"`},
		"empty pattern":       {detection("  s: {F: a}\n  condition: 1 of x*\n"), `condition: no selection "x*"`},
		"unknown placeholder": {detection("  s: {F|expand: '%who%'}\n  condition: s\n"), "placeholder %who% has no values"},
		"look-around":         {detection("  s: {F|re: '(?<!a)b'}\n  condition: s\n"), "regular expression: "},
		"bad network":         {detection("  s: {F|cidr: 10.0.0}\n  condition: s\n"), "cidr: "},
		"no condition":        {detection("  s: {F: a}\n"), "no condition"},
		"no logsource":        {"title: t\ndetection:\n  s: {F: a}\n  condition: s\n", "no logsource"},
		"no title":            {"logsource: {product: windows}\ndetection:\n  s: {F: a}\n  condition: s\n", "no title"},
		"global action":       {"action: global\ntitle: t\n", "action global: unsupported"},
		"no value":            {detection("  s: {F: []}\n  condition: s\n"), "no value"},
		"wildcard in base64":  {detection("  s: {F|base64: 'a*'}\n  condition: s\n"), "encoding of a text with wildcards"},
		"empty keyword":       {detection("  s: [a, '']\n  condition: s\n"), "an empty keyword"},
		"keyword of nothing":  {detection("  s: {'|all': [a, null]}\n  condition: s\n"), "a keyword that is no text"},
		"deep condition":      {detection("  s: {F: a}\n  condition: " + strings.Repeat("not (", 1<<19) + "s\n"), "more than 10000 parentheses and negations"},
		"flag without re":     {detection("  s: {F|i: a}\n  condition: s\n"), `modifier "i" without re`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, skipped := loadSome(t, map[string]string{"bad.yml": c.text, "good.yml": good, "notes.txt": "no rule", "info.yml": "id: 1\n"})
			if len(skipped) != 1 || !strings.Contains(skipped[0].String(), c.want) || !strings.HasPrefix(skipped[0].String(), "t/bad.yml:") {
				t.Errorf("skipped %v, want %s", skipped, c.want)
			}
			if want := strings.Count(c.text, "title: good") + 1; set.Len() != want {
				t.Errorf("%d rules, want %d", set.Len(), want)
			}
		})
	}
}

// TestPlaces: a file, a directory below which links and hidden folders are left alone, and a place that is not there.
func TestPlaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"a/one.yml": good, "a/b/two.yaml": good, ".git/three.yml": good, "a/readme.md": "nothing"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(dir, "a"), filepath.Join(dir, "link")); err != nil {
		t.Skip(err)
	}
	for name, want := range map[string]int{".": 2, "a/one.yml": 1, "link": 2, ".git/three.yml": 1} {
		set, skipped, err := sigma.Load(sigma.Options{}, sigma.At(filepath.Join(dir, name)))
		if err != nil || len(skipped) > 0 || set.Len() != want {
			t.Errorf("%s: %v %v, want %d rules", name, err, skipped, want)
		}
	}
	if _, skipped, err := sigma.Load(sigma.Options{}, sigma.At(filepath.Join(dir, "a/readme.md"))); err != nil || len(skipped) != 1 {
		t.Errorf("a file without rules: %v %v", skipped, err)
	}
	if _, _, err := sigma.Load(sigma.Options{}, sigma.At(filepath.Join(dir, "nowhere"))); err == nil {
		t.Error("a place that is not there is no error")
	}
}

// TestDigest: it changes with the text of a rule and with nothing else.
func TestDigest(t *testing.T) {
	t.Parallel()
	digest := func(files map[string]string) string {
		set, _ := loadSome(t, files)
		return set.Digest()
	}
	one := digest(map[string]string{"a.yml": good})
	if two := digest(map[string]string{"b.yml": good, "c.yml": "logsource: broken\n"}); one != two || !strings.HasPrefix(one, "sha256:") {
		t.Errorf("%s and %s", one, two)
	}
	if other := digest(map[string]string{"a.yml": good + "level: low\n"}); one == other {
		t.Error("another rule has the same digest")
	}
}
