package cmd

import (
	"errors"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/estate"
	"github.com/seed-959697dd/soc/triage"
)

// assetsName begins the estate's name among the digests.
const assetsName = "assets "

// living is the check over an estate whose files may change while alerts are followed.
type living struct {
	src   *estate.Source
	check atomic.Pointer[triage.Check]
}

// Name is the check's name.
func (*living) Name() string { return "assets" }

// Check asks the estate as it was last read.
func (l *living) Check(a *alert.Alert, note func(triage.Signal)) { (*l.check.Load()).Check(a, note) }

// refresh rereads what changed. The error tells why the estate is older than its files.
func (l *living) refresh(now time.Time) (*estate.Estate, error) {
	e, err := l.src.Current(now)
	c := e.Check()
	l.check.Store(&c)
	return e, err
}

// renew rereads the estate when its files changed, and returns the gap that it leaves when that fails.
func (k *knowledge) renew(now time.Time) *alert.Gap {
	e, err := k.estate.refresh(now)
	for i := range k.names {
		if strings.HasPrefix(k.names[i], assetsName) {
			k.names[i] = assetsName + e.Digest()
		}
	}
	if err != nil {
		return &alert.Gap{Check: "assets", Class: alert.Failed, Reason: err.Error()}
	}
	return nil
}

// assets loads the inventories.
func (k *knowledge) assets(o contextOptions) error {
	set := estateOf(k.s.Config, k.s.file)
	for _, f := range o.assets {
		set.Assets = append(set.Assets, estate.HostFile{Path: f})
	}
	for _, f := range o.identities {
		set.Identities = append(set.Identities, estate.UserFile{Path: f})
	}
	if err := named("--assets", o.assets); err != nil {
		return err
	}
	if err := named("--identities", o.identities); err != nil {
		return err
	}
	src, err := estate.Open(set)
	var list estate.Errors
	if errors.As(err, &list) {
		for _, e := range list {
			k.gap("assets", alert.Failed, "%v", e)
		}
	} else if err != nil {
		return err
	}
	k.estate = &living{src: src}
	e, _ := k.estate.refresh(k.now) // what failed was said just now
	for _, what := range e.Partial() {
		k.gap("assets", alert.Partial, "%s", what)
	}
	if hosts, users := e.Len(); hosts+users+len(set.Maintenance) == 0 && err == nil {
		k.gap("assets", alert.Unconfigured, "no inventory is configured")
		return nil
	} // what could not be read may be mended while alerts are followed
	k.checks, k.names = append(k.checks, k.estate), append(k.names, assetsName+e.Digest())
	return nil
}

// estateOf is the configuration's own words on the estate.
func estateOf(c *config.Config, file string) estate.Settings {
	set := estate.Settings{Domains: c.Assets.Domains, File: file}
	for _, f := range c.Assets.Files {
		set.Assets = append(set.Assets, estate.HostFile{Path: f.Path, Columns: estate.HostColumns(f.Columns), Values: estate.HostValues(f.Values)})
	}
	for _, f := range c.Identities.Files {
		set.Identities = append(set.Identities, estate.UserFile{Path: f.Path, Columns: estate.UserColumns(f.Columns), Values: estate.UserValues(f.Values)})
	}
	for _, h := range c.Assets.Hosts {
		set.Hosts = append(set.Hosts, estate.Host(h))
	}
	for _, n := range c.Assets.Networks {
		set.Networks = append(set.Networks, estate.Network(n))
	}
	for _, u := range c.Identities.Users {
		set.Users = append(set.Users, estate.User(u))
	}
	for _, m := range c.Assets.Maintenance {
		set.Maintenance = append(set.Maintenance, estate.Maintenance(m))
	}
	return set
}

// own are the estate's own networks and domains.
func (k *knowledge) own() ([]netip.Prefix, []string) {
	e, _ := k.estate.src.Current(k.now) // what failed was said already
	return e.Own(), e.Domains()
}
