package render

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// Bounds of what a board keeps and shows, whatever the size of the run.
const (
	shownGroups = 20
	shownRules  = 10
	shownGaps   = 10
	maxRules    = 4096
	maxGaps     = 256
)

// Board collects the verdicts of a run for a person: the groups to look at first, the others by rule.
// The zero value is ready. It is for one goroutine.
type Board struct {
	top    []*Row // escalated, highest score first, at most shownGroups
	routes [3]int64
	rules  map[string]int64 // groups to review
	beyond int64            // the same, of rules that found no room
	gaps   map[alert.Gap]int64
	lost   int64 // gaps that found no room

	Printed bool // the escalated groups were printed as they closed: the board counts them only
}

// Add takes a verdict in. Escalated ones want RowOf, for the others Brief is enough.
func (b *Board) Add(r *Row) {
	b.routes[r.Route]++
	switch r.Route {
	case triage.Escalate:
		b.escalate(r)
	case triage.Review:
		b.review(r.Rule)
	case triage.Closed: // counted, not shown
	}
	for _, g := range r.Gaps {
		if b.gaps == nil {
			b.gaps = map[alert.Gap]int64{}
		}
		if _, known := b.gaps[g]; known || len(b.gaps) < maxGaps {
			b.gaps[g]++
		} else {
			b.lost++
		}
	}
}

// escalate keeps the highest scores; of equal ones the more severe, then the earlier.
func (b *Board) escalate(r *Row) {
	i, _ := slices.BinarySearchFunc(b.top, r, func(have, add *Row) int {
		if have.Score > add.Score || have.Score == add.Score && have.Severity >= add.Severity {
			return -1
		}
		return 1
	})
	if i == shownGroups {
		return
	}
	if len(b.top) == shownGroups {
		b.top = b.top[:shownGroups-1]
	}
	b.top = slices.Insert(b.top, i, r)
}

func (b *Board) review(rule string) {
	if b.rules == nil {
		b.rules = map[string]int64{}
	}
	if _, known := b.rules[rule]; known || len(b.rules) < maxRules {
		b.rules[rule]++
	} else {
		b.beyond++
	}
}

// Append appends the board as text and, below it, the account of the run.
func (b *Board) Append(buf []byte, p Paper, a *Account) []byte {
	some := b.routes != [3]int64{}
	switch {
	case !some && a.Read == 0:
		buf = p.wrap(buf, 0, "no alerts in the input")
	case !some && a.Read == a.Rejected:
		buf = p.wrap(buf, 0, "no line of the input could be read as an alert")
	default:
		buf = b.appendReview(b.appendEscalated(buf, p), p)
	}
	buf = p.wrap(append(buf, '\n'), 0, a.Next)
	buf = p.wrap(buf, 0, a.closing())
	buf = p.wrap(buf, 0, a.reading())
	buf = b.appendGaps(buf, p)
	return a.Append(append(buf, '\n'), p)
}

func (b *Board) appendEscalated(buf []byte, p Paper) []byte {
	n := b.routes[triage.Escalate]
	head := p.bold("ESCALATE " + Count(n))
	if b.Printed && n > 0 {
		return append(append(buf, head...), ", printed above\n"...)
	}
	buf = append(append(buf, head...), '\n')
	for _, r := range b.top {
		buf = r.Append(append(buf, '\n'), p)
	}
	if more := n - int64(len(b.top)); more > 0 {
		buf = p.wrap(append(buf, '\n'), 0, "and "+Count(more)+" more: soc triage --json ...")
	}
	return buf
}

func (b *Board) appendReview(buf []byte, p Paper) []byte {
	n := b.routes[triage.Review]
	buf = append(append(append(buf, '\n'), p.bold("REVIEW "+Count(n))...), '\n')
	rules := slices.SortedFunc(maps.Keys(b.rules), func(x, y string) int {
		return cmp.Or(cmp.Compare(b.rules[y], b.rules[x]), strings.Compare(x, y))
	})
	shown := int64(0)
	for _, rule := range rules[:min(len(rules), shownRules)] {
		buf = p.line(buf, 2, pad(Count(b.rules[rule]), 7)+"  "+rule)
		shown += b.rules[rule]
	}
	if rest := n - shown; rest > 0 {
		what := "of " + Plural(int64(len(rules)-shownRules), "other rule", "other rules")
		if b.beyond > 0 || len(rules) <= shownRules {
			what = "of other rules"
		}
		buf = p.line(buf, 2, pad(Count(rest), 7)+"  "+what)
	}
	return buf
}

func (b *Board) appendGaps(buf []byte, p Paper) []byte {
	type row struct {
		alert.Gap
		n int64
	}
	var rows []row
	var absent []string
	for g, n := range b.gaps {
		if g.Class == alert.Unconfigured {
			absent = append(absent, clean(g.Check)+" ("+clean(g.Reason)+")")
			continue
		}
		rows = append(rows, row{g, n})
	}
	if slices.Sort(absent); len(absent) > 0 {
		buf = p.wrap(buf, 0, "not looked at: "+strings.Join(absent, ", "))
	}
	slices.SortFunc(rows, func(x, y row) int {
		return cmp.Or(cmp.Compare(y.n, x.n), strings.Compare(x.Check+x.Source+x.Reason, y.Check+y.Source+y.Reason))
	})
	rest := b.lost
	for i, r := range rows {
		if i >= shownGaps {
			rest += r.n
			continue
		}
		buf = p.wrap(buf, 0, "gap in "+Plural(r.n, "group", "groups")+": "+sayGap(r.Gap))
	}
	if rest > 0 {
		buf = p.wrap(buf, 0, "and "+Plural(rest, "gap", "gaps")+" more: soc triage --json ...")
	}
	return buf
}

// sayGap puts a gap into words.
func sayGap(g alert.Gap) string {
	where := g.Check
	if where == "" {
		where = g.Source
	}
	if where != "" {
		where += " "
	}
	return where + string(g.Class) + ": " + g.Reason
}

func pad(s string, w int) string { return strings.Repeat(" ", max(0, w-len(s))) + s }

// Append appends the row as a paragraph: what it is, where and when, and why.
func (r *Row) Append(buf []byte, p Paper) []byte {
	word := strings.ToUpper(r.Severity.String())
	if word == "" {
		word = "NO SEVERITY"
	}
	head := " " + Score(r.Score) + " "
	room := p.width - 1 - term.Width(word+head)
	buf = append(buf, ' ')
	buf = append(append(buf, p.severity(r.Severity, word)...), head...)
	buf = append(append(buf, term.Truncate(r.Title, room)...), '\n')
	buf = p.items(buf, 3, ", ", labelled("host", r.Host), labelled("user", r.User), labelled("from", r.Source))
	buf = p.items(buf, 3, ", ", Plural(int64(r.Count), "alert", "alerts"), Span(r.First, r.Last), r.Standing, r.ID)
	if len(r.Because) == 0 {
		return buf
	}
	return p.atMost(buf, 3, 3, "because "+strings.Join(r.Because, "; "))
}

func labelled(name, value string) string {
	if value == "" {
		return ""
	}
	return name + " " + value
}
