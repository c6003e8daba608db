package splunksoar

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/respond"
)

// Declared are actions of the catalogue as the configuration spells them for the platform's apps: the action's name, the asset, the
// number of the app, and parameters as name=value, with placeholders in the values.
type Declared struct {
	Actions              []string
	Container            string // in which they run
	Command, Undo, Probe respond.Words
	InForce              respond.Reading // in the app run of the probe
}

// Driver is a respond.Driver over a platform.
type Driver struct {
	p   *Platform
	set Declared
}

// NewDriver makes a driver, or says what is wrong with what was declared.
func NewDriver(p *Platform, set Declared) (*Driver, error) {
	if len(set.Command) == 0 {
		return nil, errors.New("an action of splunk soar needs a command")
	}
	if n, err := strconv.ParseInt(set.Container, 10, 64); err != nil || n < 1 {
		return nil, fmt.Errorf("incident: %q is no number of a container", set.Container)
	}
	for name, w := range map[string]respond.Words{"command": set.Command, "undo": set.Undo, "probe": set.Probe} {
		if len(w) == 0 {
			continue
		}
		if err := w.Check(name); err != nil {
			return nil, err
		}
		if len(w) < 3 {
			return nil, fmt.Errorf(`%s: the action, the asset and the number of the app come first: [block ip, fw1, 12, "ip={target}"]`, name)
		}
		if _, err := strconv.ParseInt(w[2], 10, 64); err != nil || strings.Contains(w[1], "{") {
			return nil, fmt.Errorf("%s: %q is no number of an app, or %q no asset", name, w[2], w[1])
		}
		for _, arg := range w[3:] {
			if name, _, ok := strings.Cut(arg, "="); !ok || name == "" || strings.Contains(name, "{") {
				return nil, fmt.Errorf("%s: %q is no parameter like ip={target}", name, arg)
			}
		}
	}
	if len(set.Probe) > 0 {
		if err := set.InForce.Check(); err != nil {
			return nil, err
		}
	}
	return &Driver{p, set}, nil
}

// Does implements respond.Driver. What declares no undo or no probe is a task for a person.
func (d *Driver) Does(action string) (ok, ownTTL bool) {
	return len(d.set.Undo) > 0 && len(d.set.Probe) > 0 && slices.Contains(d.set.Actions, action), false
}

// Probe implements respond.Driver.
func (d *Driver) Probe(ctx context.Context, action string, t respond.Target) (respond.State, error) {
	o := respond.Order{Action: action, Target: t}
	id, err := d.run(ctx, d.set.Probe, o, "investigate")
	if err != nil {
		return respond.State{}, err
	}
	v, ok, err := d.p.one(ctx, "app_run", map[string]string{"action_run": id})
	if err == nil && !ok {
		err = fmt.Errorf("splunk soar: action run %s has no app run", id)
	}
	if err != nil {
		return respond.State{}, err
	}
	// The list leaves result_data out: only the single app run has it, and only when it is asked for.
	full, err := d.p.read(ctx, url.Values{"include_expensive": {"true"}}, "app_run", number(v.Get("id")))
	if err != nil {
		return respond.State{}, err
	}
	return d.set.InForce.State([]byte(full.Raw), o)
}

// Do implements respond.Driver.
func (d *Driver) Do(ctx context.Context, o respond.Order) error {
	_, err := d.run(ctx, d.set.Command, o, "containment")
	return err
}

// Undo implements respond.Driver.
func (d *Driver) Undo(ctx context.Context, o respond.Order) error {
	_, err := d.run(ctx, d.set.Undo, o, "correct")
	return err
}

// run has an action carried out and waits for its end.
func (d *Driver) run(ctx context.Context, words respond.Words, o respond.Order, kind string) (id string, err error) {
	w := words.Fill(o)
	parameters := map[string]string{}
	for _, arg := range w[3:] {
		name, value, _ := strings.Cut(arg, "=")
		parameters[name] = value
	}
	app, _ := strconv.ParseInt(w[2], 10, 64) // looked at by NewDriver
	container, _ := strconv.ParseInt(d.set.Container, 10, 64)
	v, err := d.p.write(ctx, map[string]any{
		"action": w[0], "container_id": container, "name": strings.TrimSpace("soc " + o.Action + " " + o.Key), "type": kind,
		"targets": []any{map[string]any{"assets": []string{w[1]}, "app_id": app, "parameters": []any{parameters}}},
	}, false, "action_run")
	if err != nil {
		return "", fmt.Errorf("%s: %w", w[0], err)
	}
	if id = number(v.Get("action_run_id")); id == "" {
		return "", fmt.Errorf("%s: splunk soar's answer names no action run", w[0])
	}
	const every = 2 * time.Second
	for waited := time.Duration(0); ; waited += every {
		v, err := d.p.read(ctx, nil, "action_run", id)
		switch status := v.Get("status").String(); {
		case err != nil:
			return id, fmt.Errorf("%s: action run %s: %w", w[0], id, err)
		case status == "success":
			return id, nil
		case status == "failed", status == "cancelled":
			return id, fmt.Errorf("%s: action run %s %s: %s", w[0], id, status, short(v.Get("message")))
		case waited >= d.p.set.Wait:
			return id, fmt.Errorf("%s: action run %s is still %s after %s", w[0], id, status, d.p.set.Wait)
		}
		if err := d.p.set.Sleep(ctx, every); err != nil {
			return id, err
		}
	}
}

func short(v gjson.Result) string {
	const most = 200
	if s := v.String(); len(s) > most {
		return s[:most] + " ..."
	}
	return v.String()
}
