package prompt

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
)

// Claim is one thing that a model says about an alert, and where it says so. Its Text is the model's: it is shown as such, and
// counts nothing.
type Claim struct {
	Path  alert.Path `json:"path"`
	Value string     `json:"value"`
	Text  string     `json:"text"`
	path  string     // as it was written
}

// Reading is an answer after it was checked against its alert.
type Reading struct {
	Verdict    Verdict `json:"verdict"`
	Claims     []Claim `json:"claims,omitempty"`     // those that hold
	Dropped    int     `json:"dropped,omitempty"`    // claims that did not
	Questions  []Query `json:"questions,omitempty"`  // each once
	Confidence int     `json:"confidence,omitempty"` // in percent, as the model says; it weighs nothing
}

// Read takes an answer apart. An error that is ErrTruncated, ErrLeaked or ErrMalformed says that there is none: the caller makes a gap
// of it (Gap) and the verdict stands as it was.
func (q *Question) Read(ans Answer) (Reading, error) {
	if err := ans.cut(); err != nil {
		return Reading{}, err
	}
	text := strings.TrimSpace(ans.Text)
	if len(text) <= maxAnswer && q.leaks(text) {
		return Reading{}, ErrLeaked
	}
	a, err := parse(text)
	if err != nil {
		return Reading{}, err
	}
	r := Reading{Verdict: a.verdict, Questions: a.questions, Confidence: a.confidence}
	for _, c := range a.claims {
		if q.leaks(c.path + "\x00" + c.Value + "\x00" + c.Text) { // behind escapes
			return Reading{}, ErrLeaked
		}
		c, ok := q.holds(c)
		switch {
		case !ok:
			r.Dropped++
		case !slices.ContainsFunc(r.Claims, func(o Claim) bool { return o.Path == c.Path && o.Value == c.Value }):
			r.Claims = append(r.Claims, c)
		}
	}
	return r, nil
}

// cut is an error when the answer is not whole, or was given to half a question.
func (a *Answer) cut() error {
	switch {
	case a.Finish == "length":
		return fmt.Errorf("%w after %d tokens", ErrTruncated, a.TokensOut)
	case a.Truncated:
		return fmt.Errorf("%w, or its prompt: %d tokens and %d more do not fit into the model's context", ErrTruncated, a.TokensIn, a.TokensOut)
	}
	return nil
}

// holds resolves a claim in the alert. A short value must be all that stands at the path: every text holds an "e".
func (q *Question) holds(c Claim) (Claim, bool) {
	p, err := alert.ParsePath(c.path)
	if err != nil {
		return c, false
	}
	if q.session != nil {
		p, c.Value, c.Text = q.session.RestorePath(p), q.session.Restore(c.Value), q.session.Restore(c.Text)
	}
	c.Path = p
	if len(c.Value) < minCited {
		if all, ok := p.In(q.view); !ok || !strings.EqualFold(strings.TrimSpace(all), c.Value) {
			return c, false
		}
	}
	c.Value = c.Value[:whole(c.Value, min(len(c.Value), maxCited))]
	return c, alert.Ref{Path: p, Value: c.Value}.Holds(q.view)
}

// Bounds of a cited value in bytes: one that is shorter must be the whole text, of a longer one the beginning is kept.
const (
	minCited = 4
	maxCited = 256
)

// leaks reports whether a text holds one of the marks, however it is broken up or cased.
func (q *Question) leaks(text string) bool {
	bare := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'f':
			return r
		case r >= 'A' && r <= 'F':
			return r + 'a' - 'A'
		}
		return -1
	}, text)
	return slices.ContainsFunc(q.marks, func(m string) bool { return strings.Contains(bare, m) })
}
