package alert

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// mapping is a format made ready: the tree of its paths and the tables of its values.
type mapping struct {
	format  *Format
	number  int  // of the format in its set
	tree    step // from the product's own root
	outer   step // paths with a leading slash, from the record's root
	trust   [256]Trust
	levels  Levels
	actions map[string]Action
	group   []Slot
	texts   []pattern
	titles  map[string][]*titled // by event code; nil: the record's own title stands
}

// compile makes a format ready for records that stand at the path prefix of their document.
func compile(f *Format, prefix Path) (*mapping, error) {
	m := &mapping{format: f, tree: step{fixed: true, path: prefix}, outer: step{fixed: true}, levels: Levels{Scale: f.Levels.Scale, Words: map[string]int{}}}
	names := slotsByName()
	for _, name := range slices.Sorted(maps.Keys(f.Fields)) { // in one order: the same documents in every run
		slot, ok := names[name]
		if !ok {
			return nil, fmt.Errorf("key fields: %w", errNoSlot(name, names))
		}
		for i, p := range f.Fields[name] {
			if err := m.add(slot, i, p); err != nil {
				return nil, fmt.Errorf("key fields.%s: %w", name, err)
			}
		}
	}
	for trust, list := range map[Trust][]string{Sensor: f.Sensor, Estate: f.Context} {
		for _, name := range list {
			slot, ok := names[name]
			if !ok {
				return nil, fmt.Errorf("key %s: %w", trust, errNoSlot(name, names))
			}
			m.trust[slot] = trust
		}
	}
	for w, n := range f.Levels.Words {
		if n < 0 || n > 100 {
			return nil, fmt.Errorf("key severity.words.%s: %d is not in 0..100", w, n)
		}
		m.levels.Words[strings.ToLower(w)] = n
	}
	return m, m.finish(f, names)
}

func (m *mapping) finish(f *Format, names map[string]Slot) error {
	m.actions = make(map[string]Action, len(f.Actions))
	for w, a := range f.Actions {
		act, ok := actionNamed(a)
		if !ok {
			return fmt.Errorf("key actions.%s: no action %q", w, a)
		}
		m.actions[strings.ToLower(w)] = act
	}
	if f.Titles != "" {
		lists, err := titleLists()
		if err != nil {
			return err
		}
		if m.titles = lists[f.Titles]; m.titles == nil {
			return fmt.Errorf("key titles: no list is called %q", f.Titles)
		}
	}
	for _, name := range f.Group {
		slot, ok := names[name]
		if !ok {
			return fmt.Errorf("key group: %w", errNoSlot(name, names))
		}
		m.group = append(m.group, slot)
	}
	for _, expr := range f.Text {
		p, err := compilePattern(expr, names)
		if err != nil {
			return fmt.Errorf("key text: %w", err)
		}
		m.texts = append(m.texts, p)
	}
	for _, d := range f.Detect {
		conds, err := parseConditions(d)
		for _, c := range conds {
			if _, e := (&step{}).grow(c.path); err == nil {
				err = e
			}
		}
		if err != nil {
			return fmt.Errorf("key detect: %w", err)
		}
	}
	return nil
}

func (m *mapping) add(slot Slot, order int, spec string) error {
	path, clean, _ := strings.Cut(spec, " | ")
	out := output{slot: slot, order: order}
	if clean = strings.TrimSpace(clean); clean != "" {
		if expr, ok := strings.CutPrefix(clean, "re "); ok {
			re, err := regexp.Compile(expr)
			if err != nil {
				return fmt.Errorf("path %q: %w", spec, err)
			}
			if re.NumSubexp() != 1 {
				return fmt.Errorf("path %q: the expression wants exactly one group", spec)
			}
			out.re = re
		} else if out.clean = cleanerNamed(clean); out.clean == nil {
			return fmt.Errorf("path %q: no cleaner %q", spec, clean)
		}
	}
	parts := strings.Split(path, " + ")
	if len(parts) == 1 {
		return m.place(path, out)
	}
	if slot != SlotTime || clean != "" {
		return fmt.Errorf("path %q: only a time is joined of members, and they take no cleaner", spec)
	}
	out.join = &join{len(parts)}
	for i, part := range parts {
		out.part = i
		if err := m.place(part, out); err != nil {
			return err
		}
	}
	return nil
}

// place puts an output at the end of its path.
func (m *mapping) place(path string, out output) error {
	tree := &m.tree
	path = strings.TrimSpace(path)
	if rest, ok := strings.CutPrefix(path, "/"); ok {
		tree, path = &m.outer, rest
	}
	s, err := tree.grow(path)
	if err != nil {
		return err
	}
	s.out = append(s.out, out)
	return nil
}

func errNoSlot(name string, names map[string]Slot) error {
	return fmt.Errorf("no slot %q (nearest: %s)", name, nearest(name, names))
}

// nearest is the known name with the smallest edit distance.
func nearest(name string, names map[string]Slot) string { return nearestOf(name, maps.Keys(names)) }

func nearestOf(name string, known iter.Seq[string]) string {
	best, dist := "", 1<<30
	for n := range known {
		if d := distance(name, n); d < dist || d == dist && n < best {
			best, dist = n, d
		}
	}
	return best
}

// distance is Levenshtein's.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		prev := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := prev
			if a[i] != b[j] {
				cost++
			}
			prev = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
