package baseline

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
)

// keptDays is how far a baseline goes back from its last day.
const keptDays = 400

// Baseline makes what was learned ready to be asked, together with an older baseline, which may be nil. Of a day that both know, the
// larger count of each value holds: the same events learned again change nothing, and a file that grew since replaces what it was.
// The price: two parts of one day, learned in two runs, count as the larger one; what was seen on that day is known all the
// same. The learner is used up.
func (l *Learner) Baseline(older *Baseline) *Baseline {
	if older != nil {
		l.merge(older)
	}
	var b Baseline
	renumbered := b.take(l)
	from := day(0)
	if id, ok := l.ids[""]; ok {
		if s := l.series[key(everyone, activity, id)]; s != nil {
			from = s.total[len(s.total)-1].day.back(keptDays - 1)
			b.forgot = slices.IndexFunc(s.total, func(d bucket) bool { return d.day >= from })
		}
	}
	type named struct {
		key    uint64
		counts *counts
	}
	list := make([]named, 0, len(l.series))
	for at, c := range l.series {
		s := series{key: at}
		list = append(list, named{key(s.kind(), s.dimension(), renumbered[s.subject()]), c})
	}
	slices.SortFunc(list, func(x, y named) int { return cmp.Compare(x.key, y.key) })
	for _, n := range list {
		b.append(n.key, n.counts, from, renumbered)
	}
	*l = Learner{}
	b.finish()
	b.digest = sha256.Sum256(b.payload())
	return &b
}

// merge takes the larger count of every day of every value.
func (l *Learner) merge(older *Baseline) {
	for i := range older.series {
		s := &older.series[i]
		c := l.of(s.kind(), s.dimension(), older.texts[s.subject()])
		if c == nil {
			continue
		}
		l.raise(c, &c.total, older, s.total)
		if s.crowded && !c.crowded {
			l.crowd(c)
		}
		for _, v := range older.values[s.values.from:s.values.to] {
			if id, days, ok := l.value(c, s.kind(), older.texts[v.text]); ok && l.raise(c, &days, older, v.run) {
				l.keep(c, id, days)
			}
		}
	}
}

// raise takes the larger count of every day. It tells whether there was room.
func (l *Learner) raise(c *counts, into *buckets, older *Baseline, r run) bool {
	have := *into
	merged := make(buckets, 0, len(have)+int(r.to-r.from))
	var before uint32
	for i := r.from; i < r.to; i++ {
		b := bucket{older.days[i], older.sums[i] - before}
		before = older.sums[i]
		for len(have) > 0 && have[0].day < b.day {
			merged, have = append(merged, have[0]), have[1:]
		}
		if len(have) > 0 && have[0].day == b.day {
			b.count, have = max(b.count, have[0].count), have[1:]
		}
		merged = append(merged, b)
	}
	merged = append(merged, have...)
	more := len(merged) - len(*into)
	if l.days+more > l.options.Limits.Days {
		l.crowd(c)
		return false
	}
	l.days += more
	*into = merged
	return true
}

// take makes the texts of the learner the baseline's, in their order, and returns their new numbers by their old ones.
func (b *Baseline) take(l *Learner) []uint32 {
	used := make([]bool, len(l.texts))
	for at, c := range l.series {
		used[(&series{key: at}).subject()] = true
		for id := range c.values {
			used[id] = true
		}
	}
	old := make([]uint32, 0, len(l.texts))
	for id, yes := range used {
		if yes {
			old = append(old, uint32(id))
		}
	}
	slices.SortFunc(old, func(x, y uint32) int { return strings.Compare(l.texts[x], l.texts[y]) })
	renumbered := make([]uint32, len(l.texts))
	b.texts = make([]string, len(old))
	for i, id := range old {
		b.texts[i], renumbered[id] = l.texts[id], uint32(i)
	}
	return renumbered
}

// append adds the counts of one dimension of one subject, from a day on.
func (b *Baseline) append(at uint64, c *counts, from day, renumbered []uint32) {
	s := series{key: at, crowded: c.crowded, total: b.appendRun(c.total, from)}
	if s.total.from == s.total.to {
		return
	}
	s.values.from = uint32(len(b.values))
	byText := func(x, y uint32) int { return cmp.Compare(renumbered[x], renumbered[y]) }
	for _, id := range slices.SortedFunc(maps.Keys(c.values), byText) {
		if r := b.appendRun(c.values[id], from); r.from < r.to {
			b.values = append(b.values, value{renumbered[id], r})
		}
	}
	s.values.to = uint32(len(b.values))
	b.series = append(b.series, s)
}

func (b *Baseline) appendRun(list buckets, from day) run {
	r := run{from: uint32(len(b.days))}
	for _, d := range list {
		if d.day >= from {
			b.push(r, d)
		}
	}
	r.to = uint32(len(b.days))
	return r
}

// push adds a day to the run that begins at r.from. A sum that would not fit stays where it is full.
func (b *Baseline) push(r run, d bucket) {
	var before uint32
	if n := len(b.sums); n > int(r.from) {
		before = b.sums[n-1]
	}
	b.days = append(b.days, d.day)
	b.sums = append(b.sums, before+min(d.count, 1<<32-1-before))
}

// finish derives what follows from the rest: the numbers of texts and the first days.
func (b *Baseline) finish() {
	b.ids = make(map[string]uint32, len(b.texts))
	for i, t := range b.texts {
		b.ids[t] = uint32(i)
	}
	b.firsts = make([]day, len(b.values))
	for i, v := range b.values {
		b.firsts[i] = b.days[v.run.from]
	}
	for _, s := range b.series {
		slices.Sort(b.firsts[s.values.from:s.values.to])
	}
}
