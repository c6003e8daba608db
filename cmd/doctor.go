package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/render"
)

type doctorOptions struct {
	model  string
	strict bool
	init   bool
}

func newDoctor(a *app) *cobra.Command {
	var o doctorOptions
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is configured, what answers and what is missing, with the command that mends it",
		Long: `Doctor looks at everything that a run of triage would use: configuration, casebook, inventories, baseline, feeds, rules, precedent,
models, at the systems that alerts are taken from, and at what a response would use: platforms, drivers, ways of telling people. It changes nothing and tells nobody. An Ollama at $OLLAMA_HOST or on this machine is asked what it has, and never used unless soc.yaml says so.

With --init it asks what there is and writes a first soc.yaml, everything else in it as comments. It never writes over a file. Without a terminal
it prints what it would write if nothing were answered.

With --model it asks a model about 24 shipped alerts of which it is known what they are: whether its answers can be read, cite what
is there and are right, whether text in an alert moves it, how long it takes. What it finds is kept in the user's state
directory and is what the model's word weighs from then on.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line, 4 something configured does not work or the model is not fit (--strict)`,
		Example: "  soc doctor\n  soc doctor --json --strict || true\n  soc doctor --init < /dev/null",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.doctor(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.model, "model", "", "measure the model `NAME` of soc.yaml")
	f.BoolVar(&o.init, "init", false, "write a first soc.yaml from answers; without a terminal, print one to start from")
	f.BoolVar(&o.strict, "strict", false, "exit 4 when something configured does not work, or the model is not fit")
	return c
}

func (a *app) doctor(ctx context.Context, o doctorOptions) error {
	if o.init {
		return a.initialise(ctx)
	}
	var list []render.Check
	if o.model != "" {
		var err error
		if list, err = a.measure(ctx, o.model); err != nil {
			return err
		}
	} else {
		list = a.examine(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	var b []byte
	broken := false
	for i := range list {
		broken = broken || list[i].Broken()
		list[i].Hint = a.pasteable(list[i].Hint, nil)
		if a.wantsJSON() {
			b = append(list[i].AppendJSON(b), '\n')
		}
	}
	if !a.wantsJSON() {
		b = render.Checks(b, render.NewPaper(a.IO), list)
	}
	if _, err := a.IO.Out.Write(b); err != nil {
		return err
	}
	if o.strict && broken {
		return &failure{status: statusGaps}
	}
	return nil
}

// examine looks at everything, in the order in which a run needs it. Without a configuration that can be read only what stands
// on its own is looked at: the rest would look as if nobody had set it up.
func (a *app) examine(ctx context.Context) []render.Check {
	now := a.Now()
	list := []render.Check{a.lookClock(now), a.lookState()}
	s, conf := a.lookConfig()
	list = append(list, conf)
	if s == nil {
		return append(list, a.lookOllama(ctx, nil))
	}
	list = append(list, a.lookBook(ctx, s, now), a.lookFormats(s, now))
	list = append(list, a.lookDeciding(s, now)...)
	list = append(list, a.lookContext(s, now)...)
	list = append(list, a.lookPrecedent(s))
	list = append(list, a.lookSources(ctx, s)...)
	list = append(list, a.lookRespond(ctx, s)...)
	return append(list, a.lookModels(ctx, s)...)
}

// fine, missing and broken are the three ways in which a look ends.
func fine(name, detail string) render.Check {
	return render.Check{Name: name, OK: true, Detail: detail}
}

func missingCheck(name, detail, hint string) render.Check {
	return render.Check{Name: name, Class: alert.Unconfigured, Detail: detail, Hint: hint}
}

// brokenCheck takes the hint from the error where it has one.
func brokenCheck(name string, err error, hint string) render.Check {
	var f *failure
	if errors.As(err, &f) && f.hint != "" {
		hint = f.hint
	}
	return render.Check{Name: name, Class: alert.Failed, Detail: err.Error(), Hint: hint}
}

// lookConfig reads the configuration; nil when it has a mistake.
func (a *app) lookConfig() (*settings, render.Check) {
	const name = "configuration"
	_, used, err := config.Find(a.config, a.Env, ".")
	var s *settings
	if err == nil {
		s, err = a.settings("")
	}
	if err != nil {
		return nil, brokenCheck(name, configError(err), a.doctorOf(err))
	}
	if len(used) == 0 {
		return s, missingCheck(name, "no "+config.FileName+" was found: everything has its default", "soc doctor --init")
	}
	return s, fine(name, listed(used))
}

// doctorOf is doctor over the very file that has a mistake, to paste once it is mended.
func (a *app) doctorOf(err error) string {
	file := orElse(a.config, a.Env("SOC_CONFIG"))
	var wrong *config.Error
	if errors.As(err, &wrong) {
		file = wrong.File
	}
	if file == "" {
		return "soc doctor"
	}
	return "soc --config " + shellWord(file) + " doctor"
}

// lookClock doubts a clock that stands before this program was written: certificates, expiries and ages would all be wrong.
func (a *app) lookClock(now time.Time) render.Check {
	zone, _ := now.Zone()
	c := fine("clock", now.UTC().Format(time.RFC3339)+", local zone "+zone)
	if now.Year() < 2026 {
		c.OK, c.Class, c.Hint = false, alert.Failed, "timedatectl status"
		c.Detail += ": this program is younger than that"
	}
	return c
}
