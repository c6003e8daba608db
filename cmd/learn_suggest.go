package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/triage"
)

type learnSuggestOptions struct {
	suggest bool
	top     int
	expires string
}

func (o *learnSuggestOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.suggest, "suggest", false, "name the noisiest patterns among decided alerts and draft a suppression for each; --out is a folder for the drafts")
	f.IntVar(&o.top, "top", 20, "how many patterns --suggest names")
	f.StringVar(&o.expires, "expires", "90d", "after how many `DAYS` a drafted suppression ends, as 90d")
}

// longest is how far a suppression may reach, in days: what nobody looks at for longer was forgotten.
const longest = 366

// until is the last day of the drafts.
func (o *learnSuggestOptions) until(now time.Time) (time.Time, error) {
	days, err := strconv.Atoi(strings.TrimSuffix(o.expires, "d"))
	if err != nil || days < 1 || days > longest {
		return now, usage(fmt.Errorf("--expires %s: not from 1d to %dd", o.expires, longest), "soc learn --suggest --expires 90d --decisions FILE --alerts FILE")
	}
	return now.UTC().AddDate(0, 0, days), nil
}

// suggesting is one run of learn --suggest. It reads decisions as learning does.
type suggesting struct {
	*schooling
	patterns learn.Patterns
	decided  int64 // groups
	groups   int64
	docs     io.Writer // of rejects; nil when people read
	a        alert.Alert
}

func (a *app) learnSuggest(ctx context.Context, e learnEventsOptions, d learnDecisionsOptions, o learnSuggestOptions) (err error) {
	debug.SetGCPercent(100)
	debug.SetMemoryLimit(learnPrecedentMemory)
	if err := d.check(); err != nil {
		return err
	}
	if o.top < 1 {
		return usage(fmt.Errorf("--top %d: at least 1", o.top), "soc learn --suggest --top 20 --decisions FILE --alerts FILE")
	}
	if e.workers < 1 {
		return usage(fmt.Errorf("--workers %d: at least 1", e.workers), "soc learn --suggest --decisions FILE --alerts FILE")
	}
	s, now, err := a.suggesting(e, d)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.known.close(), s.close()) }()
	until, err := o.until(now)
	if err != nil {
		return err
	}
	for _, path := range d.decisions {
		if err := s.decisions(path, now); err != nil {
			return err
		}
	}
	sources, err := stream.Expand(d.alerts, a.IO.In)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.IO.Out, 64<<10)
	if a.wantsJSON() {
		s.docs = out
	}
	if err := s.collect(ctx, sources); err != nil {
		return err
	}
	if s.decided == 0 {
		return fmt.Errorf("suggesting from %d decisions: %w", s.read, learn.ErrNothing)
	}
	if err := errors.Join(s.print(out, o, e.out, until, now), out.Flush()); err != nil {
		return err
	}
	return (&summary{}).status(s.o, &s.acc)
}

// suggesting makes the stages ready. No check runs: a group is told by its alerts, and nothing outside is asked.
func (a *app) suggesting(e learnEventsOptions, d learnDecisionsOptions) (*suggesting, time.Time, error) {
	t := triageOptions{
		noBook: true, formats: e.formats, tz: e.tz, now: e.now, workers: e.workers, policy: d.policy, context: d.context, rejects: e.rejects, strict: e.strict,
	}
	s := &suggesting{schooling: &schooling{
		run: &run{app: a, o: t}, said: map[uint64]label{}, seed: maphash.MakeSeed(), names: []string{""}, nameOf: map[string]uint32{},
	}}
	now, err := s.prepare(&t)
	s.checks, s.rules, s.stands.Ask = nil, nil, nil
	return s, now, err
}

// collect reads the alerts, groups them and hands each group over with what was decided.
func (s *suggesting) collect(ctx context.Context, sources []stream.Source) error {
	groups := triage.NewGroups(s.policy.Gap, "")
	defer groups.Close()
	if err := s.acc.openRejects(s.o.rejects, sources); err != nil {
		return err
	}
	err := ingest(ctx, sources, s.conf.limits(), s.o.workers, s.watcher, func(p *packet[triage.Observed]) error {
		if err := s.acc.note(p.read, p.rejects, p.batch.Gaps, s.docs); err != nil {
			return err
		}
		return groups.Add(&p.result)
	}, (*triage.Observed).Reset)
	if err != nil {
		return err
	}
	return triage.Judge(ctx, groups, &s.policy, &s.stands, 1, func(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, bool, error) {
		return b, true, s.gather(v, m)
	}, func([]byte, bool) error { return nil })
}

// watcher returns a worker's function that keeps of each alert what names its detection and the values that can make a pattern.
func (s *suggesting) watcher() func(*packet[triage.Observed]) error {
	parser := s.run.set.NewParser()
	assessor := triage.NewAssessor(nil)
	var obs triage.Observation
	var lean alert.Alert
	return func(p *packet[triage.Observed]) error {
		return records(p, parser, func(al *alert.Alert) error {
			assessor.Assess(al, &obs)
			if f := al.First(naming(al)); f != nil {
				obs.Subject = alert.Ref{Path: placed(al, f), Value: f.Value}
			}
			fields := lean.Fields[:0]
			for i := range al.Fields {
				if f := al.Fields[i]; learn.Telling(&f) {
					f.Path = placed(al, &f)
					fields = append(fields, f)
				}
			}
			lean = *al
			lean.Fields = fields
			obs.Packed = lean.AppendPacked(obs.Packed[:0])
			p.result.Append(al, &obs)
			return nil
		})
	}
}

// naming is the slot that names the detection, as triage groups by it.
func naming(a *alert.Alert) alert.Slot {
	switch {
	case a.Rule.ID != "":
		return alert.SlotRuleID
	case a.Rule.Name != "":
		return alert.SlotRuleName
	}
	return alert.SlotTitle
}

// placed is the path of a field when the text there is its value: a query compares with that text. Case does not count.
func placed(a *alert.Alert, f *alert.Field) alert.Path {
	if f.Trust < alert.Sensor {
		return "" // no draft will hold it
	}
	if text, ok := a.Lookup(f.Path); !ok || !strings.EqualFold(text, f.Value) {
		return ""
	}
	return f.Path
}

// gather hands a group over.
func (s *suggesting) gather(v *triage.Verdict, m *triage.Members) error {
	said, _, err := s.truth(v, m)
	if err != nil {
		return err
	}
	s.groups++
	if said.disposition != triage.Undetermined {
		s.decided++
	}
	s.patterns.Begin(v.Rule, said.disposition, v.First, v.Last)
	return m.Each(func(o *triage.Observation) error {
		if err := s.a.Unpack(o.Packed); err != nil {
			return fmt.Errorf("reading a group: %w", err)
		}
		s.patterns.Add(&s.a, learn.Fact{Slot: naming(&s.a), Trust: o.Named, Path: o.Subject.Path, Value: o.Subject.Value})
		return nil
	})
}
