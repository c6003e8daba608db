package render

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Check is one thing that soc doctor looked at.
type Check struct {
	Name   string
	OK     bool
	Class  alert.GapClass // why it is not OK
	Detail string
	Hint   string // what mends or extends it, to be pasted; may be empty
}

// Broken tells something that is set up and does not work as it should, from something that nobody set up.
func (c *Check) Broken() bool { return !c.OK && c.Class != alert.Unconfigured }

// AppendJSON appends the check as a document of kind check, version 1.
func (c *Check) AppendJSON(b []byte) []byte {
	b = wire.Text(append(b, `{"kind":"check","version":1`...), "name", c.Name)
	b = wire.Bool(b, "ok", c.OK)
	if !c.OK {
		b = wire.Word(b, "class", string(c.Class))
	}
	return append(wire.Text(wire.Text(b, "detail", c.Detail), "hint", c.Hint), '}')
}

// Checks appends what was looked at as text: what does not work first, then what is missing, then the rest. The order within each
// is the list's.
func Checks(b []byte, p Paper, list []Check) []byte {
	rank := func(c *Check) int {
		switch {
		case c.Broken():
			return 0
		case !c.OK:
			return 1
		}
		return 2
	}
	titles := [...]string{"does not work", "not set up", "in order"}
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(x, y Check) int { return rank(&x) - rank(&y) })
	last := -1
	for i := range sorted {
		c := &sorted[i]
		if r := rank(c); r != last {
			if last >= 0 {
				b = append(b, '\n')
			}
			b, last = p.heading(b, titles[r]), r
		}
		b = p.check(b, c)
	}
	return b
}

// check appends one: its name in a column of its own, what was found beside it, the hint below.
func (p Paper) check(b []byte, c *Check) []byte {
	const column = 16
	name, detail := clean(c.Name), clean(c.Detail)
	if len(name) > column-3 {
		b = p.line(b, 2, name)
		b = p.wrap(b, column, detail)
	} else {
		head, rest := breakAt(detail, max(p.width-column, 8))
		b = p.line(b, 2, fmt.Sprintf("%-*s%s", column-2, name, head))
		b = p.wrap(b, column, rest)
	}
	if c.Hint == "" {
		return b
	}
	return p.wrap(b, column, strings.TrimSpace("try: "+clean(c.Hint)))
}
