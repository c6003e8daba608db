package cmd

import (
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/source/elastic"
	"github.com/seed-959697dd/soc/internal/web"
)

// elastic makes the client of a source of type elastic: url is Kibana's, elasticsearch_url is where logs are asked.
func (a *app) elastic(name string, conf *config.Source) (*elastic.Client, error) {
	key, err := a.secret("sources."+name, conf.TokenEnv, conf.TokenFile)
	if err != nil {
		return nil, err
	}
	formats, err := a.rows()()
	if err != nil {
		return nil, err
	}
	return elastic.New(elastic.Settings{
		URL: conf.URL, Elasticsearch: conf.ElasticsearchURL, Key: web.NewSecret(key), Space: conf.Space, Index: conf.Index, Version: conf.Version, BuildingBlocks: conf.BuildingBlocks,
		CAFile: conf.CAFile, CertFile: conf.CertFile, KeyFile: conf.KeyFile, Timeout: conf.Timeout.Duration, Formats: formats, Now: a.Now,
	})
}
