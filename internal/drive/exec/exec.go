// Package exec carries actions out by running a program of the estate's: an argument vector with declared placeholders, no shell. A
// program without an undo and a probe is for tasks only: it is not run at all.
//
// The program gets no environment but PATH and LANG, nothing on standard input, and its output is only shown. Its probe answers by its
// exit status: 0 the action is in force, 1 it is not; everything else, a time-out included, is that nobody knows. Start with New.
package exec

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/respond"
)

// Settings say what is run. Placeholders stand as whole words or in them: {target}, {type}, {action}, {key}, {until}.
type Settings struct {
	Actions              []string
	Command, Undo, Probe []string
	Path                 string        // the PATH of the program
	Timeout              time.Duration // of each run; 0: 30 s
}

// Program is a respond.Driver.
type Program struct{ set Settings }

// New returns a driver, or why the settings are none: an unknown placeholder, one where the name of the program stands.
func New(set Settings) (*Program, error) {
	for name, argv := range map[string][]string{"command": set.Command, "undo": set.Undo, "probe": set.Probe} {
		if len(argv) == 0 && name == "command" {
			return nil, errors.New("a program needs a command")
		}
		if err := respond.Words(argv).Check(name); err != nil {
			return nil, err
		}
	}
	if set.Timeout <= 0 {
		set.Timeout = 30 * time.Second
	}
	return &Program{set}, nil
}

// Does implements respond.Driver.
func (p *Program) Does(action string) (ok, ownTTL bool) {
	return len(p.set.Undo) > 0 && len(p.set.Probe) > 0 && slices.Contains(p.set.Actions, action), false
}

// Probe implements respond.Driver.
func (p *Program) Probe(ctx context.Context, action string, t respond.Target) (respond.State, error) {
	out, err := p.run(ctx, p.set.Probe, respond.Order{Action: action, Target: t})
	var status *exec.ExitError
	switch {
	case err == nil:
		return respond.State{Done: true, Detail: out, Image: "absent"}, nil
	case errors.As(err, &status) && status.ExitCode() == 1:
		return respond.State{Detail: out, Image: "absent"}, nil
	}
	return respond.State{}, err
}

// Do implements respond.Driver.
func (p *Program) Do(ctx context.Context, o respond.Order) error {
	_, err := p.run(ctx, p.set.Command, o)
	return err
}

// Undo implements respond.Driver.
func (p *Program) Undo(ctx context.Context, o respond.Order) error {
	_, err := p.run(ctx, p.set.Undo, o)
	return err
}

// ErrOption means that a target looks like an option of the program that would get it.
var ErrOption = errors.New("a target that begins with - would be read as an option")

// maxShown is how much of a program's output is kept, in bytes.
const maxShown = 512

func (p *Program) run(ctx context.Context, argv []string, o respond.Order) (string, error) {
	if strings.HasPrefix(o.Target.Value, "-") {
		return "", ErrOption
	}
	args := respond.Words(argv).Fill(o)[1:]
	ctx, cancel := context.WithTimeout(ctx, p.set.Timeout)
	defer cancel()
	c := exec.CommandContext(ctx, argv[0], args...)
	c.Env = []string{"PATH=" + p.set.Path, "LANG=C"}
	c.WaitDelay = time.Second
	var shown tail
	c.Stdout, c.Stderr = &shown, &shown
	err := c.Run()
	said := strings.TrimSpace(string(shown))
	if err != nil {
		return said, fmt.Errorf("%s: %w: %s", argv[0], err, said)
	}
	return said, nil
}

// tail keeps the beginning of what is written to it.
type tail []byte

func (t *tail) Write(b []byte) (int, error) {
	*t = append(*t, b[:min(len(b), maxShown-min(maxShown, len(*t)))]...)
	return len(b), nil
}
