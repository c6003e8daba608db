package cmd

import (
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/splunk"
)

// splunk makes what a block of sources of that type describes.
func (a *app) splunk(name string, conf *config.Source) (*splunk.Client, error) {
	set := splunk.Settings{
		Name: name, URL: conf.URL, CAFile: conf.CAFile, CertFile: conf.CertFile, KeyFile: conf.KeyFile, User: conf.User, Version: conf.Version, App: conf.App,
		Index: conf.Index, Kind: splunk.Kind(conf.Kind), Query: conf.Query, Write: conf.WriteBack, Timeout: conf.Timeout.Duration, Now: a.Now,
	}
	by := kept{conf.TokenEnv, conf.TokenFile, &set.Token}
	if conf.User != "" {
		by = kept{conf.PasswordEnv, conf.PasswordFile, &set.Password}
	}
	err := a.secrets("sources."+name, by)
	if err == nil {
		set.Formats, err = a.rows()()
	}
	if err != nil {
		return nil, err
	}
	return splunk.New(set)
}
