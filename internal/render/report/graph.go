package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/investigate"
)

// The drawing of who had to do with what: three columns, outside and accounts, machines, and what ran or lay there.
const (
	nodeWidth  = 250
	nodeHeight = 38
	nodeGap    = 12
	mostNodes  = 9 // of a column
)

// node is a value that records have in common.
type node struct {
	kind, value string
	column      int
	records     int
	strong      bool
	y           int
}

// tie is two values in one record.
type tie struct {
	a, b   int
	strong bool
}

// network is the nodes and ties of the case, those most records have first. left counts what is not drawn.
func (c *content) network() (nodes []node, ties []tie, left int) {
	place := map[string]int{}
	var all []node
	var of [][]int // nodes of each record
	for i := range c.records {
		r := &c.records[i]
		var mine []int
		for _, t := range append(c.hidden(r), r.Things...) {
			column, ok := columnOf(r, &t)
			if !ok {
				continue
			}
			key := t.Type + " " + strings.ToLower(t.Value)
			if t.Type == "host" && !numeric(t.Value) {
				short, _, _ := strings.Cut(strings.ToLower(t.Value), ".")
				key = "host " + short
			}
			at, met := place[key]
			if !met {
				at = len(all)
				place[key] = at
				all = append(all, node{kind: t.Type, value: t.Value, column: column})
			}
			if len(t.Value) > len(all[at].value) {
				all[at].value = t.Value
			}
			if !slices.Contains(mine, at) {
				mine = append(mine, at)
				all[at].records++
				all[at].strong = all[at].strong || r.Strong
			}
		}
		of = append(of, mine)
	}
	kept := make([]int, len(all)) // the place in nodes, from 1
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[b].records, all[a].records) })
	var filled [3]int
	for _, at := range order {
		if filled[all[at].column] == mostNodes {
			left++
			continue
		}
		filled[all[at].column]++
		nodes = append(nodes, all[at])
		kept[at] = len(nodes)
	}
	met := map[[2]int]int{}
	for i, mine := range of {
		for _, a := range mine {
			for _, b := range mine {
				if kept[a] == 0 || kept[b] == 0 || !tied(all, mine, a, b) {
					continue
				}
				key := [2]int{kept[a] - 1, kept[b] - 1}
				at, seen := met[key]
				if !seen {
					at = len(ties)
					met[key] = at
					ties = append(ties, tie{a: key[0], b: key[1]})
				}
				ties[at].strong = ties[at].strong || c.records[i].Strong
			}
		}
	}
	return nodes, ties, left
}

// hidden are the addresses and names that were hidden in a record.
func (c *content) hidden(r *investigate.Record) (list []investigate.Thing) {
	for i := range c.k.Indicators {
		n := &c.k.Indicators[i]
		if n.Hidden == "" || n.Type != "ip" && n.Type != "domain" {
			continue
		}
		if slices.ContainsFunc(n.Receipts, func(p investigate.Receipt) bool { return "alert "+p.Alert == r.Cite || p.Alert == r.Cite }) {
			list = append(list, investigate.Thing{Type: n.Type, Role: "target", Value: n.Value})
		}
	}
	return list
}

// tied tells the pairs that are drawn: neighbouring columns, or the outer ones where the record names no machine.
func tied(all []node, mine []int, a, b int) bool {
	from, to := all[a].column, all[b].column
	if to == from+1 {
		return true
	}
	return from == 0 && to == 2 && !slices.ContainsFunc(mine, func(n int) bool { return all[n].column == 1 })
}

// columnOf is where an entity stands: what is of no use in a picture stands nowhere.
func columnOf(r *investigate.Record, t *investigate.Thing) (int, bool) {
	if t.Role == "observer" || t.Value == "" {
		return 0, false
	}
	switch t.Type {
	case "ip":
		inside := investigate.Inside(t.Value)
		if inside && slices.ContainsFunc(r.Things, func(o investigate.Thing) bool { return o.Type == "host" && o.Role != "observer" }) {
			return 0, false // the machine has a name
		}
		if inside {
			return 1, true
		}
		return 0, true
	case "url":
		return 0, strings.Contains(t.Value, "://") // a path alone is a detail of a request
	case "user", "domain", "mail":
		return 0, true
	case "host", "cloud":
		return 1, true
	case "process", "file", "hash", "registry":
		return 2, true
	}
	return 0, false
}

func numeric(s string) bool { return strings.Trim(s, "0123456789.:") == "" }

// drawGraph draws the network; nothing when no two values have to do with each other.
func (c *content) drawGraph(m *markup) {
	nodes, ties, left := c.network()
	if len(ties) == 0 {
		return
	}
	var rows [3]int
	for i := range nodes {
		nodes[i].y = 44 + rows[nodes[i].column]*(nodeHeight+nodeGap)
		rows[nodes[i].column]++
	}
	tallest := max(rows[0], rows[1], rows[2])
	for i := range nodes { // a shorter column stands in the middle
		nodes[i].y += (tallest - rows[nodes[i].column]) * (nodeHeight + nodeGap) / 2
	}
	height := 44 + tallest*(nodeHeight+nodeGap) + 8
	x := func(n *node) int { return 20 + n.column*(drawWidth-40-nodeWidth)/2 }
	m.open("figure").line()
	m.open("svg", "viewBox", fmt.Sprintf("0 0 %d %d", drawWidth, height), "role", "img", "aria-label", "which values stand in the same records")
	m.line()
	for column, name := range [...]string{"Outside and accounts", "Machines", "Processes, files, hashes"} {
		m.element("text", name, "class", "small", "x", fmt.Sprint(20+column*(drawWidth-40-nodeWidth)/2), "y", "26").line()
	}
	for _, t := range ties {
		a, b := &nodes[t.a], &nodes[t.b]
		x1, y1, x2, y2 := x(a)+nodeWidth, a.y+nodeHeight/2, x(b), b.y+nodeHeight/2
		mid := (x1 + x2) / 2
		class := "tie"
		if t.strong {
			class += " hot"
		}
		m.open("path", "class", class, "d", fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, mid, y1, mid, y2, x2, y2)).shut("path").line()
	}
	for i := range nodes {
		n := &nodes[i]
		class := "node"
		if n.strong {
			class += " hot"
		}
		m.open("g").element("title", n.value)
		m.open("rect", "class", class, "x", fmt.Sprint(x(n)), "y", fmt.Sprint(n.y), "width", fmt.Sprint(nodeWidth), "height", fmt.Sprint(nodeHeight), "rx", "6").shut("rect")
		m.cut("text", shown(n), 30, "x", fmt.Sprint(x(n)+10), "y", fmt.Sprint(n.y+16))
		m.element("text", spaced(n.kind)+", "+plural(n.records, "record", "records"), "class", "small", "x", fmt.Sprint(x(n)+10), "y", fmt.Sprint(n.y+31))
		m.shut("g").line()
	}
	m.shut("svg").line()
	caption := "A line joins what stands in one record; what speaks for an attack is drawn thicker."
	if left > 0 {
		caption += " " + plural(left, "value is", "values are") + " not drawn: see the appendix."
	}
	m.element("figcaption", caption).shut("figure").line()
}

// shown is a value as short as it can be told.
func shown(n *node) string {
	if n.kind == "process" || n.kind == "file" {
		return n.value[strings.LastIndexAny(n.value, `\/`)+1:]
	}
	return n.value
}
