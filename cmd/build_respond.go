package cmd

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/drive/blocklist"
	"github.com/seed-959697dd/soc/internal/drive/crowdsec"
	"github.com/seed-959697dd/soc/internal/drive/exec"
	"github.com/seed-959697dd/soc/internal/drive/ldap"
	"github.com/seed-959697dd/soc/internal/drive/nftables"
	"github.com/seed-959697dd/soc/internal/drive/unbound"
	"github.com/seed-959697dd/soc/internal/estate"
	"github.com/seed-959697dd/soc/internal/web"
	"github.com/seed-959697dd/soc/internal/work"
	"github.com/seed-959697dd/soc/respond"
)

// responder is what planning and carrying out know and may use.
type responder struct {
	app     *app
	s       *settings
	estate  *estate.Estate
	guard   respond.Guard
	limits  respond.Limits
	drivers map[string]respond.Driver
	herald  *herald
	level   func(respond.Rung) respond.Level // nil: there is no casebook that says

	versions map[string]string // of what proposes and does an action

	opening sync.Mutex
	jobs    *work.Jobs // nil: they are not opened yet
}

func (a *app) responder(o contextOptions) (*responder, error) {
	s, err := a.settings("")
	if err != nil {
		return nil, err
	}
	k := &knowledge{app: a, s: s, now: a.Now(), began: a.Now()}
	if err := k.assets(o); err != nil {
		return nil, err
	}
	for _, g := range k.gaps {
		if g.Class != "unconfigured" { // half an inventory protects half the estate
			return nil, usage(fmt.Errorf("%s: %s", g.Check, g.Reason), "soc doctor")
		}
	}
	r := &responder{app: a, s: s, drivers: map[string]respond.Driver{}, herald: a.herald(s), versions: map[string]string{}}
	r.estate, _ = k.estate.src.Current(k.now) // what failed is among the gaps
	l := s.Respond.Limits
	r.limits = respond.Limits{Each: l.Each, Share: l.Share, Blind: l.Blind, Left: l.Left, Batch: l.Privileged, PerHour: l.PerHour}
	if err := r.protect(); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Drivers)) {
		d := s.Drivers[name]
		if r.drivers[name], err = r.driver(name, &d); err != nil {
			return nil, usage(fmt.Errorf("drivers: %s: %w", name, err), "soc doctor")
		}
		r.guard.Targets = append(r.guard.Targets, d.Protected...)
	}
	return r, nil
}

// protect gathers what must not be touched.
func (r *responder) protect() error {
	block := r.s.Respond
	r.guard.Own, r.guard.Domains = r.estate.Own(), append(r.estate.Domains(), r.estate.Outside()...)
	r.guard.Targets = slices.Clone(block.Protected)
	for key, list := range map[string][]string{"partners": block.Partners, "laboratory": block.Laboratory} {
		for _, text := range list {
			p, err := netip.ParsePrefix(text)
			if err != nil {
				return usage(fmt.Errorf("%s: respond: %s: %q is no network", r.s.file, key, text), key+": [192.0.2.0/24]")
			}
			if key == "partners" {
				r.guard.Own = append(r.guard.Own, p)
			} else {
				r.guard.Reachable = append(r.guard.Reachable, p)
			}
		}
	}
	if name, err := os.Hostname(); err == nil {
		r.guard.Itself = append(r.guard.Itself, name)
	}
	for _, text := range r.talksTo() {
		if u, err := url.Parse(text); err == nil && u.Hostname() != "" {
			r.guard.Itself = append(r.guard.Itself, u.Hostname())
		}
	}
	return nil
}

// talksTo lists the addresses of everything that the configuration names.
func (r *responder) talksTo() (list []string) {
	for _, m := range r.s.Models {
		list = append(list, m.URL)
	}
	for _, m := range r.s.Sources {
		list = append(list, m.URL)
	}
	for _, m := range r.s.SOAR {
		list = append(list, m.URL)
	}
	for _, m := range r.s.Drivers {
		list = append(append(append(list, m.URL), m.Undo...), m.Probe...) // of a webhook; words of a program name no host
	}
	for _, m := range r.s.Notify {
		list = append(list, m.URL, "smtp://"+m.Server)
	}
	return list
}

// driver makes what a block of drivers describes.
func (r *responder) driver(name string, d *config.Driver) (respond.Driver, error) {
	a := r.app
	switch d.Type {
	case "blocklist":
		return blocklist.New(blocklist.Settings{Path: d.Path, Actions: d.Actions})
	case "nftables":
		return nftables.New(nftables.Settings{Table: d.Table, Set: d.Set, Namespace: d.Namespace, Path: a.Env("PATH"), Now: a.Now})
	case "unbound":
		return unbound.New(unbound.Settings{
			Actions: d.Actions, ConfigFile: d.ConfigFile, Path: a.Env("PATH"), Zone: d.Zone, ZoneFile: d.Path, Sinkhole: d.Sinkhole, Server: d.Server,
		})
	case "exec":
		return exec.New(exec.Settings{Actions: d.Actions, Command: d.Command, Undo: d.Undo, Probe: d.Probe, Path: a.Env("PATH"), Timeout: d.Timeout.Duration})
	}
	if d.Type == "ldap" {
		password, err := a.secret("drivers."+name, d.PasswordEnv, d.PasswordFile)
		if err != nil {
			return nil, err
		}
		return ldap.New(ldap.Settings{
			URL: d.URL, CAFile: d.CAFile, BindDN: d.BindDN, Password: web.NewSecret(password), BaseDN: d.BaseDN, PolicyDN: d.PolicyDN, Timeout: d.Timeout.Duration,
			Protected: slices.Concat(r.s.Respond.Protected, d.Protected),
		})
	}
	if d.Type == "crowdsec" {
		password, err := a.secret("drivers."+name, d.PasswordEnv, d.PasswordFile)
		if err != nil {
			return nil, err
		}
		return crowdsec.New(crowdsec.Settings{URL: d.URL, CAFile: d.CAFile, Machine: d.User, Password: web.NewSecret(password), Timeout: d.Timeout.Duration, Now: a.Now})
	}
	if d.Type == "webhook" {
		return r.webhook(name, d)
	}
	if d.Type == "xsoar" || d.Type == "splunksoar" {
		return r.soarDriver(d)
	}
	return nil, fmt.Errorf("this version has no driver of type %s", d.Type)
}

// hands finds who does an action, the first by name, and asks for the state of the target.
func (r *responder) hands(ctx context.Context) func(string, respond.Target) (respond.Hand, bool) {
	return func(action string, t respond.Target) (respond.Hand, bool) {
		name := r.hand(action)
		if name == "" {
			return respond.Hand{}, false
		}
		_, own := r.drivers[name].Does(action)
		state, err := r.drivers[name].Probe(ctx, action, t)
		under, uerr := r.under(action)
		if uerr != nil { // people can act all the same: it counts for no level, and soc respond promote says why
			under = ""
		}
		return respond.Hand{Driver: name, OwnTTL: own, TTL: r.s.Drivers[name].TTL.Duration, Under: under, State: state, Err: err}, true
	}
}

// onlookers see what a crew would see. They write nothing down, and are not told.
func (r *responder) onlookers(book *casebook.Book) *respond.Crew {
	return &respond.Crew{
		Drivers: r.drivers, Ledger: casebook.Ledger{Book: book}, Now: r.app.Now, Stopped: r.stopped, Limits: r.limits, Guard: r.guard, Estate: known{r.estate}, Windows: r.windows(),
		Watched: func(ctx context.Context) bool { return r.watched(ctx, book) },
	}
}

// watched tells whether a watch is there.
func (r *responder) watched(ctx context.Context, book *casebook.Book) bool {
	at, err := book.Watched(ctx)
	return err == nil && r.app.Now().Sub(at) < 2*watchPulse
}

// crew carries out, with a book to write down what it does, and the queue of what is due later.
func (r *responder) crew(ctx context.Context, book *casebook.Book, by string, print func(respond.Receipt)) (*respond.Crew, error) {
	jobs, err := r.queue(ctx, book)
	if err != nil {
		return nil, err
	}
	c := r.onlookers(book)
	c.Ledger = casebook.Ledger{Book: book, By: by, Remind: func(ctx context.Context, tx *sql.Tx, s *respond.Step) error {
		return jobs.Add(ctx, tx, dueJobs, aboutStep+s.Key, s.Due())
	}}
	c.Told = func(one respond.Receipt) {
		print(one)
		r.herald.receipt(&one, by)
	}
	return c, nil
}

// queue opens the queue of what is due later, once.
func (r *responder) queue(ctx context.Context, book *casebook.Book) (_ *work.Jobs, err error) {
	r.opening.Lock()
	defer r.opening.Unlock()
	if r.jobs == nil {
		r.jobs, err = r.app.jobsOf(ctx, book, r.s)
	}
	return r.jobs, err
}

// windows is the planned work that the inventory knows of: on machines, by name or address.
func (r *responder) windows() (list []respond.Window) {
	for _, w := range r.estate.Work() {
		list = append(list, respond.Window{From: w.From, To: w.Until, Name: w.Says, Covers: func(t respond.Target) bool {
			return (t.Type == respond.Host || t.Type == respond.Cloud || t.Type == respond.IP) && w.On(t.Value)
		}})
	}
	return list
}

// stopped is the kill switch: a file, or a variable of the environment. A file that cannot be looked for stops too.
func (r *responder) stopped() string {
	if v := r.app.Env("SOC_STOP"); v != "" {
		return "$SOC_STOP is set"
	}
	if r.s.Respond.Stop == "" {
		return ""
	}
	_, err := os.Lstat(r.s.Respond.Stop)
	switch {
	case err == nil:
		return r.s.Respond.Stop + " exists"
	case errors.Is(err, os.ErrNotExist):
		return ""
	}
	return err.Error()
}

// known is the estate as a response asks for it.
type known struct{ e *estate.Estate }

// Facts implements respond.Estate.
func (k known) Facts(t respond.Target) (respond.Facts, bool) {
	switch t.Type {
	case respond.Host, respond.Cloud:
		a, answer := k.e.Host(t.Value)
		return hostFacts(&a), answer != estate.Unlisted
	case respond.IP:
		addr, err := netip.ParseAddr(t.Value)
		if err != nil {
			return respond.Facts{}, false
		}
		a, answer := k.e.Address(addr)
		return hostFacts(&a), answer != estate.Unlisted
	case respond.User:
		u, answer := k.e.User(t.Value)
		return userFacts(&u), answer != estate.Unlisted
	case respond.Domain, respond.URL, respond.Hash, respond.Key, respond.File, respond.Process, respond.Mail, respond.Service, respond.Registry, respond.Case, respond.DeskItem:
	}
	return respond.Facts{}, false
}

// Touches implements respond.Estate.
func (k known) Touches(t respond.Target) (list []respond.Facts) {
	hosts := func(entries []estate.Asset) {
		for i := range entries {
			list = append(list, hostFacts(&entries[i]))
		}
	}
	users := func() {
		for _, u := range k.e.Users(t.Value) {
			list = append(list, userFacts(&u))
		}
	}
	switch t.Type {
	case respond.Host, respond.Service:
		hosts(k.e.Hosts(t.Value))
	case respond.Cloud:
		hosts(k.e.Hosts(t.Value))
		users()
	case respond.IP:
		if p, err := netip.ParsePrefix(t.Value); err == nil {
			hosts(k.e.Within(p))
		} else if a, err := netip.ParseAddr(t.Value); err == nil {
			hosts(k.e.Within(netip.PrefixFrom(a, a.BitLen())))
		}
	case respond.User:
		users()
	case respond.Domain, respond.URL, respond.Hash, respond.Key, respond.File, respond.Process, respond.Mail, respond.Registry, respond.Case, respond.DeskItem:
	}
	return list
}

func userFacts(u *estate.Account) respond.Facts {
	return respond.Facts{Name: u.Name, Tags: u.Tags, BreakGlass: u.BreakGlass, Privileged: u.Privileged, Place: u.Place}
}

func hostFacts(a *estate.Asset) respond.Facts {
	return respond.Facts{Name: a.Name, Role: a.Role, Tags: a.Tags, Protected: a.Protected, Place: a.Place}
}

// Count implements respond.Estate.
func (k known) Count(t respond.TargetType, role string) int {
	switch t {
	case respond.Host, respond.Cloud:
		return k.e.Count(false, role)
	case respond.User:
		return k.e.Count(true, role)
	case respond.IP, respond.Domain, respond.URL, respond.Hash, respond.Key, respond.File, respond.Process, respond.Mail, respond.Service, respond.Registry, respond.Case, respond.DeskItem:
	}
	return 0
}

// watchPulse is how often a watch says that it is there.
const watchPulse = 20 * time.Second
