package cmd

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"github.com/zalando/go-keyring"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/estate/baseline"
	"github.com/seed-959697dd/soc/internal/intel/abuseipdb"
	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/sigma"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/triage"
)

// knowledge is what a run knows besides its alerts: inventories, baseline, feeds, Sigma rules, services to ask. What cannot be
// loaded becomes a gap of every verdict, and the run goes on.
type knowledge struct {
	app    *app
	s      *settings
	now    time.Time // when the run began, by its own clock
	began  time.Time // the same by the machine's
	checks []triage.Check
	gaps   []alert.Gap
	names  []string // digests of what is known, for promise P5
	estate *living
	desk   *triage.Desk
	answers
	intel  *feed.Set
	closes []io.Closer
}

// contextOptions are the flags that name context.
type contextOptions struct {
	assets, identities, sigma []string
	baseline, intel           string
	follows                   bool // the run goes on for as long as its inputs do
}

func (o *contextOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.assets, "assets", nil, "an inventory of machines and networks in `FILE` (CSV, JSON)")
	f.StringArrayVar(&o.identities, "identities", nil, "an export of accounts in `FILE` (CSV, JSON)")
	f.StringVar(&o.baseline, "baseline", "", "what is usual here, from `FILE` as soc learn --events wrote it")
	f.StringVar(&o.intel, "intel", "", "the `DIR` that holds the feeds (default: intel in the user's state directory)")
	f.StringArrayVar(&o.sigma, "sigma", nil, "run the Sigma rules at `PATH`; own are the shipped ones")
}

// know loads everything that the configuration and the flags name.
func (a *app) know(o contextOptions, s *settings, now time.Time) (*knowledge, error) {
	k := &knowledge{app: a, s: s, now: now, began: a.Now()}
	for _, load := range []func(contextOptions) error{k.assets, k.usual, k.feeds, k.sigma, k.services} {
		if err := load(o); err != nil {
			return nil, errors.Join(err, k.close())
		}
	}
	if len(k.names) > 0 {
		makeRoom()
	}
	return k, nil
}

// makeRoom raises the limit that keeps the memory of a run flat by what its context takes.
func makeRoom() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetMemoryLimit(int64(m.HeapAlloc) + memoryLimit)
}

func (k *knowledge) gap(check string, class alert.GapClass, format string, args ...any) {
	k.gaps = append(k.gaps, alert.Gap{Check: check, Class: class, Reason: fmt.Sprintf(format, args...)})
}

// clock is the run's own, which goes on from its --now.
func (k *knowledge) clock() time.Time { return k.now.Add(k.app.Now().Sub(k.began)) }

func (k *knowledge) close() error {
	var err error
	for _, c := range k.closes {
		err = errors.Join(err, c.Close())
	}
	return err
}

// answers are kept in the casebook once it is open, and for this run until then.
type answers struct {
	run  triage.Memory
	book triage.Answers
}

// Recall implements triage.Answers.
func (a *answers) Recall(service, kind, value string) ([]byte, time.Time, bool) {
	if a.book != nil {
		return a.book.Recall(service, kind, value)
	}
	return a.run.Recall(service, kind, value)
}

// Store implements triage.Answers.
func (a *answers) Store(service, kind, value string, answer []byte, at time.Time) {
	if a.book != nil {
		a.book.Store(service, kind, value, answer, at)
		return
	}
	a.run.Store(service, kind, value, answer, at)
}

// failed are the gaps that only showed while alerts were judged.
func (k *knowledge) failed() []stream.Gap {
	if k.intel == nil || k.intel.Err() == nil {
		return nil
	}
	return []stream.Gap{{Input: "intel", Reason: k.intel.Err().Error()}}
}

// named makes sure that the files of a flag are there: one that is not is a wrong command line, not a gap.
func named(flag string, files []string) error {
	for _, f := range files {
		if _, err := os.Stat(f); err != nil {
			return usage(fmt.Errorf("%s: %w", flag, err), "soc triage "+flag+" FILE alerts.json")
		}
	}
	return nil
}

// usual loads the baseline.
func (k *knowledge) usual(o contextOptions) error {
	file := o.baseline
	if file == "" {
		file = k.s.Baseline.File
	}
	if file == "" {
		k.gap("baseline", alert.Unconfigured, "no baseline was learned")
		return nil
	}
	if o.baseline != "" {
		if err := named("--baseline", []string{file}); err != nil {
			return err
		}
	}
	b, err := baseline.Open(file)
	if err != nil {
		k.gap("baseline", alert.Failed, "%v", err)
		return nil
	}
	k.names = append(k.names, b.Digest())
	if geo := k.s.Baseline.GeoIP; geo != "" {
		countries, err := baseline.OpenCountries(geo)
		if err != nil {
			k.gap("baseline", alert.Failed, "countries of addresses: %v", err)
		} else {
			b = b.With(countries)
			k.closes = append(k.closes, countries)
			k.names = append(k.names, geo)
		}
	}
	if age := k.now.Sub(b.Until()); age > 30*24*time.Hour {
		k.gap("baseline", alert.Partial, "%s ends on %s: it says nothing about alerts more than 30 days later", file, b.Until().Format(time.DateOnly))
	}
	k.checks = append(k.checks, b)
	return nil
}

// feeds opens the imported feeds.
func (k *knowledge) feeds(o contextOptions) error {
	dir, err := k.app.intelDir(o.intel)
	if err != nil {
		k.gap("intel", alert.Unconfigured, "no feed is imported")
		return nil //nolint:nilerr // without a home there are no feeds; nobody asked for any
	}
	set, err := feed.Open(dir)
	if err != nil {
		k.gap("intel", alert.Failed, "%v", err)
		return nil
	}
	k.intel, k.closes = set, append(k.closes, set)
	for _, fault := range set.Faults {
		k.gap("intel", alert.Failed, "%v", fault)
	}
	before := len(k.gaps)
	k.stale(dir, set)
	if len(set.Feeds()) == 0 {
		if len(set.Faults) == 0 && len(k.gaps) == before {
			k.gap("intel", alert.Unconfigured, "no feed is imported")
		}
		return nil
	}
	for _, m := range set.Feeds() {
		k.names = append(k.names, m.Name+" "+m.Digest)
	}
	own, domains := k.own()
	k.checks = append(k.checks, feed.NewCheck(set, feed.CheckOptions{Now: k.now, Networks: own, Domains: domains}))
	return nil
}

// sigma loads rules: the shipped ones by the name own, others by their path.
func (k *knowledge) sigma(o contextOptions) error {
	paths := slices.Concat(k.s.Triage.Sigma, o.sigma)
	if len(paths) == 0 {
		return nil
	}
	var trees []sigma.Tree
	for _, p := range paths {
		if p == "own" {
			trees = append(trees, sigma.Own())
			continue
		}
		if slices.Contains(o.sigma, p) {
			if err := named("--sigma", []string{p}); err != nil {
				return err
			}
		}
		if _, err := os.Stat(p); err != nil {
			k.gap("sigma", alert.Failed, "rules: %v", err)
			continue
		}
		trees = append(trees, sigma.At(p))
	}
	set, skipped, err := sigma.Load(sigma.Options{}, trees...)
	if err != nil {
		k.gap("sigma", alert.Failed, "%v", err)
		return nil
	}
	if n := len(skipped); n > 0 {
		k.gap("sigma", alert.Partial, "%s not used, the first: %s", render.Plural(int64(n), "rule is", "rules are"), skipped[0])
	}
	if set.Len() > 0 {
		k.checks, k.names = append(k.checks, set), append(k.names, "sigma "+set.Digest())
	}
	return nil
}

// services makes the desk ready at which outside services are asked.
func (k *knowledge) services(o contextOptions) error {
	var list []triage.Service
	for _, name := range slices.Sorted(maps.Keys(k.s.Intel)) {
		f := k.s.Intel[name]
		if f.Type != "abuseipdb" || f.Disabled {
			continue
		}
		key, err := k.app.secret("intel."+name, f.KeyEnv, f.KeyFile)
		if err != nil {
			k.gap("intel", alert.Failed, "%v", err)
			continue
		}
		c, err := abuseipdb.New(abuseipdb.Settings{Key: web.NewSecret(key), URL: f.URL, CAFile: f.CAFile, Timeout: f.Timeout.Duration, Questions: f.Calls})
		if err != nil {
			k.gap("intel", alert.Failed, "%s: %v", name, err)
			continue
		}
		list = append(list, c.Service())
	}
	if len(list) == 0 {
		return nil
	}
	own, domains := k.own()
	set := triage.DeskSettings{Now: func() time.Time { return k.now }, Own: own, OwnDomains: domains, Time: time.Minute, Answers: &k.answers}
	if o.follows { // answers grow old, and there is no end before which all must be asked
		set.Now, set.Time = k.clock, 0
		for i := range list {
			list[i].Pause = time.Minute
		}
	}
	k.desk = triage.NewDesk(set, list...)
	k.names = append(k.names, "services")
	return nil
}

// secret reads a key from where the configuration says it is: never from the configuration itself.
func (a *app) secret(what, env, file string) (string, error) {
	if at, ok := strings.CutPrefix(env, config.Keyring); ok {
		return fromKeyring(what, at)
	}
	switch {
	case env != "":
		if v := a.Env(env); v != "" {
			return v, nil
		}
		return "", fmt.Errorf("%s: the environment variable %s is empty", what, env)
	case file != "":
		text, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("%s: %w", what, err)
		}
		return strings.TrimSpace(string(text)), nil
	}
	return "", fmt.Errorf("%s: neither key_env nor key_file is set", what)
}

// fromKeyring asks the keyring of this machine: the Secret Service, the macOS keychain, the Windows credential manager.
func fromKeyring(what, at string) (string, error) {
	service, user, _ := strings.Cut(at, "/")
	text, err := keyring.Get(service, user)
	switch {
	case err != nil:
		return "", fmt.Errorf("%s: asking the keyring for %s: %w", what, at, err)
	case strings.TrimSpace(text) == "":
		return "", fmt.Errorf("%s: the keyring has nothing under %s", what, at)
	}
	return strings.TrimSpace(text), nil
}

// mendSecret is what sets a secret that is in a variable, or in the keyring.
func mendSecret(env string) string {
	if at, ok := strings.CutPrefix(env, config.Keyring); ok {
		service, user, _ := strings.Cut(at, "/")
		return "secret-tool store --label=soc service " + service + " username " + user
	}
	return "export " + env + "=..."
}

// digest names everything that is known: the digests of its parts.
func (k *knowledge) digest() string {
	if len(k.names) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, n := range k.names {
		fmt.Fprintf(sum, "%s\n", n) //nolint:errcheck // a hash never fails
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil))
}
