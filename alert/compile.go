package alert

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A step is one node of a tree of paths: what may come next below a place in a record.
type step struct {
	keys    keyTable      // what may come next, by key
	any     *step         // `*`
	index   map[int]*step // `[3]`
	reach   int           // one more than the highest of them
	filters []filter      // `[Type=account]`
	key     string        // as the format spells it
	path    Path          // from the root of the tree; valid while only keys were used
	fixed   bool          // path is valid
	out     []output      // mapping: what a value here fills
	conds   []cond        // recognition: what a value here proves
}

type filter struct {
	hash   uint32
	key    string
	index  int // the key as the index of an array, -1 when it is none
	values []string
	below  *step
}

func (f *filter) admits(value string) bool {
	for _, want := range f.values {
		if strings.EqualFold(value, want) {
			return true
		}
	}
	return false
}

// output is one line of a format's fields.
type output struct {
	slot  Slot
	order int // position in the format's list
	clean cleaner
	re    *regexp.Regexp
	join  *join // the value is one part of several, joined by blanks
	part  int   // which of them
	found bool  // by the key's common name, not by the format: nobody vouches for the value
}

// join is a path of a format that puts several members together: `kv.date + kv.time`.
type join struct{ parts int }

func (s *step) leaf() bool {
	return s.keys.n == 0 && s.any == nil && len(s.index) == 0 && len(s.filters) == 0
}

// claims tells whether a value here is left to no other reader. A part of a join is: the other parts may be missing.
func (s *step) claims() bool {
	return slices.ContainsFunc(s.out, func(o output) bool { return o.join == nil })
}

// down returns the node for one step, made if missing.
func (s *step) down(word string) (*step, error) {
	switch {
	case word == "":
		return nil, fmt.Errorf("empty step")
	case word == "*":
		if s.any == nil {
			s.any = &step{}
		}
		return s.any, nil
	case word[0] == '[':
		return s.bracket(strings.TrimSuffix(word[1:], "]"))
	}
	h := foldHash(word)
	if c := s.keys.find(h, word); c != nil {
		return c, nil
	}
	c := &step{key: word, fixed: s.fixed}
	if s.fixed {
		c.path = Path(appendKey(nil, word))
		if s.path != "" {
			c.path = s.path + "." + Path(appendKey(nil, word))
		}
	}
	s.keys.add(h, c)
	return c, nil
}

func (s *step) bracket(in string) (*step, error) {
	if key, vals, ok := strings.Cut(in, "="); ok {
		f := filter{hash: foldHash(key), key: key, index: -1, values: strings.Split(vals, "|"), below: &step{}}
		if i, err := strconv.Atoi(key); err == nil {
			f.index = i
		}
		for _, o := range s.filters {
			if o.key == key && slices.Equal(o.values, f.values) {
				return o.below, nil
			}
		}
		s.filters = append(s.filters, f)
		return f.below, nil
	}
	i, err := strconv.Atoi(in)
	if err != nil {
		return nil, fmt.Errorf("[%s] is neither an index nor a filter KEY=VALUE", in)
	}
	if s.index == nil {
		s.index = map[int]*step{}
	}
	if s.index[i] == nil {
		s.index[i] = &step{}
		s.reach = max(s.reach, i+1)
	}
	return s.index[i], nil
}

// grow adds a path to the tree and returns its last node.
func (s *step) grow(path string) (*step, error) {
	cur := s
	for _, word := range splitPath(path) {
		next, err := cur.down(word)
		if err != nil {
			return nil, fmt.Errorf("path %q: %w", path, err)
		}
		cur = next
	}
	return cur, nil
}

// splitPath cuts `a.b[Type=x].c` into a, b, [Type=x], c. A backslash keeps a dot within a key.
func splitPath(p string) []string {
	var words []string
	var cur []byte
	flush := func() {
		if len(cur) > 0 {
			words, cur = append(words, string(cur)), nil
		}
	}
	for i := 0; i < len(p); i++ {
		switch c := p[i]; {
		case c == '\\' && i+1 < len(p):
			i++
			cur = append(cur, p[i])
		case c == '.':
			flush()
		case c == '[':
			flush()
			end := strings.IndexByte(p[i:], ']')
			if end < 0 {
				end = len(p) - i - 1
			}
			words = append(words, p[i:i+end+1])
			i += end
		default:
			cur = append(cur, c)
		}
	}
	flush()
	return words
}

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

// keyTable is an open-addressed hash table from keys to steps: one is asked for every key of every alert.
type keyTable struct {
	slots []keySlot // a power of two, at most half full
	mask  uint64    // a bit per hash
	n     int
}

type keySlot struct {
	hash uint32
	step *step
}

func (t *keyTable) find(hash uint32, key string) *step {
	if t.mask&(1<<(hash>>26)) == 0 {
		return nil
	}
	st, _ := t.probe(hash, key)
	return st
}

// probe is find for a table that has some key; it also tells whether the keys are the same to the byte.
func (t *keyTable) probe(hash uint32, key string) (st *step, same bool) {
	for i := int(hash); ; i++ {
		s := &t.slots[i&(len(t.slots)-1)]
		if s.step == nil {
			return nil, false
		}
		if s.hash != hash {
			continue
		}
		if s.step.key == key {
			return s.step, true
		}
		if sameKey(s.step.key, key) {
			return s.step, false
		}
	}
}

func (t *keyTable) add(hash uint32, st *step) {
	if 2*(t.n+1) > len(t.slots) {
		old := t.slots
		t.slots = make([]keySlot, max(4, 2*len(old)))
		for _, s := range old {
			if s.step != nil {
				t.place(s)
			}
		}
	}
	t.place(keySlot{hash, st})
	t.mask |= 1 << (hash >> 26)
	t.n++
}

func (t *keyTable) place(s keySlot) {
	for i := int(s.hash); ; i++ {
		if p := &t.slots[i&(len(t.slots)-1)]; p.step == nil {
			*p = s
			return
		}
	}
}
