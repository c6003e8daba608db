package cmd

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

type learnDecisionsOptions struct {
	decisions, alerts []string
	policy            string
	alpha, delta      float64
	halfLife          float64
	synthetic         bool
	context           contextOptions
}

func (o *learnDecisionsOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.decisions, "decisions", nil, "learn from the decisions in `FILE`, with --alerts naming the export that they speak of")
	f.StringArrayVar(&o.alerts, "alerts", nil, "the alerts that decisions speak of: a `PATH` as soc triage reads it")
	f.StringVar(&o.policy, "policy", "", "score by the policy in `FILE` instead of the configured one")
	f.Float64Var(&o.alpha, "alpha", 0.02, "the share of attacks that may be missed")
	f.Float64Var(&o.delta, "delta", 0.05, "the risk that the bound on it does not hold")
	f.Float64Var(&o.halfLife, "half-life", 90, "after how many `DAYS` a decision counts half")
	o.context.flags(f)
	f.BoolVar(&o.synthetic, "synthetic", false, "the decisions are replayed public data: the bound says so and never closes")
}

func (o *learnDecisionsOptions) check() error {
	const hint = "soc learn --decisions decisions.ndjson --alerts alerts.ndjson --out precedent.json"
	switch {
	case len(o.decisions) == 0 || len(o.alerts) == 0:
		return usage(errors.New("decisions and the alerts they speak of go together"), hint)
	case !(o.alpha > 0 && o.alpha < 1):
		return usage(fmt.Errorf("--alpha %v: not between 0 and 1", o.alpha), hint+" --alpha 0.02")
	case !(o.delta > 0 && o.delta < 1):
		return usage(fmt.Errorf("--delta %v: not between 0 and 1", o.delta), hint+" --delta 0.05")
	case o.halfLife <= 0:
		return usage(fmt.Errorf("--half-life %v: not more than 0 days", o.halfLife), hint+" --half-life 90")
	}
	return nil
}

// schooling is one run of learning from decisions.
type schooling struct {
	*run
	said   map[uint64]label
	seed   maphash.Seed
	names  []string // incidents
	nameOf map[string]uint32
	set    learn.Set
	read   int64 // decisions
	bad    []badDecision
	inputs []triage.Input
	used   int64 // decisions whose alert was found
}

// badDecision is a line that is none.
type badDecision struct {
	file string
	learn.Reject
}

// label is a decision in few bytes.
type label struct {
	at          int64
	incident    uint32 // 0: none
	disposition triage.Disposition
	used        bool
}

// learnPrecedentMemory is what learning may use before the collector works harder, in bytes.
const learnPrecedentMemory = 400 << 20

func (a *app) learnDecisions(ctx context.Context, e learnEventsOptions, o learnDecisionsOptions) (err error) {
	debug.SetGCPercent(100)
	debug.SetMemoryLimit(learnPrecedentMemory)
	if err := o.check(); err != nil {
		return err
	}
	if e.out == "" {
		return usage(errors.New("--out is missing: where the precedent goes"), "soc learn --decisions FILE --alerts FILE --out precedent.json")
	}
	t := triageOptions{noBook: true, formats: e.formats, tz: e.tz, now: e.now, workers: e.workers, policy: o.policy, context: o.context, rejects: e.rejects, strict: e.strict}
	s := &schooling{run: &run{app: a, o: t}, said: map[uint64]label{}, seed: maphash.MakeSeed(), names: []string{""}, nameOf: map[string]uint32{}}
	now, err := s.prepare(&t)
	if err != nil {
		return err
	}
	for _, path := range o.decisions {
		if err := s.decisions(path, now); err != nil {
			return err
		}
	}
	sources, err := stream.Expand(o.alerts, a.IO.In)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.known.close(), s.close()) }()
	if err := s.alerts(ctx, sources); err != nil {
		return err
	}
	return s.finish(o, e.out, now)
}

// prepare makes the stages of triage ready, as triage will run them. Services are not asked: they tell what is known of an indicator
// today, which nobody knew when the alert came, so that what they say would be worth more in the past than it will be.
func (s *schooling) prepare(t *triageOptions) (time.Time, error) {
	conf, err := s.app.settings(t.policy)
	if err != nil {
		return time.Time{}, err
	}
	t.formats, t.found = append(t.formats, conf.Formats...), conf.Found
	s.o = *t
	now, err := s.app.clock(*t)
	if err != nil {
		return now, err
	}
	if s.run.set, err = s.app.formatSet(*t); err != nil {
		return now, err
	}
	err = s.decide(conf, now)
	s.stands.Ask = nil
	return now, err
}

// decisions reads one file of decisions.
func (s *schooling) decisions(path string, now time.Time) error {
	f, err := os.Open(path)
	if err != nil {
		return usage(fmt.Errorf("reading decisions: %w", err), "soc cases export --json > decisions.ndjson")
	}
	defer f.Close() //nolint:errcheck // only read
	sum := sha256.New()
	err = learn.ReadDecisions(io.TeeReader(f, sum), func(d triage.Decision) error {
		s.read++
		s.say(&d, now)
		return nil
	}, func(r learn.Reject) { s.bad = append(s.bad, badDecision{filepath.Base(path), r}) })
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s.inputs = append(s.inputs, triage.Input{Name: filepath.Base(path), Digest: "sha256:" + hex.EncodeToString(sum.Sum(nil))})
	return nil
}

// say notes a decision. Of two about one alert the later counts, but a definite one before an undetermined; of two at the same time the
// one that says attack.
func (s *schooling) say(d *triage.Decision, now time.Time) {
	l := label{at: d.At.Unix(), disposition: d.Disposition}
	if d.At.IsZero() {
		l.at = now.Unix()
	}
	if d.Incident != "" {
		at, ok := s.nameOf[d.Incident]
		if !ok {
			at = uint32(len(s.names))
			s.names, s.nameOf[d.Incident] = append(s.names, d.Incident), at
		}
		l.incident = at
	}
	key := s.key("a", d.AlertID)
	if d.AlertID == "" {
		key = s.key("v", d.Verdict)
	}
	if old, ok := s.said[key]; ok && old.disposition != triage.Undetermined &&
		(l.disposition == triage.Undetermined || old.at > l.at || old.at == l.at && old.disposition == triage.TruePositive) {
		return
	}
	s.said[key] = l
}

func (s *schooling) key(kind, id string) uint64 {
	var h maphash.Hash
	h.SetSeed(s.seed)
	_, _ = h.WriteString(kind) // never fails
	_, _ = h.WriteString(id)
	return h.Sum64()
}

// alerts runs the alerts through triage and keeps the groups that were decided.
func (s *schooling) alerts(ctx context.Context, sources []stream.Source) error {
	groups := triage.NewGroups(s.policy.Gap, "")
	defer groups.Close()
	if err := s.acc.openRejects(s.o.rejects, sources); err != nil {
		return err
	}
	err := ingest(ctx, sources, s.conf.limits(), s.o.workers, s.observer, func(p *packet[triage.Observed]) error {
		if err := s.acc.note(p.read, p.rejects, p.batch.Gaps, nil); err != nil {
			return err
		}
		return groups.Add(&p.result)
	}, (*triage.Observed).Reset)
	if err != nil {
		return err
	}
	return triage.Judge(ctx, groups, &s.policy, &s.stands, 1, func(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, bool, error) {
		return b, true, s.take(v, m)
	}, func([]byte, bool) error { return nil })
}

// truth is what was said about a group: about the verdict or any of its alerts. The one that says attack counts, else the latest.
func (s *schooling) truth(v *triage.Verdict, m *triage.Members) (best label, found bool, err error) {
	look := func(key uint64) {
		l, ok := s.said[key]
		if !ok {
			return
		}
		if !l.used {
			l.used = true
			s.said[key] = l
			s.used++
		}
		if !found || best.disposition != triage.TruePositive && (l.disposition == triage.TruePositive || l.at > best.at) {
			best = l
		}
		found = true
	}
	look(s.key("v", v.ID))
	err = m.Each(func(o *triage.Observation) error {
		look(s.key("a", o.ID))
		return nil
	})
	return best, found, err
}

// take adds a group when one of its alerts was decided.
func (s *schooling) take(v *triage.Verdict, m *triage.Members) error {
	best, found, err := s.truth(v, m)
	if err != nil || !found {
		return err
	}
	s.set.Add(v, learn.Label{Disposition: best.disposition, Incident: s.names[best.incident], At: time.Unix(best.at, 0)})
	return nil
}

// finish makes the precedent, writes it and says what it promises.
func (s *schooling) finish(o learnDecisionsOptions, out string, now time.Time) error {
	var checks []string
	for _, c := range s.checks {
		checks = append(checks, c.Name())
	}
	p, err := learn.Learn(&s.set, learn.Settings{
		Alpha: o.alpha, Delta: o.delta, Now: now, HalfLife: time.Duration(o.halfLife * 24 * float64(time.Hour)), Policy: &s.policy, Checks: checks,
		Synthetic: o.synthetic, Inputs: s.inputs,
	})
	if err == nil {
		err = s.badLines()
	} else if berr := s.badLines(); berr != nil {
		err = berr
	}
	if errors.Is(err, learn.ErrNothing) {
		why := "none of their ids is among the alerts"
		if s.read == 0 {
			why = "no line of the files is one"
		}
		return usage(fmt.Errorf("learning from %s: %s", render.Plural(s.read, "decision", "decisions"), why), "soc learn --decisions FILE --alerts EXPORT-THEY-SPEAK-OF --out precedent.json")
	}
	if err != nil {
		return fmt.Errorf("learning from %d decisions: %w", s.read, err)
	}
	text, err := learn.Write(p)
	if err != nil {
		return err
	}
	if err := writeBeside(out, func(w io.Writer) error { _, err := w.Write(text); return err }); err != nil {
		return fmt.Errorf("writing the precedent: %w", err)
	}
	if err := s.report(p, out); err != nil {
		return err
	}
	if s.o.strict && (len(s.bad) > 0 || s.acc.rejected > 0 || len(s.acc.gaps) > 0) {
		return &failure{status: statusGaps}
	}
	return nil
}

// badLines names, on stderr and in the file of rejects, the lines of decisions that are none.
func (s *schooling) badLines() error {
	for i, r := range s.bad {
		if i < shownDecisions {
			fmt.Fprintf(s.app.IO.Err, "soc: %s:%d: %s\n", term.Clean(r.file), r.Line, term.Clean(r.Reason))
		}
		if s.acc.keep != nil {
			reject := stream.Reject{Input: r.file, Line: r.Line, Reason: r.Reason}
			if _, err := s.acc.keep.Write(append(appendReject(nil, &reject, false), '\n')); err != nil {
				return fmt.Errorf("writing the rejects file: %w", err)
			}
		}
	}
	if more := len(s.bad) - shownDecisions; more > 0 {
		fmt.Fprintf(s.app.IO.Err, "soc: and %s more: --rejects FILE keeps them\n", render.Plural(int64(more), "line", "lines"))
	}
	return nil
}

// report tells what was learned.
func (s *schooling) report(p *triage.Precedent, out string) error {
	if s.app.wantsJSON() {
		b := []byte(`{"kind":"summary","version":1,"command":"learn"`)
		b = wire.Int(b, "read", s.acc.read)
		b = wire.Int(b, "rejected", s.acc.rejected)
		b = wire.Int(b, "decisions", s.read)
		b = wire.Int(b, "decisions_rejected", int64(len(s.bad)))
		b = wire.Int(b, "decisions_used", s.used)
		b = wire.Int(b, "groups", int64(p.All.Decided))
		b = wire.Bool(b, "certified", p.Certificate.Groups.Certified)
		b = wire.Float(b, "would_close_share", p.Certificate.Closed)
		b = wire.Text(b, "precedent", out)
		_, err := s.app.IO.Out.Write(append(b, '}', '\n'))
		return err
	}
	_, err := s.app.IO.Out.Write(render.Precedent(nil, render.NewPaper(s.app.IO), p, render.Lesson{Decisions: s.read, Used: s.used, Rejected: len(s.bad), Alerts: s.acc.read, Unread: s.acc.rejected, File: out}))
	return err
}
