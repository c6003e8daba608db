// Package cmd is the command line: one file per command, main.go for what they share, build.go to wire the parts. No
// command reads the process's streams, environment or clock itself; they come from the app.
package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

// Exit statuses. 3 and 4 are asked for by --fail-on and --strict, so that pipes do not break on findings.
const (
	statusDone        = 0
	statusFailed      = 1
	statusUsage       = 2
	statusNeedsPerson = 3
	statusGaps        = 4
	statusInterrupted = 130
)

// Build says which build this is.
type Build struct{ Version, Commit, Date string }

// World is what a command may know of the process around it. Tests make their own.
type World struct {
	IO  term.IO
	Env func(string) string
	Now func() time.Time
	// Stubbed means that Now is a test's clock, by which jobs are due, too.
	Stubbed bool
	Build   Build
	// System stands in for a configured source, by its name: see app.system. Nil, or a nil answer: the source itself.
	System func(name string) any
}

// OS is the world of a real process. A reader of stdout that went away is an error there, no signal that kills the run
// before the casebook has it.
func OS(b Build) World {
	signal.Ignore(syscall.SIGPIPE)
	return World{IO: term.New(os.Stdin, os.Stdout, os.Stderr, os.Getenv), Env: os.Getenv, Now: time.Now, Build: b}
}

// app carries the world and the flags that every command has.
type app struct {
	World
	json, text bool
	config     string
	args       []string // of the command line, for hints
}

// wantsJSON tells whether documents go to stdout: --json, or a stdout that is no terminal, unless --text.
func (a *app) wantsJSON() bool { return a.json || !a.text && !a.IO.OutTTY }

// memoryLimit is what a run may use before the collector works harder, in bytes, without what its context takes.
const memoryLimit = 38 << 20

// Main runs the program with its arguments and returns the exit status.
func Main(ctx context.Context, args []string, w World) int {
	// A run allocates in batches that die young: a small heap floor keeps the collector from running for each of them, the limit keeps memory flat.
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(memoryLimit)
	a := &app{World: w, args: args}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetIn(w.IO.In)
	root.SetOut(w.IO.Out)
	root.SetErr(w.IO.Err)
	c, err := root.ExecuteContextC(ctx)
	return a.report(misused(c, err))
}

func newRoot(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "soc",
		Short: "Triage, investigate and respond to security alerts",
		Long: `soc reads alerts as their products write them and says which need a person, and why.
It needs no configuration, no model and no network.`,
		Example:            "  soc triage alerts.json\n  cat alerts.ndjson | soc triage --json | grep escalate",
		Version:            a.version(),
		DisableSuggestions: true, // misused makes one of them the hint
		SilenceErrors:      true,
		SilenceUsage:       true,
	}
	f := c.PersistentFlags()
	f.BoolVar(&a.json, "json", false, "print documents, one JSON object per line (the default when stdout is not a terminal)")
	f.BoolVar(&a.text, "text", false, "print text for people (the default on a terminal)")
	f.StringVar(&a.config, "config", "", "configuration `FILE` (default: $SOC_CONFIG, then the user's configuration directory)")
	c.PersistentPreRunE = func(*cobra.Command, []string) error {
		if a.json && a.text {
			return usage(errors.New("--json and --text do not go together"), "soc triage --json alerts.json")
		}
		return nil
	}
	c.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return usage(err, c.CommandPath()+" --help")
	})
	c.AddCommand(newTriage(a), newCases(a), newLearn(a), newRescore(a), newInvestigate(a), newIntel(a), newRespond(a), newTUI(a), newStatus(a), newAudit(a), newDoctor(a), newMan(a))
	return c
}

// Examples returns the examples in the help of every command, by the command's path.
func Examples() map[string]string {
	all := map[string]string{}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Example != "" {
			all[c.CommandPath()] = c.Example
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newRoot(&app{}))
	return all
}

func (a *app) version() string {
	if a.Build.Version == "" {
		return "development build"
	}
	return strings.TrimSpace(a.Build.Version + " " + a.Build.Commit + " " + a.Build.Date)
}

// failure is an error with the exit status it asks for and a hint that can be pasted.
type failure struct {
	err    error
	status int
	hint   string
}

// Error is empty for a status that needs no words.
func (f *failure) Error() string {
	if f.err == nil {
		return ""
	}
	return f.err.Error()
}

func (f *failure) Unwrap() error { return f.err }

// usage is a mistake in the command line or in a document the user named.
func usage(err error, hint string) error { return &failure{err, statusUsage, hint} }

// misused gives what cobra found wrong with the arguments of a command its status and hint. cobra has no sentinels for these.
func misused(c *cobra.Command, err error) error {
	if err == nil {
		return nil
	}
	msg := err.Error()
	switch {
	case strings.HasPrefix(msg, "unknown command"):
		c.SuggestionsMinimumDistance = 2 // letters that may be wrong
		_, rest, _ := strings.Cut(msg, `"`)
		name, _, _ := strings.Cut(rest, `"`)
		if near := c.SuggestionsFor(name); len(near) > 0 {
			return usage(err, c.CommandPath()+" "+near[0]+" --help")
		}
	case strings.HasPrefix(msg, "if any flags in the group"): // ... [a b] were all set
		set, _, _ := strings.Cut(msg[strings.LastIndex(msg, "[")+1:], "]")
		err = fmt.Errorf("--%s do not go together", strings.ReplaceAll(set, " ", " and --"))
	case strings.HasPrefix(msg, "accepts "), strings.HasPrefix(msg, "required flag"):
	default:
		return err
	}
	return usage(err, c.CommandPath()+" --help")
}

// report prints an error once and returns the exit status: the only table from one to the other.
func (a *app) report(err error) int {
	var f *failure
	status, hint := statusFailed, ""
	switch {
	case err == nil:
		return statusDone
	case errors.Is(err, context.Canceled):
		fmt.Fprintln(a.IO.Err, "soc: interrupted")
		return statusInterrupted
	case errors.Is(err, syscall.EPIPE), errors.Is(err, io.ErrClosedPipe):
		return statusDone // the reader has seen enough: soc ... | head
	case errors.As(err, &f):
		status, hint = f.status, f.hint
		if f.err == nil {
			return status
		}
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission), errors.Is(err, stream.ErrDevice):
		status, hint = statusUsage, "soc --help"
	case errors.Is(err, syscall.ENOSPC):
		hint = "df -h"
	}
	hint = term.Clean(a.pasteable(hint, err))
	msg := term.Clean(err.Error())
	if a.json {
		b := append([]byte(nil), `{"kind":"error","version":1`...)
		b = wire.Text(b, "message", msg)
		b = wire.Text(b, "hint", hint)
		b = append(wire.Int(b, "status", int64(status)), '}', '\n')
		_, _ = a.IO.Out.Write(b)
	}
	fmt.Fprintln(a.IO.Err, "soc: "+msg)
	if hint != "" {
		fmt.Fprintln(a.IO.Err, "try: "+hint)
	}
	return status
}
