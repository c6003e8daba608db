package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/source/files"
	"github.com/seed-959697dd/soc/investigate"
)

// mostPursued bounds the cases that are pursued through logs, the strongest first.
const mostPursued = 256

// pursue looks for what else happened around the cases.
func (q *inquiry) pursue(ctx context.Context, o investigateOptions, cases []*investigate.Case) error {
	if len(o.logs) == 0 || len(cases) == 0 {
		return nil
	}
	src, err := q.app.logs(o)
	if err != nil {
		return err
	}
	p := investigate.Pursuit{Checks: check.All()}
	if q.narrator != nil && q.narrator.rounds > 0 {
		p.Consult, p.Rounds = q.narrator.consult, q.narrator.rounds
		if q.shows() {
			p.Rounds = 1
		}
	}
	if err := p.Pursue(ctx, src, cases); err != nil {
		return fmt.Errorf("searching the logs: %w", err)
	}
	return nil
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
