// Package baseline knows what is usual in this estate: which networks, countries and devices a user comes from and at which
// hours, which programs a host runs and whom it talks to, which calls and regions a cloud account uses, each with the days on which
// it was seen. A Learner counts that from events, a Baseline answers from the counts and is a triage.Check.
//
// It says only what days before an alert's own day say, so that no alert explains itself, and nothing of what it does not know: a
// subject without enough history is not new, it is unknown. It draws no conclusions from what is seldom, reads no logs itself and
// keeps no event. Start with Learner, Open and Baseline.Check.
package baseline

import (
	"cmp"
	"encoding/hex"
	"slices"
	"time"
)

// Baseline is what was learned. It never changes and is safe for concurrent use.
type Baseline struct {
	texts  []string          // sorted; a text's number is its place
	ids    map[string]uint32 // the numbers
	series []series          // sorted by key
	values []value           // of each series in order of their text
	firsts []day             // of each series, the first day of each of its values, sorted
	days   []day             // of each run, ascending
	sums   []uint32          // beside each day: the events of the run up to its end
	digest [32]byte
	forgot int // days that were too old to keep, when it was learned

	countries *Countries
}

// series is what is known of one dimension of one subject.
type series struct {
	key     uint64
	total   run
	values  span
	crowded bool // more values than are kept: none of them is known, and none is new
}

type value struct {
	text uint32
	run  run
}

// run is a piece of days and sums.
type run = span

type span struct{ from, to uint32 }

// key orders series by kind, dimension and the subject's text.
func key(k kind, d dimension, subject uint32) uint64 {
	return uint64(k)<<40 | uint64(d)<<32 | uint64(subject)
}

func (s *series) kind() kind           { return kind(s.key >> 40) }
func (s *series) dimension() dimension { return dimension(s.key >> 32) }
func (s *series) subject() uint32      { return uint32(s.key) }

// day counts from 1970-01-01, in UTC.
type day uint16

const secondsPerDay = 24 * 60 * 60

// Days that can be learned: from 2000-01-01 until the number is full, in 2149.
const (
	firstDay day = 10957
	lastDay  day = 1<<16 - 1
)

// dayOf is the day of a time; false when it lies outside what can be learned.
func dayOf(t time.Time) (day, bool) {
	n := t.Unix() / secondsPerDay
	return day(n), n >= int64(firstDay) && n <= int64(lastDay)
}

func (d day) time() time.Time { return time.Unix(int64(d)*secondsPerDay, 0).UTC() }

func (d day) String() string { return d.time().Format(time.DateOnly) }

// back is n days earlier.
func (d day) back(n day) day { return d - min(d, n) }

// Digest names the content: two baselines with the same digest know the same.
func (b *Baseline) Digest() string { return "sha256:" + hex.EncodeToString(b.digest[:]) }

// With returns the same baseline that knows the country of an address, for alerts that do not name one; c may be nil.
func (b *Baseline) With(c *Countries) *Baseline {
	same := *b
	same.countries = c
	return &same
}

// Until is the last day of which anything was learned, at midnight UTC; zero when nothing was.
func (b *Baseline) Until() time.Time {
	s := b.find(everyone, activity, "")
	if s == nil {
		return time.Time{}
	}
	return b.days[s.total.to-1].time()
}

// find returns the series, nil when nothing is known.
func (b *Baseline) find(k kind, d dimension, subject string) *series {
	id, ok := b.ids[subject]
	if !ok {
		return nil
	}
	i, ok := slices.BinarySearchFunc(b.series, key(k, d, id), func(s series, key uint64) int { return cmp.Compare(s.key, key) })
	if !ok {
		return nil
	}
	return &b.series[i]
}

// look returns the days of a value, an empty run when it is not known.
func (b *Baseline) look(s *series, text string) run {
	id, ok := b.ids[text]
	if !ok {
		return run{}
	}
	list := b.values[s.values.from:s.values.to]
	i, ok := slices.BinarySearchFunc(list, id, func(v value, id uint32) int { return cmp.Compare(v.text, id) })
	if !ok {
		return run{}
	}
	return list[i].run
}

// before counts the events of a run on days before d.
func (b *Baseline) before(r run, d day) uint32 {
	n, _ := slices.BinarySearch(b.days[r.from:r.to], d)
	if n == 0 {
		return 0
	}
	return b.sums[int(r.from)+n-1]
}

// within counts the days of a run from one day up to, but not including, another.
func (b *Baseline) within(r run, from, to day) int { return count(b.days[r.from:r.to], from, to) }

// fresh counts the values of a series that were first seen from one day up to another.
func (b *Baseline) fresh(s *series, from, to day) int {
	return count(b.firsts[s.values.from:s.values.to], from, to)
}

func count(list []day, from, to day) int {
	i, _ := slices.BinarySearch(list, from)
	j, _ := slices.BinarySearch(list, to)
	return max(0, j-i)
}
