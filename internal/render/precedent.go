package render

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/triage"
)

// Lesson is what a precedent was learned from, in numbers of the run.
type Lesson struct {
	Decisions, Used int64 // read, and those whose alert was found
	Rejected        int
	Alerts, Unread  int64
	File            string
}

// Precedent appends what an engineer signs: what was learned from, what is promised, and what is missing for more.
func Precedent(b []byte, p Paper, pr *triage.Precedent, l Lesson) []byte {
	c := &pr.Certificate
	b = p.heading(b, "precedent written to "+clean(l.File))
	b = p.items(b, 0, ", ", Plural(l.Decisions, "decision", "decisions"), fmt.Sprintf("%d about alerts that were read", l.Used), labelled("lines rejected", zeroless(l.Rejected)))
	b = p.items(b, 0, ", ", Plural(int64(pr.All.Decided), "decided group", "decided groups"),
		fmt.Sprintf("%d of attacks in %s", attackGroups(pr), Plural(int64(incidents(pr)), "incident", "incidents")), labelled("kind of label", pr.Labels))
	b = append(b, '\n')
	for i := range pr.Strata {
		b = appendStratum(b, p, c, &pr.Strata[i])
	}
	b = p.field(b, "would close", fmt.Sprintf("%.1f %% of the decided groups (detectors with %d decisions or more)", 100*c.Closed, c.Floor))
	for _, rule := range slices.Sorted(maps.Keys(pr.Mixed)) {
		m := pr.Mixed[rule]
		b = p.field(b, "never closed", fmt.Sprintf("%s: %s among its %s below the threshold", clean(rule), Plural(int64(m.Attacks), "attack", "attacks"), Plural(int64(m.Groups), "group", "groups")))
	}
	if len(pr.Calibration) == 0 {
		return p.field(b, "calibration", "too few decisions of either kind: scores stay scores")
	}
	b = p.field(b, "calibration", fmt.Sprintf("expected error %.4f, Brier score %.4f, on groups it had not seen", c.CalibrationError, c.Brier))
	return appendDiagram(b, p, pr)
}

func zeroless(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

func incidents(pr *triage.Precedent) (n int) {
	for i := range pr.Strata {
		n += pr.Strata[i].Incidents.N
	}
	return n
}

// appendStratum says what holds for one stratum: over groups, then over incidents.
func appendStratum(b []byte, p Paper, c *triage.Certificate, s *triage.Stratum) []byte {
	for _, line := range []struct {
		what  string
		bound *triage.Bound
	}{{"mark", &s.Groups}, {"close", &s.Incidents}} {
		of := "groups"
		if line.what == "close" {
			of = "incidents"
		}
		text := fmt.Sprintf("not certifiable yet: %d more confirmed %s of attacks needed for alpha %.3g %%", line.bound.Needs, of, 100*c.Alpha)
		if line.bound.Certified {
			text = fmt.Sprintf("below %s: %d of %d %s of attacks lie there, so at most %.2f %% of all (confidence %.3g %%)",
				Score(line.bound.Threshold), line.bound.K, line.bound.N, of, 100*line.bound.Upper, 100*(1-s.Delta))
		}
		b = p.field(b, line.what+" "+s.Name, text)
	}
	return b
}

// appendDiagram draws the calibration: a bar for each step of probability, from the scores that it begins at.
func appendDiagram(b []byte, p Paper, pr *triage.Precedent) []byte {
	const wide = 40
	last := -1
	for _, pt := range pr.Calibration {
		n := int(pt.Probability*wide + 0.5)
		if n == last {
			continue
		}
		last = n
		b = p.line(b, 2, fmt.Sprintf("from %7s  %6.2f %% %s", Score(pt.Score), 100*pt.Probability, strings.Repeat("#", n)))
	}
	return b
}

func attackGroups(pr *triage.Precedent) (n int) {
	for i := range pr.Strata {
		n += pr.Strata[i].Groups.N
	}
	return n
}
