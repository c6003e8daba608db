package cmd

import (
	"fmt"
	"sync"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/dir"
	"github.com/seed-959697dd/soc/internal/source/webhook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/web"
)

// system makes what a block of sources describes. What it can do is found out by assertion: hand over alerts (alert.Puller, alert.Feeder),
// answer questions (investigate.Source), be written to (respond.Desk), say what it lacks (web.Examiner). It connects to nothing yet.
func (a *app) system(name string, conf *config.Source) (any, error) {
	if a.World.System != nil {
		if sys := a.World.System(name); sys != nil {
			return sys, nil
		}
	}
	switch conf.Type {
	case "splunk":
		return a.splunk(name, conf)
	case "dir":
		return dir.New(dir.Settings{Path: conf.Path})
	case "nats":
		return a.nats("sources."+name, conf)
	case "sentinel":
		return a.sentinel(name, conf)
	case "defender":
		return a.defender(name, conf)
	case "webhook":
		return a.hook(name, conf)
	case "elastic":
		return a.elastic(name, conf)
	case "xsoar", "splunksoar":
		return a.soarSource(name, conf)
	}
	return nil, fmt.Errorf("this version cannot use a source of type %s, as %s is", conf.Type, name)
}

// hook makes a receiver of what others post. Of its two secrets one has to be there.
func (a *app) hook(name string, conf *config.Source) (*webhook.Hook, error) {
	set := webhook.Settings{
		Listen: conf.Listen, CertFile: conf.CertFile, KeyFile: conf.KeyFile, Now: a.Now, Log: a.serverLog(name),
		Ready: func(at string) { fmt.Fprintf(a.IO.Err, "soc: %s listens at %s\n", term.Clean(name), at) },
	}
	if err := a.secrets("sources."+name, kept{conf.TokenEnv, conf.TokenFile, &set.Token}, kept{conf.SigningKeyEnv, conf.SigningKeyFile, &set.Key}); err != nil {
		return nil, err
	}
	return webhook.New(set)
}

// kept is where a secret that a block may name is, and where it goes.
type kept struct {
	env, file string
	to        *web.Secret
}

// secrets reads those that are named and leaves the others as they are.
func (a *app) secrets(what string, list ...kept) error {
	for _, one := range list {
		if one.env == "" && one.file == "" {
			continue
		}
		text, err := a.secret(what, one.env, one.file)
		if err != nil {
			return err
		}
		*one.to = web.NewSecret(text)
	}
	return nil
}

// rows loads what reads the records of tables, the formats of soc.yaml among it, once and only when one is asked.
func (a *app) rows() func() (*alert.Set, error) {
	return sync.OnceValues(func() (*alert.Set, error) {
		s, err := a.settings("")
		if err != nil {
			return nil, err
		}
		return alert.NewSet(alert.Options{Formats: s.Formats, Found: s.Found, Now: a.Now()})
	})
}
