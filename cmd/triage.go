package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/notify"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/wire"
	"github.com/seed-959697dd/soc/triage"
)

type triageOptions struct {
	parse, raw  bool
	noBook      bool
	book        string
	follow      bool
	worker      bool
	strict      bool
	listFormats bool
	formats     []string
	found       []string // formats of the working directory, not trusted
	rejects     string
	failOn      string
	tz, now     string
	policy      string
	precedent   string
	context     contextOptions
	model       modelOptions
	from        fromOptions
	inlets      []*inlet // what --from names
	write       writeOptions
	workers     int
	output      string
	explain     string
}

func newTriage(a *app) *cobra.Command {
	var o triageOptions
	c := &cobra.Command{
		Use:   "triage [FILE...]",
		Short: "Read alerts and say which need a person, and why",
		Long: `Triage reads alerts as their products write them, groups what belongs to one decision, and gives each group a verdict: a
score whose every term names the place in the alert that it rests on, a recommended severity, and who looks next.

Without a file, or with -, it reads standard input; --from takes alerts from a system that soc.yaml names. Directories are walked; compressed files are recognised by their content.
Text comes out on a terminal, documents (one JSON object per line) elsewhere. The last line is the account: alerts read =
alerts in verdicts + lines rejected. What was seen is kept in the casebook, where soc cases works on it.

Exit status: 0 done, 1 failed, 2 wrong command line or file, 3 something needs a person (--fail-on), 4 done with gaps or
rejected lines (--strict), 130 interrupted. With --follow an interrupt is the end: open groups are judged, the account is
printed.`,
		Example: `  soc triage alerts.json
  soc triage --no-book exports/ --output csv
  cat alerts.ndjson | soc triage --json | grep escalate
  soc triage --no-book --rejects rejects.ndjson alerts.ndjson
  soc triage --no-book --text alerts.json | head -n 20
  soc triage --from siem --since 12h --write-back`,
		RunE: func(c *cobra.Command, args []string) error { return a.triage(c.Context(), o, args) },
	}
	f := c.Flags()
	f.BoolVar(&o.parse, "parse", false, "print the alerts as they were read, and stop")
	f.BoolVar(&o.raw, "raw", false, "with --parse: the record as received goes along")
	f.StringVar(&o.book, "book", "", "keep alerts, verdicts and sightings in the casebook `FILE` (default: $SOC_BOOK, then the user's state directory)")
	f.BoolVar(&o.noBook, "no-book", false, "keep nothing")
	f.BoolVarP(&o.follow, "follow", "f", false, "keep reading what is added to the inputs, and judge groups as they close")
	f.BoolVar(&o.worker, "worker", false, "with --follow: share the work with other workers on the casebook; without an input, only judge what others took in")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when a line was rejected or something could not be found out")
	f.BoolVar(&o.listFormats, "formats", false, "list the products that are recognised, and stop")
	f.StringArrayVar(&o.formats, "format", nil, "a further format `FILE.yaml`, asked before the shipped ones")
	f.StringVar(&o.rejects, "rejects", "", "keep every rejected line in `FILE`")
	f.StringVar(&o.failOn, "fail-on", "", "exit 3 when a group is routed to `ROUTE` (escalate, review)")
	f.StringVar(&o.tz, "tz", "UTC", "time `ZONE` of times that carry none")
	f.StringVar(&o.now, "now", "", "the `TIME` to take for now (RFC 3339)")
	f.StringVar(&o.output, "output", "", "write verdicts as `FORM`: json, text, csv (for a spreadsheet) or ocsf (for a SIEM)")
	f.StringVar(&o.explain, "explain", "", "print the whole evidence of one group, named by the `ID` of an alert, a verdict or a case; with --model in its words, too")
	f.StringVar(&o.policy, "policy", "", "decide by the policy in `FILE` instead of the configured one")
	f.StringVar(&o.precedent, "precedent", "", "score by what the precedent in `FILE` taught, and mark or close what it certifies")
	o.context.flags(f)
	o.model.flags(f)
	f.StringArrayVar(&o.from.names, "from", nil, "take alerts from the source `NAME` of soc.yaml, beside any files")
	f.StringVar(&o.from.since, "since", "", "with --from: what changed within the last `TIME` (12h, 30d; default 24h)")
	f.StringVar(&o.from.window, "window", "", "with --from: what changed within `A..B`, days or times")
	f.StringVar(&o.from.query, "query", "", "with --from: what matches `QUERY`, in the system's own language")
	f.BoolVar(&o.write.back, "write-back", false, "with --from: show what would be written to the items that were closed here or need a person")
	f.BoolVar(&o.write.execute, "execute", false, "with --write-back: write it")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "how many cores to use")
	return c
}

func (a *app) triage(ctx context.Context, o triageOptions, args []string) error {
	started := a.Now()
	if err := o.check(); err != nil {
		return err
	}
	s, err := a.settings(o.policy)
	if err != nil {
		return err
	}
	o.formats, o.found = append(o.formats, s.Formats...), s.Found
	form, err := a.form(o)
	if err != nil {
		return err
	}
	if o.failOn != "" && o.failOn != "escalate" && o.failOn != "review" {
		return usage(fmt.Errorf("--fail-on %s: not escalate or review", o.failOn), "soc triage --fail-on escalate")
	}
	if o.listFormats {
		return a.listFormats(o, form, a.IO.Out)
	}
	set, err := a.formatSet(o)
	if err != nil {
		return err
	}
	if o.inlets, err = a.inlets(o, s, len(args)); err != nil {
		return err
	}
	if err := a.mayWrite(&o); err != nil {
		return err
	}
	var sources []stream.Source
	if len(args) > 0 || len(o.inlets) == 0 && !o.worker {
		if sources, err = stream.Expand(args, a.IO.In); err != nil {
			return err
		}
	}
	for _, in := range o.inlets {
		sources = append(sources, in.source())
	}
	out := bufio.NewWriterSize(a.IO.Out, 64<<10)
	if !o.parse && !o.noBook && !o.follow && o.explain == "" {
		out = bufio.NewWriterSize(&unheard{w: a.IO.Out}, 64<<10)
	}
	if o.parse {
		err = a.parse(ctx, o, s.limits(), set, sources, out)
	} else {
		err = a.judge(ctx, o, s, form, set, sources, out, started)
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	return err
}

// check refuses flags that would do nothing beside each other, or hang.
func (o *triageOptions) check() error {
	for _, pair := range []struct {
		a, b string
		both bool
	}{
		{"book", "no-book", o.book != "" && o.noBook},
		{"worker", "no-book", o.worker && o.noBook},
		{"follow", "parse", o.follow && o.parse},
		{"follow", "explain", o.follow && o.explain != ""},
		{"follow", "show-prompt", o.follow && o.model.show},
		{"explain", "parse", o.explain != "" && o.parse},
		{"fail-on", "parse", o.failOn != "" && o.parse},
	} {
		if pair.both {
			return usage(fmt.Errorf("--%s and --%s do not go together", pair.a, pair.b), "soc triage --help")
		}
	}
	if o.raw && !o.parse {
		return usage(errors.New("--raw: only with --parse"), "soc triage --parse --raw alerts.json")
	}
	if o.worker && !o.follow {
		return usage(errors.New("--worker: only with --follow: a file is triaged by one process"), "soc triage --follow --worker --from NAME")
	}
	if o.workers < 1 {
		return usage(fmt.Errorf("--workers %d: at least 1", o.workers), "soc triage --workers 1 alerts.json")
	}
	return nil
}

// clock is the time to take for now.
func (a *app) clock(o triageOptions) (time.Time, error) {
	if o.now == "" {
		return a.Now(), nil
	}
	t, err := time.Parse(time.RFC3339, o.now)
	if err != nil {
		return t, usage(fmt.Errorf("--now %s: no time like 2026-01-31T12:00:00Z", o.now), "soc triage --now 2026-01-31T12:00:00Z")
	}
	return t, nil
}

// formatSet makes the formats ready with the zone and the clock of the run.
func (a *app) formatSet(o triageOptions) (*alert.Set, error) {
	opts := alert.Options{Formats: o.formats, Found: o.found}
	var err error
	if opts.Now, err = a.clock(o); err != nil {
		return nil, err
	}
	if opts.Zone, err = time.LoadLocation(o.tz); err != nil {
		return nil, usage(fmt.Errorf("--tz: %w", err), "soc triage --tz Europe/Berlin")
	}
	set, err := alert.NewSet(opts)
	if err != nil {
		return nil, usage(err, "soc triage --formats")
	}
	return set, nil
}

// parse prints the alerts as they were read.
func (a *app) parse(ctx context.Context, o triageOptions, lim stream.Limits, set *alert.Set, sources []stream.Source, out *bufio.Writer) error {
	var acc account
	if err := acc.openRejects(o.rejects, sources); err != nil {
		return err
	}
	use := func() func(*packet[[]byte]) error {
		parser := set.NewParser()
		return func(p *packet[[]byte]) error {
			return records(p, parser, func(al *alert.Alert) error {
				p.result = append(al.AppendJSON(p.result, o.raw), '\n')
				if notFound(al.Gaps) {
					p.gapped++
				}
				return nil
			})
		}
	}
	err := ingest(ctx, sources, lim, o.workers, use, func(p *packet[[]byte]) error {
		if _, err := out.Write(p.result); err != nil {
			return err
		}
		acc.gapped += p.gapped
		defer p.batch.Done()
		return acc.note(p.read, p.rejects, p.batch.Gaps, out)
	}, func(b *[]byte) { *b = (*b)[:0] })
	if cerr := acc.close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return (&summary{gapped: acc.gapped}).status(o, &acc)
}

// tag is what the summary needs of a verdict.
type tag struct {
	id    string // that the casebook gave it; empty without one
	route triage.Route
	would bool
	gap   bool // something could not be found out
	count int
	row   *render.Row // for text
	tell  *notify.Message
}

func tagOf(v *triage.Verdict) tag {
	return tag{route: v.Route, would: v.WouldClose, gap: notFound(v.Gaps), count: v.Count}
}

// notFound tells whether something that was asked for could not be found out; what nobody configured was not asked for.
func notFound(gaps []alert.Gap) bool {
	return slices.ContainsFunc(gaps, func(g alert.Gap) bool { return g.Class != alert.Unconfigured })
}

func (a *app) render(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, tag, error) {
	t := tagOf(v)
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
	would, gapped  int64
	queued         int64 // with --worker: what waits for any of them
	known          int64 // with --worker: what was in the casebook, or waited, when it was taken in
	calls          int64 // to models
	models         []tally
}

func (s *summary) add(t tag) {
	s.groups++
	s.alerts += int64(t.count)
	s.routes[t.route]++
	if t.would {
		s.would++
	}
	if t.gap {
		s.gapped++
	}
}

func (a *app) summarise(out io.Writer, acc *account, s *summary, digests triage.Digests, started time.Time) error {
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
	if s.queued > 0 { // with --worker
		b = wire.Int(b, "queued", s.queued)
	}
	if s.known > 0 { // with --worker
		b = wire.Int(b, "known", s.known)
	}
	if n := acc.lacking(); n > 0 {
		b = wire.Int(b, "gaps", n)
	}
	b = appendTallies(wire.Int(b, "calls", s.calls), s.models)
	b = wire.Float(b, "seconds", a.Now().Sub(started).Seconds())
	b = wire.Text(append(wire.Key(b, "digests"), '{'), "policy", digests.Policy)
	b = wire.Text(b, "precedent", digests.Precedent)
	b = wire.Text(b, "context", digests.Context)
	b = append(wire.Text(b, "model", digests.Model), '}')
	_, err := out.Write(append(b, '}', '\n'))
	return err
}

// status is the failure that the run asks to exit with, if any.
func (s *summary) status(o triageOptions, acc *account) error {
	switch {
	case o.failOn == "escalate" && s.routes[triage.Escalate] > 0, o.failOn == "review" && s.routes[triage.Review]+s.routes[triage.Escalate] > 0:
		return &failure{status: statusNeedsPerson}
	case o.strict && (acc.rejected > 0 || acc.missing() || s.gapped > 0):
		return &failure{status: statusGaps}
	}
	return nil
}
