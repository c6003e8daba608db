package baseline

import (
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// Options say how a Learner learns. The zero value is ready for use.
type Options struct {
	Countries *Countries // name the country of an address where an event does not
	Until     time.Time  // events after it are not learned; zero means no end
	Limits    Limits
}

// Limits bound what a Learner keeps, and with it its memory. A dimension of a subject that has more values than its limit, or that
// meets a limit of the whole, is crowded: its values are forgotten and it calls nothing new. Zero, or more than the default, means
// the default.
type Limits struct {
	Values int // per dimension of a user or host; 512
	Wide   int // per dimension of an account, or of the estate; 65,536
	Series int // dimensions of subjects; 1,000,000; of further subjects nothing is known
	Total  int // values in all; 2,000,000
	Days   int // days on which something was seen, in all; 16,000,000
	Text   int // bytes of names and values in all; 128 MiB
}

func (l Limits) filled() Limits {
	for _, p := range []struct {
		limit    *int
		standard int
	}{{&l.Values, 512}, {&l.Wide, 1 << 16}, {&l.Series, 1_000_000}, {&l.Total, 2_000_000}, {&l.Days, 16_000_000}, {&l.Text, 128 << 20}} {
		if *p.limit <= 0 || *p.limit > p.standard {
			*p.limit = p.standard
		}
	}
	return l
}

// Learner counts what events tell. It is for one goroutine; others prepare Facts for it.
type Learner struct {
	options Options
	ids     map[string]uint32
	texts   []string
	series  map[uint64]*counts
	values  int // kept, over all series
	days    int
	bytes   int
	tally   Tally
	own     Facts
}

// counts are those of one dimension of one subject.
type counts struct {
	total   buckets
	values  map[uint32]buckets
	crowded bool
}

type bucket struct {
	day   day
	count uint32
}

// buckets are in order of their days.
type buckets []bucket

// NewLearner returns a Learner that knows nothing.
func NewLearner(o Options) *Learner {
	o.Limits = o.Limits.filled()
	return &Learner{options: o, ids: map[string]uint32{}, series: map[uint64]*counts{}}
}

// Add learns from one event. It keeps neither the event nor its strings.
func (l *Learner) Add(a *alert.Alert) {
	l.own.Reset()
	l.own.Add(a, l.options.Countries, l.options.Until)
	l.Take(&l.own)
}

// Take learns from a batch. The order of batches does not matter, unless a limit of the whole is met.
func (l *Learner) Take(f *Facts) {
	l.tally.add(f.tally)
	f.each(func(at day) { l.count(everyone, activity, "", "", at) }, l.count)
}

// Tally says what became of the events so far.
func (l *Learner) Tally() Tally { return l.tally }

func (l *Learner) count(k kind, d dimension, subject, value string, at day) {
	s := l.of(k, d, subject)
	if s == nil {
		return
	}
	l.put(s, &s.total, at)
	if d == activity {
		return
	}
	if id, days, ok := l.value(s, k, value); ok && l.put(s, &days, at) {
		l.keep(s, id, days)
	}
}

// of returns the counts of a dimension of a subject, nil when there is no more room for one.
func (l *Learner) of(k kind, d dimension, subject string) *counts {
	id, ok := l.id(subject)
	if !ok {
		return nil
	}
	at := key(k, d, id)
	s := l.series[at]
	if s == nil && len(l.series) < l.options.Limits.Series {
		s = &counts{}
		l.series[at] = s
	}
	return s
}

// value returns a text's number and its days so far; false when the dimension is crowded, or is from now on.
func (l *Learner) value(s *counts, k kind, text string) (uint32, buckets, bool) {
	if s.crowded {
		return 0, nil, false
	}
	id, ok := l.id(text)
	days, known := s.values[id]
	room := l.options.Limits.Values
	if k == account || k == everyone {
		room = l.options.Limits.Wide
	}
	if !ok || !known && (len(s.values) >= room || l.values >= l.options.Limits.Total) {
		l.crowd(s)
		return 0, nil, false
	}
	return id, days, true
}

func (l *Learner) keep(s *counts, id uint32, days buckets) {
	if s.values == nil {
		s.values = map[uint32]buckets{}
	}
	if _, known := s.values[id]; !known {
		l.values++
	}
	s.values[id] = days
}

// put counts one event on a day. It tells whether that made the list longer.
func (l *Learner) put(s *counts, b *buckets, at day) bool {
	list := *b
	i := len(list)
	for i > 0 && list[i-1].day > at {
		i--
	}
	if i > 0 && list[i-1].day == at {
		if list[i-1].count < 1<<32-1 {
			list[i-1].count++
		}
		return false
	}
	if l.days >= l.options.Limits.Days {
		l.crowd(s)
		return false
	}
	l.days++
	list = append(list, bucket{})
	copy(list[i+1:], list[i:])
	list[i] = bucket{at, 1}
	*b = list
	return true
}

// crowd forgets the values of a dimension that has too many.
func (l *Learner) crowd(s *counts) {
	l.values -= len(s.values)
	for _, b := range s.values {
		l.days -= len(b)
	}
	s.values, s.crowded = nil, true
}

// id returns the number of a text, which may be a view; false when there is no more room for texts.
func (l *Learner) id(text string) (uint32, bool) {
	if id, ok := l.ids[text]; ok {
		return id, true
	}
	if l.bytes+len(text) > l.options.Limits.Text {
		return 0, false
	}
	text = strings.Clone(text)
	l.bytes += len(text)
	id := uint32(len(l.texts))
	l.texts = append(l.texts, text)
	l.ids[text] = id
	return id, true
}
