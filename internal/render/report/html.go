package report

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// markup writes HTML. Tags, attribute names and classes are this package's; every text and every attribute value passes escape, and
// escape only: that is the choke point. There is no script, no style but the one sheet, whose digest the page's policy names, and no
// address of anything: links lead within the page.
type markup struct {
	b []byte
	p *prose
}

// escape makes a text inert in HTML, whatever is in it: first for people's eyes (see prose), then for the parser.
func (m *markup) escape(s string) string { return html.EscapeString(m.p.text(s)) }

// open writes a start tag with pairs of attributes.
func (m *markup) open(tag string, attributes ...string) *markup {
	m.b = append(append(m.b, '<'), tag...)
	for i := 0; i+1 < len(attributes); i += 2 {
		if attributes[i+1] == "" {
			continue
		}
		m.b = fmt.Appendf(m.b, ` %s="%s"`, attributes[i], m.escape(attributes[i+1]))
	}
	m.b = append(m.b, '>')
	return m
}

func (m *markup) shut(tag string) *markup {
	m.b = fmt.Appendf(m.b, "</%s>", tag)
	return m
}

func (m *markup) text(s string) *markup {
	m.b = append(m.b, m.escape(s)...)
	return m
}

// cut is an element with a text of at most so many characters in it.
func (m *markup) cut(tag, text string, n int, attributes ...string) *markup {
	m.open(tag, attributes...)
	m.b = append(m.b, html.EscapeString(ellipsis(m.p.text(text), n))...)
	return m.shut(tag)
}

// element is an element with text in it.
func (m *markup) element(tag, text string, attributes ...string) *markup {
	return m.open(tag, attributes...).text(text).shut(tag)
}

func (m *markup) line() { m.b = append(m.b, '\n') }

// page writes cases as one HTML document.
type page struct {
	o     Options
	cases int
}

// Begin implements Writer. The head waits for the first case, which it is named after.
func (p *page) Begin(b []byte) []byte { return b }

// Case implements Writer.
func (p *page) Case(b []byte, k *investigate.Case) []byte {
	c := newContent(k, p.cases)
	m := &markup{b: b, p: newProse(k, c.records)}
	if p.cases == 0 {
		p.head(m, k)
	}
	p.cases++
	m.open("article", "class", "case")
	m.line()
	c.header(m)
	var list bool
	for _, bl := range c.blocks() {
		if list && bl.is != item {
			m.shut("ul").line()
		}
		if !list && bl.is == item {
			m.open("ul").line()
		}
		list = bl.is == item
		c.block(m, &bl)
	}
	if list {
		m.shut("ul").line()
	}
	m.shut("article").line()
	return m.b
}

// End implements Writer.
func (p *page) End(b []byte) []byte {
	m := &markup{b: b, p: newProse(&investigate.Case{}, nil)}
	if p.cases == 0 {
		p.head(m, &investigate.Case{ID: "soc", Title: "no case"})
		m.element("p", "There is no case.")
	}
	m.open("footer").text("Written by soc " + p.o.Version + ". Every sentence cites the records it stands on; one whose citation does not resolve is left out. Addresses and names are defanged.").shut("footer")
	m.shut("main").shut("body").shut("html").line()
	return m.b
}

func (p *page) head(m *markup, k *investigate.Case) {
	sum := sha256.Sum256([]byte(style))
	policy := "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	m.b = append(m.b, "<!DOCTYPE html>\n"...)
	m.open("html", "lang", "en").line()
	m.open("head").open("meta", "charset", "utf-8").line()
	m.b = fmt.Appendf(m.b, `<meta http-equiv="Content-Security-Policy" content="%s">`+"\n", policy)
	m.open("meta", "name", "referrer", "content", "no-referrer").line()
	m.open("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line()
	m.element("title", k.ID+" "+k.Title).line()
	m.b = append(m.b, "<style>"+style+"</style>\n"...)
	m.shut("head").line()
	m.open("body").open("main").line()
}

func (c *content) header(m *markup) {
	k := c.k
	severity := k.Severity.String()
	m.open("header", "class", "severity-"+orUnknown(severity)).line()
	m.open("p", "class", "badges")
	m.element("span", orUnknown(severity), "class", "badge level")
	m.element("span", k.Route.String(), "class", "badge")
	m.cut("span", spaced(k.Disposition), 30, "class", "badge")
	m.shut("p").line()
	m.cut("h1", c.title(), 240).line()
	m.open("dl")
	for _, f := range c.facts() {
		m.open("div").element("dt", f[0]).cut("dd", f[1], 400).shut("div")
	}
	m.shut("dl").shut("header").line()
}

func orUnknown(word string) string {
	if word == "" {
		return "unknown"
	}
	return word
}

func (c *content) block(m *markup, b *block) {
	switch b.is {
	case section:
		m.element("h2", b.text).line()
	case subsection:
		m.element("h3", b.text).line()
	case paragraph:
		m.open("p").text(b.text)
		c.cite(m, b.cites)
		m.shut("p").line()
	case item:
		m.open("li").text(b.text)
		c.cite(m, b.cites)
		for i := range b.more {
			m.open("div", "class", "why").text(b.more[i].text)
			c.cite(m, b.more[i].cites)
			m.shut("div")
		}
		m.shut("li").line()
	case grid:
		c.grid(m, b)
	case picture:
		switch b.figure {
		case timeline:
			c.drawTimeline(m)
		case graph:
			c.drawGraph(m)
		}
	}
}

// cite writes citations as links to the appendix.
func (c *content) cite(m *markup, list []string) {
	for _, cite := range list {
		m.b = append(m.b, ' ')
		label := c.labels[cite]
		if label == "" {
			m.element("span", cite, "class", "cite")
			continue
		}
		m.element("a", label, "class", "cite", "href", "#"+c.anchor(label), "title", cite)
	}
}

// anchor is made of a label of this package, and of the number of the case.
func (c *content) anchor(label string) string { return fmt.Sprintf("c%d-%s", c.cases+1, label) }

func (c *content) grid(m *markup, b *block) {
	m.open("table", "class", b.class).line()
	if b.head != nil {
		m.open("thead").open("tr")
		for _, h := range b.head {
			m.element("th", h, "scope", "col")
		}
		m.shut("tr").shut("thead").line()
	}
	m.open("tbody").line()
	for i := range b.rows {
		r := &b.rows[i]
		if r.label != "" {
			m.open("tr", "id", c.anchor(r.label))
		} else {
			m.open("tr")
		}
		for n := range r.cells {
			if n == 0 && r.label != "" {
				m.element("th", r.label, "scope", "row")
				continue
			}
			c.cell(m, &r.cells[n])
		}
		m.shut("tr").line()
	}
	m.shut("tbody").shut("table").line()
}

// tones are the classes that a cell may have.
const tones = " malicious suspicious benign strong "

func (c *content) cell(m *markup, l *cell) {
	if l.tone != "" && strings.Contains(tones, " "+l.tone+" ") {
		m.open("td", "class", l.tone)
	} else {
		m.open("td")
	}
	tag := "span"
	if l.code {
		tag = "code"
	}
	if l.text != "" {
		m.element(tag, l.text)
	}
	for _, s := range l.lines {
		m.element("div", s, "class", "more")
	}
	c.cite(m, l.cites)
	m.shut("td")
}
