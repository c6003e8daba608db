package triage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
)

// Judge decides every group of g and hands the verdicts over in order of the groups' first time. It runs the decisions on
// the given number of goroutines; render is called in those, emit in order from the calling goroutine. What render
// returns (the verdict as bytes, say) is what emit gets.
func Judge[T any](ctx context.Context, g *Groups, p *Policy, d Digests, workers int, render func(*Verdict, *Members) (T, error), emit func(T) error) error {
	type job struct {
		groups []*Group
		done   chan []T
		err    error
	}
	jobs, queue := make(chan *job, workers), make(chan *job, 2*workers)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			r := &reader{g: g}
			for j := range jobs {
				out := make([]T, 0, len(j.groups))
				for _, group := range j.groups {
					var t T
					v, m, err := judge(r, group, p)
					if err == nil {
						v.Digests = d
						t, err = render(v, m)
					}
					if err != nil {
						j.err = err
						break
					}
					out = append(out, t)
				}
				j.done <- out
			}
		})
	}
	produced := make(chan error, 1)
	go func() {
		defer close(queue)
		defer close(jobs)
		cur := &job{done: make(chan []T, 1)}
		send := func() error {
			for _, ch := range []chan *job{queue, jobs} {
				select {
				case ch <- cur:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			cur = &job{done: make(chan []T, 1)}
			return nil
		}
		err := g.Each(func(group *Group) error {
			if cur.groups = append(cur.groups, group); len(cur.groups) < 64 {
				return nil
			}
			return send()
		})
		if err == nil && len(cur.groups) > 0 {
			err = send()
		}
		produced <- err
	}()
	var failed error
	for j := range queue {
		if failed != nil {
			continue
		}
		var out []T
		select {
		case out = <-j.done:
		case <-ctx.Done():
			failed = ctx.Err()
			continue
		}
		if failed = j.err; failed != nil {
			cancel()
			continue
		}
		for _, t := range out {
			if failed = emit(t); failed != nil {
				cancel()
				break
			}
		}
	}
	err := <-produced
	wg.Wait()
	if failed != nil {
		return failed
	}
	return err
}

// Members gives access to a group's alerts after the decision.
type Members struct {
	r     *reader
	group *Group
}

// Each reads every distinct member, byte-identical copies once, in order of time. The observation is valid until yield returns.
func (m *Members) Each(yield func(*Observation) error) error {
	var o Observation
	for i := range m.group.keys {
		if i > 0 && copyOf(&m.group.keys[i-1], &m.group.keys[i]) {
			continue
		}
		if err := m.r.observation(&m.group.keys[i], &o); err != nil {
			return err
		}
		if err := yield(&o); err != nil {
			return err
		}
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

// judge reads the members of a group and decides.
func judge(r *reader, group *Group, p *Policy) (*Verdict, *Members, error) {
	v := &Verdict{Fingerprint: group.Fingerprint, Count: group.Count, First: group.First, Last: group.Last}
	m := &Members{r, group}
	var ev Evidence
	var subject alert.Ref
	best := Weight(-1 << 30)
	var ids map[uint64]struct{}
	n := 0
	err := m.Each(func(o *Observation) error {
		ev.Signals = Merge(ev.Signals, o.Signals, n)
		if sum := total(o.Signals); sum > best || n == 0 {
			best, v.Alert, v.Vendor, subject = sum, o.Document, o.Severity, o.Subject
		}
		if n == 0 {
			v.ID = idOf(group.Fingerprint, group.keys[0][24:32])
			ev.Allow = o.Allow
		} else if o.Allow == nil || ev.Allow != nil && o.Allow.Rule != ev.Allow.Rule {
			ev.Allow = nil
		}
		if o.Severity.Score > ev.Severity.Score || n == 0 {
			ev.Severity = o.Severity
		}
		ev.Critical = ev.Critical || o.Critical
		for _, g := range o.Gaps {
			if !slices.Contains(ev.Gaps, g) && len(ev.Gaps) < 16 {
				ev.Gaps = append(ev.Gaps, g)
			}
		}
		n++
		if n == 1 {
			v.IDs = append(v.IDs, o.ID)
			return nil
		}
		if ids == nil {
			ids = map[uint64]struct{}{hash64(v.IDs[0]): {}}
		}
		h := hash64(o.ID)
		if _, dup := ids[h]; dup {
			return nil
		}
		if len(ids) < 100*MaxIDs {
			ids[h] = struct{}{}
		}
		if len(v.IDs) < MaxIDs {
			v.IDs = append(v.IDs, strings.Clone(o.ID))
		} else {
			v.More++
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("judging a group: %w", err)
	}
	ev.Signals = append(ev.Signals, group.Context.signals(group, subject)...)
	v.Judgement = Decide(ev, p)
	v.Gaps = ev.Gaps
	v.suppress(ev)
	return v, m, nil
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
		by += ", unsigned or expired: it only marks what it would close"
	}
	v.Suppressed = append(v.Suppressed, Suppressed{Check: "allow", Sentence: "an allow rule matches every alert of the group", By: by})
}
