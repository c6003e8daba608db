// Package unbound takes names away on an unbound resolver. Without a zone file it uses local zones through unbound-control, which a restart
// of unbound forgets; with one, the file of a response-policy zone (RPZ), which stays and can also answer with a sinkhole's address. It
// needs unbound-control's right to speak to the resolver, and write permission in the zone file's directory.
//
// It configures no policy zone and touches no record that it did not write. With the resolver's address it asks the resolver itself
// whether a name is gone, and does not take a file's word for it. Start with New.
//
// Source: unbound-control(8): local_zone, local_zone_remove, list_local_zones, auth_zone_reload; draft-vixie-dnsop-dns-rpz.
package unbound

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/respond"
)

// Settings name the resolver.
type Settings struct {
	Actions    []string // block-domain, sinkhole-domain
	ConfigFile string   // for unbound-control; empty: its own default
	Path       string   // the PATH in which unbound-control is found
	Zone       string   // of the response-policy zone, as in unbound.conf: rpz.soc
	ZoneFile   string   // its file
	Sinkhole   string   // the address that sinkhole-domain answers with
	Server     string   // host:port of the resolver, to ask it; empty: it is not asked
}

// Resolver is a respond.Driver.
type Resolver struct {
	set  Settings
	sink netip.Addr
}

var zoneName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,200}[a-z0-9])?$`)

// New makes a driver, or says what is missing. It runs nothing.
func New(set Settings) (*Resolver, error) {
	r := &Resolver{set: set}
	for _, a := range set.Actions {
		if a != "block-domain" && a != "sinkhole-domain" {
			return nil, fmt.Errorf("%s is nothing that a resolver does", a)
		}
	}
	r.set.Zone = strings.TrimSuffix(strings.ToLower(set.Zone), ".")
	if (set.ZoneFile == "") != (set.Zone == "") || set.Zone != "" && !zoneName.MatchString(r.set.Zone) {
		return nil, errors.New("a response-policy zone has a name (zone) and a file (path)")
	}
	if set.ZoneFile != "" && set.Server == "" {
		return nil, errors.New("server: the resolver's host:port is needed to see that a policy zone is in force")
	}
	if !slices.Contains(set.Actions, "sinkhole-domain") {
		return r, nil
	}
	var err error
	if r.sink, err = netip.ParseAddr(set.Sinkhole); err != nil || set.ZoneFile == "" {
		return nil, errors.New("sinkhole-domain needs an address (sinkhole) and a response-policy zone (zone, path)")
	}
	return r, nil
}

// Does implements respond.Driver. A resolver takes nothing back by itself.
func (r *Resolver) Does(action string) (ok, ownTTL bool) {
	return slices.Contains(r.set.Actions, action), false
}

// absent is the image of a name that has no zone of its own.
const absent = "absent"

// Probe implements respond.Driver.
func (r *Resolver) Probe(ctx context.Context, action string, t respond.Target) (respond.State, error) {
	name, err := domain(t)
	if err != nil {
		return respond.State{}, err
	}
	if r.set.ZoneFile != "" {
		return r.probePolicy(ctx, action, name)
	}
	kind, err := r.localZone(ctx, name)
	if err != nil {
		return respond.State{}, err
	}
	s := respond.State{Done: kind == blocked, Image: kind, Detail: "local zone " + name + ": " + kind}
	if s.Done {
		s.Image = absent
	}
	return s, nil
}

// blocked is the type of local zone that says of a name and all below it that they do not exist.
const blocked = "always_nxdomain"

// Do implements respond.Driver.
func (r *Resolver) Do(ctx context.Context, o respond.Order) error {
	name, err := domain(o.Target)
	if err != nil {
		return err
	}
	if r.set.ZoneFile != "" {
		return r.policy(ctx, r.records(o.Action, name), nil)
	}
	_, err = r.control(ctx, "local_zone", name, blocked)
	return err
}

// Undo implements respond.Driver.
func (r *Resolver) Undo(ctx context.Context, o respond.Order) error {
	name, err := domain(o.Target)
	if err != nil {
		return err
	}
	if r.set.ZoneFile != "" {
		return r.policy(ctx, nil, r.records(o.Action, name))
	}
	none := o.Image == absent || o.Image == ""
	if !none && !kinds[o.Image] {
		return fmt.Errorf("%q is no type of a local zone", o.Image)
	}
	kind, err := r.localZone(ctx, name)
	switch {
	case err != nil || kind != blocked: // forgotten by a restart, or somebody else's by now
	case none:
		_, err = r.control(ctx, "local_zone_remove", name)
	default:
		_, err = r.control(ctx, "local_zone", name, o.Image)
	}
	return err
}

// kinds are the types of local zones that a name may have had before. Source: unbound.conf(5).
var kinds = map[string]bool{
	"deny": true, "refuse": true, "static": true, "transparent": true, "redirect": true, "nodefault": true, "typetransparent": true, "inform": true,
	"inform_deny": true, "inform_redirect": true, "always_transparent": true, "block_a": true, "always_refuse": true, blocked: true, "always_null": true,
	"always_nodata": true, "always_deny": true, "noview": true,
}

// localZone is the type of a name's own local zone.
func (r *Resolver) localZone(ctx context.Context, name string) (string, error) {
	out, err := r.control(ctx, "list_local_zones")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) == 2 && strings.TrimSuffix(strings.ToLower(f[0]), ".") == name {
			return f[1], nil
		}
	}
	return absent, nil
}

// domain reads the target anew: nothing but a full name goes into an argument or a file.
func domain(t respond.Target) (string, error) {
	if t.Type != respond.Domain {
		return "", fmt.Errorf("%q is no domain", t.Value)
	}
	tidy, err := t.Tidy()
	return tidy.Value, err
}

func (r *Resolver) control(ctx context.Context, args ...string) (string, error) {
	argv := []string{}
	if r.set.ConfigFile != "" {
		argv = append(argv, "-c", r.set.ConfigFile)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, "unbound-control", append(argv, args...)...)
	c.Env = []string{"PATH=" + r.set.Path, "LANG=C"}
	c.WaitDelay = time.Second
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(errs.String()+out.String()), "\n")
		return "", fmt.Errorf("unbound-control %s: %w: %s", args[0], err, said)
	}
	return out.String(), nil
}
