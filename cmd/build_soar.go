package cmd

import (
	"fmt"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/drive/splunksoar"
	"github.com/seed-959697dd/soc/internal/drive/webhook"
	"github.com/seed-959697dd/soc/internal/drive/xsoar"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/respond"
)

// platform makes what a block of soar describes.
func (a *app) platform(name string, conf *config.SOAR) (respond.Platform, error) {
	if conf.Type == "xsoar" {
		return a.xsoar("soar."+name, conf)
	}
	return a.splunkSOAR("soar."+name, conf, "")
}

// xsoar makes the client of a block, which is called what in errors.
func (a *app) xsoar(what string, conf *config.SOAR) (*xsoar.Platform, error) {
	key, err := a.secret(what, conf.TokenEnv, conf.TokenFile)
	if err != nil {
		return nil, err
	}
	version := map[string]int{"": 6, "5": 5, "6": 6, "8": 8}[conf.Version]
	if conf.Version == "" && conf.KeyID != "" {
		version = 8
	}
	return xsoar.New(xsoar.Settings{
		URL: conf.URL, CAFile: conf.CAFile, Version: version, Key: web.NewSecret(key), KeyID: conf.KeyID, Advanced: conf.KeyType == "advanced", Type: conf.Label,
		Automation: conf.Automation, Timeout: conf.Timeout.Duration, Now: a.Now,
	})
}

// splunkSOAR makes the client of a block. disposition is the custom field that holds one, if any.
func (a *app) splunkSOAR(what string, conf *config.SOAR, disposition string) (*splunksoar.Platform, error) {
	token, err := a.secret(what, conf.TokenEnv, conf.TokenFile)
	if err != nil {
		return nil, err
	}
	return splunksoar.New(splunksoar.Settings{
		URL: conf.URL, CAFile: conf.CAFile, Token: web.NewSecret(token), Label: conf.Label, Automation: conf.Automation, Timeout: conf.Timeout.Duration,
		Disposition: disposition, Now: a.Now,
	})
}

// soarSource makes the client of a platform whose incidents or containers are alerts: of the block of soar that the source names, or of the
// source's own keys.
func (a *app) soarSource(name string, conf *config.Source) (any, error) {
	what := "sources." + name
	block := config.SOAR{
		Type: conf.Type, URL: conf.URL, TokenEnv: conf.TokenEnv, TokenFile: conf.TokenFile, KeyID: conf.KeyID, KeyType: conf.KeyType, CAFile: conf.CAFile, Version: conf.Version, Timeout: conf.Timeout,
	}
	if conf.SOAR != "" {
		if conf.URL != "" {
			return nil, fmt.Errorf("%s: soar names the platform, so url has no place beside it", what)
		}
		s, err := a.settings("")
		if err != nil {
			return nil, err
		}
		known, ok := s.SOAR[conf.SOAR]
		if !ok || known.Type != conf.Type {
			return nil, fmt.Errorf("%s: soar: nothing of type %s is called %q there", what, conf.Type, conf.SOAR)
		}
		what, block = "soar."+conf.SOAR, known
	}
	if conf.Type == "xsoar" {
		return a.xsoar(what, &block)
	}
	return a.splunkSOAR(what, &block, conf.DispositionField)
}

// webhook makes a driver of addresses: url for doing, the one word of undo and of probe for the others.
func (r *responder) webhook(name string, d *config.Driver) (respond.Driver, error) {
	key, err := r.app.secret("drivers."+name, d.TokenEnv, d.TokenFile)
	if err != nil {
		return nil, err
	}
	one := func(key string, words []string) string {
		if len(words) > 1 {
			err = fmt.Errorf("%s: one address, not %d words", key, len(words))
		}
		if len(words) == 0 {
			return ""
		}
		return words[0]
	}
	set := webhook.Settings{
		Actions: d.Actions, Do: d.URL, Undo: one("undo", d.Undo), Probe: one("probe", d.Probe), CAFile: d.CAFile, Key: web.NewSecret(key), Timeout: d.Timeout.Duration, Now: r.app.Now,
		InForce: respond.Reading{At: d.InForce.At, Is: d.InForce.Is, Not: d.InForce.Not},
	}
	if err != nil {
		return nil, err
	}
	return webhook.New(set)
}

// soarDriver makes a driver over the platform that it names.
func (r *responder) soarDriver(d *config.Driver) (respond.Driver, error) {
	conf, ok := r.s.SOAR[d.SOAR]
	if !ok || conf.Type != d.Type {
		return nil, fmt.Errorf("soar: nothing of type %s is called %q there", d.Type, d.SOAR)
	}
	reading := respond.Reading{At: d.InForce.At, Is: d.InForce.Is, Not: d.InForce.Not}
	if d.Type == "xsoar" {
		p, err := r.app.xsoar("soar."+d.SOAR, &conf)
		if err != nil {
			return nil, err
		}
		return xsoar.NewDriver(p, xsoar.Declared{Actions: d.Actions, Investigation: d.Incident, Command: d.Command, Undo: d.Undo, Probe: d.Probe, InForce: reading})
	}
	p, err := r.app.splunkSOAR("soar."+d.SOAR, &conf, "")
	if err != nil {
		return nil, err
	}
	return splunksoar.NewDriver(p, splunksoar.Declared{Actions: d.Actions, Container: d.Incident, Command: d.Command, Undo: d.Undo, Probe: d.Probe, InForce: reading})
}
