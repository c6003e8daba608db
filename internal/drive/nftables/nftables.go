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

// Probe implements respond.Driver. An address in a set that no rule of the table asks is not blocked.
func (f *Firewall) Probe(ctx context.Context, _ string, t respond.Target) (respond.State, error) {
	p, set, err := f.where(t)
	if err != nil {
		return respond.State{}, err
	}
	found, err := f.look(ctx, p, set)
	if err != nil {
		return respond.State{}, err
	}
	s := respond.State{Image: "absent", Detail: "not in set " + set}
	if found == nil {
		return s, nil
	}
	s.Detail = "in set " + set + found.aside(p)
	rules, err := f.nft(ctx, "-j", "-t", "list", "table", f.set.Family, f.set.Table)
	if err != nil {
		return respond.State{}, err
	}
	if s.Done = strings.Contains(rules, `"@`+set+`"`); !s.Done {
		s.Detail += ", and no rule of table " + f.set.Table + " asks for it"
	}
	return s, nil
}

// Follow implements respond.Follower: where the set itself is gone, what was in it is not blocked any more.
func (f *Firewall) Follow(ctx context.Context, o respond.Order) (respond.State, error) {
	s, err := f.Probe(ctx, o.Action, o.Target)
	if errors.Is(err, errGone) {
		return respond.State{Image: "absent", Detail: "the set is gone, and what was in it"}, nil
	}
	return s, err
}

// errGone means that there is no such table or set.
var errGone = errors.New("no such table or set: load the driver's rules again")

// Do implements respond.Driver. What a wider element has in it is blocked already.
func (f *Firewall) Do(ctx context.Context, o respond.Order) error {
	p, set, err := f.where(o.Target)
	if err != nil {
		return err
	}
	text := spell(p)
	if !o.Until.IsZero() {
		left := o.Until.Sub(f.set.Now()).Round(time.Second)
		if left <= 0 {
			return errors.New("its time is over already")
		}
		text += fmt.Sprintf(" timeout %ds", int(left.Seconds()))
	}
	found, err := f.look(ctx, p, set)
	if err != nil || found != nil && !found.is(p) {
		return err
	}
	_, err = f.nft(ctx, "add", "element", f.set.Family, f.set.Table, set, "{ "+text+" }")
	return err
}

// Undo implements respond.Driver. An element of somebody else that has the address in it stays, and that is an error.
func (f *Firewall) Undo(ctx context.Context, o respond.Order) error {
	p, set, err := f.where(o.Target)
	if err != nil {
		return err
	}
	found, err := f.look(ctx, p, set)
	switch {
	case errors.Is(err, errGone) || err == nil && found == nil:
		return nil
	case err != nil:
		return err
	case !found.is(p):
		return fmt.Errorf("%s stays in set %s%s, which is not soc's", spell(p), set, found.aside(p))
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
		if strings.HasPrefix(said, "Error: No such file or directory") { // nft's own word; of a namespace ip says it otherwise
			return "", fmt.Errorf("nft: %s %s: %w", f.set.Family, f.set.Table, errGone)
		}
		return "", fmt.Errorf("nft %s: %w: %s", args[0], err, said)
	}
	return out.String(), nil
}
