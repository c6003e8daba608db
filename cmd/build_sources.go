package cmd

import (
	"fmt"

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
		Listen: conf.Listen, CertFile: conf.CertFile, KeyFile: conf.KeyFile, Now: a.Now,
		Ready: func(at string) { fmt.Fprintf(a.IO.Err, "soc: %s listens at %s\n", term.Clean(name), at) },
	}
	for _, one := range []struct {
		env, file string
		to        *web.Secret
	}{{conf.TokenEnv, conf.TokenFile, &set.Token}, {conf.SigningKeyEnv, conf.SigningKeyFile, &set.Key}} {
		if one.env == "" && one.file == "" {
			continue
		}
		text, err := a.secret("sources."+name, one.env, one.file)
		if err != nil {
			return nil, err
		}
		*one.to = web.NewSecret(text)
	}
	return webhook.New(set)
}
