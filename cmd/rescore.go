package cmd

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/triage"
)

type rescoreOptions struct {
	policy, precedent string
	labels            string
	failOn            string
	book              string
	fromBook          bool
	window            string
	alerts, formats   []string
	tz, now           string
	context           contextOptions
	model             modelOptions
	out, resume       string
	workers           int
	worker            bool
}

func newRescore(a *app) *cobra.Command {
	var o rescoreOptions
	c := &cobra.Command{
		Use:   "rescore [FILE...]",
		Short: "Judge old verdicts again under other settings, and stop what would miss attacks",
		Long: `Rescore reads verdicts that soc triage wrote and decides each again, on the evidence that stands in it, under the policy
and the precedent of today. It prints what comes out otherwise (documents of kind flip; for people, a table with the newly
missed first) and changes nothing.

An alert's own bytes are not in a verdict, so the checks do not run again: allow rules that matched then count as long as the policy
still has a rule of that name. With --alerts the export goes along and is triaged anew, by the checks, rules, inventories, baseline and feeds
of today. Neither asks a model or an online service: what they answered then counts as it was given. With --alerts and --model the model is
asked anew, as soc triage would ask it, and what a model said then counts no more.

Without knowledge the graver reading counts: what was escalated and is no more is newly missed. With --labels, decisions say what
was an attack, and the account tells accuracy, AUC, Brier score and miss rate before and after.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or document, 3 what --fail-on names came about, 130 interrupted`,
		Example: `  soc rescore verdicts.ndjson --policy policy.yaml --fail-on newly-missed
  soc rescore verdicts.ndjson --precedent precedent.json --labels decisions.ndjson
  soc rescore verdicts.ndjson --alerts alerts.json --sigma own
  soc rescore verdicts.ndjson --out flips.ndjson --resume rescore.state
  soc rescore verdicts.ndjson --worker --out flips.ndjson
  soc rescore --from-book --window 2026-01-01..2026-02-01 --policy policy.yaml --json`,
		RunE: func(c *cobra.Command, args []string) error { return a.rescore(c.Context(), o, args) },
	}
	f := c.Flags()
	f.StringVar(&o.policy, "policy", "", "decide by the policy in `FILE` instead of the configured one")
	f.StringVar(&o.precedent, "precedent", "", "score by what the precedent in `FILE` taught")
	f.StringVar(&o.labels, "labels", "", "decisions in `FILE` that say what was an attack")
	f.StringVar(&o.failOn, "fail-on", "", "exit 3 on `WHAT`: newly-missed, any flip, or more than N% of flips")
	f.BoolVar(&o.fromBook, "from-book", false, "rescore the verdicts of the casebook")
	f.StringVar(&o.book, "book", "", "rescore the verdicts of the casebook `FILE`")
	f.StringVar(&o.window, "window", "", "of the casebook's verdicts those that begin within `FROM..TO` (dates or RFC 3339; TO is not in it)")
	f.StringArrayVar(&o.alerts, "alerts", nil, "triage the export in `PATH` anew and compare with the old verdicts")
	f.StringArrayVar(&o.formats, "format", nil, "with --alerts: a further format `FILE.yaml`, asked before the shipped ones")
	f.StringVar(&o.tz, "tz", "UTC", "with --alerts: time `ZONE` of times that carry none")
	o.context.flags(f)
	o.model.flags(f)
	f.StringVar(&o.out, "out", "", "write the documents to `FILE` instead of standard output")
	f.StringVar(&o.resume, "resume", "", "note in `FILE` how far the run is, and go on from there if it was begun")
	f.StringVar(&o.now, "now", "", "the `TIME` to take for now (RFC 3339)")
	f.BoolVar(&o.worker, "worker", false, "share the batch with other workers on the casebook; without an input, only work for others")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "how many cores to use")
	return c
}

func (o *rescoreOptions) booked() bool { return o.fromBook || o.book != "" }

// check refuses flags that would do nothing beside each other.
func (o *rescoreOptions) check(args []string) error {
	x := &o.context
	m := &o.model
	asks := m.name != "" && m.name != noModel
	context := len(x.assets)+len(x.identities)+len(x.sigma)+len(o.formats) > 0 || x.baseline != "" || x.intel != "" || o.tz != "UTC"
	for _, mistake := range []struct {
		made       bool
		what, hint string
	}{
		{o.booked() && len(args) > 0, "--from-book and files do not go together", "soc rescore --from-book"},
		{o.window != "" && !o.booked(), "--window: only with --from-book", "soc rescore --from-book --window 2026-01-01..2026-02-01"},
		{context && len(o.alerts) == 0, "inventories, baseline, feeds, Sigma rules, formats and time zone: only with --alerts", "soc rescore verdicts.ndjson --alerts alerts.json"},
		{asks && len(o.alerts) == 0, "--model: only with --alerts: a verdict does not hold its alerts, so there is nothing to ask about", "soc rescore verdicts.ndjson --alerts alerts.json --model " + m.name},
		{!asks && (m.record != "" || m.replay != "" || m.show), "--record, --replay and --show-prompt: only with --model", "soc rescore verdicts.ndjson --alerts alerts.json --model NAME"},
		{o.resume != "" && o.out == "", "--resume: only with --out", "soc rescore verdicts.ndjson --out flips.ndjson --resume rescore.state"},
		{o.resume != "" && o.booked(), "--resume and --from-book do not go together", "soc rescore --from-book"},
		{o.resume != "" && len(o.alerts) > 0, "--resume and --alerts do not go together", "soc rescore verdicts.ndjson --alerts alerts.json"},
		{o.worker && len(o.alerts) > 0, "--worker and --alerts do not go together: what is grouped anew is judged by one process", "soc rescore verdicts.ndjson --worker"},
		{o.worker && o.resume != "", "--worker needs no --resume: the casebook knows what is done", "soc rescore verdicts.ndjson --worker --out flips.ndjson"},
		{o.workers < 1, fmt.Sprintf("--workers %d: at least 1", o.workers), "soc rescore --workers 1 verdicts.ndjson"},
	} {
		if mistake.made {
			return usage(errors.New(mistake.what), mistake.hint)
		}
	}
	return nil
}

func (a *app) rescore(ctx context.Context, o rescoreOptions, args []string) (err error) {
	g, err := gateOf(o.failOn)
	if err != nil {
		return err
	}
	if err := o.check(args); err != nil {
		return err
	}
	started := a.Now()
	r, err := a.rescoring(o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	switch {
	case o.worker:
		err = r.shared(ctx, o, args)
	case len(o.alerts) > 0:
		err = r.anew(ctx, o, args)
	default:
		err = r.old(ctx, o, args)
	}
	if err != nil || r.idle {
		return err
	}
	if err := r.finish(started); err != nil {
		return err
	}
	if g.shut(r) {
		return &failure{status: statusNeedsPerson}
	}
	return nil
}

// gate is what makes a rescoring fail.
type gate struct {
	missed, any bool
	share       float64 // of flips, in per cent; negative: no bound
}

func gateOf(text string) (g gate, err error) {
	g.share = -1
	switch n, percent := strings.CutSuffix(text, "%"); {
	case text == "":
	case text == "newly-missed":
		g.missed = true
	case text == "any":
		g.any = true
	case percent:
		if g.share, err = strconv.ParseFloat(n, 64); err == nil && g.share >= 0 && g.share <= 100 {
			return g, nil
		}
		fallthrough
	default:
		return g, usage(fmt.Errorf("--fail-on %s: not newly-missed, any or a share like 5%%", text), "soc rescore --fail-on newly-missed verdicts.ndjson")
	}
	return g, nil
}

func (g *gate) shut(r *rescoring) bool {
	f := &r.flips
	return g.missed && f.Classes[triage.NewlyMissed] > 0 || g.any && f.Total() > 0 ||
		g.share >= 0 && 100*float64(f.Total()) > g.share*float64(f.Verdicts)
}

// window is a stretch of time; a zero end is open.
type window struct{ from, to time.Time }

func windowOf(text string) (s window, err error) {
	if text == "" {
		return s, nil
	}
	from, to, ok := strings.Cut(text, "..")
	if ok && from+to != "" {
		if s.from, err = moment(from); err == nil {
			s.to, err = moment(to)
		}
	}
	if !ok || from+to == "" || err != nil || !s.to.IsZero() && !s.from.Before(s.to) {
		return s, usage(fmt.Errorf("--window %s: no stretch of time like 2026-01-01..2026-02-01", text), "soc rescore --from-book --window 2026-01-01..2026-02-01")
	}
	return s, nil
}

func moment(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, text); err == nil {
		return t, nil
	}
	return time.Parse(time.RFC3339, text)
}

// holds tells whether a verdict's first time lies within. One without a time lies within no bounds.
func (s *window) holds(first string) bool {
	if s.from.IsZero() && s.to.IsZero() {
		return true
	}
	t, err := time.Parse(time.RFC3339, first)
	return err == nil && !t.Before(s.from) && (s.to.IsZero() || t.Before(s.to))
}
