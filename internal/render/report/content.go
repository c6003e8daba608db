package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert/indicator"
	"github.com/seed-959697dd/soc/investigate"
)

// block is a piece of a report. What it holds is raw: whoever writes it out passes it through prose.
type block struct {
	is     kind
	text   string
	cites  []string
	more   []block // what is said about an item
	class  string  // of a table
	head   []string
	rows   []row
	figure figure
}

type kind uint8

const (
	section    kind = iota // a heading
	subsection             // a heading below it
	paragraph
	item
	grid
	picture
)

type figure uint8

const (
	timeline figure = iota
	graph
)

// row is a line of a table. Its label is what others cite it by.
type row struct {
	label string // A1, E3, G2, ...; empty when nothing cites it
	cells []cell
}

// cell is a place in a table.
type cell struct {
	text  string
	lines []string // below the text, smaller
	cites []string
	code  bool // a value, not a sentence
	tone  string
}

// Rows that a table of people's text shows; more are counted, the case's document has all.
const (
	mostRows     = 300
	mostEvidence = 100
	mostLines    = 40
)

// content is a case as its reader needs it.
type content struct {
	k       *investigate.Case
	records []investigate.Record
	labels  map[string]string   // of citations
	foundBy map[string][]string // what a finding cites, by its own citation
	cases   int                 // how many were written before, so that anchors differ
}

func newContent(k *investigate.Case, cases int) *content {
	c := &content{k: k, records: k.Records(), labels: map[string]string{}, foundBy: map[string][]string{}, cases: cases}
	alerts := 0
	for i := range k.Findings {
		c.found(i)
	}
	for i := range c.records {
		if n, ok := strings.CutPrefix(c.records[i].Cite, "event "); ok {
			c.labels[c.records[i].Cite] = "E" + n
			continue
		}
		alerts++
		c.labels[c.records[i].Cite] = fmt.Sprintf("A%d", alerts)
		for _, also := range c.records[i].Also {
			c.labels[also] = fmt.Sprintf("A%d", alerts)
		}
	}
	for letter, list := range map[string]struct {
		kind string
		n    int
	}{"L": {"link", len(k.Links)}, "G": {"gap", len(k.Gaps)}, "H": {"hole", len(k.Holes)}, "Q": {"question", len(k.Questions)}, "F": {"artifact", len(k.Artifacts)}} {
		for n := range list.n {
			c.labels[fmt.Sprintf("%s %d", list.kind, n+1)] = fmt.Sprintf("%s%d", letter, n+1)
		}
	}
	return c
}

// found makes a finding citable, by the records that it cites itself.
func (c *content) found(i int) { c.foundBy[fmt.Sprintf("finding %d", i+1)] = c.k.Findings[i].Cites }

// label is what a citation is called in the report; one of an alert that is no record's own stays as it is.
func (c *content) label(cite string) string { return cmp.Or(c.labels[cite], cite) }

// title is the case's, or that it has none.
func (c *content) title() string {
	return cmp.Or(strings.TrimRight(c.k.Title, ": "), "A case without a title")
}

// facts are what the head of a report says in few words.
func (c *content) facts() [][2]string {
	k := c.k
	list := [][2]string{{"Case", k.ID}, {"Time", span(c.ends()) + " UTC"}}
	what := plural(int(k.Alerts), "alert", "alerts") + " in " + plural(len(k.Members), "verdict", "verdicts")
	if n := len(k.Events); n > 0 {
		what += ", " + plural(n, "event", "events") + " from logs"
	}
	list = append(list, [2]string{"Records", what})
	for _, names := range [...]struct {
		one, many string
		list      []string
	}{{"Host", "Hosts", investigate.Distinct("host", k.Hosts)}, {"Account", "Accounts", investigate.Distinct("user", k.Users)}, {"Technique", "Techniques", k.Techniques}} {
		switch n := len(names.list); n {
		case 0:
		case 1:
			list = append(list, [2]string{names.one, names.list[0]})
		default:
			text := strings.Join(names.list[:min(n, 8)], ", ")
			if n > 8 {
				text += fmt.Sprintf(" and %d more", n-8)
			}
			list = append(list, [2]string{names.many, text})
		}
	}
	return list
}

// ends are the times of the earliest and the latest record.
func (c *content) ends() (first, last time.Time) {
	first, last = c.k.First, c.k.Last
	for i := range c.records {
		r := &c.records[i]
		if first.IsZero() || !r.First.IsZero() && r.First.Before(first) {
			first = r.First
		}
		if r.Last.After(last) {
			last = r.Last
		}
	}
	return first, last
}

// blocks are the report, in order.
func (c *content) blocks() []block {
	var list []block
	list = append(list, c.findings("Summary", "", investigate.Summary, investigate.Rating)...)
	list = append(list, c.told()...)
	if len(c.records) > 0 {
		list = append(list, block{is: picture, figure: timeline})
	}
	list = append(list, c.story()...)
	list = append(list, c.findings("Root cause", "", investigate.Cause)...)
	list = append(list, c.findings("What was asked", "", investigate.Answers)...)
	if affected := c.findings("Affected", "", investigate.Affected); len(affected) > 0 {
		list = append(append(list, affected...), block{is: picture, figure: graph})
	}
	list = append(list, c.findings("Other cases with something in common", "", investigate.Nearby)...)
	list = append(list, c.indicators()...)
	list = append(list, c.techniques()...)
	list = append(list, c.recommended()...)
	list = append(list, c.findings("Looked up for a model", "", investigate.Asked)...)
	list = append(list, c.findings("What was not looked at", "Nothing is known to be missing.", investigate.Unseen)...)
	list = append(list, c.timeline()...)
	list = append(list, c.links()...)
	list = append(list, c.artifacts()...)
	return append(list, c.evidence()...)
}

// findings are the sentences of parts under a heading; without any, the heading stands over none when that is worth saying.
func (c *content) findings(heading, none string, parts ...investigate.Part) (list []block) {
	form := item
	if parts[0] == investigate.Summary || parts[0] == investigate.Cause {
		form = paragraph
	}
	for i := range c.k.Findings {
		if f := &c.k.Findings[i]; slices.Contains(parts, f.Part) {
			list = append(list, block{is: form, text: f.Sentence, cites: f.Cites})
		}
	}
	if list == nil {
		if none == "" {
			return nil
		}
		list = []block{{is: paragraph, text: none}}
	}
	return append([]block{{is: section, text: heading}}, list...)
}

// story is what happened, a heading for each phase.
func (c *content) story() (list []block) {
	phase := "\x00"
	for i := range c.k.Findings {
		f := &c.k.Findings[i]
		if f.Part != investigate.Story {
			continue
		}
		if list == nil {
			list = append(list, block{is: section, text: "What happened"})
		}
		if f.Phase != phase {
			phase = f.Phase
			name := spaced(phase)
			if name == "" {
				name = "no known tactic"
			}
			list = append(list, block{is: subsection, text: strings.ToUpper(name[:1]) + name[1:]})
		}
		b := block{is: item, text: f.Sentence, cites: f.Cites}
		if last := &list[len(list)-1]; last.is == item && len(f.Cites) == 1 && f.Cites[0] == last.cites[0] {
			last.more = append(last.more, b) // it goes on about the same record
		} else {
			list = append(list, b)
		}
	}
	return list
}

func (c *content) techniques() []block {
	g := block{is: grid, head: []string{"Technique", "Name", "Tactic", "Records"}}
	for i := range c.k.Findings {
		f := &c.k.Findings[i]
		if f.Part != investigate.Techniques {
			continue
		}
		id, _, _ := strings.Cut(f.Sentence, " ")
		id = strings.TrimRight(id, ",")
		g.rows = append(g.rows, row{cells: []cell{{text: id, code: true}, {text: investigate.TechniqueName(id)}, {text: spaced(f.Phase)}, {cites: f.Cites}}})
	}
	return under("ATT&CK techniques", g)
}

func (c *content) indicators() []block {
	g := block{is: grid, head: []string{"Type", "Indicator", "Role", "Verdict", "Standing", "Records"}}
	for i := range c.k.Indicators {
		n := &c.k.Indicators[i]
		var cited []string
		for _, r := range n.Receipts {
			cite := "alert " + r.Alert
			if strings.HasPrefix(r.Alert, "event ") {
				cite = r.Alert
			}
			if !slices.Contains(cited, cite) {
				cited = append(cited, cite)
			}
		}
		value := cell{text: n.Defanged, code: true}
		if n.Hidden != "" {
			value.lines = []string{"hidden: " + n.Hidden}
		}
		g.rows = append(g.rows, row{cells: []cell{{text: n.Type}, value, {text: n.Role}, {text: n.Verdict, tone: n.Verdict}, {text: string(n.Standing)}, {cites: cited}}})
	}
	return under("Indicators", g)
}

func (c *content) recommended() (list []block) {
	for _, phase := range [...]string{investigate.Containment, investigate.Eradication, investigate.Recovery} {
		g := block{is: grid, class: "advice", head: []string{"Action", "Target", "Why", "What it may break", "Records"}}
		for i := range c.k.Recommended {
			if a := &c.k.Recommended[i]; a.Phase == phase {
				g.rows = append(g.rows, row{cells: []cell{{text: a.Action, code: true}, {text: disarmed(a.Target), code: true, lines: []string{a.Target.Type}}, {text: a.Why}, {text: a.Risk}, {cites: a.Cites}}})
			}
		}
		if len(g.rows) > 0 {
			list = append(list, block{is: subsection, text: strings.ToUpper(phase[:1]) + phase[1:]}, g)
		}
	}
	if list == nil {
		list = []block{{is: paragraph, text: "None: a person looks first."}}
	} else {
		list = append([]block{{is: paragraph, text: "Nothing of this was done. Each waits for who may do it."}}, list...)
	}
	return append([]block{{is: section, text: "Recommended actions"}}, list...)
}

// disarmed is a target so that nobody clicks on it.
func disarmed(t investigate.Target) string {
	if !slices.Contains(indicator.Types(), indicator.Type(t.Type)) {
		return t.Value
	}
	var s indicator.Scanner
	return string(s.Disarm(nil, indicator.Type(t.Type), []byte(t.Value)))
}

// under puts a table under a heading; nothing when it has no rows. What is beyond the bound is counted.
func under(heading string, g block) []block {
	if len(g.rows) == 0 {
		return nil
	}
	list := []block{{is: section, text: heading}}
	if more := len(g.rows) - mostRows; more > 0 {
		g.rows = g.rows[:mostRows]
		return append(list, g, block{is: paragraph, text: fmt.Sprintf("%d more stand in the document of the case (--report json).", more)})
	}
	return append(list, g)
}
