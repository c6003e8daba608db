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
	FirstEver  bool          // the rule had not been seen before
	FirstHere  bool          // nor on this host
	Crowded    bool          // more hosts at once than are kept apart: neighbours are unknown
}

// spread is how widely a rule fires.
type spread struct {
	hours int // fingerprints times hours in which it fired
	hosts int // at most maxSpread
	on    [maxSpread]uint32
}

// spreads are those of all rules. There is no pointer in it but those of its two parts: the garbage collector need not look at each.
type spreads struct {
	places map[uint32]int32 // rule -> place in list
	list   []spread
}

// of returns the spread of a rule, nil when it never fired or there are too many. It is valid until the next call of at.
func (r *spreads) of(rule uint32) *spread {
	if i, ok := r.places[rule]; ok {
		return &r.list[i]
	}
	return nil
}

// at is of for a rule that fires; there is one then, unless there are too many.
func (r *spreads) at(rule uint32) *spread {
	if s := r.of(rule); s != nil || len(r.list) >= maxRules {
		return s
	}
	if r.places == nil {
		r.places = map[uint32]int32{}
	}
	r.places[rule] = int32(len(r.list))
	r.list = append(r.list, spread{})
	return &r.list[len(r.list)-1]
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
	rules   *spreads
	hours   int
	said    [256]saying
	queue   []near           // the groups in reach, judged or not, in order of time
	gone    int              // how many at its beginning have left
	front   int64            // how many have left the queue
	turn    int64            // how many have been judged
	hosts   map[uint32]int64 // the newest group of each host, counted from the first ever
	onHost  ages             // rule and host
	known   ages             // rule
	begin   int64
	crowded bool
	now     start // the group that is judged
}

// saying is what a rule's spread says, which is the same for every group of the rule as long as nothing was counted in between.
type saying struct {
	hours, hosts, all int
	weight            Weight
	sentence          string
}

// near is a group in the queue; before is the one before it on the same host.
type near struct {
	start
	before int64
}

func newWindow(rules *spreads, hours int) *window {
	return &window{rules: rules, hours: hours, hosts: map[uint32]int64{}, begin: math.MaxInt64}
}

func (w *window) slide(s *sorter, yield func(*start, Context) error) error {
	err := s.each(func(r *record) error {
		next := startOf(r)
		for w.waiting() > 0 && (next.first-w.at(w.turn).first > int64(reach) || w.waiting() >= maxAhead) {
			if err := w.judge(yield); err != nil {
				return err
			}
		}
		w.enter(&next)
		return nil
	})
	for err == nil && w.waiting() > 0 {
		err = w.judge(yield)
	}
	return err
}

// waiting is how many groups are in the queue and not yet judged.
func (w *window) waiting() int64 { return w.front + int64(len(w.queue)-w.gone) - w.turn }

func (w *window) at(n int64) *near { return &w.queue[w.gone+int(n-w.front)] }

func (w *window) enter(s *start) {
	n := near{start: *s, before: -1}
	if w.gone > 1024 && 2*w.gone > len(w.queue) {
		w.queue, w.gone = w.queue[:copy(w.queue, w.queue[w.gone:])], 0
	}
	at := w.front + int64(len(w.queue)-w.gone)
	last, ok := w.hosts[s.host]
	if ok {
		n.before = last
	}
	if ok || len(w.hosts) < maxHosts {
		w.hosts[s.host] = at
	} else {
		w.crowded = true
	}
	w.queue = append(w.queue, n)
}

func (w *window) judge(yield func(*start, Context) error) error {
	w.now = w.at(w.turn).start
	w.leave(w.now.first)
	w.turn++
	return yield(&w.now, w.context(&w.now))
}

// leave forgets the judged groups that lie out of reach before t.
func (w *window) leave(t int64) {
	for w.front < w.turn && t-w.queue[w.gone].first > int64(reach) {
		host := w.queue[w.gone].host
		if w.hosts[host] == w.front {
			delete(w.hosts, host)
		}
		w.gone++
		w.front++
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
		ctx.NewOnHost, ctx.FirstHere = w.silence(at, s.first), at == s.first
	}
	if at, ok := w.known.first(uint64(s.rule), s.first); ok {
		ctx.NewRule, ctx.FirstEver = w.silence(at, s.first), at == s.first
	}
	if s.host != noHost {
		w.neighbours(s, &ctx)
	}
	return ctx
}

// noHost is the key of what is about nothing in particular.
var noHost = hash32("")

// other is another rule on the same host, with its strongest evidence.
type other struct {
	rule     uint32
	evidence Weight
}

// neighbours adds up what else happened on the host of s within reach, on either side.
func (w *window) neighbours(s *start, ctx *Context) {
	var others [32]other
	at, ok := w.hosts[s.host]
	for steps := 0; ok && at >= w.front && steps < maxPerHost; steps++ {
		n := w.at(at)
		at = n.before
		if n.rule == s.rule || n.first-s.first > int64(reach) || s.first-n.first > int64(reach) {
			continue
		}
		k := 0
		for k < ctx.Neighbours && others[k].rule != n.rule {
			k++
		}
		if k == len(others) {
			continue
		}
		if k == ctx.Neighbours {
			others[k].rule = n.rule
			ctx.Neighbours++
		}
		others[k].evidence = max(others[k].evidence, n.evidence)
	}
	for _, o := range others[:ctx.Neighbours] {
		ctx.Evidence = min(ctx.Evidence+max(0, min(o.evidence, 10_000)), 100_000)
		if time.Duration(s.first-w.begin) >= 24*time.Hour {
			ctx.Unusual += max(0, w.rules.of(o.rule).rarity(w.hours))
		}
	}
}

// silence is how long the input and the memory go back before something was first seen at time at, if that lies within
// the day before t and is a day or more: less history says nothing about what is new.
func (w *window) silence(at, t int64) time.Duration {
	if quiet := time.Duration(at - w.begin); quiet >= 24*time.Hour && time.Duration(t-at) < 24*time.Hour {
		return quiet
	}
	return 0
}

// enough is how many hours of what fired it takes before anything is called new or seldom.
const enough = 100

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
	case c.Hours < enough:
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

// rarity is what the spread of a rule says, with its sentence.
func (w *window) rarity(rule uint32) (Weight, string) {
	s := w.rules.of(rule)
	if s == nil {
		return 0, ""
	}
	said := &w.said[(s.hours*maxSpread+s.hosts)%len(w.said)]
	if said.hours != s.hours || said.hosts != s.hosts || said.all != w.hours {
		weight := s.rarity(w.hours)
		*said = saying{s.hours, s.hosts, w.hours, weight, s.sentence(weight, w.hours)}
	}
	return said.weight, said.sentence
}

// sentence says what the weight that rarity gives a rule means.
func (s *spread) sentence(weight Weight, all int) string {
	if weight == 0 {
		return ""
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
	return fmt.Sprintf("the rule fires %s here: %d of %d times that anything fired, by thing and hour, on %s", word, s.hours, all, hosts)
}

// rarity is the inverse frequency of a rule as evidence. It counts hours per fingerprint, so that a flood within an hour
// does not make its rule look ordinary, and only what fires on several hosts is ordinary: what fires often on one alone may be
// the noise of that host or the attack on it. all is the count over all rules.
func (s *spread) rarity(all int) Weight {
	if s == nil || all < enough || s.hours == 0 {
		return 0
	}
	w := Weight(math.Round(200 * (math.Log(float64(all)/float64(s.hours)) - 4)))
	if abs(w) < 100 || w < 0 && s.hosts < 3 {
		return 0
	}
	return min(800, max(-700, w))
}
