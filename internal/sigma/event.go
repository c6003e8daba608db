package sigma

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
)

// Bounds of one record. What lies beyond is not searched.
const (
	maxLeaves = 4096
	maxValues = 256       // of one field
	maxText   = 256 << 10 // bytes of one value
	maxWalk   = 64        // nesting, strings that hold JSON included
	maxHomes  = 8
)

// event is one record spread into fields: scratch memory, used again for the next record.
type event struct {
	set    *Set
	alert  *alert.Alert
	leaves []leaf
	nodes  []node
	values [][]int32 // the leaves of each field
	rank   []uint8   // how good the name was under which they were found
	filled []int32   // fields that have leaves
	cut    bool      // a value or leaf was left out
	kinds  kinds

	run     uint32   // of this record
	answers []uint32 // per atom: run<<1 and the answer
	woken   []uint32 // per rule: the run in which it was put into candidates
	rules   []int32  // candidates
	wanted  []int8   // per log source: 0 not asked yet, 1 yes, -1 no
}

// leaf is one value.
type leaf struct {
	value  string
	low    string
	hasLow bool
	whole  bool // the JSON of an object or list, not a value of its own
	node   int32
	field  *alert.Field // it came from there
	mask   uint64       // the fields that it is a value of, modulo 64
}

// node is a step of the way to a leaf.
type node struct {
	parent int32
	key    string
}

// release forgets the record and gives the memory back.
func (e *event) release() {
	for _, f := range e.filled {
		e.values[f] = e.values[f][:0]
	}
	clear(e.leaves)
	clear(e.nodes)
	clear(e.wanted)
	e.alert, e.leaves, e.nodes, e.filled, e.rules = nil, e.leaves[:0], e.nodes[:0], e.filled[:0], e.rules[:0]
	e.cut = false
	e.kinds.reset()
	e.set.scratch.Put(e)
}

// begin makes the answers of the record before worth nothing.
func (e *event) begin(a *alert.Alert) {
	e.alert = a
	if e.run++; e.run == 1<<31 {
		clear(e.answers)
		clear(e.woken)
		e.run = 1
	}
}

// read spreads the alert's record.
func (e *event) read(a *alert.Alert) {
	e.begin(a)
	e.object(gjson.ParseBytes(a.View), -1, &scope{names: [maxHomes]uint64{fnvBasis}, n: 1})
	for i := range a.Fields {
		e.slot(&a.Fields[i])
	}
	e.spread()
	for _, f := range e.filled {
		for _, v := range e.values[f] {
			e.leaves[v].mask |= 1 << (uint(f) & 63)
		}
	}
}

// object walks the members of an object or the elements of an array.
func (e *event) object(r gjson.Result, parent int32, at *scope) {
	if at.depth++; at.depth > maxWalk {
		e.cut = true
		return
	}
	array, i := r.IsArray(), 0
	r.ForEach(func(k, v gjson.Result) bool {
		key := k.Str
		if array {
			key = strconv.Itoa(i)
			i++
		}
		if len(e.leaves) >= maxLeaves || len(e.nodes) >= 4*maxLeaves {
			e.cut = true
			return false
		}
		e.nodes = append(e.nodes, node{parent, key})
		here := *at
		if !array {
			here.enter(e.set, key, v.Type == gjson.JSON || maybeDocument(v))
		}
		e.member(v, int32(len(e.nodes)-1), &here)
		return true
	})
}

// maybeDocument tells a string that looks like a JSON object.
func maybeDocument(v gjson.Result) bool {
	return v.Type == gjson.String && len(v.Str) > 2 && v.Str[0] == '{' && v.Str[len(v.Str)-1] == '}' && len(v.Str) < maxText
}

// member takes one value in, and what is inside it.
func (e *event) member(v gjson.Result, at int32, here *scope) {
	switch v.Type {
	case gjson.Null:
		return
	case gjson.String:
		e.take(v.Str, at, here, 0)
		if maybeDocument(v) && gjson.Valid(v.Str) {
			e.object(gjson.Parse(v.Str), at, here)
		}
	case gjson.Number, gjson.True, gjson.False:
		e.take(v.Raw, at, here, 0)
	case gjson.JSON:
		if here.names[here.n-1] != fnvBasis && e.known(here) {
			e.take(v.Raw, at, here, containerRank)
		}
		e.object(v, at, here)
	}
}

// take makes a leaf and adds it to the fields that its names mean.
func (e *event) take(value string, at int32, here *scope, base uint8) {
	if len(value) > maxText {
		value = value[:runeStart(value, maxText)]
		e.cut = true
	}
	if e.alert.Format == "wazuh" && strings.Contains(value, `\\`) { // its agent escapes backslashes once more than JSON does
		value = strings.ReplaceAll(value, `\\`, `\`)
	}
	if base == 0 || e.known(here) {
		e.leaves = append(e.leaves, leaf{value: value, node: at, whole: base == containerRank})
	}
	for i := here.n - 1; i >= 0; i-- {
		if here.names[i] == fnvBasis {
			continue
		}
		for _, t := range e.set.names[here.names[i]] {
			e.add(t.field, base+t.rank*aliasRank+uint8(here.n-1-i), int32(len(e.leaves)-1))
		}
	}
}

// runeStart is the start of the character at byte i.
func runeStart(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}

// add makes a leaf a value of a field unless the field has values under a better name.
func (e *event) add(field int32, rank uint8, v int32) {
	list := e.values[field]
	switch {
	case len(list) == 0:
		e.filled = append(e.filled, field)
	case rank < e.rank[field]:
		list = list[:0]
	case rank > e.rank[field]:
		return
	case list[len(list)-1] == v:
		return
	case len(list) >= maxValues:
		e.cut = true
		return
	}
	e.values[field], e.rank[field] = append(list, v), rank
}

// slot adds a field of the alert to the rule fields that its slot means and that have no value yet.
func (e *event) slot(f *alert.Field) {
	v := int32(-1)
	for _, field := range e.set.slots[f.Slot] {
		if len(e.values[field]) > 0 && e.rank[field] < slotRank {
			continue
		}
		if v < 0 {
			v = int32(len(e.leaves))
			e.leaves = append(e.leaves, leaf{value: f.Value, node: -1, field: f})
		}
		e.add(field, slotRank, v)
	}
}

// lower returns a leaf's value in lower case.
func (e *event) lower(v *leaf) string {
	if !v.hasLow {
		v.low, v.hasLow = strings.ToLower(v.value), true
	}
	return v.low
}

// first returns the first value of a field.
func (e *event) first(field int32) string {
	if list := e.values[field]; len(list) > 0 {
		return e.leaves[list[0]].value
	}
	return ""
}

// path returns the way to a leaf.
func (e *event) path(v *leaf) alert.Path {
	if v.field != nil {
		return v.field.Path
	}
	var steps []string
	for n := v.node; n >= 0; n = e.nodes[n].parent {
		steps = append(steps, e.nodes[n].key)
	}
	for i, j := 0, len(steps)-1; i < j; i, j = i+1, j-1 {
		steps[i], steps[j] = steps[j], steps[i]
	}
	return alert.NewPath(steps...)
}
