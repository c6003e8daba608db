package cmd

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/investigate"
)

// grounds is what is known beside the case about values that are not to be blocked or shared.
type grounds struct {
	know     *knowledge
	networks []netip.Prefix
	domains  []string
	feeds    *feed.Set
	gaps     []alert.Gap // of the estate and the feeds: without them own and listed values cannot be told
}

// grounds loads the estate and the feeds that the configuration names.
func (a *app) grounds() (*grounds, error) {
	s, err := a.settings("")
	if err != nil {
		return nil, err
	}
	k := &knowledge{app: a, s: s, now: a.Now(), began: a.Now()}
	for _, load := range []func(contextOptions) error{k.assets, k.feeds} {
		if err := load(contextOptions{}); err != nil {
			return nil, err
		}
	}
	g := &grounds{know: k, feeds: k.intel}
	g.networks, g.domains = k.own()
	for i, d := range g.domains {
		g.domains[i] = strings.ToLower(strings.Trim(d, "."))
	}
	for _, gap := range k.gaps {
		if gap.Class != alert.Unconfigured {
			g.gaps = append(g.gaps, gap)
		}
	}
	return g, nil
}

// conclude writes what follows from a case, and copies its evidence when that was asked for.
func (q *inquiry) conclude(k *investigate.Case) error {
	if err := q.copies.before(k); err != nil {
		return err
	}
	q.grounds.conclude(k)
	return q.copies.after(k)
}

// conclude takes the hidden scripts apart, marks what is not to be blocked, and writes what follows.
func (g *grounds) conclude(k *investigate.Case) {
	k.Decode(func(text string) (list []investigate.Script) {
		for _, h := range check.Reveal(text) {
			list = append(list, investigate.Script(h))
		}
		return list
	})
	k.Stand(g.standing)
	gaps := g.gaps
	if g.feeds != nil && g.feeds.Err() != nil {
		gaps = append(gaps[:len(gaps):len(gaps)], alert.Gap{Check: "intel", Class: alert.Failed, Reason: g.feeds.Err().Error()})
	}
	for _, gap := range gaps {
		if !slices.Contains(k.Gaps, gap) {
			k.Gaps = append(k.Gaps, gap)
		}
	}
	k.Conclude()
}

// standing implements what Case.Stand asks for.
func (g *grounds) standing(kind, value string) investigate.Standing {
	host := investigate.HostOf(kind, value)
	if a, err := netip.ParseAddr(host); err == nil && slices.ContainsFunc(g.networks, func(p netip.Prefix) bool { return p.Contains(a.Unmap()) }) {
		return investigate.Own
	}
	if host != "" && slices.ContainsFunc(g.domains, func(d string) bool { return host == d || strings.HasSuffix(host, "."+d) }) {
		return investigate.Own
	}
	if g.feeds == nil {
		return ""
	}
	if a, err := g.feeds.Lookup(value); err == nil && a.By != "" {
		return investigate.Listed
	}
	return ""
}

func (g *grounds) close() error { return g.know.close() }
