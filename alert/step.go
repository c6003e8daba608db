package alert

import (
	"fmt"
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
	within []string // keys below the first: `[System/EventID=4688]`
	index  int      // the key as the index of an array, -1 when it is none
	values []string
	below  *step
}

func (f *filter) admits(value string) bool {
	for _, want := range f.values {
		if strings.EqualFold(value, want) || want == "*" && !junk(value) { // any, but it must be there
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
		keys := strings.Split(key, "/")
		f := filter{hash: foldHash(keys[0]), key: keys[0], within: keys[1:], index: -1, values: strings.Split(vals, "|"), below: &step{}}
		if i, err := strconv.Atoi(key); err == nil {
			f.index = i
		}
		for _, o := range s.filters {
			if o.key == f.key && slices.Equal(o.within, f.within) && slices.Equal(o.values, f.values) {
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
