package cmd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/estate"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/render/report"
)

// mostMet is how many entities of a case are looked up.
const mostMet = 100

// acquaint looks up what is known of the entities of a case: by the estate's records, and by other cases.
func (d *desk) acquaint(ctx context.Context, f *render.CaseFile) error {
	e := d.inventory()
	met := map[render.Met]bool{}
	for _, doc := range f.Verdicts {
		for _, one := range gjson.GetBytes(doc, "alert.entities").Array() {
			m := render.Met{Kind: one.Get("type").Str, Value: one.Get("value").Str}
			if met[m] || len(met) == mostMet {
				continue
			}
			met[m] = true
			m.Estate = e.says(m.Kind, m.Value)
			if m.Kind == "host" || m.Kind == "user" {
				n, err := d.book.Elsewhere(ctx, f.Row.ID, casebook.Party{Kind: m.Kind, Value: strings.ToLower(m.Value)})
				if err != nil {
					return err
				}
				m.Open, m.Closed, m.More = n.Open, n.Closed, n.More
			}
			f.Met = append(f.Met, m)
		}
	}
	return nil
}

// inventory is the estate, where one is configured.
type inventory struct{ e *estate.Estate }

func (d *desk) inventory() inventory {
	g, err := d.grounds()
	if err != nil { // it is a gap of the case
		return inventory{}
	}
	e, _ := g.know.estate.src.Current(d.app.Now()) // what failed is a gap of the case
	if hosts, users := e.Len(); hosts+users == 0 {
		return inventory{}
	}
	return inventory{e}
}

// says is what the estate's records say of an entity; nothing where there are none.
func (i inventory) says(kind, value string) string {
	if i.e == nil {
		return ""
	}
	switch kind {
	case "host":
		a, how := i.e.Host(value)
		return inListing(&a, how)
	case "ip":
		addr, err := netip.ParseAddr(value)
		if err != nil {
			return ""
		}
		a, how := i.e.Address(addr.Unmap())
		if how == estate.Unlisted {
			return "" // most addresses are somebody else's
		}
		return inListing(&a, how)
	case "user":
		u, how := i.e.User(value)
		if how == estate.Unlisted {
			return "in no inventory"
		}
		words := []string{}
		for word, is := range map[string]bool{"privileged": u.Privileged, "service account": u.Service, "for emergencies": u.BreakGlass, "VIP": u.VIP} {
			if is {
				words = append(words, word)
			}
		}
		return told(words, how, u.Criticality, u.Place, u.Department, owned(u.Owner))
	}
	return ""
}

func inListing(a *estate.Asset, how estate.Answer) string {
	if how == estate.Unlisted {
		return "in no inventory"
	}
	words := []string{}
	if a.Protected {
		words = append(words, "no response touches it")
	}
	return told(words, how, a.Criticality, a.Place, a.Role, a.Environment, owned(a.Owner))
}

func owned(by string) string {
	if by == "" {
		return ""
	}
	return "owner " + by
}

// told puts what an inventory says into a line, with its place.
func told(words []string, how estate.Answer, c estate.Criticality, place string, more ...string) string {
	var list []string
	if c != estate.Unknown {
		list = append(list, "criticality "+c.String())
	}
	for _, m := range more {
		if m != "" {
			list = append(list, m)
		}
	}
	list = append(list, slices.Sorted(slices.Values(words))...)
	if how == estate.Ambiguous {
		list = append(list, "one of several of that name")
	}
	return strings.TrimSpace(strings.Join(list, ", ") + " (" + place + ")")
}

// Report implements tui.Reader.
func (d *desk) Report(ctx context.Context, id string) (*render.Page, error) {
	if err := d.begin(); err != nil {
		return nil, err
	}
	defer d.busy.Done()
	c, err := d.book.Case(ctx, id)
	if err != nil {
		return nil, err
	}
	k, err := d.judged(ctx, c.ID, c.Verdicts)
	if err != nil {
		return nil, err
	}
	if k == nil {
		return nil, fmt.Errorf("%w: %s has none", casebook.ErrNoVerdict, c.ID)
	}
	w := report.Forms()[0].New(report.Options{Version: d.app.version()})
	return render.Markdown("report of "+c.ID, string(w.End(w.Case(w.Begin(nil), k)))), nil
}

// save writes a new file, for its owner's eyes only. What is there stays: the name was typed, and may be a mistake.
func save(name, text string) (err error) {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("writing a file: %w", err)
	}
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", name, err)
	}
	return nil
}
