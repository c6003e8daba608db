package cmd

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

type triageOptions struct {
	parse, raw  bool
	noBook      bool
	strict      bool
	listFormats bool
	formats     []string
	rejects     string
	failOn      string
	tz, now     string
	workers     int
}

func newTriage(a *app) *cobra.Command {
	var o triageOptions
	c := &cobra.Command{
		Use:   "triage [FILE...]",
		Short: "Read alerts and say which need a person, and why",
		RunE:  func(c *cobra.Command, args []string) error { return a.triage(c.Context(), o, args) },
	}
	f := c.Flags()
	f.BoolVar(&o.parse, "parse", false, "print the alerts as they were read, and stop")
	f.BoolVar(&o.raw, "raw", false, "with --parse: the record as received goes along")
	f.BoolVar(&o.noBook, "no-book", false, "keep nothing")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when a line was rejected or something could not be found out")
	f.BoolVar(&o.listFormats, "formats", false, "list the products that are recognised, and stop")
	f.StringArrayVar(&o.formats, "format", nil, "a further format `FILE.yaml`, asked before the shipped ones")
	f.StringVar(&o.rejects, "rejects", "", "keep every rejected line in `FILE`")
	f.StringVar(&o.failOn, "fail-on", "", "exit 3 when a group is routed to `ROUTE` (escalate, review)")
	f.StringVar(&o.tz, "tz", "UTC", "time `ZONE` of times that carry none")
	f.StringVar(&o.now, "now", "", "the `TIME` to take for now (RFC 3339)")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "how many cores to use")
	return c
}

func (a *app) triage(ctx context.Context, o triageOptions, args []string) error {
	started := a.Now()
	set, err := a.formatSet(o)
	if err != nil {
		return err
	}
	sources, err := stream.Expand(args, a.IO.In)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.IO.Out, 64<<10)
	if o.parse {
		err = a.parse(ctx, o, set, sources, out)
	} else {
		err = a.judge(ctx, o, set, sources, out, started)
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}

// formatSet makes the formats ready with the zone and the clock of the run.
func (a *app) formatSet(o triageOptions) (*alert.Set, error) {
	opts := alert.Options{Formats: o.formats, Now: a.Now()}
	var err error
	if opts.Zone, err = time.LoadLocation(o.tz); err != nil {
		return nil, usage(fmt.Errorf("--tz: %w", err), "soc triage --tz Europe/Berlin")
	}
	if o.now != "" {
		if opts.Now, err = time.Parse(time.RFC3339, o.now); err != nil {
			return nil, usage(fmt.Errorf("--now: %w", err), "soc triage --now 2026-01-31T12:00:00Z")
		}
	}
	set, err := alert.NewSet(opts)
	if err != nil {
		return nil, usage(err, "soc triage --formats")
	}
	return set, nil
}

// parse prints the alerts as they were read.
func (a *app) parse(ctx context.Context, o triageOptions, set *alert.Set, sources []stream.Source, out *bufio.Writer) error {
	var acc account
	if err := acc.openRejects(o.rejects); err != nil {
		return err
	}
	use := func() func(*packet[[]byte]) error {
		parser := set.NewParser()
		return func(p *packet[[]byte]) error {
			return records(p, parser, func(al *alert.Alert) error {
				p.result = append(al.AppendJSON(p.result, o.raw), '\n')
				return nil
			})
		}
	}
	err := ingest(ctx, sources, stream.Limits{}, o.workers, use, func(p *packet[[]byte]) error {
		if _, err := out.Write(p.result); err != nil {
			return err
		}
		return acc.note(p.read, p.rejects, p.batch.Gaps, out)
	}, func(b *[]byte) { *b = (*b)[:0] })
	if cerr := acc.close(); err == nil {
		err = cerr
	}
	return err
}

// judge is the run itself: read, check, group, decide, print.
func (a *app) judge(ctx context.Context, o triageOptions, set *alert.Set, sources []stream.Source, out *bufio.Writer, started time.Time) error {
	policy := triage.DefaultPolicy()
	var acc account
	if err := acc.openRejects(o.rejects); err != nil {
		return err
	}
	groups := triage.NewGroups(policy.Gap, "")
	defer groups.Close()
	checks := check.All()
	docs := io.Writer(out)
	if !a.wantsJSON() {
		docs = nil
	}
	use := func() func(*packet[triage.Observed]) error {
		parser := set.NewParser()
		var obs triage.Observation
		return func(p *packet[triage.Observed]) error {
			return records(p, parser, func(al *alert.Alert) error {
				triage.Assess(al, checks, &obs)
				obs.Document = al.AppendJSON(obs.Document, false)
				p.result.Append(al, &obs)
				return nil
			})
		}
	}
	err := ingest(ctx, sources, stream.Limits{}, o.workers, use, func(p *packet[triage.Observed]) error {
		if err := acc.note(p.read, p.rejects, p.batch.Gaps, docs); err != nil {
			return err
		}
		return groups.Add(&p.result)
	}, (*triage.Observed).Reset)
	if cerr := acc.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	var sum summary
	err = triage.Judge(ctx, groups, &policy, triage.Digests{}, o.workers, a.render, func(b []byte, t tag) error {
		sum.add(t)
		_, err := out.Write(b)
		return err
	})
	if err != nil {
		return err
	}
	return a.summarise(o, out, &acc, &sum, started)
}

// tag is what the summary needs of a verdict.
type tag struct {
	route triage.Route
	would bool
	count int
}

func (a *app) render(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, tag, error) {
	t := tag{route: v.Route, would: v.WouldClose, count: v.Count}
	b = append(v.AppendJSON(b), '\n')
	if v.More == 0 {
		return b, t, nil
	}
	err := v.Rest(m, func(ids []string) { b = append(triage.AppendMembers(b, v.ID, ids), '\n') })
	return b, t, err
}

type summary struct {
	groups, alerts int64
	routes         [3]int64
	would          int64
}

func (s *summary) add(t tag) {
	s.groups++
	s.alerts += int64(t.count)
	s.routes[t.route]++
	if t.would {
		s.would++
	}
}

func (a *app) summarise(o triageOptions, out io.Writer, acc *account, s *summary, started time.Time) error {
	b := []byte(`{"kind":"summary","version":1,"command":"triage"`)
	b = wire.Int(b, "read", acc.read)
	b = wire.Int(b, "rejected", acc.rejected)
	b = wire.Int(b, "in_verdicts", s.alerts)
	b = wire.Int(b, "groups", s.groups)
	b = append(wire.Key(b, "routes"), '{')
	b = wire.Int(b, "close", s.routes[triage.Closed])
	b = wire.Int(b, "review", s.routes[triage.Review])
	b = append(wire.Int(b, "escalate", s.routes[triage.Escalate]), '}')
	b = wire.Int(b, "would_close", s.would)
	b = wire.Int(b, "calls", 0)
	b = wire.Float(b, "seconds", a.Now().Sub(started).Seconds())
	if _, err := out.Write(append(b, '}', '\n')); err != nil {
		return err
	}
	switch {
	case o.failOn == "escalate" && s.routes[triage.Escalate] > 0, o.failOn == "review" && s.routes[triage.Review]+s.routes[triage.Escalate] > 0:
		return &failure{status: statusNeedsPerson}
	case o.strict && (acc.rejected > 0 || len(acc.gaps) > 0):
		return &failure{status: statusGaps}
	}
	return nil
}
