package cmd

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/model/ollama"
	"github.com/seed-959697dd/soc/internal/model/openai"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/prompt/probe"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/web"
)

// How long doctor waits for a server: one that nobody configured, and one that somebody did.
const (
	glance = 2 * time.Second
	visit  = 10 * time.Second
)

// lookModels looks at the Ollama that may be there, and at every configured model.
func (a *app) lookModels(ctx context.Context, s *settings) []render.Check {
	list := []render.Check{a.lookOllama(ctx, s)}
	if name := s.Triage.Model; name != "" && name != noModel {
		if _, ok := s.Models[name]; !ok {
			list = append(list, brokenCheck("triage.model", s.unknownModel(name, "soc triage --model none alerts.json"), ""))
		}
	}
	if len(s.Models) == 0 {
		return append(list, missingCheck("models", "none is configured, and none is needed", "in soc.yaml: models: {local: {provider: ollama, model: NAME}}"))
	}
	for _, name := range slices.Sorted(maps.Keys(s.Models)) {
		conf := s.Models[name]
		list = append(list, a.lookModel(ctx, name, &conf, s.Triage.Model == name))
	}
	return list
}

// lookModel asks a configured model's server for it, and what doctor measured of it.
func (a *app) lookModel(ctx context.Context, name string, conf *config.Model, used bool) render.Check {
	what := "model " + name
	if len(conf.Cascade) > 0 {
		return fine(what, strings.Join(conf.Cascade, ", then "))
	}
	ctx, cancel := context.WithTimeout(ctx, visit)
	defer cancel()
	found, err := a.reach(ctx, name, conf)
	if err != nil {
		return brokenCheck(what, err, mendModel(err, conf))
	}
	c := fine(what, found)
	record, err := a.recordOf(name, conf)
	switch {
	case err != nil:
		return brokenCheck(what, err, "soc doctor --model "+name)
	case record == nil:
		c.Detail += "; not measured"
		c.Hint = "soc doctor --model " + name
	case record.Fit:
		c.Detail += "; measured as fit on " + record.At
	default:
		c.Detail += "; measured as not fit on " + record.At
		c.Hint = "soc triage --model " + noModel + " alerts.json"
		if used {
			c.OK, c.Class = false, alert.Partial
		}
	}
	return c
}

// reach asks whether the server is there and has the model. It asks the model nothing.
func (a *app) reach(ctx context.Context, name string, conf *config.Model) (string, error) {
	m, err := a.client(name, conf)
	if err != nil {
		return "", err
	}
	switch m := m.(type) {
	case *ollama.Client:
		facts, err := m.Facts(ctx)
		if err != nil {
			return "", err
		}
		said := "Ollama " + facts.Version + " has " + conf.Model
		if facts.Context > 0 {
			said += ", which holds " + render.Count(int64(facts.Context)) + " tokens"
		}
		return said, nil
	case *openai.Client:
		names, err := m.Models(ctx)
		switch {
		case errors.Is(err, openai.ErrElsewhere):
			return addressOf(conf) + " answers and does not list its models", nil
		case err != nil:
			return "", err
		case !slices.Contains(names, conf.Model):
			return addressOf(conf) + " answers and does not list " + conf.Model, nil
		}
		return addressOf(conf) + " has " + conf.Model, nil
	}
	return "", fmt.Errorf("model %s: provider %s cannot be asked what it has", name, conf.Provider)
}

// mendModel is what helps against a fault on the way to a model.
func mendModel(err error, conf *config.Model) string {
	var e *web.Error
	switch {
	case errors.Is(err, ollama.ErrMissing):
		return "ollama pull " + conf.Model
	case errors.As(err, &e) && (e.Status == 401 || e.Status == 403) && conf.KeyEnv != "":
		return mendSecret(conf.KeyEnv)
	case conf.Provider == "ollama" && errors.As(err, &e) && e.Status == 0:
		return "ollama serve"
	}
	return "curl -sS " + addressOf(conf)
}

// lookOllama asks the Ollama of this machine, or the one that OLLAMA_HOST names, what it is and has: two requests that change nothing.
func (a *app) lookOllama(ctx context.Context, s *settings) render.Check {
	const name = "ollama"
	host := a.Env("OLLAMA_HOST")
	address, err := ollamaAddress(host)
	if err != nil {
		return brokenCheck(name, err, "unset OLLAMA_HOST")
	}
	ctx, cancel := context.WithTimeout(ctx, glance)
	defer cancel()
	version, models, err := askOllama(ctx, address)
	switch {
	case err != nil && host == "":
		return missingCheck(name, "none answers at "+address+", and none is needed", "ollama serve")
	case err != nil:
		return brokenCheck(name, fmt.Errorf("OLLAMA_HOST names %s: %w", address, err), "unset OLLAMA_HOST")
	}
	c := fine(name, fmt.Sprintf("version %s at %s with %s", version, address, render.Plural(int64(len(models)), "model", "models")))
	if len(models) == 0 {
		c.Hint = "ollama pull NAME"
		return c
	}
	c.Detail += ": " + listed(models)
	if s == nil || !s.namesOllama() {
		c.Detail += "; not used"
		c.Hint = fmt.Sprintf("in soc.yaml: models: {local: {provider: ollama, url: %q, model: %q}}", address, models[0])
	}
	return c
}

// namesOllama tells whether a model of the configuration is Ollama's.
func (s *settings) namesOllama() bool {
	for _, m := range s.Models {
		if m.Provider == "ollama" {
			return true
		}
	}
	return false
}

func askOllama(ctx context.Context, address string) (version string, models []string, err error) {
	c, err := web.New(web.Settings{BaseURL: address, Timeout: glance, MaxBody: 1 << 20, Retries: -1})
	if err != nil {
		return "", nil, err
	}
	var about struct{ Version string }
	if _, err := c.JSON(ctx, web.Request{Path: []string{"api", "version"}}, &about); err != nil {
		return "", nil, err
	}
	var tags struct{ Models []struct{ Name string } }
	if _, err := c.JSON(ctx, web.Request{Path: []string{"api", "tags"}}, &tags); err != nil {
		return "", nil, err
	}
	for _, m := range tags.Models {
		models = append(models, m.Name)
	}
	return about.Version, models, nil
}

// ollamaAddress reads OLLAMA_HOST as Ollama does: HOST, HOST:PORT or a URL. An address to listen on everywhere is this machine's.
// Source: envconfig/config.go of github.com/ollama/ollama.
func ollamaAddress(host string) (string, error) {
	host = strings.Trim(strings.TrimSpace(host), `"'`)
	scheme, rest, ok := strings.Cut(host, "://")
	port := map[string]string{"http": "80", "https": "443"}[scheme]
	if !ok {
		scheme, rest, port = "http", host, "11434"
	}
	rest, path, _ := strings.Cut(rest, "/")
	name := rest
	if h, p, err := net.SplitHostPort(rest); err == nil {
		name, port = h, orElse(p, port)
	}
	name = strings.Trim(name, "[]")
	if ip := net.ParseIP(name); name == "" || ip != nil && ip.IsUnspecified() {
		name = "127.0.0.1"
	}
	u := url.URL{Scheme: scheme, Host: net.JoinHostPort(name, port), Path: strings.TrimSuffix("/"+path, "/")}
	if _, err := url.Parse(u.String()); err != nil || port == "" {
		return "", fmt.Errorf("OLLAMA_HOST is no address like 127.0.0.1:11434")
	}
	return u.String(), nil
}

// recordOf is what was measured of a model as it is configured now, nil when nothing was.
func (a *app) recordOf(name string, conf *config.Model) (*probe.Record, error) {
	dir, err := a.stateDir()
	if err != nil {
		return nil, nil //nolint:nilerr // without a place to keep anything nothing was kept
	}
	all, err := probe.Read(recordsFile(dir))
	if err != nil {
		return nil, err
	}
	composer, err := prompt.New(prompt.Settings{Key: make([]byte, 32)}) // the prompt's digest does not depend on the key
	if err != nil {
		return nil, err
	}
	if r, ok := all[name]; ok && r.Of(recordFor(conf, composer)) {
		return &r, nil
	}
	return nil, nil
}
