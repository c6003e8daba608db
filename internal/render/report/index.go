package report

import (
	"cmp"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// Index lists the reports of a directory, one case a line, for people. It keeps what it writes of each case and not the case.
type Index struct {
	page  bool // HTML; else Markdown
	ext   string
	o     Options
	rows  []byte
	cases int
}

// NewIndex returns the index of reports in a form; false for those that people do not read.
func NewIndex(f Form, o Options) (*Index, bool) {
	return &Index{page: f.Name == "html", ext: f.Extension, o: o}, f.Name == "html" || f.Name == "md"
}

// File is the name of the index in the directory.
func (x *Index) File() string { return "index" + x.ext }

// head are the columns of an index.
func (x *Index) head() []string {
	return []string{"Case", "Severity", "Route", "Title", "Time (UTC)", "Alerts", "Hosts"}
}

// Add takes a case in. Its report lies beside the index, named by its id.
func (x *Index) Add(k *investigate.Case) {
	c := newContent(k, x.cases)
	x.cases++
	hosts := investigate.Distinct("host", k.Hosts)
	names := strings.Join(hosts[:min(len(hosts), 4)], ", ")
	if len(hosts) > 4 {
		names += " and more"
	}
	cells := []string{orUnknown(k.Severity.String()), k.Route.String(), c.title(), span(c.ends()), plural(int(k.Alerts), "alert", "alerts"), cmp.Or(names, "none named")}
	p := newProse(k, c.records)
	if x.page {
		m := &markup{b: x.rows, p: p}
		m.open("tr").open("td").element("a", k.ID, "href", k.ID+x.ext).shut("td")
		for _, cell := range cells {
			m.cut("td", cell, 240)
		}
		m.shut("tr").line()
		x.rows = m.b
		return
	}
	m := &markdown{p: p}
	x.rows = append(x.rows, "| ["+m.quote(k.ID)+"]("+k.ID+x.ext+") "...)
	for _, cell := range cells {
		x.rows = append(x.rows, "| "+m.quote(cell)+" "...)
	}
	x.rows = append(x.rows, "|\n"...)
}

// Append appends the index.
func (x *Index) Append(b []byte) []byte {
	title := plural(x.cases, "case", "cases")
	if !x.page {
		m := &markdown{p: newProse(&investigate.Case{}, nil)}
		b = append(b, "# "+title+"\n\n"...)
		if x.cases > 0 {
			b = append(b, "| "+strings.Join(x.head(), " | ")+" |\n"+strings.Repeat("| --- ", len(x.head()))+"|\n"...)
			b = append(append(b, x.rows...), '\n')
		}
		return append(b, "Written by soc "+m.quote(x.o.Version)+". What needs a person soonest comes first.\n"...)
	}
	p := &page{o: x.o}
	m := &markup{b: b, p: newProse(&investigate.Case{}, nil)}
	p.head(m, &investigate.Case{ID: "soc", Title: title})
	m.open("article", "class", "case").element("h1", title).line()
	if x.cases > 0 {
		m.open("table").open("thead").open("tr")
		for _, h := range x.head() {
			m.element("th", h, "scope", "col")
		}
		m.shut("tr").shut("thead").open("tbody").line()
		m.b = append(m.b, x.rows...)
		m.shut("tbody").shut("table").line()
	}
	m.shut("article").line()
	m.open("footer").text("Written by soc " + x.o.Version + ". What needs a person soonest comes first.").shut("footer")
	m.shut("main").shut("body").shut("html").line()
	return m.b
}
