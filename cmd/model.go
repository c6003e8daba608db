package cmd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/model/limit"
	"github.com/seed-959697dd/soc/internal/model/ollama"
	"github.com/seed-959697dd/soc/internal/model/openai"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/triage"
)

// modelOptions are the flags about a model.
type modelOptions struct {
	name   string
	calls  count
	cost   float64
	budget time.Duration
	show   bool
	record string
	replay string
}

// noModel is the name that switches a configured model off.
const noModel = "none"

func (o *modelOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.name, "model", "", "ask the model `NAME` of soc.yaml about what its answer could raise; none asks nobody")
	f.Var(&o.calls, "max-calls", "at most so many calls of models in a run (default: triage.calls of soc.yaml, else 1000)")
	f.Float64Var(&o.cost, "max-cost", 0, "make no call with which the run could cost more, by the prices in soc.yaml; 0 is no bound")
	f.DurationVar(&o.budget, "model-budget", 30*time.Second, "stop asking after so `LONG`")
	f.BoolVar(&o.show, "show-prompt", false, "print what would be sent to the model, and stop")
	f.StringVar(&o.record, "record", "", "keep the model's answers in `DIR`")
	f.StringVar(&o.replay, "replay", "", "take the answers kept in `DIR` instead of asking")
}

// models makes ready whoever is to be asked, one after the other: nobody when name is empty or none.
func (r *run) models(s *settings, name string) error {
	o := r.o.model
	if name == "" || name == noModel {
		if o.show {
			return usage(errors.New("--show-prompt: for which model?"), "soc triage --show-prompt --model NAME alerts.json")
		}
		return nil
	}
	conf, ok := s.Models[name]
	if !ok {
		return s.unknownModel(name, "soc triage --model none alerts.json")
	}
	key, err := r.app.promptKey(o, r.o.noBook)
	if err != nil {
		return err
	}
	r.budget = &budget{calls: o.calls.or(s.Triage.Calls), cost: o.cost}
	if len(conf.Cascade) == 0 {
		err = r.witness(s, "", name, key, 1)
		r.stands.Digests.Model = r.digestOfModels()
		return err
	}
	for i, member := range conf.Cascade {
		if err := r.witness(s, name, member, key, float64(i+1)/float64(len(conf.Cascade))); err != nil {
			return err
		}
	}
	r.stands.Digests.Model = name + ": " + r.digestOfModels()
	return nil
}

// witness makes one model ready. Share is how much of the run's budget is used when it stops asking.
func (r *run) witness(s *settings, cascade, name string, key []byte, share float64) error {
	conf := s.Models[name]
	var m prompt.Model
	if r.o.model.replay == "" { // a replay needs neither address nor key
		var err error
		if m, err = r.app.provider(name, &conf); err != nil {
			return err
		}
	}
	slots, err := slotsOf(name, &conf)
	if err != nil {
		return err
	}
	own, domains := r.known.own()
	composer, err := prompt.New(prompt.Settings{Key: key, MaxTokens: conf.MaxTokens, Networks: own, Domains: domains, Slots: slots})
	if err != nil {
		return err
	}
	w := &witness{
		run: r, name: name, cascade: cascade, share: share, conf: conf, composer: composer, remote: !local(&conf), o: r.o.model,
		said: map[string]*triage.Testimony{},
	}
	if w.model, err = recorded(name, m, r.o.model); err != nil {
		return err
	}
	r.measured(w)
	r.asks = append(r.asks, w)
	return nil
}

// digestOfModels names who is asked and what their words weigh.
func (r *run) digestOfModels() string {
	var list []string
	for _, w := range r.asks {
		list = append(list, w.digest)
	}
	return strings.Join(list, ", then ")
}

// unknownModel refuses a name that soc.yaml does not have.
func (s *settings) unknownModel(name, hint string) error {
	known := strings.Join(append(slices.Sorted(maps.Keys(s.Models)), noModel), ", ")
	return usage(fmt.Errorf("--model %s: soc.yaml names no such model under models (%s)", name, known), hint)
}

// promptKey is the key by which names are replaced before a question leaves. It stays the same, or neither cache nor recording would know
// a question again: beside the recordings when there are some, else in the user's state directory. A run that keeps nothing makes none.
func (a *app) promptKey(o modelOptions, nothing bool) ([]byte, error) {
	dir := orElse(o.record, o.replay)
	if dir == "" {
		feeds, err := a.intelDir("")
		if dir = filepath.Dir(feeds); err != nil {
			nothing = true
		}
	}
	file := filepath.Join(dir, "prompt.key")
	key, err := os.ReadFile(file)
	if err == nil && len(key) == 32 {
		return key, nil
	}
	key = make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	if nothing && o.record == "" || o.replay != "" {
		return key, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("keeping the key of prompts: %w", err)
	}
	if err := os.WriteFile(file, key, 0o600); err != nil {
		return nil, fmt.Errorf("keeping the key of prompts: %w", err)
	}
	return key, nil
}

// provider is the client for a configured model.
func (a *app) provider(name string, c *config.Model) (prompt.Model, error) {
	m, err := a.client(name, c)
	if err != nil {
		return nil, err
	}
	return limit.New(m, limit.Settings{Now: a.Now, Most: c.Parallel}), nil
}

// client is the provider as it is, without the limiter before it.
func (a *app) client(name string, c *config.Model) (m prompt.Model, err error) {
	var key string
	if c.KeyEnv != "" || c.KeyFile != "" {
		if key, err = a.secret("models."+name, c.KeyEnv, c.KeyFile); err != nil {
			return nil, usage(err, mendSecret(c.KeyEnv))
		}
	}
	switch c.Provider {
	case "ollama":
		m, err = ollama.New(ollama.Settings{
			Name: name, URL: addressOf(c), Model: c.Model, Key: web.NewSecret(key), Headers: c.Headers, CAFile: c.CAFile,
			Timeout: c.Timeout.Duration, NumCtx: c.NumCtx, NumThread: c.NumThread,
		})
	default:
		m, err = openai.New(openai.Settings{
			Name: name, URL: addressOf(c), Model: c.Model, Key: web.NewSecret(key), Headers: c.Headers, CAFile: c.CAFile,
			APIVersion: c.APIVersion, Timeout: c.Timeout.Duration,
		})
	}
	if err != nil {
		return nil, usage(err, "soc --config soc.yaml triage --model "+name+" alerts.json")
	}
	return m, nil
}

// addressOf is where a model answers.
func addressOf(c *config.Model) string {
	switch c.Provider {
	case "ollama":
		return orElse(c.URL, "http://127.0.0.1:11434")
	case "anthropic":
		return orElse(c.URL, "https://api.anthropic.com/v1")
	}
	return orElse(c.URL, "https://api.openai.com/v1")
}

func orElse[T comparable](v, other T) T {
	var none T
	if v == none {
		return other
	}
	return v
}

// count is a flag's whole number, from 0, of which is known whether it was given.
type count struct {
	n     int
	given bool
}

// or is the number, what the configuration says without one, and a thousand without either.
func (c *count) or(configured *int) int {
	switch {
	case c.given:
		return c.n
	case configured != nil:
		return *configured
	}
	return 1000
}

// Set implements pflag.Value.
func (c *count) Set(text string) (err error) {
	c.n, err = strconv.Atoi(text)
	if err == nil && c.n < 0 {
		err = errors.New("at least 0")
	}
	c.given = err == nil
	return err
}

// String implements pflag.Value.
func (c *count) String() string {
	if !c.given {
		return ""
	}
	return strconv.Itoa(c.n)
}

// Type implements pflag.Value.
func (c *count) Type() string { return "int" }

// slotsOf are the slots that soc.yaml keeps from a model elsewhere.
func slotsOf(name string, c *config.Model) (list []alert.Slot, err error) {
	for _, word := range c.Redact {
		s, ok := alert.SlotOf(word)
		if !ok {
			return nil, usage(fmt.Errorf("models.%s.redact: no slot is called %q; actor.user and target.command are two", name, word), "soc triage --formats")
		}
		list = append(list, s)
	}
	return list, nil
}

// local tells a model that stays within the estate: one that the configuration calls so, or one on this machine.
func local(c *config.Model) bool {
	if c.Local {
		return true
	}
	u, err := url.Parse(c.URL)
	if c.URL == "" {
		return c.Provider == "ollama"
	}
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}
