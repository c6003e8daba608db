package triage

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// jobSize is how many groups one worker judges at a time.
const jobSize = 64

// job is a stretch of groups on its way through the workers. Its memory is used again.
type job[T any] struct {
	groups []Group
	text   []byte
	ends   []int // where each group's text ends
	tags   []T
	err    error
	done   chan struct{}
}

// Judge decides every group of g and hands the verdicts over in order of the groups' first time. It runs the decisions on
// the given number of goroutines. render is called in those: it appends what is to be written of a verdict to b and returns a tag
// that goes along; the verdict and what it points at are valid until render returns. emit is called in order, from the calling
// goroutine, and may not keep b.
func Judge[T any](ctx context.Context, g *Groups, p *Policy, st *Standing, workers int, render func(b []byte, v *Verdict, m *Members) ([]byte, T, error), emit func(b []byte, tag T) error) error {
	st.spelled = alert.AppendGaps([]byte{0}, st.Gaps)[1:] // behind something, it is led by a comma
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	// On a busy machine the system stops one worker for milliseconds: until it is back the others need something to do.
	jobs, queue := make(chan *job[T], 2*workers+12), make(chan *job[T], 2*workers+12)
	free := make(chan *job[T], 4*workers+12)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			r := &reader{g: g}
			for j := range jobs {
				j.run(ctx, r, p, st, render)
				close(j.done)
			}
		})
	}
	wg.Go(func() {
		defer close(queue)
		defer close(jobs)
		if err := produce(ctx, g, free, queue, jobs); err != nil {
			cancel(err)
		}
	})
	for j := range queue {
		select {
		case <-j.done:
		case <-ctx.Done():
			continue
		}
		if ctx.Err() != nil {
			continue
		}
		if err := j.deliver(emit); err != nil {
			cancel(err)
			continue
		}
		select {
		case free <- j:
		default:
		}
	}
	wg.Wait()
	return context.Cause(ctx)
}

// produce cuts the groups into jobs and hands each to the collector's queue and to the workers.
func produce[T any](ctx context.Context, g *Groups, free <-chan *job[T], to ...chan<- *job[T]) error {
	fresh := func() *job[T] {
		j := &job[T]{}
		select {
		case j = <-free:
		default:
		}
		j.groups, j.text, j.ends, j.tags = j.groups[:0], j.text[:0], j.ends[:0], j.tags[:0]
		j.done = make(chan struct{})
		return j
	}
	cur := fresh()
	send := func() error {
		for _, ch := range to {
			select {
			case ch <- cur:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
		cur = fresh()
		return nil
	}
	err := g.Each(func(group *Group) error {
		if cur.groups = append(cur.groups, *group); len(cur.groups) < jobSize {
			return nil
		}
		return send()
	})
	if err == nil && len(cur.groups) > 0 {
		err = send()
	}
	return err
}

func (j *job[T]) run(ctx context.Context, r *reader, p *Policy, st *Standing, render func([]byte, *Verdict, *Members) ([]byte, T, error)) {
	r.reuse()
	var s seat
	for i := range j.groups {
		err := s.judge(ctx, r, &j.groups[i], p, st)
		var tag T
		if err == nil {
			j.text, tag, err = render(j.text, &s.verdict, &s.members)
		}
		if err != nil {
			j.err = err
			return
		}
		j.ends, j.tags = append(j.ends, len(j.text)), append(j.tags, tag)
	}
}

func (j *job[T]) deliver(emit func([]byte, T) error) error {
	if j.err != nil {
		return j.err
	}
	start := 0
	for i, end := range j.ends {
		if err := emit(j.text[start:end], j.tags[i]); err != nil {
			return err
		}
		start = end
	}
	return nil
}

// Members gives access to a group's alerts after the decision.
type Members struct {
	r     *reader
	group *Group
	last  time.Time // of the last member read
	o     Observation
}

// Each reads every distinct member, byte-identical copies once, in order of time. The observation is valid until yield returns.
func (m *Members) Each(yield func(*Observation) error) error {
	if m.group.Count >= large {
		m.r.next(0) // a block of its own: those of the groups before are still in use
		m.r.single = true
		defer func() { m.r.single = false }()
	}
	o := &m.o
	st := &m.group.start
	if st.count == 1 {
		if err := m.r.observation(st.place, st.size, o); err != nil {
			return err
		}
		return yield(o)
	}
	var before record
	for done := 0; done < st.count; {
		keys, err := m.r.g.keysOf(st.place+int64(done), min(st.count-done, 4096))
		if err != nil {
			return err
		}
		for i := range keys {
			if done+i > 0 && copyOf(&before, &keys[i]) {
				continue
			}
			before = keys[i]
			if err := m.r.observation(keys[i].offset(), keys[i].size(), o); err != nil {
				return err
			}
			if err := yield(o); err != nil {
				return err
			}
		}
		done += len(keys)
		m.last = instant(keys[len(keys)-1].time())
	}
	return nil
}

// Rest hands over, MaxIDs at a time, the members' ids that the verdict's own document leaves out.
func (v *Verdict) Rest(m *Members, yield func(ids []string)) error {
	shown := make(map[uint64]struct{}, len(v.IDs))
	for _, id := range v.IDs {
		shown[hash64(id)] = struct{}{}
	}
	var ids []string
	err := m.Each(func(o *Observation) error {
		h := hash64(o.ID)
		if _, dup := shown[h]; dup {
			return nil
		}
		if len(shown) < 100*MaxIDs {
			shown[h] = struct{}{}
		}
		if ids = append(ids, strings.Clone(o.ID)); len(ids) == MaxIDs {
			yield(ids)
			ids = ids[:0]
		}
		return nil
	})
	if err == nil && len(ids) > 0 {
		yield(ids)
	}
	return err
}

// copyOf tells byte-identical alerts: same time and the same 64 bits of their digests.
func copyOf(a, b *record) bool { return [16]byte(a[16:32]) == [16]byte(b[16:32]) }

// large is the number of members from which a group's blocks are not kept in memory while it is judged.
const large = 64

// seat is the memory of one judge, used again from group to group.
type seat struct {
	verdict Verdict
	members Members
	collector
	bench bench
	alert alert.Alert
	text  []byte
}

// judge reads the members of a group and decides.
func (s *seat) judge(ctx context.Context, r *reader, group *Group, p *Policy, st *Standing) error {
	s.verdict = Verdict{Digests: st.Digests, Fingerprint: group.Fingerprint, Count: group.Count, First: group.First, IDs: s.verdict.IDs[:0]}
	s.members = Members{r: r, group: group, last: group.First}
	s.collector = collector{v: &s.verdict, copies: group.Count >= large, ev: Evidence{Signals: s.ev.Signals[:0], Gaps: s.ev.Gaps[:0]}, new: s.new[:0], newKeys: s.newKeys[:0], at: group.start.first}
	if group.Context.Hours >= enough {
		s.firsts = r.g.firsts
	}
	if err := s.members.Each(s.member); err != nil {
		return fmt.Errorf("judging a group: %w", err)
	}
	v := &s.verdict
	if err := s.alert.Unpack(s.packed); err != nil {
		return fmt.Errorf("judging a group: %w", err)
	}
	s.text = s.alert.AppendJSON(s.text[:0], false)
	v.Alert = s.text
	v.Last = s.members.last
	v.ID = idOf(group.Fingerprint, group.start.digest)
	s.ev.Pattern = Pattern{
		Alerts: max(s.times, group.Count), FirstEver: group.Context.FirstEver, FirstHere: group.Context.FirstHere, Neighbours: group.Context.Neighbours,
		Subject: s.subject, Trust: s.named, Rule: v.Rule, Account: s.account, Format: s.alert.Format, Severity: StepOf(s.ev.Severity.Score),
	}
	v.Pattern, v.Critical, v.Rated = s.ev.Pattern, s.ev.Critical, s.ev.Severity.Score
	s.ev.Signals = append(group.Context.signals(s.ev.Signals, s.subject), s.new...)
	if group.Context.Crowded {
		s.ev.Gaps = append(s.ev.Gaps, alert.Gap{Check: "agreement", Class: alert.Partial, Reason: "more hosts within ten minutes than are kept apart: what else fired on this one is not known"})
	}
	if len(s.ev.Gaps) == 0 {
		v.gaps, v.standing = st.spelled, len(st.Gaps)
	}
	s.ev.Gaps = append(s.ev.Gaps, st.Gaps...)
	if st.Ask != nil {
		signals, gaps := st.Ask(ctx, &s.alert)
		s.answered(signals)
		s.ev.Gaps = append(s.ev.Gaps, gaps...)
	}
	v.Judgement = s.bench.decide(s.ev, p)
	for _, tell := range st.Witnesses {
		if t := tell(ctx, v); t != nil {
			v.Models = append(v.Models, t)
			s.ev.Signals, s.ev.Gaps = t.heard(s.ev.Signals), append(s.ev.Gaps, t.Gaps...)
			v.Judgement = s.bench.decide(s.ev, p)
		}
	}
	v.Gaps = s.ev.Gaps
	if v.Route != Closed {
		v.Case = CaseOf(v.ID)
	}
	v.suppress(s.ev)
	return nil
}

// answered takes what services said, and sets aside what they say does not count.
func (s *seat) answered(list []Signal) {
	for i := range list {
		if a := &list[i]; a.By != "" {
			s.setAside([]Suppressed{{Check: a.Check, Sentence: a.Sentence, By: a.By}})
		} else {
			s.ev.Signals = append(s.ev.Signals, *a)
		}
	}
}

// suppress notes on the verdict the allow rule that matched the whole group, closed or not.
func (v *Verdict) suppress(ev Evidence) {
	if ev.Allow == nil {
		return
	}
	by := "rule " + ev.Allow.Rule
	switch {
	case ev.Allow.Signed:
		by += ", signed by " + ev.Allow.By + ", until " + ev.Allow.Until
	default:
		by += ": " + ev.Allow.By + ", so that it only marks what it would close"
	}
	v.Suppressed = append(v.Suppressed, Suppressed{Check: "allow", Sentence: "an allow rule matches every alert of the group", By: by})
}
