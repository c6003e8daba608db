package report

import (
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// markdown writes cases as CommonMark with tables as GitHub reads them. No text of a case becomes a link, an image, HTML, a heading or
// a table of its own: see quote.
type markdown struct {
	o     Options
	cases int
	p     *prose
}

// Begin implements Writer.
func (m *markdown) Begin(b []byte) []byte { return b }

// active are the characters that mean something to some reader of Markdown; behind a backslash they are themselves.
var active = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`, "|", `\|`, "~", `\~`, "&", `\&`, "#", `\#`, "!", `\!`,
	"@", `\@`, "$", `\$`, "://", `:\//`, "{", `\{`, "}", `\}`,
)

// quote makes a text inert in Markdown: that is the choke point. It never begins a line.
func (m *markdown) quote(s string) string {
	s = active.Replace(m.p.text(s))
	for _, auto := range [...]string{"www.", "Www.", "wWw.", "wwW.", "WWw.", "WwW.", "wWW.", "WWW."} { // GitHub links these by themselves
		s = strings.ReplaceAll(s, auto, auto[:3]+`\.`)
	}
	return strings.TrimSpace(s)
}

// Case implements Writer.
func (m *markdown) Case(b []byte, k *investigate.Case) []byte {
	c := newContent(k, m.cases)
	m.p = newProse(k, c.records)
	if m.cases++; m.cases > 1 {
		b = append(b, "\n---\n\n"...)
	}
	b = append(b, "# Case: "+m.quote(c.title())+"\n\n"...)
	b = append(b, "Severity: "+m.quote(orUnknown(k.Severity.String()))+", "+m.quote(k.Route.String())+", "+m.quote(spaced(k.Disposition))+"\n\n"...)
	for _, f := range c.facts() {
		b = append(b, "* "+m.quote(f[0])+": "+m.quote(f[1])+"\n"...)
	}
	list := true
	for _, bl := range c.blocks() {
		if bl.is == picture {
			continue
		}
		if list && bl.is != item {
			b = append(b, '\n')
		}
		list = bl.is == item
		b = m.block(b, c, &bl)
	}
	if list {
		b = append(b, '\n')
	}
	return b
}

// End implements Writer.
func (m *markdown) End(b []byte) []byte {
	if m.cases == 0 {
		b = append(b, "There is no case.\n\n"...)
	}
	m.p = newProse(&investigate.Case{}, nil)
	return append(b, "Written by soc "+m.quote(m.o.Version)+". Every sentence cites the records it stands on; one whose citation does not resolve is left out. Addresses and names are defanged.\n"...)
}

func (m *markdown) block(b []byte, c *content, bl *block) []byte {
	switch bl.is {
	case section:
		b = append(b, "## "+m.quote(bl.text)+"\n\n"...)
	case subsection:
		b = append(b, "### "+m.quote(bl.text)+"\n\n"...)
	case paragraph:
		b = append(b, m.opened(bl.text)+m.cite(c, bl.cites)+"\n\n"...)
	case item:
		b = append(b, "* "+m.opened(bl.text)+m.cite(c, bl.cites)+"\n"...)
		for i := range bl.more {
			b = append(b, "  * "+m.opened(bl.more[i].text)+m.cite(c, bl.more[i].cites)+"\n"...)
		}
	case grid:
		b = m.grid(b, c, bl)
	case picture:
	}
	return b
}

// opened is a text at the beginning of a block, where digits and signs would begin a list or a rule.
func (m *markdown) opened(s string) string {
	s = m.quote(s)
	if s != "" && strings.IndexByte("+-=:", s[0]) >= 0 {
		return `\` + s
	}
	if n := len(s) - len(strings.TrimLeft(s, "0123456789")); n > 0 && n < len(s) && (s[n] == '.' || s[n] == ')') {
		return s[:n] + `\` + s[n:]
	}
	return s
}

// cite writes citations by their labels, which the appendix explains.
func (m *markdown) cite(c *content, list []string) string {
	if len(list) == 0 {
		return ""
	}
	labels := make([]string, len(list))
	for i, cite := range list {
		labels[i] = m.quote(c.label(cite))
	}
	return ` \[` + strings.Join(labels, ", ") + `\]`
}

func (m *markdown) grid(b []byte, c *content, bl *block) []byte {
	head := bl.head
	if head == nil {
		head = []string{"", ""}
	}
	for _, h := range head {
		b = append(b, "| "+m.quote(h)+" "...)
	}
	b = append(b, "|\n"+strings.Repeat("| --- ", len(head))+"|\n"...)
	for i := range bl.rows {
		r := &bl.rows[i]
		for n := range r.cells {
			text := r.label
			if n > 0 || r.label == "" {
				text = m.cell(c, &r.cells[n])
			}
			b = append(b, "| "+text+" "...)
		}
		b = append(b, "|\n"...)
	}
	return append(b, '\n')
}

// cell is a table's cell; what stands below in HTML follows behind a semicolon.
func (m *markdown) cell(c *content, l *cell) string {
	var parts []string
	if l.text != "" {
		parts = append(parts, m.quote(l.text))
	}
	for _, s := range l.lines {
		parts = append(parts, m.quote(s))
	}
	return strings.TrimSpace(strings.Join(parts, "; ") + m.cite(c, l.cites))
}
