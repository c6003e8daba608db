package xsoar

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/respond"
)

// Declared are actions of the catalogue as the configuration spells them: a command of an integration, and arguments as name=value with
// placeholders in the values.
type Declared struct {
	Actions              []string
	Investigation        string // in whose war room the commands run
	Command, Undo, Probe respond.Words
	InForce              respond.Reading // in the list of entries that the probe makes
}

// Driver is a respond.Driver over a platform.
type Driver struct {
	p   *Platform
	set Declared
}

var (
	command  = regexp.MustCompile(`^!?[A-Za-z][A-Za-z0-9_-]*$`)
	argument = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*=`)
)

// NewDriver makes a driver, or says what is wrong with what was declared.
func NewDriver(p *Platform, set Declared) (*Driver, error) {
	if len(set.Command) == 0 {
		return nil, errors.New("an action of xsoar needs a command")
	}
	if !plainID.MatchString(set.Investigation) {
		return nil, fmt.Errorf("incident: %q is no id of an investigation", set.Investigation)
	}
	for name, w := range map[string]respond.Words{"command": set.Command, "undo": set.Undo, "probe": set.Probe} {
		if len(w) == 0 {
			continue
		}
		if err := w.Check(name); err != nil {
			return nil, err
		}
		if _, err := spell(w, respond.Order{}); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(set.Probe) > 0 {
		if err := set.InForce.Check(); err != nil {
			return nil, err
		}
	}
	return &Driver{p, set}, nil
}

// ErrUnspeakable means that a value cannot stand in a command line of XSOAR as nothing but a value.
var ErrUnspeakable = errors.New("has a character that means something in a command line of xsoar")

// spell writes a command line. Every value is quoted; one that could end the quotes or be replaced by the platform's context is refused.
func spell(words respond.Words, o respond.Order) (string, error) {
	if !command.MatchString(words[0]) {
		return "", fmt.Errorf("%q is no command", words[0])
	}
	line := "!" + strings.TrimPrefix(words[0], "!")
	for i, word := range words.Fill(o) {
		if i == 0 {
			continue
		}
		if !argument.MatchString(words[i]) { // as declared, before anything was filled in
			return "", fmt.Errorf("%q is no argument like ip={target}", words[i])
		}
		name, value, _ := strings.Cut(word, "=")
		if strings.ContainsAny(value, "\"`\\\n\r") || strings.Contains(value, "${") {
			return "", fmt.Errorf("%s: %q %w", name, value, ErrUnspeakable)
		}
		line += " " + name + `="` + value + `"`
	}
	return line, nil
}

// Does implements respond.Driver. What declares no undo or no probe is a task for a person.
func (d *Driver) Does(action string) (ok, ownTTL bool) {
	return len(d.set.Undo) > 0 && len(d.set.Probe) > 0 && slices.Contains(d.set.Actions, action), false
}

// Probe implements respond.Driver.
func (d *Driver) Probe(ctx context.Context, action string, t respond.Target) (respond.State, error) {
	o := respond.Order{Action: action, Target: t}
	line, err := spell(d.set.Probe, o)
	if err != nil {
		return respond.State{}, err
	}
	v, err := d.p.execute(ctx, d.set.Investigation, line)
	if err != nil {
		return respond.State{}, err
	}
	return d.set.InForce.State([]byte(v.Raw), o)
}

// Do implements respond.Driver.
func (d *Driver) Do(ctx context.Context, o respond.Order) error { return d.tell(ctx, d.set.Command, o) }

// Undo implements respond.Driver.
func (d *Driver) Undo(ctx context.Context, o respond.Order) error { return d.tell(ctx, d.set.Undo, o) }

func (d *Driver) tell(ctx context.Context, words respond.Words, o respond.Order) error {
	line, err := spell(words, o)
	if err == nil {
		_, err = d.p.execute(ctx, d.set.Investigation, line)
	}
	return err
}
