package cmd

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/investigate"
)

// inquirer asks logs and models for the screen.
type inquirer struct {
	*desk
	logs  func() (investigate.Source, error)
	model func() (*witness, error)
}

// errNoLogs and errNoModel say what a person has to name first.
var (
	errNoLogs  = errors.New("no logs are named: soc tui --logs PATH, or --from NAME")
	errNoModel = errors.New("no model is named: soc tui --model NAME")
)

// logs opens what --logs names; nil when it names nothing.
func (d *desk) logs() (investigate.Source, error) {
	if len(d.o.logs) == 0 {
		return nil, nil
	}
	return d.app.logs(investigateOptions{logs: d.o.logs, tz: d.o.tz})
}

// source is what --logs and --from name, ready for one question: a source that failed is asked the next one again.
func (q *inquirer) source() (investigate.Source, error) {
	var list []investigate.Named
	src, err := q.logs()
	if err != nil {
		return nil, err
	}
	if src != nil {
		list = append(list, investigate.Named{Source: src})
	}
	if src = together(append(list, q.from...)); src == nil {
		return nil, errNoLogs
	}
	return src, nil
}

// counted tells how many records a source has handed over.
type counted struct {
	investigate.Source
	told      func(string)
	records   int
	questions int
}

// Search implements investigate.Source.
func (c *counted) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	c.questions++
	c.say()
	a, err := c.Source.Search(ctx, q, func(a *alert.Alert) error {
		if c.records++; c.records%500 == 0 {
			c.say()
		}
		return found(a)
	})
	c.say()
	return a, err
}

func (c *counted) say() {
	c.told("question " + render.Count(int64(c.questions)) + ", " + render.Plural(int64(c.records), "record", "records"))
}

// Bounds of a pivot: around the case, and the records that are shown.
const (
	aroundPivot = 7 * 24 * time.Hour
	mostPivot   = 400
)

// Pivot implements tui.Asker.
func (q *inquirer) Pivot(ctx context.Context, id, kind, value string, told func(string)) (*render.Page, error) {
	if err := q.begin(); err != nil {
		return nil, err
	}
	defer q.busy.Done()
	src, err := q.source()
	if err != nil {
		return nil, err
	}
	c, err := q.book.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	if kind == "md5" || strings.HasPrefix(kind, "sha") {
		kind = "hash"
	}
	ask := investigate.Query{Terms: []investigate.Term{{Kind: investigate.Kind(kind), Value: value}}, Most: mostPivot}
	if !c.First.IsZero() {
		ask.From, ask.To = c.First.Add(-aroundPivot), c.Last.Add(aroundPivot)
	}
	var list []*alert.Alert
	a, err := (&counted{Source: src, told: told}).Search(ctx, ask, func(a *alert.Alert) error {
		if len(list) < 2*mostPivot { // a source may hand over more than was asked for
			list = append(list, a)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("asking the logs for %s: %w", render.Short(value), err)
	}
	slices.SortFunc(list, func(a, b *alert.Alert) int {
		return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Input.Name, b.Input.Name), cmp.Compare(a.Input.Line, b.Input.Line), cmp.Compare(a.Input.Offset, b.Input.Offset))
	})
	return pivoted(kind, value, &ask, list, &a), nil
}

// pivoted writes what the logs say about a value.
func pivoted(kind, value string, ask *investigate.Query, list []*alert.Alert, a *investigate.Answer) *render.Page {
	p := &render.Page{Title: kind + " " + render.Short(value) + " in the logs"}
	say := func(t render.Tone, indent int, text string) {
		p.Paras = append(p.Paras, render.Para{Tone: t, Indent: indent, Text: text})
	}
	within := ""
	if !ask.From.IsZero() {
		within = " between " + render.Moment(ask.From) + " and " + render.Moment(ask.To)
	}
	met := int64(len(list))
	for _, n := range a.Counts {
		met = max(met, n)
	}
	say(render.Strong, 0, render.Plural(met, "record", "records")+" with it"+within+fmt.Sprintf(", in %s looked through", render.Plural(int64(len(a.Covered)), "input", "inputs")))
	for _, g := range a.Gaps {
		say(render.Warn, 0, "gap: "+string(g.Class)+", "+g.Source+" "+g.Reason)
	}
	say(render.Plain, 0, "")
	for _, r := range list {
		at := "no time            "
		if !r.Time.IsZero() {
			at = r.Time.UTC().Format(time.DateTime)
		}
		say(render.Plain, 0, at+"  "+investigate.Tell(r))
		say(render.Faint, 21, stands(&r.Input))
	}
	if more := met - int64(len(list)); more > 0 {
		say(render.Faint, 0, "and "+render.Plural(more, "record", "records")+" more: a value that so many have says little")
	}
	if met == 0 {
		say(render.Plain, 0, "That nothing was found is no sign that nothing happened: only these logs were asked.")
	}
	return p
}

// stands is where a record stands: in a file by its line, in a system by what that calls it.
func stands(p *alert.Place) string {
	if p.Item != "" {
		return p.Name + ", item " + p.Item
	}
	return fmt.Sprintf("%s, line %d", p.Name, p.Line)
}

// Pursue implements tui.Asker.
func (q *inquirer) Pursue(ctx context.Context, id string, told func(string)) error {
	if err := q.begin(); err != nil {
		return err
	}
	defer q.busy.Done()
	src, err := q.source()
	if err != nil {
		return err
	}
	c, err := q.book.Case(ctx, id)
	if err != nil {
		return err
	}
	k, err := q.gathered(ctx, c.ID, c.Verdicts)
	if err != nil {
		return err
	}
	if k == nil {
		return fmt.Errorf("%s has no verdicts to begin with", c.ID)
	}
	err = (investigate.Pursuit{Checks: check.All()}).Pursue(ctx, &counted{Source: src, told: told}, []*investigate.Case{k})
	if err != nil {
		return fmt.Errorf("searching the logs: %w", err)
	}
	q.conclude(k)
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.pursued == nil {
		q.pursued = map[string]*investigate.Case{}
	}
	q.pursued[c.ID] = k
	return nil
}
