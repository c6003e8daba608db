package cmd

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/triage"
)

// settings are a run's configuration with its policy block, wherever that came from.
type settings struct {
	*config.Config
	block *config.Policy // every default filled in
	file  string         // where the policy stands, for messages
}

// settings reads the configuration. policyFile, when not empty, replaces the policy block.
func (a *app) settings(policyFile string) (*settings, error) {
	cfg, used, err := config.Find(a.config, a.Env, ".")
	if err != nil {
		return nil, configError(err)
	}
	s := &settings{Config: cfg, block: cfg.Policy, file: config.FileName}
	if len(used) > 0 {
		s.file = used[0]
	}
	if policyFile != "" {
		if s.block, err = config.LoadPolicy(policyFile); err != nil {
			return nil, configError(err)
		}
		s.file = policyFile
	}
	if s.block == nil {
		s.block = &config.Policy{}
	}
	fill(s.block, triage.DefaultPolicy())
	return s, nil
}

// configError gives a mistake in a file its exit status and hint.
func configError(err error) error {
	var e *config.Error
	if !errors.As(err, &e) {
		return usage(err, "")
	}
	return usage(err, e.Hint)
}

// fill writes the defaults into what was left out, so that the policy's digest covers them.
func fill(b *config.Policy, d triage.Policy) {
	setDefault(&b.BaseRate, d.BaseRate)
	setDefault(&b.Cap, int(d.Cap))
	setDefault(&b.Routes.Escalate, d.Escalate)
	setDefault(&b.Routes.EscalateCritical, d.EscalateCrit)
	setDefault(&b.Gap, config.Duration{Duration: d.Gap})
	setDefault(&b.Floor, d.Floor)
	if b.Autonomy == "" {
		b.Autonomy = string(d.Autonomy)
	}
	caps := map[string]int{}
	for family, c := range d.Caps {
		caps[string(family)] = int(c)
	}
	maps.Copy(caps, b.FamilyCaps)
	b.FamilyCaps = caps
	if b.Required == nil {
		b.Required = d.Required
	}
}

// limits bound what is read as alerts; zero keeps the default.
func (s *settings) limits() stream.Limits {
	l := s.Triage.Limits
	return stream.Limits{Record: l.Alert, Ratio: l.Ratio, Total: l.Total}
}

func setDefault[T any](p **T, value T) {
	if *p == nil {
		*p = &value
	}
}

// policy is the policy block as triage wants it.
func (s *settings) policy() (triage.Policy, error) {
	b := s.block
	p := triage.Policy{
		BaseRate: *b.BaseRate, Cap: triage.Weight(*b.Cap), Caps: map[triage.Family]triage.Weight{}, Escalate: *b.Routes.Escalate,
		EscalateCrit: *b.Routes.EscalateCritical, Required: b.Required, Gap: b.Gap.Duration, Floor: *b.Floor, Autonomy: triage.Autonomy(b.Autonomy),
		Weights: map[string]triage.Weight{}, Floors: map[string]triage.Severity{},
	}
	for name, c := range b.FamilyCaps {
		p.Caps[triage.Family(name)] = triage.Weight(c)
	}
	for check, factor := range b.Weights {
		p.Weights[check] = triage.Weight(math.Round(1000 * factor))
	}
	for check, step := range b.Severity {
		for f := triage.Informational; f <= triage.Critical; f++ {
			if f.String() == step {
				p.Floors[check] = f
			}
		}
	}
	if err := errors.Join(s.families(), s.checkNames()); err != nil {
		return p, err
	}
	var err error
	p.Digest, err = b.Digest(s.Approvers)
	return p, err
}

// families refuses a family that no signal has: a cap for it would silently bound nothing.
func (s *settings) families() error {
	named := map[string]string{}
	for name := range s.block.FamilyCaps {
		named["family_caps."+name] = name
	}
	for _, check := range slices.Concat(slices.Collect(maps.Keys(s.block.Weights)), slices.Collect(maps.Keys(s.block.Severity))) {
		if _, family, ok := strings.Cut(check, "/"); ok {
			named[check] = family
		}
	}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(triage.Families(), triage.Family(named[key])) {
			return usage(fmt.Errorf("%s: policy: %s: no family is called %q", s.file, key, named[key]), "one of "+familyNames())
		}
	}
	return nil
}

// checkNames refuses a check that there is none of: a weight for it would silently weigh nothing, and a required one would never be
// missed.
func (s *settings) checkNames() error {
	known := []string{"rules", "allow", "assets", "baseline", "intel", "sigma", "precedent", "pattern", "rarity", "novelty", "agreement", "burst", "model", "format", "abuseipdb"}
	for _, c := range check.All() {
		known = append(known, c.Name())
	}
	slices.Sort(known)
	named := map[string]string{}
	for key, list := range map[string][]string{
		"weights": slices.Collect(maps.Keys(s.block.Weights)), "severity_floors": slices.Collect(maps.Keys(s.block.Severity)), "required": s.block.Required,
	} {
		for _, name := range list {
			name, _, _ = strings.Cut(name, "/")
			named[key+"."+name] = name
		}
	}
	for _, key := range slices.Sorted(maps.Keys(named)) {
		if !slices.Contains(known, named[key]) {
			return usage(fmt.Errorf("%s: policy: %s: no check is called %q", s.file, key, named[key]), "one of "+strings.Join(known, ", "))
		}
	}
	return nil
}

func familyNames() string {
	var names []string
	for _, f := range triage.Families() {
		names = append(names, string(f))
	}
	return strings.Join(names, ", ")
}

// trusted are the people whose signatures count.
func (s *settings) trusted() (sign.Approvers, error) {
	var list sign.Approvers
	for _, one := range s.Approvers {
		list = append(list, sign.Approver{Name: one.Name, Key: one.Key})
	}
	if err := list.Check(); err != nil {
		return nil, usage(fmt.Errorf("approvers: %w", err), "soc respond keygen --out FILE --name NAME")
	}
	return list, nil
}

// rules makes the policy's rules ready, nil when it has none.
func (s *settings) rules(now time.Time) (*rules.Set, error) {
	approvers, err := s.trusted()
	if err != nil {
		return nil, err
	}
	list := make([]rules.Rule, len(s.block.Rules))
	for i := range list {
		list[i] = ruleOf(&s.block.Rules[i])
	}
	set, err := rules.Compile(list, approvers, now)
	var wrong *rules.Error
	switch {
	case errors.As(err, &wrong):
		hint := "docs/guide/policy.md names every value a rule can read"
		if errors.Is(err, rules.ErrReadsAlert) {
			hint = "write sensor instead of alert: it holds what the product observed"
		}
		return nil, usage(fmt.Errorf("%s:%d: %w", s.file, s.block.Rules[wrong.Index].Line, err), hint)
	case err != nil:
		return nil, err
	}
	return set, nil
}

func ruleOf(r *config.Rule) rules.Rule {
	return rules.Rule{Name: r.Name, Effect: r.Effect, When: r.When, Reason: r.Reason, Expires: r.Expires, By: r.By, Signature: r.Signature}
}

// deciding is what a run decides by: the policy and its rules.
func (s *settings) deciding(now time.Time) (triage.Policy, *rules.Set, error) {
	p, err := s.policy()
	if err != nil {
		return p, nil, err
	}
	set, err := s.rules(now)
	return p, set, err
}
