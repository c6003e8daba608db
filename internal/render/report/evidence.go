package report

import (
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// timeline is every record in order of time.
func (c *content) timeline() []block {
	g := block{is: grid, class: "times", head: []string{"", "Time (UTC)", "What", "Tactic", "Source"}}
	for i := range c.records {
		r := &c.records[i]
		what := cell{text: r.What}
		if r.Count > 1 {
			what.lines = append(what.lines, fmt.Sprintf("%d alerts, the last at %s", r.Count, moment(r.Last)))
		}
		if r.Why != "" {
			what.lines = append(what.lines, r.Why)
		}
		tone := ""
		if r.Strong {
			tone = "strong"
		}
		g.rows = append(g.rows, row{cells: []cell{{cites: []string{r.Cite}}, {text: moment(r.First), tone: tone}, what, {text: spaced(r.Phase)}, {text: r.From}}})
	}
	list := under("Timeline", g)
	for _, s := range c.k.Skews {
		ahead, word := s.Ahead, "ahead of"
		if ahead < 0 {
			ahead, word = -ahead, "behind"
		}
		list = append(list, block{is: paragraph, text: fmt.Sprintf("The clock of %s runs %s %s that of %s, measured on %s.", s.Source, ahead, word, s.Against, plural(s.Pairs, "pair of records", "pairs of records"))})
	}
	return list
}

// links are why the verdicts stand in one case.
func (c *content) links() []block {
	g := block{is: grid, head: []string{"", "Between", "Because", "Weight", "Apart"}}
	for i := range c.k.Links {
		l := &c.k.Links[i]
		apart := ""
		if l.Timed {
			apart = investigate.Interval(l.Between)
		}
		g.rows = append(g.rows, row{label: fmt.Sprintf("L%d", i+1), cells: []cell{{}, {cites: []string{"alert " + l.A, "alert " + l.B}}, {text: l.Because}, {text: fmt.Sprintf("%.1f", l.Weight)}, {text: apart}}})
	}
	return under("Why these belong together", g)
}

func (c *content) artifacts() []block {
	g := block{is: grid, head: []string{"", "Name", "Bytes", "SHA-256", "From"}}
	for i := range c.k.Artifacts {
		a := &c.k.Artifacts[i]
		name := cell{text: a.Name, code: true}
		if a.Body != nil && len(a.Body) <= maxText {
			name.lines = []string{string(a.Body)}
		}
		g.rows = append(g.rows, row{label: fmt.Sprintf("F%d", i+1), cells: []cell{{}, name, {text: fmt.Sprint(a.Bytes)}, {text: hex.EncodeToString(a.Digest[:]), code: true}, {text: a.From}}})
	}
	return under("Artifacts", g)
}

// evidence is the appendix: every record with its place, its digest and what was found in it, and what is not known.
func (c *content) evidence() []block {
	list := []block{{is: section, text: "Appendix: evidence"}}
	shown := c.records[:min(len(c.records), mostEvidence)]
	for i := range shown {
		r := &shown[i]
		g := block{is: grid, class: "evidence", rows: []row{{label: c.label(r.Cite), cells: []cell{{}, {text: r.What, lines: place(r)}}}}}
		if len(r.Signals) > 0 {
			g.rows = append(g.rows, row{cells: []cell{{text: "signals"}, {lines: signals(r)}}})
		}
		if len(r.Things) > 0 {
			g.rows = append(g.rows, row{cells: []cell{{text: "values"}, {lines: things(r)}}})
		}
		list = append(list, g)
	}
	if more := len(c.records) - len(shown); more > 0 {
		list = append(list, block{is: paragraph, text: fmt.Sprintf("%d more records stand in the document of the case (--report json).", more)})
	}
	g := block{is: grid, head: []string{"", "Not known"}}
	for i, gap := range c.k.Gaps {
		g.rows = append(g.rows, row{label: fmt.Sprintf("G%d", i+1), cells: []cell{{}, {text: strings.TrimSpace(gap.Check+" "+gap.Source) + ": " + gap.Reason, lines: []string{string(gap.Class)}}}})
	}
	for i, h := range c.k.Holes {
		g.rows = append(g.rows, row{label: fmt.Sprintf("H%d", i+1), cells: []cell{{}, {text: h.Source + ": " + h.Reason, lines: []string{span(h.From, h.To) + " UTC"}}}})
	}
	for i, q := range c.k.Questions {
		g.rows = append(g.rows, row{label: fmt.Sprintf("Q%d", i+1), cells: []cell{{}, {text: q}}})
	}
	if len(g.rows) > 0 {
		list = append(list, g)
	}
	return list
}

// place is where a record stands and what its product said of it.
func place(r *investigate.Record) (list []string) {
	list = append(list, r.Cite+", "+span(r.First, r.Last)+" UTC")
	if r.From != "" {
		list = append(list, "from "+r.From)
	}
	if r.Place.Name != "" {
		list = append(list, fmt.Sprintf("%s, line %d, byte %d", r.Place.Name, r.Place.Line, r.Place.Offset))
	}
	if r.Digest != "" {
		list = append(list, r.Digest)
	}
	if len(r.Techniques) > 0 {
		list = append(list, "techniques "+strings.Join(r.Techniques, " "))
	}
	if r.Vendor != "" || r.Severity != "" {
		list = append(list, strings.TrimSpace("severity "+r.Severity+", by the product "+r.Vendor))
	}
	return list
}

func signals(r *investigate.Record) (list []string) {
	for i := range r.Signals {
		s := &r.Signals[i]
		if i == mostLines {
			return append(list, fmt.Sprintf("and %d more", len(r.Signals)-i))
		}
		text := fmt.Sprintf("%+d  %s", s.Term, s.Sentence)
		for _, p := range s.Receipts[:min(len(s.Receipts), 3)] {
			text += "  [" + p.Path + ": " + shorten(p.Value) + "]"
		}
		list = append(list, text)
	}
	return list
}

func things(r *investigate.Record) (list []string) {
	for i, t := range r.Things {
		if i == mostLines {
			return append(list, fmt.Sprintf("and %d more", len(r.Things)-i))
		}
		list = append(list, spaced(t.Type)+" ("+t.Role+") "+t.Value+"  ["+t.Path+"]")
	}
	return list
}
