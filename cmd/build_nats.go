package cmd

import (
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/nats"
)

// nats makes a stream ready. Who needs no proof names none.
func (a *app) nats(what string, conf *config.Source) (any, error) {
	set := nats.Settings{
		URL: conf.URL, Stream: conf.Stream, Subject: conf.Subject, Consumer: conf.Consumer, MaxDeliver: conf.MaxDeliver, AckWait: conf.AckWait.Duration,
		User: conf.User, CredsFile: conf.CredsFile, CAFile: conf.CAFile, CertFile: conf.CertFile, KeyFile: conf.KeyFile,
	}
	if err := a.secrets(what, kept{conf.TokenEnv, conf.TokenFile, &set.Token}, kept{conf.PasswordEnv, conf.PasswordFile, &set.Password}); err != nil {
		return nil, err
	}
	return nats.New(set)
}
