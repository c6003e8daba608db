package cmd

import (
	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/splunk"
	"github.com/seed-959697dd/soc/internal/web"
)

// splunk makes what a block of sources of that type describes.
func (a *app) splunk(name string, conf *config.Source) (*splunk.Client, error) {
	set := splunk.Settings{
		Name: name, URL: conf.URL, CAFile: conf.CAFile, CertFile: conf.CertFile, KeyFile: conf.KeyFile, User: conf.User, Version: conf.Version, App: conf.App,
		Index: conf.Index, Kind: splunk.Kind(conf.Kind), Query: conf.Query, Write: conf.WriteBack, Timeout: conf.Timeout.Duration, Now: a.Now,
	}
	var err error
	var key string
	if conf.User != "" {
		key, err = a.secret("sources."+name, conf.PasswordEnv, conf.PasswordFile)
		set.Password = web.NewSecret(key)
	} else {
		key, err = a.secret("sources."+name, conf.TokenEnv, conf.TokenFile)
		set.Token = web.NewSecret(key)
	}
	if err != nil {
		return nil, err
	}
	if set.Formats, err = alert.NewSet(alert.Options{Now: a.Now()}); err != nil {
		return nil, err
	}
	return splunk.New(set)
}
