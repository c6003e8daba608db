package triage

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Context is what the other groups of the input, and what this estate has seen before, say about one group. It rests on volume
// and timing, which an attacker can shape too: every signal made from it is capped (SECURITY.md names this).
type Context struct {
	Groups        int           // groups in the input
	OfRule        int           // groups of the same rule
	Neighbours    int           // other rules on the same host within five minutes, either side
	Weightiest    Weight        // the strongest evidence among them
	FirstOnHost   bool          // the rule was not seen on this host earlier in the input, nor in the estate's memory
	FirstAnywhere bool          // the rule was not seen earlier at all
	History       time.Duration // how much time the input and the memory cover before the group
	Crowded       bool          // more hosts at once than are kept apart: neighbours are unknown
}

// start is a group as the sorter keeps it.
type start struct {
	first, last int64
	index       int64
	count       int
	rule, host  uint32
	evidence    Weight
}

func startOf(r *record) start {
	return start{
		first: getTime(r[0:]), index: int64(binary.BigEndian.Uint64(r[16:])), last: getTime(r[24:]),
		count: int(binary.BigEndian.Uint32(r[32:])), rule: binary.BigEndian.Uint32(r[36:]), host: binary.BigEndian.Uint32(r[40:]),
		evidence: Weight(binary.BigEndian.Uint32(r[44:])),
	}
}

// Reach of the window on either side of a group, and bounds of what it remembers.
const (
	reach       = 5 * time.Minute
	maxHosts    = 50_000
	maxPerHost  = 256
	maxFamiliar = 1 << 20 // pairs of rule and host
)

// window slides over the groups in order of time and knows, for each, what happened on its host around it.
type window struct {
	rules    map[uint32]int32
	groups   int
	hosts    map[uint32][]near
	ahead    []start // groups handed in and not yet judged; a ring would save nothing
	behind   []start // judged, still in reach
	familiar map[uint64]struct{}
	known    map[uint32]struct{}
	begin    int64
	crowded  bool
}

type near struct {
	first    int64
	rule     uint32
	evidence Weight
}

func newWindow(rules map[uint32]int32, groups int64) *window {
	return &window{
		rules: rules, groups: int(groups), hosts: map[uint32][]near{}, familiar: map[uint64]struct{}{}, known: map[uint32]struct{}{}, begin: math.MinInt64,
	}
}

func (w *window) slide(s *sorter, yield func(*start, Context) error) error {
	err := s.each(func(r *record) error {
		next := startOf(r)
		for len(w.ahead) > 0 && next.first-w.ahead[0].first > int64(reach) {
			if err := w.judge(yield); err != nil {
				return err
			}
		}
		w.enter(&next)
		return nil
	})
	for err == nil && len(w.ahead) > 0 {
		err = w.judge(yield)
	}
	return err
}

func (w *window) enter(s *start) {
	w.ahead = append(w.ahead, *s)
	list, ok := w.hosts[s.host]
	if !ok && len(w.hosts) >= maxHosts {
		w.crowded = true
		return
	}
	if len(list) < maxPerHost {
		w.hosts[s.host] = append(list, near{s.first, s.rule, s.evidence})
	}
}

func (w *window) judge(yield func(*start, Context) error) error {
	s := w.ahead[0]
	w.ahead = w.ahead[1:]
	w.leave(s.first)
	ctx := w.context(&s)
	w.behind = append(w.behind, s)
	return yield(&s, ctx)
}

// leave forgets the groups that lie out of reach before t.
func (w *window) leave(t int64) {
	for len(w.behind) > 0 && t-w.behind[0].first > int64(reach) {
		host := w.behind[0].host
		w.behind = w.behind[1:]
		list := w.hosts[host]
		for len(list) > 0 && t-list[0].first > int64(reach) {
			list = list[1:]
		}
		if len(list) == 0 {
			delete(w.hosts, host)
		} else {
			w.hosts[host] = list
		}
	}
}

func (w *window) context(s *start) Context {
	ctx := Context{Groups: w.groups, OfRule: int(w.rules[s.rule]), Crowded: w.crowded}
	if s.first != 0 && w.begin == math.MinInt64 {
		w.begin = s.first
	}
	if s.first != 0 {
		ctx.History = time.Duration(s.first - w.begin)
	}
	pair := uint64(s.rule)<<32 | uint64(s.host)
	if _, ok := w.familiar[pair]; !ok {
		ctx.FirstOnHost = len(w.familiar) < maxFamiliar
		if ctx.FirstOnHost {
			w.familiar[pair] = struct{}{}
		}
	}
	if _, ok := w.known[s.rule]; !ok {
		ctx.FirstAnywhere = true
		w.known[s.rule] = struct{}{}
	}
	if s.first == 0 || s.host == hash32("") {
		return ctx
	}
	var seen [32]uint32
	for _, n := range w.hosts[s.host] {
		if n.rule == s.rule || n.first-s.first > int64(reach) || s.first-n.first > int64(reach) {
			continue
		}
		ctx.Weightiest = max(ctx.Weightiest, n.evidence)
		dup := false
		for _, r := range seen[:min(ctx.Neighbours, len(seen))] {
			dup = dup || r == n.rule
		}
		if !dup && ctx.Neighbours < len(seen) {
			seen[ctx.Neighbours] = n.rule
			ctx.Neighbours++
		}
	}
	return ctx
}

// signals says what the context means. first is a field of the group's alert to which the receipts point.
func (c *Context) signals(group *Group, receipt alert.Ref) []Signal {
	var list []Signal
	add := func(check string, f Family, w Weight, sentence string) {
		list = append(list, Signal{Check: check, Family: f, Trust: alert.Estate, Weight: w, Sentence: sentence, Receipts: []alert.Ref{receipt}})
	}
	if w := c.rarity(); w != 0 {
		word := "seldom"
		if w < 0 {
			word = "often"
		}
		add("rarity", Novelty, w, fmt.Sprintf("the rule fires %s here: %d of %d groups", word, c.OfRule, c.Groups))
	}
	if c.History >= 24*time.Hour {
		switch {
		case c.FirstAnywhere:
			add("novelty", Novelty, 500, fmt.Sprintf("the rule never fired in the %s before", days(c.History)))
		case c.FirstOnHost:
			add("novelty", Novelty, 300, fmt.Sprintf("the rule never fired on this host in the %s before", days(c.History)))
		}
	}
	if c.Weightiest >= 1500 {
		add("agreement", Agreement, min(1400, c.Weightiest/3), fmt.Sprintf("another rule with strong evidence fired on the same host within five minutes (%d others in all)", c.Neighbours))
	}
	return list
}

func days(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// rarity is a hundred groups' worth of inverse frequency: the share of a rule among the groups of an input, as evidence.
func (c *Context) rarity() Weight {
	if c.Groups < 100 || c.OfRule == 0 {
		return 0
	}
	idf := math.Log(float64(c.Groups) / float64(c.OfRule))
	w := Weight(math.Round(200 * (idf - 4)))
	if abs(w) < 100 {
		return 0
	}
	return min(800, max(-700, w))
}
