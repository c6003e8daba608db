package render

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/investigate"
)

// MostCases is how many cases are written out for people.
const MostCases = 30

// Cases is the account of an investigation.
type Cases struct {
	Paper          Paper
	Cases          int64 // all, those that are not written out too
	Written        int64 // of the cases; 0: MostCases
	Verdicts, Tied int64 // in cases, and in cases of several
	Rejected       int64
	Logs           bool // some were searched
	Gaps           []stream.Gap
}

// shown bounds of what a case has of each the text names.
const (
	shownNames = 4
	shownLinks = 6
)

// AppendCase appends a case as a paragraph: what, where, when, and why its verdicts stand together.
func (s *Cases) AppendCase(b []byte, k *investigate.Case) []byte {
	p := s.Paper
	title := k.Title
	if title == "" {
		title = "no title"
	}
	b = p.heading(b, k.ID+"  "+k.Route.String()+", "+clean(title))
	b = p.items(b, 2, ", ", p.severity(k.Severity, "severity "+word(k.Severity.String())), named("host", "hosts", k.Hosts), named("account", "accounts", k.Users), named("technique", "techniques", k.Techniques))
	b = p.wrap(b, 2, Plural(k.Alerts, "alert", "alerts")+" in "+Plural(int64(len(k.Members)), "verdict", "verdicts")+", "+Span(k.First, k.Last))
	b = s.appendFound(b, k)
	b = s.appendLinks(b, k)
	if k.Prose != nil {
		b = appendProse(b, p, 2, k.Prose)
	}
	var common []string
	for _, h := range k.Common[:min(len(k.Common), shownNames)] {
		common = append(common, strings.ReplaceAll(h.Kind, "_", " ")+" "+h.Value+" ("+Plural(int64(h.Verdicts), "verdict", "verdicts")+")")
	}
	if len(common) > 0 {
		b = p.wrap(b, 2, "shared, but by too many to be a reason: "+clean(strings.Join(common, ", "))+beyond(len(k.Common), shownNames))
	}
	for i := range k.Near {
		b = p.wrap(b, 2, "near: "+clean(nearCase(&k.Near[i])))
	}
	if n := len(k.Indicators); n > 0 {
		var list []string
		for i := range k.Indicators[:min(n, shownNames)] {
			list = append(list, k.Indicators[i].Defanged+reputed(k.Indicators[i].Verdict))
		}
		b = p.wrap(b, 2, "indicators: "+clean(strings.Join(list, ", "))+beyond(n, shownNames))
	}
	return append(b, '\n')
}

// appendLinks appends why the verdicts stand together, the loosest link first: who doubts the case begins there.
func (s *Cases) appendLinks(b []byte, k *investigate.Case) []byte {
	if len(k.Links) == 0 {
		return b
	}
	loosest := 0
	for i := range k.Links {
		if k.Links[i].Weight < k.Links[loosest].Weight {
			loosest = i
		}
	}
	b = s.Paper.wrap(b, 2, "loosest link: "+whyLinked(&k.Links[loosest]))
	shown := 0
	for i := range k.Links {
		if i == loosest {
			continue
		}
		if shown++; shown > shownLinks {
			break
		}
		b = s.Paper.wrap(b, 2, "linked: "+whyLinked(&k.Links[i]))
	}
	if more := len(k.Links) - 1 - shownLinks; more > 0 {
		b = s.Paper.line(b, 2, "and "+Plural(int64(more), "link", "links")+" more: --json lists all")
	}
	return b
}

func whyLinked(r *investigate.Reason) string {
	s := alertNamed(r.A) + " and " + alertNamed(r.B)
	if r.Timed {
		s += ", " + investigate.Interval(r.Between) + " apart"
	}
	return s + fmt.Sprintf(" (%.1f): ", r.Weight) + clean(r.Because)
}

func nearCase(n *investigate.Neighbour) string {
	s := n.Case + ", " + n.Route.String()
	if when := n.When(); when != "" {
		s += ", " + when
	}
	return s + ": " + n.Because
}

// alertNamed is an alert's id for people: one that is a digest by as much of it as git shows.
func alertNamed(id string) string {
	if hex, ok := strings.CutPrefix(id, "sha256:"); ok && len(hex) == 64 {
		id = "sha256:" + hex[:12]
	}
	return clean(id)
}

// named is a list of names behind what they are, the first few of them.
func named(one, many string, list []string) string {
	switch n := len(list); n {
	case 0:
		return ""
	case 1:
		return one + " " + clean(list[0])
	default:
		return many + " " + clean(strings.Join(list[:min(n, shownNames)], " ")) + beyond(n, shownNames)
	}
}

func beyond(n, shown int) string {
	if n <= shown {
		return ""
	}
	return fmt.Sprintf(" and %d more", n-shown)
}

func reputed(verdict string) string {
	if verdict == "unknown" {
		return ""
	}
	return " (" + verdict + ")"
}

func word(severity string) string {
	if severity == "" {
		return "unknown"
	}
	return severity
}

func searched(logs bool) string {
	if logs {
		return ""
	}
	return "; no logs were searched"
}

// Append appends the account.
func (s *Cases) Append(b []byte) []byte {
	p := s.Paper
	if more := s.Cases - cmp.Or(s.Written, MostCases); more > 0 {
		b = p.wrap(b, 0, "and "+Plural(more, "case", "cases")+" more, weaker than these: --json lists all")
	}
	b = p.wrap(b, 0, Plural(s.Verdicts, "verdict", "verdicts")+" in "+Plural(s.Cases, "case", "cases")+", "+Count(s.Tied)+" of them with others"+searched(s.Logs))
	if s.Rejected > 0 {
		b = p.wrap(b, 2, Plural(s.Rejected, "line was no document", "lines were no documents")+" of this program: --json names each")
	}
	for i, g := range s.Gaps {
		if i == shownGaps {
			b = p.wrap(b, 2, "and "+Plural(int64(len(s.Gaps)-i), "gap", "gaps")+" more: --json lists all")
			break
		}
		b = p.wrap(b, 2, "gap: "+clean(g.Input)+": "+clean(g.Reason))
	}
	return b
}
