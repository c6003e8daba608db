package cmd

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/wire"
)

// finish prints the account.
func (r *rescoring) finish(started time.Time) error {
	f := &r.flips
	f.Then, f.Now = r.then.measure(), r.now.measure()
	f.Rejected = r.acc.rejected + r.run.acc.rejected
	f.Rejects, f.Gaps = slices.Concat(r.acc.first, r.run.acc.first), slices.Concat(r.acc.gaps, r.run.acc.gaps)
	if r.docs != nil {
		if _, err := r.docs.Write(r.summary(started)); err != nil {
			return err
		}
		if err := r.docs.Flush(); err != nil {
			return err
		}
	}
	switch {
	case r.docs == r.out:
	case r.app.wantsJSON():
		_, _ = r.out.Write(r.summary(started)) // an error comes back with the flush
	default:
		_, _ = r.out.Write(r.flips.Append(nil, render.NewPaper(r.app.IO)))
	}
	if err := r.out.Flush(); err != nil {
		return err
	}
	if err := r.mark.remove(); err != nil {
		return err
	}
	switch {
	case r.last:
	case r.acc.read > 0 && r.acc.rejected == r.acc.read:
		return usage(fmt.Errorf("none of the %d lines is a document of soc triage", r.acc.read), "soc triage --json alerts.json | soc rescore --policy new.yaml")
	default:
		return &failure{status: statusFailed, err: errors.New("the verdicts end without a summary: whoever wrote them was cut short")}
	}
	return r.former.whole()
}

func (r *rescoring) summary(started time.Time) []byte {
	b := []byte(`{"kind":"summary","version":1,"command":"rescore"`)
	b = wire.Int(b, "read", r.acc.read)
	b = wire.Int(b, "rejected", r.acc.rejected)
	b = wire.Int(b, "verdicts", r.flips.Verdicts)
	b = appendTallies(r.flips.AppendJSON(b), r.tally)
	b = wire.Float(b, "seconds", r.app.Now().Sub(started).Seconds())
	b = append(wire.Key(b, "digests"), '{')
	b = wire.Text(b, "policy", r.stands.Digests.Policy)
	b = wire.Text(b, "precedent", r.stands.Digests.Precedent)
	b = wire.Text(b, "context", r.stands.Digests.Context)
	return append(wire.Text(b, "model", r.stands.Digests.Model), "}}\n"...)
}
