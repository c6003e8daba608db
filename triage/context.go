package triage

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Context is what the other groups of the input, and what this estate has seen before, say about one group. It rests on volume
// and timing, which an attacker can shape too: every signal made from it is capped (SECURITY.md names this).
type Context struct {
	Hours      int           // fingerprints times hours in which anything fired, over the whole input
	Rarity     Weight        // how seldom this rule fires, as evidence
	rarely     string        // the same in words
	Neighbours int           // other rules on the same host within five minutes, either side
	Evidence   Weight        // what speaks for an attack among them, the strongest of each rule added up
	Unusual    Weight        // how seldom those rules fire, added up; 0 while there is less than a day of history
	NewRule    time.Duration // how long this rule had been silent before it first fired, within the day before the group; else 0
	NewOnHost  time.Duration // the same for the rule on this host
	Crowded    bool          // more hosts at once than are kept apart: neighbours are unknown
}

// spread is how widely a rule fires.
type spread struct {
	hours int // fingerprints times hours in which it fired
	hosts int // at most maxSpread
	on    [maxSpread]uint32
	says  string // see window.rarity
}

// maxSpread is how many hosts of a rule are counted.
const maxSpread = 8

// count adds an hour on a host.
func (s *spread) count(host uint32) {
	s.hours++
	for _, h := range s.on[:s.hosts] {
		if h == host {
			return
		}
	}
	if s.hosts < maxSpread {
		s.on[s.hosts] = host
		s.hosts++
	}
}

// start is a group as the second sort keeps it.
type start struct {
	first      int64   // time of the first member
	digest     [8]byte // of the first member
	fp         Fingerprint
	place      int64 // of the first key among the sorted keys; of the observation itself when there is but one
	count      int
	size       int // of the only observation
	rule, host uint32
	evidence   Weight
}

// single marks, in the place of the count, the size of a group's only observation.
const single = 1 << 31

func (s *start) record() (r record) {
	putTime(r[0:], s.first)
	copy(r[8:16], s.digest[:])
	copy(r[16:32], s.fp[:])
	binary.BigEndian.PutUint64(r[32:], uint64(s.place))
	n := uint32(s.count)
	if s.count == 1 {
		n = single | uint32(s.size)
	}
	binary.BigEndian.PutUint32(r[40:], n)
	binary.BigEndian.PutUint32(r[44:], s.rule)
	binary.BigEndian.PutUint32(r[48:], s.host)
	binary.BigEndian.PutUint32(r[52:], uint32(s.evidence))
	return r
}

func startOf(r *record) start {
	s := start{
		first: getTime(r[0:]), digest: [8]byte(r[8:16]), fp: Fingerprint(r[16:32]), place: r.offset(), count: r.size(),
		rule: r.rule(), host: r.host(), evidence: r.evidence(),
	}
	if s.count&single != 0 {
		s.count, s.size = 1, s.count&^single
	}
	return s
}

// Reach of the window on either side of a group, and bounds of what it remembers.
const (
	reach      = 5 * time.Minute
	maxHosts   = 50_000
	maxPerHost = 256
	maxRules   = 64 << 10
	maxAhead   = 100_000 // groups within the window's reach
)

// window slides over the groups in order of time and knows, for each, what happened on its host around it.
type window struct {
	rules   map[uint32]*spread
	hours   int
	hosts   map[uint32][]near
	ahead   []start // groups handed in and not yet judged; a ring would save nothing
	behind  []start // judged, still in reach
	onHost  ages    // rule and host
	known   ages    // rule
	begin   int64
	crowded bool
}

type near struct {
	first    int64
	rule     uint32
	evidence Weight
}

func newWindow(rules map[uint32]*spread, hours int) *window {
	return &window{
		rules: rules, hours: hours, hosts: map[uint32][]near{}, begin: math.MaxInt64,
	}
}

func (w *window) slide(s *sorter, yield func(*start, Context) error) error {
	err := s.each(func(r *record) error {
		next := startOf(r)
		for len(w.ahead) > 0 && (next.first-w.ahead[0].first > int64(reach) || len(w.ahead) >= maxAhead) {
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
	ctx := Context{Hours: w.hours, Crowded: w.crowded}
	ctx.Rarity, ctx.rarely = w.rarity(s.rule)
	if s.first == 0 {
		return ctx
	}
	w.begin = min(w.begin, s.first)
	if at, ok := w.onHost.first(uint64(s.rule)<<32|uint64(s.host), s.first); ok {
		ctx.NewOnHost = w.silence(at, s.first)
	}
	if at, ok := w.known.first(uint64(s.rule), s.first); ok {
		ctx.NewRule = w.silence(at, s.first)
	}
	if s.host == hash32("") {
		return ctx
	}
	var others [32]struct {
		rule     uint32
		evidence Weight
	}
	for _, n := range w.hosts[s.host] {
		if n.rule == s.rule || n.first-s.first > int64(reach) || s.first-n.first > int64(reach) {
			continue
		}
		at := 0
		for at < ctx.Neighbours && others[at].rule != n.rule {
			at++
		}
		if at == len(others) {
			continue
		}
		if at == ctx.Neighbours {
			others[at].rule = n.rule
			ctx.Neighbours++
		}
		others[at].evidence = max(others[at].evidence, n.evidence)
	}
	for _, o := range others[:ctx.Neighbours] {
		ctx.Evidence = min(ctx.Evidence+max(0, min(o.evidence, 10_000)), 100_000)
		if time.Duration(s.first-w.begin) >= 24*time.Hour {
			ctx.Unusual += max(0, w.rules[o.rule].rarity(w.hours))
		}
	}
	return ctx
}

// silence is how long the input and the memory go back before something was first seen at time at, if that lies within
// the day before t and is a day or more: less history says nothing about what is new.
func (w *window) silence(at, t int64) time.Duration {
	if quiet := time.Duration(at - w.begin); quiet >= 24*time.Hour && time.Duration(t-at) < 24*time.Hour {
		return quiet
	}
	return 0
}

// signals appends what the context means. receipt points at the detection of the group's alert.
func (c *Context) signals(list []Signal, receipt alert.Ref) []Signal {
	receipts := []alert.Ref{receipt}
	add := func(check string, f Family, w Weight, sentence string) {
		list = append(list, Signal{Check: check, Family: f, Trust: alert.Estate, Weight: w, Sentence: sentence, Receipts: receipts})
	}
	if c.Rarity != 0 {
		add("rarity", Novelty, c.Rarity, c.rarely)
	}
	switch {
	case c.Hours < 100: // too little to call anything new
	case c.NewRule > 0:
		add("novelty", Novelty, 700, fmt.Sprintf("the rule first fired today or yesterday, after %s of silence", days(c.NewRule)))
	case c.NewOnHost > 0:
		add("novelty", Novelty, 400, fmt.Sprintf("the rule first fired on this host today or yesterday, after %s of silence", days(c.NewOnHost)))
	}
	if c.Evidence >= 1000 {
		add("agreement", Agreement, min(1500, c.Evidence/3), fmt.Sprintf("evidence of other rules on the same host within five minutes (%d fired)", c.Neighbours))
	}
	if c.Unusual >= 800 {
		add("burst", Burst, min(1200, c.Unusual/2), fmt.Sprintf("%d other rules, most of which seldom fire here, fired on the same host within five minutes", c.Neighbours))
	}
	return list
}

func days(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}

// rarity is what the spread of a rule says, with its sentence, which is the same for every group of the rule.
func (w *window) rarity(rule uint32) (Weight, string) {
	s := w.rules[rule]
	if s == nil {
		return 0, ""
	}
	weight := s.rarity(w.hours)
	if weight == 0 || s.says != "" {
		return weight, s.says
	}
	word := "seldom"
	if weight < 0 {
		word = "often"
	}
	hosts := strconv.Itoa(s.hosts) + " hosts"
	switch s.hosts {
	case 1:
		hosts = "1 host"
	case maxSpread:
		hosts = strconv.Itoa(s.hosts) + " hosts or more"
	}
	s.says = fmt.Sprintf("the rule fires %s here: %d of %d times that anything fired, by thing and hour, on %s", word, s.hours, w.hours, hosts)
	return weight, s.says
}

// rarity is the inverse frequency of a rule as evidence. It counts hours per fingerprint, so that a flood within an hour
// does not make its rule look ordinary, and only what fires on several hosts is ordinary: what fires often on one alone may be
// the noise of that host or the attack on it. all is the count over all rules.
func (s *spread) rarity(all int) Weight {
	if s == nil || all < 100 || s.hours == 0 {
		return 0
	}
	w := Weight(math.Round(200 * (math.Log(float64(all)/float64(s.hours)) - 4)))
	if abs(w) < 100 || w < 0 && s.hosts < 3 {
		return 0
	}
	return min(800, max(-700, w))
}
