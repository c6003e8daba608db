package learn

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// fits tells whether a record is of this product.
func (p *product) fits(f fields) bool {
	for _, mark := range p.marks {
		if all(f, mark) {
			return true
		}
	}
	return len(p.marks) == 0
}

func all(f fields, paths []string) bool {
	for _, path := range paths {
		if !f.has(path) {
			return false
		}
	}
	return true
}

// read makes the decisions that a record of this product holds: one for each alert that it names.
func (p *product) read(f fields) ([]triage.Decision, error) {
	d := triage.Decision{Certainty: triage.Asserted, By: f.first(p.by...), Reason: p.why(f), Incident: f.first(p.incident...)}
	var err error
	if d.Disposition, err = p.disposition(f); err != nil {
		return nil, err
	}
	if d.At, err = p.when(f); err != nil {
		return nil, err
	}
	if word := f.first(p.sure...); word != "" {
		if d.Certainty = triage.Certainty(word); d.Certainty != triage.Confirmed && d.Certainty != triage.Asserted {
			return nil, fmt.Errorf("certainty %s: not confirmed or asserted", short(word))
		}
	}
	var list []triage.Decision
	known := map[string]bool{}
	for _, path := range p.alerts {
		for _, id := range f[path].values {
			if !known[id] {
				known[id] = true
				d.AlertID = id
				list = append(list, d)
			}
		}
	}
	if len(list) > 0 && len(p.verdicts) > 0 { // a decision about a verdict may name one of its alerts: it is one decision
		list[0].Verdict = f.first(p.verdicts...)
		return list, nil
	}
	d.AlertID = ""
	for _, path := range p.verdicts {
		for _, id := range f[path].values {
			d.Verdict = id
			list = append(list, d)
		}
	}
	if len(list) == 0 {
		return nil, errNoSubject
	}
	return list, nil
}

// disposition reads what was decided. A word that is not in the table is refused, and so are two that disagree.
func (p *product) disposition(f fields) (triage.Disposition, error) {
	if state := f.first(p.state); state != "" && !oneOf(letters(state), p.done) {
		return triage.Undetermined, fmt.Errorf("not decided yet: %s is %s", p.state, short(state))
	}
	for _, path := range p.words {
		if name, said, err := agree(f[path].values, p.meaning, false); err != nil || said && name != pending {
			return named(name), err
		}
	}
	for _, path := range p.tags {
		if name, said, err := agree(f[path].values, p.meaning, true); err != nil || said && name != pending {
			return named(name), err
		}
	}
	if word := f.first(p.words...); word != "" {
		return triage.Undetermined, fmt.Errorf("not decided yet: %s", short(word))
	}
	return triage.Undetermined, errNoWord
}

// agree finds what all of the values mean. With lax those that are not known are passed over.
func agree(values []string, words map[string]string, lax bool) (name string, said bool, err error) {
	for _, v := range values {
		n, ok := meaning(v, words)
		switch {
		case !ok && lax:
		case !ok:
			return "", false, fmt.Errorf("disposition %s: not a word that is known here, such as true_positive, benign_positive, false_positive or undetermined", short(v))
		case said && n != name:
			return "", false, fmt.Errorf("disposition %s: another one stands there too", short(v))
		default:
			name, said = n, true
		}
	}
	return name, said, nil
}

// meaning looks a word up: whole, else what stands before a dash, as in "True Positive - Suspicious Activity".
func meaning(v string, words map[string]string) (string, bool) {
	if n, ok := words[letters(v)]; ok {
		return n, true
	}
	head, _, cut := strings.Cut(v, " - ")
	n, ok := words[letters(head)]
	return n, cut && ok
}

// letters folds a word to its letters and digits, in lower case.
func letters(v string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, v)
}

func named(name string) triage.Disposition {
	d, _ := triage.DispositionOf(name)
	return d
}

func oneOf(word string, list []string) bool {
	for _, w := range list {
		if w == word {
			return true
		}
	}
	return false
}

// when reads the time of the decision; none is no mistake, one that is no time is.
func (p *product) when(f fields) (time.Time, error) {
	text := f.first(p.at...)
	if text == "" {
		return time.Time{}, nil
	}
	at, err := alert.ParseTime(text, time.UTC, time.Time{})
	if err != nil {
		return at, fmt.Errorf("%s is no time of a decision", short(text))
	}
	return at, nil
}

// why joins the reasons that are given.
func (p *product) why(f fields) string {
	var said []string
	for _, path := range p.reason {
		if v := f.first(path); v != "" {
			said = append(said, v)
		}
	}
	return cut(strings.Join(said, ": "), 1000)
}

// short is a value for a message.
func short(v string) string { return fmt.Sprintf("%q", cut(v, 60)) }

func cut(v string, n int) string {
	if len(v) <= n {
		return v
	}
	return strings.ToValidUTF8(v[:n], "") + "..."
}
