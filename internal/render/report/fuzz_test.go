package report_test

import (
	"testing"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"

	"github.com/seed-959697dd/soc/internal/wire"
)

// Whatever an alert calls itself, and whatever a value in it is: the page holds nothing foreign, the Markdown is text, the bundle is valid,
// and nothing hides.
func FuzzReportsAreInert(f *testing.F) {
	for _, s := range attacks {
		f.Add(s)
	}
	f.Add("http://a.example/1) [x](http://b.example)")
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	f.Fuzz(func(t *testing.T, s string) {
		k := caseOf(t, nil, told{
			id: "v-1a", alert: "a1", title: s, vendor: s, input: s, gap: s, techniques: []string{"T1059.001"},
			things:     []thing{{"host", "target", s, s}, {"user", "actor", s, s}, {"url", "target", s, s}, {"process_command", "actor", s, s}, {"file", "target", s, s}},
			indicators: []thing{{Type: "url", Value: s, Path: s}, {Type: "domain", Value: s, Path: s}},
			signals:    []signal{{"x", "malware", 2000, 2000, s, []receipt{{s, s}}}},
		})
		pageIsInert(t, written(t, "html", k))
		bundleOf(t, written(t, "stix", k))
		source := []byte(written(t, "md", k))
		for _, r := range string(source) {
			if r != '\n' && (wire.Hidden(r) || !unicode.IsPrint(r)) {
				t.Errorf("%U stands there raw", r)
			}
		}
		_ = ast.Walk(md.Parser().Parse(text.NewReader(source)), func(n ast.Node, _ bool) (ast.WalkStatus, error) {
			switch n.Kind() {
			case ast.KindLink, ast.KindImage, ast.KindAutoLink, ast.KindRawHTML, ast.KindHTMLBlock, ast.KindCodeSpan, ast.KindCodeBlock, ast.KindFencedCodeBlock, ast.KindBlockquote, ast.KindEmphasis:
				t.Errorf("%s in %q", n.Kind(), source)
			}
			return ast.WalkContinue, nil
		})
	})
}
