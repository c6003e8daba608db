package cmd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// checksOf makes ready what triages the alerts anew. Services are not asked: answers are those of the old verdicts. A model is asked when
// the command line names one, and not because the configuration does.
func (r *rescoring) checksOf(s *settings, now time.Time) (err error) {
	r.o.formats, r.o.found = append(r.o.formats, s.Formats...), s.Found
	if r.set, err = r.app.formatSet(r.o); err != nil {
		return err
	}
	if err := r.decide(s, now); err != nil {
		return err
	}
	r.former = newFormer(r)
	r.stands.Ask = r.former.ask
	if err := r.models(s, r.o.model.name); err != nil || len(r.asks) > 0 {
		return err
	}
	r.stands.Witnesses = []triage.Witness{r.former.tell}
	return nil
}

// compared is what the account needs of a new verdict.
type compared struct {
	class     triage.FlipClass
	found     bool // an old verdict holds an alert of it
	mute      bool // a model was to say something about it and did not
	fresh     int64
	truth     triage.Disposition
	then, now triage.Judgement // without signals
	row       *render.FlipRow
}

// anew triages the alerts and compares each new verdict with the old ones that hold its alerts.
func (r *rescoring) anew(ctx context.Context, o rescoreOptions, args []string) error {
	sources, err := stream.Expand(o.alerts, r.app.IO.In)
	if err != nil {
		return err
	}
	if err := notAnInput(o.out, sources); err != nil {
		return err
	}
	if err := r.old(ctx, o, args); err != nil {
		return err
	}
	r.former.seal()
	makeRoom()
	groups := triage.NewGroups(r.policy.Gap, "")
	defer groups.Close()
	acc := &r.run.acc // of the alerts; rescoring has its own, of the verdicts
	err = ingest(ctx, sources, r.conf.limits(), r.o.workers, r.observer, func(p *packet[triage.Observed]) error {
		if err := acc.note(p.read, p.rejects, p.batch.Gaps, r.documents()); err != nil {
			return err
		}
		return groups.Add(&p.result)
	}, (*triage.Observed).Reset)
	if err != nil {
		return err
	}
	r.flips.Again = &render.Again{Read: acc.read, Rejected: acc.rejected, Asked: len(r.asks) > 0}
	if len(r.asks) > 0 {
		if err := r.question(ctx, groups); err != nil {
			return err
		}
	}
	if err := triage.Judge(ctx, groups, &r.policy, &r.stands, r.o.workers, r.compare, r.note); err != nil {
		return err
	}
	r.flips.Again.Vanished, _ = r.former.vanished()
	r.flips.Again.Calls, r.tally = r.tallies()
	return acc.note(0, nil, r.known.failed(), r.documents())
}

// compare puts a new verdict beside the gravest old one that holds any of its alerts. It is called from several goroutines.
func (r *rescoring) compare(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, *compared, error) {
	f, c := r.former, &compared{class: triage.NoFlip, now: v.Judgement}
	c.mute = slices.ContainsFunc(v.Gaps, func(g alert.Gap) bool { return g.Check == prompt.Check })
	var was *outcome
	var lacking int64 // alerts of the old verdicts whose ids are not known
	last := -1
	look := func(ids []string) {
		for _, id := range ids {
			i, found := f.find(id, numberOf(v.ID))
			switch {
			case !found:
				c.fresh++
			case int(i) != last:
				last = int(i)
				if o := &f.outcomes[i]; was == nil || o.graver(was) {
					was = o
				}
				lacking += int64(f.outcomes[i].more)
			}
		}
	}
	look(v.IDs)
	if v.More > 0 {
		if err := v.Rest(m, look); err != nil {
			return b, nil, err
		}
	}
	c.now.Signals = nil
	if was == nil {
		return b, c, nil
	}
	c.found, c.fresh = true, max(0, c.fresh-lacking)
	p := &triage.Past{ID: was.name(), AlertIDs: v.IDs, Then: f.judgement(was)}
	now := v.Judgement
	if was.same {
		leave(&p.Then, &now)
	}
	c.truth, c.then, c.now.Route, c.now.WouldClose = r.truthOf(p), p.Then, now.Route, now.WouldClose
	if c.class = triage.Compare(&p.Then, &now, c.truth); c.class == triage.NoFlip {
		return b, c, nil
	}
	flip := triage.Flip{Past: p, Now: now, Class: c.class, Because: triage.Differences(f.termsOf(was), terms(map[string]triage.Weight{}, &now))}
	if r.rows() {
		row := render.FlipRowOf(&flip)
		c.row = &row
	}
	if r.docs == nil {
		return b, c, nil
	}
	return append(flip.AppendJSON(b), '\n'), c, nil
}

// note counts a new verdict, in order.
func (r *rescoring) note(b []byte, c *compared) error {
	f := &r.flips
	f.Again.Groups++
	f.Again.New += c.fresh
	if c.mute {
		f.Again.Unanswered++
	}
	if c.found {
		f.Verdicts++
		f.Classes[c.class]++
	}
	if c.truth != triage.Undetermined {
		r.then.Add(&c.then, c.truth == triage.TruePositive)
		r.now.Add(&c.now, c.truth == triage.TruePositive)
	}
	if c.row != nil {
		f.Add(*c.row)
	}
	if len(b) == 0 {
		return nil
	}
	_, err := r.docs.Write(b)
	return err
}

func (f *former) judgement(o *outcome) triage.Judgement {
	return triage.Judgement{Disposition: o.disposition, Score: o.score, Probability: o.probability, Severity: o.severity, Route: o.route, WouldClose: o.would}
}

func (f *former) termsOf(o *outcome) map[string]triage.Weight {
	sum := map[string]triage.Weight{}
	for _, t := range f.terms[o.terms : o.terms+uint32(o.count)] {
		sum[f.names.text[t.name]] += t.weight
	}
	return sum
}

// whole is an error when alerts vanished: nobody can tell what becomes of them.
func (f *former) whole() error {
	if f == nil {
		return nil
	}
	n, verdict := f.vanished()
	if n == 0 {
		return nil
	}
	err := fmt.Errorf("%s of the old verdicts are in no new one, the first of %s", render.Plural(n, "alert", "alerts"), verdict)
	return &failure{status: statusFailed, err: errors.Join(err), hint: "give --alerts everything that the old verdicts were made of"}
}
