package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/read"
	"github.com/seed-959697dd/soc/internal/wire"
)

type intelImportOptions struct {
	dir, name, kind, verdict, tlp, expires, rejects string
	confidence                                      int
	warning, wild, strict                           bool
	columns                                         map[string]string
	headers                                         map[string]string
	timeout                                         time.Duration
	configured                                      bool
}

func newIntelImport(a *app) *cobra.Command {
	var o intelImportOptions
	c := &cobra.Command{
		Use:   "import FILE|DIR|URL...",
		Short: "Import feeds of indicators and warning lists",
		Long: `Reads feeds and keeps each in one file that triage looks values up in. What a feed is it finds out by its content: plain
lists, CSV (abuse.ch's, any with a header), STIX 2.1 bundles, MISP events and feeds, MISP warning lists; packed by gzip or not.
Importing a feed again replaces it; when that fails the last good copy stays. Without --name each input is a feed of its own,
named after its file or its title; with it all inputs are one feed. - reads standard input. --configured imports every feed that
soc.yaml names under intel; one that fails does not keep the others.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no feed, 4 a line was rejected and --strict was given`,
		Example: "  echo 'hxxp://203.0.113[.]9/a.bin' | soc intel import - --name night\n" +
			"  printf 'ip,seen\\n203.0.113.9,2026-01-31\\n' > watch.csv && soc intel import watch.csv --columns value=ip,first=seen --expires 90d",
		RunE: func(c *cobra.Command, args []string) error {
			switch {
			case o.configured && len(args) > 0:
				return usage(errors.New("--configured and inputs do not go together"), importHint)
			case o.configured:
				return a.intelImportConfigured(c.Context(), o)
			case len(args) == 0:
				return usage(errors.New("nothing to import: a file, a directory, an address or - is missing"), importHint)
			}
			return a.intelImport(c.Context(), o, args)
		},
	}
	intelFlag(c, &o.dir)
	f := c.Flags()
	f.StringVar(&o.name, "name", "", "the feed's `NAME`")
	f.StringVar(&o.kind, "type", "", "the `FORM` of the input: "+strings.Join(read.Kinds(), ", ")+" (default: by its content)")
	f.StringVar(&o.verdict, "verdict", "malicious", "the `VERDICT` of entries that say none: malicious, suspicious, benign")
	f.IntVar(&o.confidence, "confidence", 0, "the confidence, 1 to `100`, of entries that say none (default: what is usual for the feed, else 75)")
	f.StringVar(&o.tlp, "tlp", "", "the TLP `LABEL` of entries that say none: clear, green, amber, amber+strict, red")
	f.StringVar(&o.expires, "expires", "", "entries that say no end are valid so `LONG` after they were last seen: 90d")
	f.BoolVar(&o.warning, "warning-list", false, "it is a list of what is no evidence: it suppresses what other feeds say")
	f.BoolVar(&o.wild, "subdomains", false, "a domain stands for the names below it, too")
	f.StringToStringVar(&o.columns, "columns", nil, "what the columns of a CSV are, by name or number: `value=ip,first=seen`")
	f.StringToStringVar(&o.headers, "header", nil, "send a header whose value is in an environment variable: `Auth-Key=VARIABLE`")
	f.DurationVar(&o.timeout, "timeout", 5*time.Minute, "give a download up after so `LONG`")
	f.StringVar(&o.rejects, "rejects", "", "keep every rejected line in `FILE`")
	f.BoolVar(&o.configured, "configured", false, "import the feeds that soc.yaml names")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when a line was rejected")
	return c
}

const importHint = "soc intel import --help"

// options turns the flags into what the readers want.
func (o *intelImportOptions) options() (r read.Options, expires time.Duration, err error) {
	fail := func(err error) (read.Options, time.Duration, error) { return r, 0, usage(err, importHint) }
	r = read.Options{Kind: o.kind, Columns: o.columns, Confidence: uint8(min(max(o.confidence, 0), 100)), Wild: o.wild, Warning: o.warning}
	if err := among("soc intel import --type", o.kind, append(read.Kinds(), "")...); err != nil {
		return r, 0, err
	}
	var ok bool
	if r.Verdict, ok = ioc.VerdictOf(o.verdict); !ok {
		return fail(fmt.Errorf("--verdict %q: not malicious, suspicious or benign", o.verdict))
	}
	if r.TLP, ok = ioc.TLPOf(o.tlp); !ok && o.tlp != "" {
		return fail(fmt.Errorf("--tlp %q: not clear, green, amber, amber+strict or red", o.tlp))
	}
	if o.confidence < 0 || o.confidence > 100 {
		return fail(fmt.Errorf("--confidence %d: not 1 to 100", o.confidence))
	}
	if o.columns != nil {
		if err := read.CheckColumns(o.columns); err != nil {
			return fail(fmt.Errorf("--columns: %w", err))
		}
	}
	if o.expires != "" {
		if expires, err = config.ParseDuration(o.expires); err != nil || expires <= 0 {
			return fail(fmt.Errorf("--expires: wants a duration like 12h or 90d, not %q", o.expires))
		}
	}
	return r, expires, nil
}

// importRun is one call of the command.
type importRun struct {
	*app
	o        intelImportOptions
	out      *bufio.Writer
	acc      account
	template feed.Import
	cleanup  []func()
	names    map[string]string // what was imported under a name
	kept     int64
	imports  int64
}

func (a *app) intelImport(ctx context.Context, o intelImportOptions, args []string) (err error) {
	// Sorting millions of entries needs memory that triage never does.
	debug.SetMemoryLimit(1 << 30)
	started := a.Now()
	r := &importRun{app: a, o: o, out: bufio.NewWriterSize(a.IO.Out, 64<<10), names: map[string]string{}}
	r.template.Now = started
	if r.template.Options, r.template.Expires, err = o.options(); err != nil {
		return err
	}
	if r.template.Dir, err = a.intelDir(o.dir); err != nil {
		return err
	}
	r.template.Name = o.name
	r.template.Reject = r.reject
	defer func() {
		for _, f := range r.cleanup {
			f()
		}
		err = errors.Join(err, r.out.Flush(), r.acc.close())
	}()
	if err := r.acc.openRejects(o.rejects, inputs(args)); err != nil {
		return err
	}
	if err := r.all(ctx, args); err != nil {
		return errors.Join(intelError(err), a.markFeed(r.template.Dir, o.name, err))
	}
	if err := a.markFeed(r.template.Dir, o.name, nil); err != nil {
		return err
	}
	if a.wantsJSON() {
		b := append([]byte(nil), `{"kind":"summary","version":1,"command":"intel import"`...)
		b = wire.Int(wire.Int(b, "read", r.acc.read), "rejected", r.acc.rejected)
		b = wire.Int(wire.Int(b, "kept", r.kept), "feeds", r.imports)
		_, _ = r.out.Write(append(wire.Float(b, "seconds", a.Now().Sub(started).Seconds()), '}', '\n'))
	}
	if o.strict && r.acc.rejected > 0 {
		return &failure{status: statusGaps}
	}
	return nil
}

// inputs are the arguments as openRejects compares them.
func inputs(args []string) []stream.Source {
	list := make([]stream.Source, len(args))
	for i, arg := range args {
		list[i].Name = arg
	}
	return list
}

// all imports every argument; with --name they are one feed.
func (r *importRun) all(ctx context.Context, args []string) error {
	var together []read.Source
	for _, arg := range args {
		sources, apart, err := r.sources(ctx, arg)
		if err != nil {
			return err
		}
		switch {
		case r.o.name != "":
			together = append(together, sources...)
		case apart:
			for i := range sources {
				sources[i].File = ""
				if err := r.one(ctx, sources[i].Name, sources[i:i+1]); err != nil {
					return err
				}
			}
		default:
			if err := r.one(ctx, shownInput(arg), sources); err != nil {
				return err
			}
		}
	}
	if r.o.name == "" {
		return nil
	}
	shown := shownInput(args[0])
	if len(args) > 1 {
		for i := range together {
			if together[i].File == "" {
				together[i].File = together[i].Name
			}
		}
		shown += fmt.Sprintf(" and %d more", len(args)-1)
	}
	return r.one(ctx, shown, together)
}

func (r *importRun) one(ctx context.Context, origin string, sources []read.Source) error {
	im := r.template
	im.Origin, im.Sources = origin, sources
	rep, err := im.Run(ctx)
	if err != nil {
		return err
	}
	if other, twice := r.names[rep.Name]; twice {
		return usage(fmt.Errorf("%s took the place of %s: both are called %s", origin, other, rep.Name), "soc intel import --name NAME "+origin)
	}
	r.names[rep.Name] = origin
	r.acc.read += rep.Read - rep.Rejected
	r.kept += rep.Entries
	r.imports++
	return r.show(&rep)
}

func (r *importRun) reject(rej *read.Reject) error {
	list := []stream.Reject{{Input: rej.Input, Line: rej.Line, Offset: rej.Offset, Bytes: int64(len(rej.Raw)), Reason: rej.Reason, Raw: rej.Raw[:min(len(rej.Raw), 64<<10)]}}
	var docs io.Writer
	if r.wantsJSON() {
		docs = r.out
	}
	return r.acc.note(1, list, nil, docs)
}

// intelError gives what is wrong with a feed its exit status and hint.
func intelError(err error) error {
	var f *failure
	switch {
	case errors.As(err, &f):
		return err
	case errors.Is(err, read.ErrHTML), errors.Is(err, read.ErrCut):
		return usage(err, "soc intel list")
	case errors.Is(err, read.ErrNotFeed):
		return usage(err, importHint)
	}
	return err
}
