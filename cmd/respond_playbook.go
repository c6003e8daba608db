package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/playbook"
	"github.com/seed-959697dd/soc/respond"
)

// playbooks are those that a plan is to heed.
type playbooks struct {
	named   []*playbook.Playbook // heeded whether they fit or not: a person asked
	fitting []*playbook.Playbook // heeded where they fit
}

// playbooks finds the named ones. With list it prints what there is and returns nil.
func (a *app) playbooks(names []string) (*playbooks, error) {
	books := &playbooks{}
	if len(names) == 0 {
		return books, nil
	}
	all, err := playbook.Shipped()
	if err != nil {
		return nil, err
	}
	if slices.Contains(names, "list") {
		for _, p := range all {
			fmt.Fprintf(a.IO.Out, "%-22s %s\n", p.Name, p.About)
		}
		return nil, nil
	}
	for _, name := range names {
		if name == "fitting" {
			books.fitting = all
			continue
		}
		if at := slices.IndexFunc(all, func(p *playbook.Playbook) bool { return p.Name == name }); at >= 0 {
			books.named = append(books.named, all[at])
			continue
		}
		p, err := readPlaybook(name)
		if err != nil {
			return nil, usage(err, "soc respond plan --playbook list")
		}
		books.named = append(books.named, p)
	}
	return books, nil
}

func readPlaybook(name string) (*playbook.Playbook, error) {
	f, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: no such playbook, and no such file", name)
	}
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // only read
	return playbook.Read(name, f)
}

// add puts what the playbooks want about a case to what it recommends itself.
func (b *playbooks) add(s *respond.Situation, set *respond.Settings, doc []byte) error {
	if len(b.named)+len(b.fitting) == 0 {
		return nil
	}
	k, err := playbook.ReadCase(doc)
	if err != nil {
		return err
	}
	undecided := func(reason string) {
		set.Gaps = append(set.Gaps, alert.Gap{Source: "playbook", Class: alert.Partial, Reason: reason})
	}
	heeded := slices.Clone(b.named)
	for _, p := range b.fitting {
		switch fits, err := p.Fits(k); {
		case err != nil:
			undecided(err.Error())
		case fits && !slices.Contains(heeded, p):
			heeded = append(heeded, p)
		}
	}
	for _, p := range heeded {
		wants, not := p.Wants(k)
		s.Wants = append(s.Wants, wants...)
		for _, reason := range not {
			undecided(reason)
		}
	}
	return nil
}
