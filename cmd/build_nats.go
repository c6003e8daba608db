package cmd

import (
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/nats"
	"github.com/seed-959697dd/soc/internal/web"
)

// nats makes a stream ready. Who needs no proof names none.
func (a *app) nats(what string, conf *config.Source) (any, error) {
	set := nats.Settings{
		URL: conf.URL, Stream: conf.Stream, Subject: conf.Subject, Consumer: conf.Consumer, MaxDeliver: conf.MaxDeliver, AckWait: conf.AckWait.Duration,
		User: conf.User, CredsFile: conf.CredsFile, CAFile: conf.CAFile, CertFile: conf.CertFile, KeyFile: conf.KeyFile,
	}
	for _, s := range []struct {
		into      *web.Secret
		env, file string
	}{{&set.Token, conf.TokenEnv, conf.TokenFile}, {&set.Password, conf.PasswordEnv, conf.PasswordFile}} {
		if s.env == "" && s.file == "" {
			continue
		}
		text, err := a.secret(what, s.env, s.file)
		if err != nil {
			return nil, err
		}
		*s.into = web.NewSecret(text)
	}
	return nats.New(set)
}
