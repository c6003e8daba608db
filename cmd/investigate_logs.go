package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/source/files"
	"github.com/seed-959697dd/soc/investigate"
)

// mostPursued bounds the cases that are pursued through logs, the strongest first.
const mostPursued = 256

// searches tells whether there is anything to search.
func (o *investigateOptions) searches() bool { return len(o.logs)+len(o.from) > 0 }

// pursue looks for what else happened around the cases.
func (q *inquiry) pursue(ctx context.Context, cases []*investigate.Case) error {
	if q.source == nil || len(cases) == 0 {
		return nil
	}
	p := investigate.Pursuit{Checks: check.All(), Gather: !q.kept}
	if q.narrator != nil && q.narrator.rounds > 0 {
		p.Consult, p.Rounds = q.narrator.consult, q.narrator.rounds
		if q.shows() {
			p.Rounds = 1
		}
	}
	if err := p.Pursue(ctx, q.source, cases); err != nil {
		return fmt.Errorf("searching the logs: %w", err)
	}
	return nil
}

// sourceOf makes what --logs and --from name ready to be asked, several as one; nil when they name nothing.
func (a *app) sourceOf(o investigateOptions, s *settings) (investigate.Source, error) {
	var list []investigate.Named
	if len(o.logs) > 0 {
		src, err := a.logs(o)
		if err != nil {
			return nil, err
		}
		list = append(list, investigate.Named{Source: src})
	}
	from, err := a.answerers(o.from, s, "soc investigate", " verdicts.ndjson")
	if err != nil {
		return nil, err
	}
	return together(append(list, from...)), nil
}

// answerers makes the sources of soc.yaml ready that --from names. The command and its rest are for the hints.
func (a *app) answerers(names []string, s *settings, command, rest string) (list []investigate.Named, err error) {
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			return nil, usage(fmt.Errorf("--from %s stands twice", name), command+" --from "+name+rest)
		}
		sys, conf, err := a.configured(name, s)
		if err != nil {
			return nil, err
		}
		src, ok := sys.(investigate.Source)
		if !ok {
			return nil, usage(fmt.Errorf("--from %s: a source of type %s answers no questions", name, conf.Type), command+" --logs PATH"+rest)
		}
		list = append(list, investigate.Named{Name: name, Source: src})
	}
	return list, nil
}

// together asks several as one; nil when there is none. Logs alone are asked as they are: what fails of them is an error, not a gap.
func together(list []investigate.Named) investigate.Source {
	switch {
	case len(list) == 0:
		return nil
	case len(list) == 1 && list[0].Name == "":
		return list[0].Source
	}
	return investigate.Sources(list...)
}

// logs opens what --logs names.
func (a *app) logs(o investigateOptions) (investigate.Source, error) {
	set, err := a.formatSet(triageOptions{tz: o.tz, now: o.now})
	if err != nil {
		return nil, err
	}
	src, err := files.Open(o.logs, files.Options{Formats: set})
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, files.ErrOnce) {
		return nil, usage(err, "soc investigate --logs ./logs verdicts.ndjson")
	}
	return src, err
}
