package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
	"unsafe"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/check"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/triage"
)

// run is one run of triage: what it decides by, where it keeps and where it prints.
type run struct {
	app    *app
	o      triageOptions
	set    *alert.Set
	policy triage.Policy
	conf   *settings
	rules  *rules.Set
	day    string // on which the rules were made ready
	known  *knowledge
	asks   []*witness // one for each model that is asked, in their order
	budget *budget    // of asks
	checks []triage.Check
	show   *printer
	docs   io.Writer // of rejects and gaps; nil when people read
	acc    account
	sum    summary
	book   *casebook.Book // nil with --no-book
	keep   *casebook.Run
	stands triage.Standing
	judged bool       // since arrivals were cleared
	scribe *scribe    // nil: nothing is written back
	saying sync.Mutex // guards toSay
	toSay  []saying
	guard  guard
	said   *casebook.Book // of which --explain takes what models said before; nil without one
	herald *herald
}

// judge is the run itself: read, check, group, decide, keep, print.
func (a *app) judge(ctx context.Context, o triageOptions, s *settings, form form, set *alert.Set, sources []stream.Source, out *bufio.Writer, started time.Time) (err error) {
	now, err := a.clock(o)
	if err != nil {
		return err
	}
	r := &run{app: a, o: o, set: set}
	if o.explain == "" {
		r.herald = a.herald(s)
	}
	r.o.context.follows = o.follow
	if err := r.decide(s, now); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.known.close()) }()
	if err := r.precedent(s, o.precedent); err != nil {
		return err
	}
	if err := r.models(s, orElse(o.model.name, s.Triage.Model)); err != nil {
		return err
	}
	// What can be refused comes first: nothing is written before, and no file of rejects emptied.
	if err := r.openBook(ctx, s, sources, out); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	defer func() { err = r.unkept(err) }()
	if err := r.watch(ctx); err != nil {
		return err
	}
	if err := r.acc.openRejects(o.rejects, sources); err != nil {
		return err
	}
	if r.show, err = a.printer(o, form, &r.policy, sources, out); err != nil {
		return err
	}
	r.show.digests = &r.stands.Digests
	defer r.show.bar.Clear()
	r.docs = r.show.docs()
	switch {
	case o.worker:
		err = r.sharing(ctx, s, sources, out)
		ctx = context.WithoutCancel(ctx) // an interrupt is how working ends
	case o.follow:
		err = r.following(ctx, sources, out)
		ctx = context.WithoutCancel(ctx) // an interrupt is how following ends
	default:
		err = r.finite(ctx, sources)
	}
	if err != nil {
		r.scribe.account()
		return err
	}
	if err := r.acc.note(0, nil, r.known.failed(), r.docs); err != nil {
		return err
	}
	if err := r.finish(ctx); err != nil {
		return err
	}
	if err := r.writeBack(ctx); err != nil {
		r.scribe.account()
		return err
	}
	if err := r.acc.note(0, nil, r.herald.flush(ctx), r.docs); err != nil {
		return err
	}
	r.sum.calls, r.sum.models = r.tallies()
	if r.scribe != nil {
		defer func() { err = graver(err, r.scribe.end()) }()
	}
	return r.show.end(o, &r.acc, &r.sum, started)
}

// decide makes ready what scores: the policy, its rules and the checks.
func (r *run) decide(s *settings, now time.Time) (err error) {
	if r.policy, r.rules, err = s.deciding(now); err != nil {
		return err
	}
	r.conf, r.day = s, now.UTC().Format(time.DateOnly)
	r.stands.Digests.Policy = r.policy.Digest
	r.checks = check.All()
	if r.rules != nil {
		r.checks = append(r.checks, r.rules)
	}
	if r.known, err = r.app.know(r.o.context, s, now); err != nil {
		return err
	}
	r.checks = append(r.checks, r.known.checks...)
	r.stands.Gaps = append(r.stands.Gaps, r.known.gaps...)
	r.stands.Digests.Context = r.known.digest()
	if r.known.desk != nil {
		r.stands.Ask = r.known.desk.Ask
	}
	return nil
}

func (r *run) close() error {
	err := r.acc.close()
	for _, in := range r.o.inlets {
		err = errors.Join(err, in.turn.end(context.Background()))
	}
	for _, book := range []*casebook.Book{r.book, r.said} {
		if book != nil {
			err = errors.Join(err, book.Close())
		}
	}
	return err
}

// observer returns a worker's function that reads a batch into observations.
func (r *run) observer() func(*packet[triage.Observed]) error {
	parser := r.set.NewParser()
	assessor := triage.NewAssessor(r.checks)
	var obs triage.Observation
	return func(p *packet[triage.Observed]) error {
		return records(p, parser, func(al *alert.Alert) error {
			r.observe(assessor, al, &obs, &p.result)
			return nil
		})
	}
}

// observe runs the checks over an alert.
func (r *run) observe(assessor *triage.Assessor, al *alert.Alert, obs *triage.Observation, into *triage.Observed) {
	assessor.Assess(al, obs)
	if r.rules != nil {
		obs.Allow = r.rules.Match(al)
	}
	if r.book != nil || r.asks != nil {
		obs.Raw = al.Raw
	}
	if r.asks != nil && viewed(al) {
		obs.View = al.View
	}
	into.Append(al, obs)
}

// viewed tells an alert that is no JSON itself: a view was made of it.
func viewed(al *alert.Alert) bool { return unsafe.SliceData(al.View) != unsafe.SliceData(al.Raw) }

// finite groups the whole input exactly and judges it at its end.
func (r *run) finite(ctx context.Context, sources []stream.Source) error {
	groups := triage.NewGroups(r.policy.Gap, "")
	defer groups.Close()
	if err := r.recall(ctx, groups.Remember); err != nil {
		return err
	}
	err := ingest(ctx, sources, r.conf.limits(), r.o.workers, r.observer, func(p *packet[triage.Observed]) error {
		if err := r.acc.note(p.read, p.rejects, p.batch.Gaps, r.docs); err != nil {
			return err
		}
		if r.docs != nil { // otherwise the account, which people read, tells it
			r.talk(&p.batch)
		}
		r.show.read(p.batch.Bytes, r.acc.read)
		p.batch.Done() // what an observation keeps it has copied
		return groups.Add(&p.result)
	}, (*triage.Observed).Reset)
	if err != nil {
		return err
	}
	if r.asks != nil {
		if err := r.question(ctx, groups); err != nil {
			return err
		}
	}
	if err := r.survey(ctx, groups); err != nil {
		return err
	}
	render := func(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, tag, error) {
		return r.render(ctx, b, v, m)
	}
	return triage.Judge(ctx, groups, &r.policy, &r.stands, r.o.workers, render, r.emit)
}

// render keeps a verdict, which may give it the ids it had in an earlier run, and spells it.
func (r *run) render(ctx context.Context, b []byte, v *triage.Verdict, m *triage.Members) ([]byte, tag, error) {
	if r.keep != nil {
		if err := r.keep.Keep(ctx, v, m); err != nil {
			return b, tag{}, bookError(err)
		}
		r.report(v)
	}
	if err := r.prose(ctx, v, m); err != nil {
		return b, tag{}, err
	}
	b, t, err := r.show.render(b, v, m)
	if r.keep != nil {
		t.id = v.ID
	}
	t.tell = r.herald.verdict(v, r.book != nil)
	return b, t, err
}

func (r *run) emit(b []byte, t tag) error {
	r.sum.add(t)
	r.herald.tell(t.tell)
	if r.keep != nil && r.show.prints(b, t) {
		r.keep.Printed(t.id)
	}
	return r.show.emit(b, t)
}

// unkept adds to a failure how many verdicts were printed that the casebook could not keep: whoever reads them has to know.
func (r *run) unkept(err error) error {
	if err == nil || r.keep == nil {
		return err
	}
	n := r.keep.Unkept()
	if n == 0 {
		return err
	}
	said := render.Plural(n, "verdict that was printed is", "verdicts that were printed are") + " not kept in it: run it again"
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(r.app.IO.Err, "soc: casebook: "+said)
		return err
	}
	return fmt.Errorf("%w; %s", err, said)
}
