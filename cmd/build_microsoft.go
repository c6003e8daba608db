package cmd

import (
	"errors"
	"fmt"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/defender"
	"github.com/seed-959697dd/soc/internal/source/sentinel"
	"github.com/seed-959697dd/soc/internal/web"
)

// sentinel makes a client of a Sentinel workspace. It connects to nothing.
func (a *app) sentinel(name string, conf *config.Source) (*sentinel.Client, error) {
	secret, err := a.clientSecret(conf)
	if err != nil {
		return nil, err
	}
	return sentinel.New(sentinel.Settings{
		Name: name, Cloud: conf.Cloud, URL: conf.URL, Tenant: conf.Tenant, ClientID: conf.ClientID, Secret: secret, CAFile: conf.CAFile, Subscription: conf.Subscription,
		ResourceGroup: conf.ResourceGroup, Workspace: conf.Workspace, WorkspaceID: conf.WorkspaceID, Version: conf.Version, Timeout: conf.Timeout.Duration, Write: conf.WriteBack,
		Formats: a.rows(), Now: a.Now,
	})
}

// defender makes a client of a Defender XDR tenant. It connects to nothing.
func (a *app) defender(name string, conf *config.Source) (*defender.Client, error) {
	secret, err := a.clientSecret(conf)
	if err != nil {
		return nil, err
	}
	switch conf.Index {
	case "", "alerts", "incidents":
	default:
		return nil, fmt.Errorf("index: defender has alerts and incidents, no %q", conf.Index)
	}
	return defender.New(defender.Settings{
		Name: name, Cloud: conf.Cloud, URL: conf.URL, Tenant: conf.Tenant, ClientID: conf.ClientID, Secret: secret, CAFile: conf.CAFile, Incidents: conf.Index == "incidents",
		Timeout: conf.Timeout.Duration, Write: conf.WriteBack, Formats: a.rows(), Now: a.Now,
	})
}

func (a *app) clientSecret(conf *config.Source) (web.Secret, error) {
	if conf.ClientSecretEnv == "" && conf.ClientSecretFile == "" {
		return web.Secret{}, errors.New("neither client_secret_env nor client_secret_file is set")
	}
	text, err := a.secret("client_secret", conf.ClientSecretEnv, conf.ClientSecretFile)
	return web.NewSecret(text), err
}
