package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/estate/baseline"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

type learnEventsOptions struct {
	events    []string
	out, into string
	geoip     string
	formats   []string
	tz, now   string
	rejects   string
	strict    bool
	workers   int
}

func (o *learnEventsOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.events, "events", nil, "learn from the logs at `PATH`; further paths may follow without a flag")
	f.StringVar(&o.out, "out", "", "write what was learned to `FILE`, over what is there")
	f.StringVar(&o.into, "into", "", "add to the baseline in `FILE`")
	f.StringVar(&o.geoip, "geoip", "", "the countries of addresses, from a database `FILE.mmdb` in MaxMind's format")
	f.StringArrayVar(&o.formats, "format", nil, "a further format `FILE.yaml`, asked before the shipped ones")
	f.StringVar(&o.rejects, "rejects", "", "keep every rejected line in `FILE`")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when a line was rejected or an input could not be read whole")
	f.StringVar(&o.tz, "tz", "UTC", "time `ZONE` of times that carry none")
	f.StringVar(&o.now, "now", "", "the `TIME` to take for now (RFC 3339); later events are not learned")
	f.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "how many cores to use")
}

// learnMemory is what learning may use before the collector works harder, in bytes: the counts of a large estate stay in memory, and
// unlike the batches of a triage they do not die young.
const learnMemory = 1 << 30

// ahead is how far a clock in the logs may run ahead of ours.
const ahead = 24 * time.Hour

// lesson is one run of learning from events.
type lesson struct {
	app       *app
	o         learnEventsOptions
	set       *alert.Set
	limits    stream.Limits
	countries *baseline.Countries
	until     time.Time
	learner   *baseline.Learner
	acc       account
	bar       *render.Progress
}

func (a *app) learnEvents(ctx context.Context, o learnEventsOptions, args []string) (err error) {
	debug.SetMemoryLimit(learnMemory)
	debug.SetGCPercent(100)
	if err := o.check(); err != nil {
		return err
	}
	l := lesson{app: a, o: o}
	older, err := l.prepare()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.countries.Close()) }()
	sources, err := stream.Expand(append(o.events, args...), a.IO.In)
	if err != nil {
		return err
	}
	if err := o.spare(sources); err != nil {
		return err
	}
	if err := l.acc.openRejects(o.rejects, sources); err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.IO.Out, 64<<10)
	if err := errors.Join(l.read(ctx, sources, out), l.acc.close()); err != nil {
		return err
	}
	tally := l.learner.Tally()
	learned := l.learner.Baseline(older)
	if err := writeBeside(o.file(), learned.Write); err != nil {
		return fmt.Errorf("writing the baseline: %w", err)
	}
	if err := errors.Join(l.print(out, &tally, learned), out.Flush()); err != nil {
		return err
	}
	return (&summary{}).status(triageOptions{strict: o.strict}, &l.acc)
}

func (o *learnEventsOptions) check() error {
	const hint = "soc learn --events logs/ --out baseline.socb"
	switch {
	case o.out != "" && o.into != "":
		return usage(errors.New("--out and --into do not go together"), hint)
	case o.file() == "":
		return usage(errors.New("nowhere to write: --out or --into is missing"), hint)
	case o.workers < 1:
		return usage(fmt.Errorf("--workers %d: at least 1", o.workers), hint)
	}
	return nil
}

// file is where the baseline goes.
func (o *learnEventsOptions) file() string { return o.out + o.into }

// spare refuses to write over an input.
func (o *learnEventsOptions) spare(sources []stream.Source) error {
	old, err := os.Stat(o.file())
	if err != nil {
		return nil // nothing is there
	}
	for i := range sources {
		if in, err := os.Stat(sources[i].Name); err == nil && os.SameFile(in, old) {
			return usage(fmt.Errorf("%s: is an input too", o.file()), "soc learn --events logs/ --out baseline.socb")
		}
	}
	return nil
}

// prepare reads what the run needs beside the events, and returns the baseline to add to, nil without one.
func (l *lesson) prepare() (older *baseline.Baseline, err error) {
	s, err := l.app.settings("")
	if err != nil {
		return nil, err
	}
	l.limits = s.limits()
	o := triageOptions{tz: l.o.tz, now: l.o.now, formats: append(l.o.formats, s.Formats...), found: s.Found}
	now, err := l.app.clock(o)
	if err != nil {
		return nil, err
	}
	l.until = now.Add(ahead)
	if l.set, err = l.app.formatSet(o); err != nil {
		return nil, err
	}
	if l.o.into != "" {
		if older, err = baseline.Open(l.o.into); err != nil {
			return nil, usage(err, "soc learn --events logs/ --out "+l.o.into)
		}
	}
	if l.o.geoip != "" {
		if l.countries, err = baseline.OpenCountries(l.o.geoip); err != nil {
			return nil, usage(err, "soc learn --geoip GeoLite2-Country.mmdb --events logs/ --out baseline.socb")
		}
	}
	l.learner = baseline.NewLearner(baseline.Options{Countries: l.countries, Until: l.until})
	return older, nil
}

func (l *lesson) read(ctx context.Context, sources []stream.Source, out io.Writer) error {
	if l.app.IO.ErrTTY {
		l.bar = render.NewProgress(l.app.IO.Err, l.app.IO.Width, totalSize(sources), l.app.Now)
		defer l.bar.Clear()
	}
	docs := out
	if !l.app.wantsJSON() {
		docs = nil
	}
	use := func() func(*packet[baseline.Facts]) error {
		parser := l.set.NewParser()
		return func(p *packet[baseline.Facts]) error {
			return records(p, parser, func(a *alert.Alert) error {
				p.result.Add(a, l.countries, l.until)
				return nil
			})
		}
	}
	return ingest(ctx, sources, l.limits, l.o.workers, use, func(p *packet[baseline.Facts]) error {
		l.learner.Take(&p.result)
		if err := l.acc.note(p.read, p.rejects, p.batch.Gaps, docs); err != nil {
			return err
		}
		l.bar.Read(p.batch.Bytes, l.acc.read)
		return nil
	}, (*baseline.Facts).Reset)
}

// print writes the account of what was read (promise P2) and what is known now.
func (l *lesson) print(out io.Writer, t *baseline.Tally, b *baseline.Baseline) error {
	d := b.Describe()
	var text []byte
	if l.app.wantsJSON() {
		text = l.appendJSON(nil, t, &d, b.Digest())
	} else {
		text = l.appendText(nil, t, &d)
	}
	_, err := out.Write(text)
	return err
}

func (l *lesson) appendJSON(b []byte, t *baseline.Tally, d *baseline.Description, digest string) []byte {
	b = append(b, `{"kind":"baseline","version":1`...)
	b = wire.Text(b, "file", l.o.file())
	b = wire.Text(b, "digest", digest)
	for _, n := range []struct {
		name  string
		count int64
	}{
		{"read", l.acc.read},
		{"learned", t.Used},
		{"refused", t.Refused},
		{"untimed", t.Untimed},
		{"silent", t.Silent},
		{"rejected", l.acc.rejected},
		{"users", int64(d.Users)},
		{"hosts", int64(d.Hosts)},
		{"accounts", int64(d.Accounts)},
		{"values", int64(d.Values)},
		{"days", int64(d.Days)},
		{"forgotten", int64(d.Forgotten)},
		{"crowded", int64(d.Crowded)},
	} {
		b = wire.Int(b, n.name, n.count)
	}
	b = wire.Text(b, "from", d.From)
	b = wire.Text(b, "to", d.To)
	return append(b, '}', '\n')
}

func (l *lesson) appendText(b []byte, t *baseline.Tally, d *baseline.Description) []byte {
	b = fmt.Appendf(
		b, "read %s = %s learned + %s failed or blocked + %s without a usable time + %s with nothing to learn + %s rejected\n",
		render.Count(l.acc.read), render.Count(t.Used), render.Count(t.Refused), render.Count(t.Untimed), render.Count(t.Silent), render.Count(l.acc.rejected),
	)
	for i := range l.acc.first {
		r := &l.acc.first[i]
		b = fmt.Appendf(b, "  %s:%d, byte %d: %s\n", term.Clean(r.Input), r.Line, r.Offset, term.Clean(r.Reason))
	}
	for _, g := range l.acc.gaps {
		b = fmt.Appendf(b, "  gap: %s: %s\n", term.Clean(g.Input), term.Clean(g.Reason))
	}
	b = append(append(b, term.Clean(l.o.file())...), " knows "...)
	if d.Days == 0 {
		return append(b, "nothing\n"...)
	}
	for i, text := range []string{
		render.Plural(int64(d.Users), "user", "users"), render.Plural(int64(d.Hosts), "host", "hosts"), render.Plural(int64(d.Accounts), "cloud account", "cloud accounts"),
		render.Plural(int64(d.Values), "value", "values"),
	} {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, text...)
	}
	b = fmt.Appendf(b, " of %s from %s to %s\n", render.Plural(int64(d.Days), "day", "days"), d.From, d.To)
	if d.Forgotten > 0 {
		b = fmt.Appendf(b, "%s too far before %s to be kept\n", render.Plural(int64(d.Forgotten), "day lay", "days lay"), d.To)
	}
	if d.Crowded == 0 {
		return b
	}
	b = fmt.Appendf(b, "%s: too many values to call anything new\n", render.Plural(int64(d.Crowded), "dimension is crowded", "dimensions are crowded"))
	for _, name := range d.Crowds {
		b = fmt.Appendf(b, "  %s\n", term.Clean(name))
	}
	return b
}
