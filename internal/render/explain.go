package render

import (
	"fmt"
	"strings"

	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// Explain appends the whole evidence of one verdict as a sum that can be checked by hand: the base rate, every signal's
// term with its receipts, the score; then what follows from it, what was set aside and what is missing.
func Explain(b []byte, p Paper, v *triage.Verdict, policy *triage.Policy) []byte {
	r := RowOf(v)
	b = p.heading(b, clean(read(v).title()))
	b = p.items(b, 0, ", ", r.ID, labelled("case", r.Case), r.Rule)
	b = p.items(b, 0, ", ", labelled("host", r.Host), labelled("user", r.User), labelled("from", r.Source))
	b = p.items(b, 0, ", ", Plural(int64(r.Count), "alert", "alerts"), Span(r.First, r.Last), late(v.Late))
	b = appendSum(append(b, '\n'), p, v)
	b = append(b, '\n')
	if v.Prose != nil {
		b = append(appendProse(b, p, v.Prose), '\n')
	}
	b = appendSeverity(b, p, v)
	b = p.field(b, "route", v.Route.String()+": "+routeReason(v, policy))
	b = p.field(b, "disposition", strings.ReplaceAll(v.Disposition.String(), "_", " "))
	for _, s := range v.Suppressed {
		b = p.field(b, "suppressed", clean(s.Check)+": "+clean(s.Sentence)+"; "+clean(s.By))
	}
	for _, g := range v.Gaps {
		b = p.field(b, "gap", clean(sayGap(g)))
	}
	for _, d := range [][2]string{{"policy", v.Digests.Policy}, {"precedent", v.Digests.Precedent}, {"context", v.Digests.Context}, {"model", v.Digests.Model}} {
		if d[1] != "" {
			b = p.field(b, "digest", d[0]+" "+clean(d[1]))
		}
	}
	return appendAlert(b, p, v)
}

// clean is the short name of the one way from an alert to a terminal.
func clean(s string) string { return term.Clean(s) }

func late(yes bool) string {
	if yes {
		return "late"
	}
	return ""
}

// Columns of the sum: the terms, right-aligned, and what stands beside them.
const (
	termWidth = 7
	besides   = termWidth + 2
)

func appendSum(b []byte, p Paper, v *triage.Verdict) []byte {
	b = p.entry(b, pad(Score(v.Base), termWidth), fmt.Sprintf("base rate: %.3g %% of groups are attacks before anything is known of one", 100*triage.Probability(v.Base)))
	for i := range v.Signals {
		b = appendSignal(b, p, &v.Signals[i])
	}
	b = p.line(b, 0, pad(strings.Repeat("-", termWidth-1), termWidth))
	note := "score, in thousandths of a nat; uncalibrated: it ranks, it is no probability"
	if v.Calibrated {
		note = fmt.Sprintf("score; the probability of an attack is %.4f", v.Probability)
	}
	return p.entry(b, p.bold(pad(Score(v.Score), termWidth)), note)
}

// appendProse shows what a model wrote, as its words and no others, each sentence with the places that it cites.
func appendProse(b []byte, p Paper, prose *triage.Prose) []byte {
	b = p.wrap(b, 0, "in the words of model "+clean(prose.By)+", which count nothing:")
	for _, s := range prose.Sentences {
		b = p.wrap(b, 2, clean(s.Text))
		for _, c := range s.Cites {
			b = p.wrap(b, 4, clean(c.At)+" = "+clean(c.Value))
		}
	}
	if len(prose.Sentences) == 0 {
		b = p.wrap(b, 2, "nothing that holds")
	}
	if n := int64(prose.Dropped); n > 0 {
		b = p.wrap(b, 2, Plural(n, "sentence is", "sentences are")+" left out: what it rests on is not there")
	}
	return b
}

func appendSignal(b []byte, p Paper, s *triage.Signal) []byte {
	b = p.entry(b, pad(Score(s.Term), termWidth), clean(s.Sentence))
	what := []string{clean(s.Check), "family " + clean(string(s.Family)), "trust " + s.Trust.String(), "weight " + Score(s.Weight)}
	if s.Hard {
		what = append(what, "hard")
	}
	b = p.items(b, besides+2, ", ", what...)
	for _, r := range s.Receipts {
		b = p.wrap(b, besides+2, clean(string(r.Path))+" = "+clean(r.Value)+known(r.Source))
	}
	return b
}

// known is what else knows a receipt's text.
func known(source string) string {
	if source == "" {
		return ""
	}
	return " (" + clean(source) + ")"
}

// heading appends text in bold, whole.
func (p Paper) heading(b []byte, text string) []byte {
	for text != "" {
		var head string
		head, text = breakAt(text, p.width)
		b = append(append(b, p.bold(head)...), '\n')
	}
	return b
}

// entry appends a number, padded already, and the text beside it.
func (p Paper) entry(b []byte, number, text string) []byte {
	head, rest := breakAt(text, max(p.width-besides, 8))
	b = append(append(append(b, number...), "  "...), head...)
	return p.wrap(append(b, '\n'), besides, rest)
}

// field appends a name and what it says, wrapped behind the name.
func (p Paper) field(b []byte, name, text string) []byte {
	const column = 13
	head, rest := breakAt(text, max(p.width-column, 8))
	b = append(b, name...)
	b = append(b, strings.Repeat(" ", max(1, column-len(name)))...)
	b = append(append(b, head...), '\n')
	return p.wrap(b, column, rest)
}

// appendAlert shows the member with the strongest evidence: where it stands and who is in it.
func appendAlert(b []byte, p Paper, v *triage.Verdict) []byte {
	d := read(v)
	b = p.field(b, "alert", clean(d.ID)+", "+placed(&d.Input)+bytesOf(&d.Input))
	if d.Digest != "" {
		b = p.field(b, "", clean(d.Digest))
	}
	if len(d.Techniques) > 0 {
		b = p.field(b, "techniques", clean(strings.Join(d.Techniques, ", ")))
	}
	for i := range d.Entities {
		name := ""
		if i == 0 {
			name = "entities"
		}
		e := &d.Entities[i]
		b = p.field(b, name, clean(e.Role+" "+e.Type+" "+e.Value))
	}
	return b
}
