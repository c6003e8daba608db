package triage

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/binary"
	"slices"
	"time"
)

// Lateness is how far behind the newest event an alert may come and still join its group, unless a Stream says otherwise. What comes later
// opens a group of its own, marked late.
const Lateness = 5 * time.Minute

// maxOpen bounds the bytes of alerts whose groups are still open. Beyond it the group that has waited longest is closed early.
const maxOpen = 16 << 20

// Stream groups alerts that keep coming. A group is closed when the watermark, the newest event's time less its lateness, has
// passed its last member by the policy's gap, or when none has joined it for that long by the clock. Not safe for
// concurrent use.
type Stream struct {
	Lateness time.Duration // set before Add
	policy   *Policy
	st       *Standing
	open     map[Fingerprint]*openGroup
	newest   int64 // event time
	due      dues  // when groups that are open may be closed by the watermark
	bytes    int
	window   *window
	firsts   *firsts
	seat     seat
}

type openGroup struct {
	obs     Observed
	last    int64     // event time of the newest member
	arrived time.Time // clock time of the newest member
	late    bool
}

// NewStream returns an empty stream. What stands may change between two calls.
func NewStream(p *Policy, st *Standing) *Stream {
	return &Stream{Lateness: Lateness, policy: p, st: st, open: map[Fingerprint]*openGroup{}, window: newWindow(&spreads{}, 0), firsts: &firsts{}}
}

// Remember tells what the estate saw in earlier runs. Call it before Add.
func (s *Stream) Remember(seen Sighting) {
	if seen.Kind != OfRule {
		s.firsts.remember(&seen)
		return
	}
	var m memory
	m.add(seen)
	m.recall(s.window)
}

// Add takes a batch in and hands over the verdicts of the groups that it closes, each before the alert that moves the watermark past it is
// taken in: how alerts are cut into batches changes nothing. now is the time by the clock. The verdict and its members are valid until yield
// returns.
func (s *Stream) Add(ctx context.Context, b *Observed, now time.Time, yield func(*Verdict, *Members) error) error {
	for _, n := range b.traits {
		s.firsts.note(n)
	}
	for i := range b.keys {
		k := &b.keys[i]
		if k.time() > s.newest {
			s.newest = k.time()
			if err := s.passed(ctx, yield); err != nil {
				return err
			}
		}
		fp := Fingerprint(k[:16])
		g := s.open[fp]
		if g != nil && time.Duration(abs64(k.time()-g.last)) > s.policy.Gap && k.time() > g.last {
			if err := s.close(ctx, fp, yield); err != nil {
				return err
			}
			g = nil
		}
		if g == nil {
			g = &openGroup{late: k.time() < s.watermark()}
			s.open[fp] = g
		}
		data := b.data[k.offset() : k.offset()+int64(k.size())]
		key := *k
		binary.BigEndian.PutUint64(key[32:], uint64(len(g.obs.data)))
		g.obs.keys, g.obs.data = append(g.obs.keys, key), append(g.obs.data, data...)
		later := k.time() > g.last || len(g.obs.keys) == 1
		g.last, g.arrived = max(g.last, k.time()), now
		if later && !g.late {
			heap.Push(&s.due, due{g.last + int64(s.policy.Gap), fp})
		}
		s.bytes += len(data)
	}
	return s.Tick(ctx, now, yield)
}

// passed closes what the watermark has passed.
func (s *Stream) passed(ctx context.Context, yield func(*Verdict, *Members) error) error {
	var list []Fingerprint
	for len(s.due) > 0 && s.due[0].at < s.watermark() {
		d := heap.Pop(&s.due).(due)
		if g := s.open[d.fp]; g != nil && !g.late && g.last+int64(s.policy.Gap) == d.at && !slices.Contains(list, d.fp) {
			list = append(list, d.fp)
		}
	}
	return s.closeAll(ctx, list, yield)
}

// due is when a group may be closed, unless something joined it since.
type due struct {
	at int64
	fp Fingerprint
}

type dues []due

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].at < d[j].at }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(x any)        { *d = append(*d, x.(due)) }
func (d *dues) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

func abs64(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}

func (s *Stream) watermark() int64 { return s.newest - int64(s.Lateness) }

// Tick closes what is due. Call it every few seconds while nothing arrives.
func (s *Stream) Tick(ctx context.Context, now time.Time, yield func(*Verdict, *Members) error) error {
	var due []Fingerprint
	for fp, g := range s.open {
		if !g.late && g.last+int64(s.policy.Gap) < s.watermark() || now.Sub(g.arrived) >= s.policy.Gap {
			due = append(due, fp)
		}
	}
	if err := s.closeAll(ctx, due, yield); err != nil {
		return err
	}
	for s.bytes > maxOpen {
		var oldest Fingerprint
		var at time.Time
		for fp, g := range s.open {
			if at.IsZero() || g.arrived.Before(at) || g.arrived.Equal(at) && bytes.Compare(fp[:], oldest[:]) < 0 {
				oldest, at = fp, g.arrived
			}
		}
		if err := s.close(ctx, oldest, yield); err != nil {
			return err
		}
	}
	return nil
}

// End closes every group.
func (s *Stream) End(ctx context.Context, yield func(*Verdict, *Members) error) error {
	all := make([]Fingerprint, 0, len(s.open))
	for fp := range s.open {
		all = append(all, fp)
	}
	return s.closeAll(ctx, all, yield)
}

// closeAll closes groups in the order of their first members' times, so that the output does not depend on map order.
func (s *Stream) closeAll(ctx context.Context, list []Fingerprint, yield func(*Verdict, *Members) error) error {
	slices.SortFunc(list, func(a, b Fingerprint) int {
		x, y := s.open[a].first(), s.open[b].first()
		if x != y {
			if x < y {
				return -1
			}
			return 1
		}
		return bytes.Compare(a[:], b[:])
	})
	for _, fp := range list {
		if err := s.close(ctx, fp, yield); err != nil {
			return err
		}
	}
	return nil
}

func (g *openGroup) first() int64 {
	t := g.obs.keys[0].time()
	for i := range g.obs.keys {
		t = min(t, g.obs.keys[i].time())
	}
	return t
}

// close judges one group with what came before it as its context.
func (s *Stream) close(ctx context.Context, fp Fingerprint, yield func(*Verdict, *Members) error) error {
	g := s.open[fp]
	delete(s.open, fp)
	s.bytes -= len(g.obs.data)
	return s.judge(ctx, fp, g, yield)
}

func (s *Stream) judge(ctx context.Context, fp Fingerprint, g *openGroup, yield func(*Verdict, *Members) error) error {
	groups := &Groups{memory: g.obs.data, keys: sorter{buf: g.obs.keys}, firsts: s.firsts}
	groups.keys.sort()
	first := &groups.keys.buf[0]
	st := start{first: first.time(), digest: [8]byte(first[24:32]), fp: fp, count: len(g.obs.keys), rule: first.rule(), host: first.host()}
	for i := range groups.keys.buf {
		st.evidence = max(st.evidence, groups.keys.buf[i].evidence())
	}
	if st.count == 1 {
		st.place, st.size = first.offset(), first.size()
	}
	group := &Group{Fingerprint: fp, First: instant(st.first), Count: st.count, Context: s.window.pass(&st), start: st}
	if err := s.seat.judge(ctx, &reader{g: groups}, group, s.policy, s.st); err != nil {
		return err
	}
	s.seat.verdict.Late = g.late
	return yield(&s.seat.verdict, &s.seat.members)
}

// pass is the context of a group that is judged when nothing after it is known.
func (w *window) pass(s *start) Context {
	w.leave(s.first)
	if sp := w.rules.at(s.rule); sp != nil {
		sp.count(s.host)
	}
	w.hours++
	w.enter(s)
	w.turn++
	return w.context(s)
}
