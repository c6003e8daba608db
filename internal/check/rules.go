package check

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/seed-959697dd/soc/triage"
)

// rule is one row of a table of phrases.
type rule struct {
	weight triage.Weight
	says   string
	// need names literals that must all occur: "a|b + c + !d" is (a or b) and c and not d, in any order. A literal in
	// lower case matches both cases; '<' in front asks for the beginning of a word, '>' behind for its end. Of the
	// terms the one that ordinary texts hold least decides whether the rest is looked at.
	need string
	// then, when not empty, is a regular expression (without regard to case) that must match as well. It runs only after
	// the literals were found, and its match becomes the receipt.
	then string
}

// ruleset is a table of rules. Most tables are never asked in a run over a few alerts, so each is made ready when it is first
// asked; from then on it never changes.
// Source: none of its own; each table names where its rows come from.
type ruleset struct {
	load     []func() []rule
	once     sync.Once
	ready    atomic.Bool
	rules    []rule
	plans    []plan
	literals []literal
	wakes    [][]uint8 // literal of the finder -> rules that are worth a look where it stands
	finder   *finder
	machine  func() *automaton // for long texts only
}

type plan struct {
	terms [][]int32 // literal ids; each term wants one of them
	not   []int32
	then  func() *expression // nil when there is none; compiled when first needed, as most never are
	lead  byte               // the sign with which each match of then begins, 0 when that is not known
}

// leadOf is the sign with which each match of an expression begins, 0 when it may begin with several, with a letter or with nothing.
func leadOf(then string) byte {
	if len(then) < 2 || strings.IndexByte("!\"#%&',-/:;<=>@`~_", then[0]) < 0 || strings.IndexByte("?*{", then[1]) >= 0 {
		return 0
	}
	depth := 0
	for i := 0; i < len(then); i++ {
		switch then[i] {
		case '\\':
			i++
		case '[':
			if i = classEnd(then, i); i < 0 {
				return 0
			}
		case '(':
			depth++
		case ')':
			depth--
		case '|':
			if depth <= 0 {
				return 0
			}
		}
	}
	return then[0]
}

// classEnd is where the class of characters that begins at i ends, -1 when that is not plain.
func classEnd(then string, i int) int {
	for i++; i < len(then) && then[i] != ']'; i++ {
		switch then[i] {
		case '\\':
			i++
		case '[':
			return -1
		}
	}
	return i
}

// maxLiterals and maxRules bound one table, so that what was found fits on the stack.
const (
	maxLiterals = 64 * 24
	maxRules    = 256
)

// newRuleset returns the set of all rules of the tables, which are read when it is first asked.
func newRuleset(tables ...func() []rule) *ruleset { return &ruleset{load: tables} }

func (set *ruleset) prepare() {
	set.once.Do(func() {
		ids := make(map[string]int32, 256)
		for _, table := range set.load {
			for _, r := range table() {
				set.add(r, ids)
			}
		}
		if len(set.literals) > maxLiterals || len(set.rules) > maxRules {
			panic(fmt.Sprintf("check: %d literals, %d rules in one table", len(set.literals), len(set.rules))) // cannot happen on input: tables are fixed
		}
		set.machine = sync.OnceValue(func() *automaton { return newAutomaton(set.literals) })
		set.watch()
		set.ready.Store(true)
	})
}

// id is the number of a literal; '<' and '>' are its word boundaries.
func (set *ruleset) id(l string, ids map[string]int32) int32 {
	if i, ok := ids[l]; ok {
		return i
	}
	i := int32(len(set.literals))
	word, front := strings.CutPrefix(l, "<")
	word, back := strings.CutSuffix(word, ">")
	ids[l] = i
	set.literals = append(set.literals, literal{word, front, back})
	return i
}

func (set *ruleset) add(r rule, ids map[string]int32) {
	var p plan
	for term := range strings.SplitSeq(r.need, " + ") {
		word, not := strings.CutPrefix(term, "!")
		var alternatives []int32
		for l := range strings.SplitSeq(word, "|") {
			alternatives = append(alternatives, set.id(l, ids))
		}
		if not {
			p.not = append(p.not, alternatives...)
			continue
		}
		p.terms = append(p.terms, alternatives)
	}
	if r.then != "" {
		p.lead = leadOf(r.then)
		p.then = sync.OnceValue(func() *expression { return newExpression("(?is)" + r.then) })
	}
	set.rules, set.plans = append(set.rules, r), append(set.plans, p)
}

// watch chooses the term by which each rule is noticed: the one whose alternatives are the least likely in ordinary text.
func (set *ruleset) watch() {
	at := make([]int32, len(set.literals)) // place in the finder, from 1
	var words []literal
	for r := range set.plans {
		best, which := -1, 0
		terms := set.plans[r].terms
		for i, term := range terms {
			if n := set.rarity(term); n > best {
				best, which = n, i
			}
		}
		chosen, last := terms[which], len(terms)-1
		terms[which], terms[last] = terms[last], chosen // it is known to stand there when the others are asked
		for _, id := range chosen {
			if at[id] == 0 {
				words, set.wakes = append(words, set.literals[id]), append(set.wakes, nil)
				at[id] = int32(len(words))
			}
			set.wakes[at[id]-1] = append(set.wakes[at[id]-1], uint8(r))
		}
	}
	set.finder = newFinder(words)
}

// rarity is that of the most likely of some literals.
func (set *ruleset) rarity(ids []int32) int {
	least := 100
	for _, id := range ids {
		l := set.literals[id]
		n := 4 * len(l.word)
		if strings.Contains(ordinary, l.word) {
			n = len(l.word)
		}
		least = min(least, n+2*bool2int(l.front)+2*bool2int(l.back))
	}
	return least
}
