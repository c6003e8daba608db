package cmd

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/estate/baseline"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/sigma"
	"github.com/seed-959697dd/soc/triage"
)

// lookDeciding looks at the policy and at those whose signatures count.
func (a *app) lookDeciding(s *settings, now time.Time) []render.Check {
	const policy, approvers = "policy", "approvers"
	var list []render.Check
	p, _, err := s.deciding(now)
	switch expired := s.expired(now); {
	case err != nil:
		list = append(list, brokenCheck(policy, err, "soc triage --policy FILE alerts.json"))
	case len(expired) > 0:
		c := brokenCheck(policy, fmt.Errorf("no longer in force: rule %s", listed(spans(expired))), "soc respond sign --rule "+shellWord(expired[0].name)+" --key FILE")
		c.Class = alert.Partial
		list = append(list, c)
	default:
		list = append(list, fine(policy, fmt.Sprintf("autonomy %s, %s", p.Autonomy, render.Plural(int64(len(s.block.Rules)), "rule", "rules"))))
	}
	known, err := s.trusted()
	switch {
	case err != nil:
		return append(list, brokenCheck(approvers, err, ""))
	case len(known) == 0:
		return append(list, missingCheck(approvers, "nobody's signature counts: nothing is closed", "soc respond keygen --out FILE --name NAME"))
	}
	var names []string
	for _, one := range known {
		names = append(names, one.Name)
	}
	return append(list, fine(approvers, listed(names)))
}

// expired names the rules whose day has passed.
func (s *settings) expired(now time.Time) (list []pastRule) {
	for i := range s.block.Rules {
		r := &s.block.Rules[i]
		if r.Expires != "" && r.Expires < now.UTC().Format(time.DateOnly) {
			list = append(list, pastRule{r.Name, r.Expires})
		}
	}
	return list
}

// pastRule is a rule whose day has passed.
type pastRule struct{ name, day string }

func spans(list []pastRule) (names []string) {
	for _, r := range list {
		names = append(names, r.name+" (until "+r.day+")")
	}
	return names
}

// contextLooks are the sources of context by the names of their gaps, with what sets one up and what mends it.
func contextLooks() [4][3]string {
	return [...][3]string{
		{"assets", "soc triage --assets FILE alerts.json", "soc triage --no-book --assets FILE alerts.json"},
		{"baseline", "soc learn --events LOGS --out usual.socb", "soc learn --events LOGS --out usual.socb"},
		{"intel", "soc intel import FILE", "soc intel import --configured"},
		{"sigma", "soc triage --sigma own alerts.json", "soc triage --no-book --sigma PATH alerts.json"},
	}
}

// lookContext loads everything as a run would. What a run calls a gap is what does not work.
func (a *app) lookContext(s *settings, now time.Time) []render.Check {
	k, err := a.know(contextOptions{}, s, now)
	if err != nil {
		return []render.Check{brokenCheck("context", err, "")}
	}
	defer func() { _ = k.close() }() // only read
	have := k.inventory()
	var list []render.Check
	for _, look := range contextLooks() {
		name, start, mend := look[0], look[1], look[2]
		c := fine(name, have[name])
		for _, g := range k.gaps {
			if g.Check == name {
				c = worse(c, g)
			}
		}
		switch {
		case c.OK && c.Detail == "":
			c = missingCheck(name, "none is configured", start)
		case !c.OK && c.Class == alert.Unconfigured:
			c.Hint = start
		case !c.OK:
			c.Hint = mend
		}
		list = append(list, c)
	}
	return list
}

// worse adds a gap to what was found: its reason, and its class where that is worse.
func worse(c render.Check, g alert.Gap) render.Check {
	if c.Detail != "" {
		c.Detail += "; "
	}
	c.Detail += g.Reason
	if c.OK || c.Class == alert.Unconfigured || g.Class == alert.Failed {
		c.Class = g.Class
	}
	c.OK = false
	return c
}

// inventory says what was loaded, by the name of the check that knows it.
func (k *knowledge) inventory() map[string]string {
	have := map[string]string{}
	if e, _ := k.estate.src.Current(k.now); e != nil { // what failed is a gap already
		if hosts, users := e.Len(); hosts+users > 0 {
			have["assets"] = render.Plural(int64(hosts), "asset", "assets") + ", " + render.Plural(int64(users), "account", "accounts")
		}
	}
	for _, c := range k.checks {
		switch c := c.(type) {
		case *baseline.Baseline:
			have["baseline"] = fmt.Sprintf("%s, until %s, %s", k.s.Baseline.File, c.Until().Format(time.DateOnly), ago(k.now.Sub(c.Until())))
		case *sigma.Set:
			have["sigma"] = render.Plural(int64(c.Len()), "rule", "rules") + " of " + listed(k.s.Triage.Sigma)
		}
	}
	have["intel"] = k.feedList()
	return have
}

// feedList says which feeds are there and how old the oldest is.
func (k *knowledge) feedList() string {
	if k.intel == nil || len(k.intel.Feeds()) == 0 {
		if k.desk != nil {
			return "services are asked, no feed is imported"
		}
		return ""
	}
	var names []string
	oldest, entries := k.now, int64(0)
	for _, m := range k.intel.Feeds() {
		names, entries = append(names, m.Name), entries+m.Entries
		if m.Imported.Before(oldest) {
			oldest = m.Imported
		}
	}
	return fmt.Sprintf("%s: %s, the oldest import %s", listed(names), render.Plural(entries, "entry", "entries"), ago(k.now.Sub(oldest)))
}

// ago is how long ago something was, in the unit that fits.
func ago(d time.Duration) string {
	switch {
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min ago", max(0, int(d.Minutes())))
	case d < 72*time.Hour:
		return fmt.Sprintf("%d h ago", int(d.Hours()))
	}
	return fmt.Sprintf("%d d ago", int(d.Hours()/24))
}

// lookPrecedent reads the precedent as a run would.
func (a *app) lookPrecedent(s *settings) render.Check {
	const name, learnt = "precedent", "soc learn --decisions decisions.ndjson --alerts alerts.json --out precedent.json"
	if s.Precedent.File == "" {
		return missingCheck(name, "none is configured: scores are uncalibrated", learnt)
	}
	quiet := *a
	quiet.IO.Err = io.Discard // what it says is what the gaps say
	policy, err := s.policy()
	if err != nil {
		return brokenCheck(name, fmt.Errorf("%s: the policy cannot be used: %w", s.Precedent.File, err), "")
	}
	r := &run{app: &quiet, policy: policy}
	if err := r.precedent(s, ""); err != nil {
		return brokenCheck(name, err, learnt)
	}
	c := render.Check{Name: name, OK: true}
	if p := r.policy.Precedent; p != nil {
		c = precedentCheck(name, s.Precedent.File, p)
	}
	for _, g := range r.stands.Gaps {
		c = worse(c, g)
		c.Hint = learnt
	}
	return c
}

func precedentCheck(name, file string, p *triage.Precedent) render.Check {
	c := fine(name, fmt.Sprintf("%s, learned %s from %s labels", file, p.At, p.Labels))
	if p.Trusted == "" {
		c.Detail += ", signed by nobody: it only marks what it would close"
		c.Hint = "soc respond sign --precedent precedent.json --key FILE"
		return c
	}
	c.Detail += ", signed by " + p.Trusted
	if p.Revoked != "" {
		c.Detail += "; it closes nothing: " + strings.TrimSpace(p.Revoked)
	}
	return c
}
