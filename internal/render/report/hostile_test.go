package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render/report"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/investigate"
)

// attacks are what somebody writes into an alert to take over its reader: browser, Markdown viewer, terminal, spreadsheet, eye. HOST is where
// a request would go.
var attacks = []string{
	`"><script>fetch('http://HOST/script')</script>`, `'><img src=http://HOST/img onerror=fetch('http://HOST/onerror')>`, `<svg onload=fetch('http://HOST/svg')>`,
	`</style><style>@import url(http://HOST/import);</style>`, `</title><link rel=stylesheet href=http://HOST/link>`, `<meta http-equiv=refresh content="0;url=http://HOST/refresh">`,
	`<iframe src=http://HOST/frame></iframe>`, `javascript:fetch('http://HOST/js')`, `" onmouseover="fetch('http://HOST/over')" autofocus onfocus="fetch('http://HOST/focus')`,
	`<base href=http://HOST/>`, `<form action=http://HOST/><input type=submit>`, `&#x3c;script src=http://HOST/entity&#x3e;`, `--><!--`, `]]>`, `</svg></figure></table>`,
	`![x](http://HOST/image)`, `[click](http://HOST/link)`, `[ref]: http://HOST/ref`, `<http://HOST/auto>`, `http://HOST/bare www.HOST/bare ftp://HOST/bare admin@HOST.example`, "`code` ```fence", `| a | b |`,
	"\n# heading\n\n* list\n\n---\n\n    code\n> quote\n1. one\n<div>\n", `***bold*** ~~gone~~ $x$ {{7*7}} #1 @team`,
	"\x1b]0;owned\a\x1b[2J\x1b[31m\x9b31m\x07\x08\x7f\x00", "abc\u202egpj.exe\u2066\u200b\u00ad\ufeff\U000e0041\u2028", "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1+1", "\r=1+1", "＝1+1", "\xff\xfe\xc0",
}

// hostileCase has all of them in every field, each field beginning with another one.
func hostileCase(t *testing.T, host string) *investigate.Case {
	t.Helper()
	n := 0
	evil := func() string {
		n++
		at := n % len(attacks)
		s := strings.Join(append(slices.Clone(attacks[at:]), attacks[:at]...), " ")
		return strings.ToValidUTF8(strings.ReplaceAll(s, "HOST", host), "\ufffd")
	}
	verdict := func(id string, minute int) told {
		v := told{id: id, alert: evil(), title: evil(), vendor: evil(), input: evil(), minute: minute, techniques: []string{"T1059.001", evil(), "T1003.<b>"}, gap: evil()}
		for _, kind := range []string{"host", "user", "ip", "domain", "url", "file", "hash", "process", "process_command", "mail", "cloud", "registry", "port", evil()} {
			for _, role := range []string{"source", "target", "actor", "related"} {
				v.things = append(v.things, thing{kind, role, evil(), evil()})
			}
		}
		for _, kind := range []string{"ip", "domain", "url", "md5", "sha256", "mail", "cve", evil()} {
			v.indicators = append(v.indicators, thing{Type: kind, Value: evil(), Path: evil()}, thing{Type: kind, Value: "203.0.113.9\n10.0.0.0/8", Path: evil()})
		}
		v.things = append(v.things, thing{"host", "target", "ws-12", "host"}, thing{"user", "actor", "alice", "user"})
		for _, family := range []string{"command", "malware", "credentials", "assets", "reputation", "web"} {
			v.signals = append(v.signals, signal{evil(), family, 2000, 2000, evil(), []receipt{{evil(), evil()}}})
		}
		return v
	}
	return caseOf(t, func(k *investigate.Case) {
		at := noon.Add(time.Minute)
		k.Events = []investigate.Event{{
			Summary: evil(), Why: evil(), Phase: evil(), Techniques: []string{evil()}, Evidence: 100,
			Record: &alert.Alert{Time: at, Product: evil(), Vendor: evil(), Input: alert.Place{Name: evil()}, Fields: []alert.Field{{Slot: alert.EntitySlot(alert.Actor, alert.Process), Path: alert.Path(evil()), Value: evil()}}},
		}}
		k.Holes = []investigate.Hole{{Source: evil(), From: noon, To: at, Reason: evil()}}
		k.Skews = []investigate.Skew{{Source: evil(), Against: evil(), Ahead: time.Second, Pairs: 3}}
		k.Questions = []string{evil()}
		k.Artifacts = []investigate.Artifact{{Name: evil(), From: evil(), Body: []byte(evil())}}
		k.Links = append(k.Links, investigate.Reason{A: evil(), B: evil(), Because: evil()})
		k.Gaps = append(k.Gaps, alert.Gap{Check: evil(), Source: evil(), Class: alert.GapClass(evil()), Reason: evil()})
		k.Techniques = append(k.Techniques, evil())
		k.Disposition = evil()
	}, verdict("v-1a", 0), verdict("v-2b", 5))
}

// In no form does anything reach a terminal or an eye that it would obey or not see.
func TestHostileCaseShowsEverything(t *testing.T) {
	t.Parallel()
	k := hostileCase(t, "127.0.0.1:9")
	if len(k.Recommended) < 5 || len(k.Findings) < 20 {
		t.Fatalf("the case does not reach the parts that it is to try: %d findings, %d recommended", len(k.Findings), len(k.Recommended))
	}
	for _, f := range report.Forms() {
		out := written(t, f.Name, k)
		if !utf8.ValidString(out) {
			t.Errorf("%s: no UTF-8", f.Name)
		}
		for _, r := range out {
			if r != '\n' && (wire.Hidden(r) || !unicode.IsPrint(r)) {
				t.Errorf("%s: %U stands there raw", f.Name, r)
				break
			}
		}
	}
}

// elements are what a page may hold, with their attributes beside id, class and title.
var elements = map[string]string{
	"html": "lang", "head": "", "meta": "charset http-equiv content name", "title": "", "style": "", "body": "", "main": "", "article": "", "header": "", "footer": "",
	"p": "", "span": "", "h1": "", "h2": "", "h3": "", "dl": "", "div": "", "dt": "", "dd": "", "ul": "", "li": "", "a": "href", "table": "", "thead": "", "tbody": "", "tr": "", "th": "scope", "td": "",
	"code": "", "figure": "", "figcaption": "", "svg": "viewBox role aria-label", "g": "", "text": "x y text-anchor", "line": "x1 y1 x2 y2", "rect": "x y width height rx", "circle": "cx cy r", "path": "d",
}

// pageIsInert checks that a page holds nothing but what this program puts there, and that every link leads within it.
func pageIsInert(t *testing.T, out string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	var links []string
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			t.Errorf("a comment: %.80q", n.Data)
		}
		if n.Type != html.ElementNode {
			continue
		}
		allowed, known := elements[n.Data]
		if !known {
			t.Errorf("an element %q: %v", n.Data, n.Attr)
			continue
		}
		if n.Data == "style" && (n.FirstChild != n.LastChild || strings.Contains(n.FirstChild.Data, "url(") || strings.Contains(n.FirstChild.Data, "@import")) {
			t.Error("the style sheet loads something")
		}
		for _, a := range n.Attr {
			if !slices.Contains(strings.Fields("id class title "+allowed), a.Key) {
				t.Errorf("<%s %s=%.80q>", n.Data, a.Key, a.Val)
			}
			switch {
			case a.Key == "id" && ids[a.Val]:
				t.Errorf("twice the id %s", a.Val)
			case a.Key == "id":
				ids[a.Val] = true
			case a.Key == "href":
				links = append(links, a.Val)
			case a.Key == "http-equiv" && a.Val != "Content-Security-Policy":
				t.Errorf("<meta http-equiv=%q>", a.Val)
			}
		}
	}
	for _, l := range links {
		if id, ok := strings.CutPrefix(l, "#"); !ok || !ids[id] {
			t.Errorf("a link to %q", l)
		}
	}
	if len(links) == 0 {
		t.Error("no citation leads to its record")
	}
	if strings.Count(out, "<style>") != 1 || strings.Contains(out, "<script") {
		t.Error("a script or a second style sheet")
	}
}

func TestPageHoldsNothingForeign(t *testing.T) {
	t.Parallel()
	hostile, plain := hostileCase(t, "127.0.0.1:9"), night(t)
	pageIsInert(t, written(t, "html", hostile))
	pageIsInert(t, written(t, "html", plain, hostile))
}

// The hostile case has the elements of a harmless one with as many rows, and no more: nothing that an alert wrote became markup.
func TestPageCountsItsElements(t *testing.T) {
	t.Parallel()
	count := func(out string) map[string]int {
		n := map[string]int{}
		doc, err := html.Parse(strings.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		for e := range doc.Descendants() {
			if e.Type == html.ElementNode {
				n[e.Data]++
			}
		}
		return n
	}
	out := written(t, "html", hostileCase(t, "127.0.0.1:9"))
	for name, n := range count(out) {
		if tags := strings.Count(out, "<"+name+">") + strings.Count(out, "<"+name+" "); tags < n && name != "tbody" {
			t.Errorf("%d elements %s of %d tags", n, name, tags)
		}
	}
}

// As GitHub reads Markdown, nothing of an alert is a link, an image, HTML, code or a line of its own.
func TestMarkdownIsInert(t *testing.T) {
	t.Parallel()
	source := []byte(written(t, "md", hostileCase(t, "127.0.0.1:9"), night(t)))
	md := goldmark.New(goldmark.WithExtensions(extension.GFM))
	sections := 0
	err := ast.Walk(md.Parser().Parse(text.NewReader(source)), func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.Kind() {
		case ast.KindLink, ast.KindImage, ast.KindAutoLink, ast.KindRawHTML, ast.KindHTMLBlock, ast.KindCodeSpan, ast.KindCodeBlock, ast.KindFencedCodeBlock, ast.KindBlockquote, ast.KindEmphasis:
			var b bytes.Buffer
			n.Dump(source, 0)
			t.Errorf("%s %s", n.Kind(), b.String())
		case ast.KindHeading:
			sections++
		}
		return ast.WalkContinue, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if plain := strings.Count(string(source), "\n## ") + strings.Count(string(source), "\n### ") + 2; sections != plain {
		t.Errorf("%d headings, %d written", sections, plain)
	}
	var out bytes.Buffer
	if err := md.Convert(source, &out); err != nil {
		t.Fatal(err)
	}
	if s := out.String(); strings.Contains(s, "<a ") || strings.Contains(s, "<img") || strings.Contains(s, "<script") {
		t.Error("a link, an image or a script")
	}
}

// No cell of the table starts a formula, whatever a spreadsheet takes for one.
func TestTableStartsNoFormula(t *testing.T) {
	t.Parallel()
	rows, err := csv.NewReader(strings.NewReader(written(t, "csv", hostileCase(t, "127.0.0.1:9"), night(t)))).ReadAll()
	if err != nil || len(rows) < 20 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for _, r := range rows {
		for _, cell := range r {
			if text := strings.TrimLeft(cell, " "); text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(text)[0]) {
				t.Errorf("%q", cell)
			}
		}
	}
}

// A blocklist holds one value a line, of the type it says, and nothing that an alert wrote beside it.
func TestBlocklistHoldsValuesOnly(t *testing.T) {
	t.Parallel()
	out := written(t, "blocklist", hostileCase(t, "127.0.0.1:9"), night(t))
	values := 0
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, "# ") {
			continue
		}
		values++
		if !slices.Contains([]string{"203.0.113.40\n", "203.0.113.9\n", "http://203.0.113.9/a\n"}, line) {
			t.Errorf("%q", line)
		}
	}
	if values != 3 || !strings.Contains(out, "1 warning-listed") {
		t.Errorf("%s", out)
	}
}

// The event of a MISP is JSON, and marks nothing for detection that is not recommended to be blocked.
func TestEventMarksNoMore(t *testing.T) {
	t.Parallel()
	var one struct {
		Event struct {
			Attribute []struct {
				UUID, Type, Value string
				Detect            bool `json:"to_ids"`
			}
		}
	}
	if err := json.Unmarshal([]byte(written(t, "misp", night(t))), &one); err != nil {
		t.Fatal(err)
	}
	detect := 0
	for _, a := range one.Event.Attribute {
		if a.Detect {
			detect++
		}
		if a.Detect && a.Value == "www.example.com" || len(a.UUID) != 36 || a.Type == "" {
			t.Errorf("%+v", a)
		}
	}
	if detect != 3 {
		t.Errorf("%d marked: %+v", detect, one.Event.Attribute)
	}
	var several struct {
		Response []json.RawMessage `json:"response"`
	}
	if err := json.Unmarshal([]byte(written(t, "misp", night(t), hostileCase(t, "127.0.0.1:9"))), &several); err != nil || len(several.Response) != 2 {
		t.Errorf("%d events, %v", len(several.Response), err)
	}
}
