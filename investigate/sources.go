package investigate

import (
	"cmp"
	"context"
	"strings"
	"sync"

	"github.com/seed-959697dd/soc/alert"
)

// Named is a source and what the configuration calls it; empty for logs that were named by their path.
type Named struct {
	Name string
	Source
}

// Sources asks several as if they were one: all at the same time, with the same question. What one of them lacks or looked through carries its
// name. One that fails is a gap that says so, and is not asked again; the others go on. It is safe for use by one pursuit at a time.
func Sources(list ...Named) Source { return &sources{list: list, failed: make([]bool, len(list))} }

type sources struct {
	list   []Named
	failed []bool
}

// Search implements Source. The error is found's or the context's.
func (s *sources) Search(ctx context.Context, q Query, found func(*alert.Alert) error) (Answer, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		ended error // what found returned: it ends all
	)
	one := func(a *alert.Alert) error {
		mu.Lock()
		defer mu.Unlock()
		if ended != nil {
			return ended
		}
		if ended = found(a); ended != nil {
			stop()
		}
		return ended
	}
	answers, errs := make([]Answer, len(s.list)), make([]error, len(s.list))
	for i := range s.list {
		if !s.failed[i] {
			wg.Go(func() { answers[i], errs[i] = s.list[i].Search(ctx, q, one) })
		}
	}
	wg.Wait()
	sum := Answer{Counts: make([]int64, len(q.Terms))}
	if ended != nil {
		return sum, ended
	}
	if err := context.Cause(ctx); err != nil {
		return sum, err
	}
	for i := range s.list {
		s.failed[i] = s.failed[i] || errs[i] != nil
		sum.add(s.list[i].Name, &answers[i], errs[i])
	}
	return sum, nil
}

// add takes in the answer of one source.
func (a *Answer) add(name string, o *Answer, err error) {
	for i := range min(len(a.Counts), len(o.Counts)) {
		a.Counts[i] += o.Counts[i]
	}
	for _, g := range o.Gaps {
		if name != "" && g.Source != name {
			g.Source = strings.TrimSpace(name + " " + g.Source)
		}
		a.Gaps = append(a.Gaps, g)
	}
	if err != nil {
		a.Gaps = append(a.Gaps, alert.Gap{Check: "logs", Source: cmp.Or(name, "logs"), Class: alert.Failed, Reason: "not searched to the end, and not asked again: " + err.Error()})
	}
	for _, c := range o.Covered {
		if c.Input == "" {
			c.Input = name
		}
		a.Covered = append(a.Covered, c)
	}
}
