// Package nftables blocks addresses on a Linux firewall: it puts them into named sets with a time-out, which the kernel keeps. The
// rules that drop what is in the sets are the estate's own; this package makes neither tables nor rules. It needs the nft program of
// nftables 1.0 or later and the right to run it (CAP_NET_ADMIN).
//
// It cannot block what does not pass this machine. Start with New; Rules shows what has to be there.
package nftables

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/respond"
)

// Settings name the sets.
type Settings struct {
	Family    string // inet, ip or ip6; empty: inet
	Table     string // empty: soc
	Set       string // of IPv4 addresses; IPv6 ones go into the set of that name with 6 behind it. Empty: blocked
	Namespace string // network namespace, empty: this one
	Path      string // the PATH in which nft and ip are found
	Now       func() time.Time
}

// Firewall is a respond.Driver for block-ip.
type Firewall struct {
	set  Settings
	name []string // family and table
}

var word = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,63}$`)

// New returns a driver, or which name is none that nft takes.
func New(set Settings) (*Firewall, error) {
	set.Family, set.Table, set.Set = or(set.Family, "inet"), or(set.Table, "soc"), or(set.Set, "blocked")
	set.Path = or(set.Path, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	if f, t, ok := strings.Cut(set.Table, " "); ok {
		set.Family, set.Table = f, t
	}
	for _, w := range []string{set.Family, set.Table, set.Set, or(set.Namespace, "x")} {
		if !word.MatchString(w) {
			return nil, fmt.Errorf("%q is no name of a table, set or namespace", w)
		}
	}
	return &Firewall{set, []string{set.Family, set.Table}}, nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// Rules is what nft -f has to be given once, so that what is in the sets is dropped.
func (f *Firewall) Rules() string {
	s := f.set.Set
	return fmt.Sprintf(`table %s %s {
  set %s { type ipv4_addr; flags interval, timeout; }
  set %s6 { type ipv6_addr; flags interval, timeout; }
  chain %s_in { type filter hook prerouting priority -150; ip saddr @%s drop; ip6 saddr @%s6 drop; ip daddr @%s drop; ip6 daddr @%s6 drop; }
  chain %s_out { type filter hook output priority -150; ip daddr @%s drop; ip6 daddr @%s6 drop; }
}
`, f.set.Family, f.set.Table, s, s, s, s, s, s, s, s, s, s)
}

// Does implements respond.Driver. The kernel takes an address out when its time is over.
func (f *Firewall) Does(action string) (ok, ownTTL bool) { return action == "block-ip", true }

// Probe implements respond.Driver.
func (f *Firewall) Probe(ctx context.Context, _ string, t respond.Target) (respond.State, error) {
	p, set, err := f.where(t)
	if err != nil {
		return respond.State{}, err
	}
	out, err := f.nft(ctx, "-j", "list", "set", f.set.Family, f.set.Table, set)
	if err != nil {
		return respond.State{}, err
	}
	for _, e := range gjson.Get(out, "nftables.#.set.elem|0").Array() {
		v, left := e, ""
		if inner := e.Get("elem"); inner.Exists() {
			v = inner.Get("val")
			if s := inner.Get("expires"); s.Exists() {
				left = ", for another " + (time.Duration(s.Int()) * time.Second).String()
			}
		}
		if same(v, p) {
			return respond.State{Done: true, Detail: "in set " + set + left, Image: "absent"}, nil
		}
	}
	return respond.State{Detail: "not in set " + set, Image: "absent"}, nil
}

// same compares an element of a set with an address or range.
func same(v gjson.Result, p netip.Prefix) bool {
	if pre := v.Get("prefix"); pre.Exists() {
		a, err := netip.ParseAddr(pre.Get("addr").Str)
		return err == nil && netip.PrefixFrom(a, int(pre.Get("len").Int())) == p
	}
	a, err := netip.ParseAddr(v.Str)
	return err == nil && netip.PrefixFrom(a, a.BitLen()) == p
}

// Do implements respond.Driver.
func (f *Firewall) Do(ctx context.Context, o respond.Order) error {
	p, set, err := f.where(o.Target)
	if err != nil {
		return err
	}
	element := spell(p)
	if !o.Until.IsZero() {
		left := o.Until.Sub(f.set.Now()).Round(time.Second)
		if left <= 0 {
			return errors.New("its time is over already")
		}
		element += fmt.Sprintf(" timeout %ds", int(left.Seconds()))
	}
	_, err = f.nft(ctx, "add", "element", f.set.Family, f.set.Table, set, "{ "+element+" }")
	return err
}

// Undo implements respond.Driver.
func (f *Firewall) Undo(ctx context.Context, o respond.Order) error {
	s, err := f.Probe(ctx, o.Action, o.Target)
	if err != nil || !s.Done {
		return err
	}
	p, set, err := f.where(o.Target)
	if err != nil {
		return err
	}
	_, err = f.nft(ctx, "delete", "element", f.set.Family, f.set.Table, set, "{ "+spell(p)+" }")
	return err
}

func spell(p netip.Prefix) string {
	if p.IsSingleIP() {
		return p.Addr().String()
	}
	return p.String()
}

// where reads the target anew: nothing but an address or a range goes into an argument.
func (f *Firewall) where(t respond.Target) (netip.Prefix, string, error) {
	p, err := netip.ParsePrefix(t.Value)
	if err != nil {
		var a netip.Addr
		if a, err = netip.ParseAddr(t.Value); err == nil {
			p = netip.PrefixFrom(a, a.BitLen())
		}
	}
	if err != nil || t.Type != respond.IP {
		return p, "", fmt.Errorf("%q is no address", t.Value)
	}
	if p.Addr().Is4() {
		return p, f.set.Set, nil
	}
	return p, f.set.Set + "6", nil
}

func (f *Firewall) nft(ctx context.Context, args ...string) (string, error) {
	argv := append([]string{"nft"}, args...)
	if f.set.Namespace != "" {
		argv = append([]string{"ip", "netns", "exec", f.set.Namespace}, argv...)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, argv[0], argv[1:]...)
	c.Env = []string{"PATH=" + f.set.Path, "LANG=C"}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := c.Run(); err != nil {
		said, _, _ := strings.Cut(strings.TrimSpace(errs.String()), "\n")
		return "", fmt.Errorf("nft %s: %w: %s", args[0], err, said)
	}
	return out.String(), nil
}
