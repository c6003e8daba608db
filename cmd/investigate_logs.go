package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/investigate"
)

// mostPursued bounds the cases that are pursued through logs, the strongest first.
const mostPursued = 256

// pursue looks for what else happened around the cases.
func (q *inquiry) pursue(ctx context.Context, o investigateOptions, cases []*investigate.Case) error {
	if len(o.logs) == 0 || len(cases) == 0 {
		return nil
	}
	src, err := q.app.logs(o)
	if err != nil {
		return err
	}
	p := investigate.Pursuit{Checks: check.All()}
	if err := p.Pursue(ctx, src, cases); err != nil {
		return fmt.Errorf("searching the logs: %w", err)
	}
	return nil
}

// logs opens what --logs names.
func (a *app) logs(o investigateOptions) (investigate.Source, error) {
	set, err := a.formatSet(triageOptions{tz: o.tz, now: o.now})
	if err != nil {
		return nil, err
	}
	sources, err := stream.Expand(o.logs, nil)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, usage(err, "soc investigate --logs ./logs verdicts.ndjson")
		}
		return nil, err
	}
	return &slowSource{set, sources}, nil
}

type slowSource struct {
	set     *alert.Set
	sources []stream.Source
}

func (s *slowSource) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	answer := investigate.Answer{Counts: make([]int64, len(q.Terms))}
	low := make([]string, len(q.Terms))
	host := make([]string, len(q.Terms))
	for i, t := range q.Terms {
		low[i], host[i] = strings.ToLower(t.Value), strings.ToLower(t.Host)
	}
	type hit struct {
		a     *alert.Alert
		terms []int
	}
	type got struct {
		list  []hit
		times []time.Time
		n     int64
	}
	cov := map[string]*investigate.Covered{}
	use := func() func(*packet[got]) error {
		parser := s.set.NewParser()
		return func(p *packet[got]) error {
			return records(p, parser, func(a *alert.Alert) error {
				p.result.n++
				if !a.Time.IsZero() {
					p.result.times = append(p.result.times, a.Time)
				}
				raw := strings.ReplaceAll(string(bytes.ToLower(a.Raw)), `\\`, `\`)
				var h hit
				for i := range low {
					if strings.Contains(raw, low[i]) && (host[i] == "" || strings.Contains(raw, host[i])) {
						h.terms = append(h.terms, i)
					}
				}
				if len(h.terms) > 0 {
					h.a = a.Clone()
					p.result.list = append(p.result.list, h)
				}
				return nil
			})
		}
	}
	err := ingest(ctx, s.sources, stream.Limits{}, runtime.GOMAXPROCS(0), use, func(p *packet[got]) error {
		c := cov[p.batch.Input]
		if c == nil {
			c = &investigate.Covered{Input: p.batch.Input}
			cov[p.batch.Input] = c
		}
		c.Records += p.result.n
		c.Times = append(c.Times, p.result.times...)
		slices.SortFunc(c.Times, time.Time.Compare)
		for _, h := range p.result.list {
			want := false
			for _, t := range h.terms {
				answer.Counts[t]++
				want = want || q.Most == 0 || answer.Counts[t] <= int64(q.Most)
			}
			if want {
				if err := found(h.a); err != nil {
					return err
				}
			}
		}
		return nil
	}, func(g *got) { *g = got{} })
	for _, src := range s.sources {
		if c := cov[src.Name]; c != nil {
			answer.Covered = append(answer.Covered, *c)
		}
	}
	return answer, err
}
