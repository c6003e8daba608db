package files

import (
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// collector takes the parts in their order, counts, and hands records on.
type collector struct {
	q      *investigate.Query
	found  func(*alert.Alert) error
	answer investigate.Answer
	kept   []int // records handed on, by term
	line   int64 // lines of the input at hand before this part

	trouble trouble // with the input at hand
}

// full tells whether a term has brought as many records as wanted.
func (c *collector) full(term int) bool { return c.q.Most > 0 && c.kept[term] >= c.q.Most }

func (c *collector) take(p *part) error {
	if p.number == 0 {
		c.line = 0
	}
	for term, n := range p.common {
		c.answer.Counts[term] += n
	}
	for i := range p.records {
		if err := c.record(p, &p.records[i]); err != nil {
			return err
		}
	}
	c.trouble.add(p, c.line)
	c.line += p.lines
	if p.last {
		c.end(p)
	}
	return nil
}

// end says what is to be said about an input as a whole.
func (c *collector) end(p *part) {
	if p.end != nil {
		covered, gap := p.end()
		if gap != "" {
			c.trouble.gaps = append(c.trouble.gaps, gap)
		}
		c.answer.Covered = append(c.answer.Covered, covered)
	}
	c.answer.Gaps = c.trouble.tell(c.answer.Gaps, p.name)
	c.trouble = trouble{}
}

// record takes in one record. That it was read at all may be a matter of who was faster: when its terms have all brought enough, nothing of
// that shows.
func (c *collector) record(p *part, m *met) error {
	if !slices.ContainsFunc(m.terms, func(t int) bool { return !c.full(t) }) {
		for _, t := range m.terms {
			c.answer.Counts[t]++
		}
		return nil
	}
	for i := range m.alerts {
		a := &m.alerts[i]
		if p.relative {
			a.alert.Input.Line += c.line
		}
		if !c.wants(a) {
			continue
		}
		if err := c.found(a.alert); err != nil {
			return err
		}
	}
	if m.lost != nil {
		p.lost = append(p.lost, *m.lost)
		p.blind()
	}
	return nil
}

// wants counts an alert, and tells whether it is to be handed on: within the window, and met by a term that has not brought enough.
func (c *collector) wants(m *alerted) bool {
	in := within(m.alert.Time, c.q)
	wanted := false
	for _, t := range m.terms {
		if c.full(t) {
			c.answer.Counts[t]++
		} else if in {
			c.answer.Counts[t]++
			c.kept[t]++
			wanted = true
		}
	}
	return wanted
}

func within(t time.Time, q *investigate.Query) bool {
	return t.IsZero() || (q.From.IsZero() || !t.Before(q.From)) && (q.To.IsZero() || !t.After(q.To))
}
