package cmd

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
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

// openBook opens the casebook, unless the run keeps nothing or only explains.
func (r *run) openBook(ctx context.Context, s *settings, sources []stream.Source, out io.Writer) (err error) {
	named := r.o.book
	switch {
	case r.o.noBook:
		return nil
	case r.o.explain != "":
		return r.openAnswers(ctx, named)
	}
	if r.book, err = r.app.openBook(ctx, named, false, true); err != nil {
		return err
	}
	r.known.answers.book = r.book.Answers()
	for _, in := range r.o.inlets {
		in.book, in.stores = r.book, r.o.worker
	}
	names := make([]string, len(sources))
	for i := range sources {
		names[i] = sources[i].Name
	}
	if r.o.write.back {
		if r.scribe, err = r.app.scribe(s, r.book, "soc", r.o.write.execute, out); err != nil {
			return err
		}
	}
	r.keep, err = r.book.Begin(ctx, casebook.RunInfo{Command: "triage", Inputs: names, Digests: r.stands.Digests, Close: r.closing})
	return bookError(err)
}

// recall hands over what the casebook saw in earlier runs, and names it in the digests of the verdicts to come.
func (r *run) recall(ctx context.Context, remember func(triage.Sighting)) error {
	if r.book == nil {
		return nil
	}
	sum, n := sha256.New(), 0
	err := r.book.Sightings(ctx, func(s triage.Sighting) error {
		remember(s)
		n++
		_, err := fmt.Fprintf(sum, "%s %q %q %d\n", s.Kind, s.Subject, s.Value, s.Day)
		return err
	})
	if err == nil && n > 0 {
		r.known.names = append(r.known.names, "sightings "+hex.EncodeToString(sum.Sum(nil)))
		r.stands.Digests.Context = r.known.digest()
	}
	return bookError(err)
}

// finish writes what the casebook has collected, before the account is printed.
func (r *run) finish(ctx context.Context) error {
	if r.keep == nil {
		return nil
	}
	return bookError(r.keep.End(ctx))
}

func (r *run) close() error {
	err := r.acc.close()
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
	err := ingest(ctx, sources, stream.Limits{}, r.o.workers, r.observer, func(p *packet[triage.Observed]) error {
		if err := r.acc.note(p.read, p.rejects, p.batch.Gaps, r.docs); err != nil {
			return err
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

// renew rereads the inventories that changed. One that cannot be read leaves the last good copy in use, and a gap.
func (r *run) renew() {
	gap := r.known.renew(r.app.Now())
	r.stands.Gaps = slices.DeleteFunc(slices.Clone(r.stands.Gaps), func(g alert.Gap) bool { return g.Check == "assets" && g.Class == alert.Failed })
	if gap != nil {
		r.stands.Gaps = append(r.stands.Gaps, *gap)
	}
	r.stands.Digests.Context = r.known.digest()
}

// expire makes the rules ready anew when the day is over: what one of them allowed until then it allows no more.
func (r *run) expire() (err error) {
	now := r.known.clock()
	if day := now.UTC().Format(time.DateOnly); r.rules != nil && day != r.day {
		r.rules, err = r.conf.rules(now)
		r.day = day
	}
	return err
}

// tickEvery is how often open groups are looked at while nothing arrives.
const tickEvery = time.Second

// interruptible lets an interrupt of a run that follows its input end the asking of services and models, for which the groups that are
// still open would have to wait one after the other. What was not asked is a gap.
func (r *run) interruptible(ctx context.Context) {
	r.listen(ctx)
	if ask := r.stands.Ask; ask != nil {
		r.stands.Ask = func(_ context.Context, a *alert.Alert) ([]triage.Signal, []alert.Gap) { return ask(ctx, a) }
	}
}

// following judges groups as they close, until the inputs end or the run is interrupted; then it judges what is still open.
func (r *run) following(ctx context.Context, sources []stream.Source, out *bufio.Writer) error {
	r.interruptible(ctx)
	if r.book == nil && len(r.o.inlets) > 0 {
		fmt.Fprintln(r.app.IO.Err, "soc: without a casebook nothing tells the next run what this one saw: it judges it again")
	}
	groups := triage.NewStream(&r.policy, &r.stands)
	if err := r.recall(ctx, groups.Remember); err != nil {
		return err
	}
	observe := r.observer()
	var text []byte
	rest := context.WithoutCancel(ctx)
	yield := func(v *triage.Verdict, m *triage.Members) error {
		r.judged = true
		person := v.Route != triage.Closed // whatever the casebook holds back
		b, t, err := r.render(rest, text[:0], v, m)
		if err != nil {
			return err
		}
		text = b
		if person {
			r.opened(v)
		}
		return r.emit(b, t)
	}
	flush := func(err error) error {
		if err == nil {
			err = r.finish(rest)
		}
		if err == nil {
			err = r.cleared(rest)
		}
		if err == nil {
			err = r.writeBack(rest)
		}
		if err == nil {
			err = out.Flush()
		}
		if gaps := r.herald.flush(rest); err == nil {
			err = r.acc.note(0, nil, gaps, r.docs)
		}
		return err
	}
	take := func(b stream.Batch) error {
		r.renew()
		if err := r.expire(); err != nil {
			return err
		}
		p := &packet[triage.Observed]{batch: b}
		if err := observe(p); err != nil {
			return err
		}
		if err := r.acc.note(p.read, p.rejects, p.batch.Gaps, r.docs); err != nil {
			return err
		}
		r.talk(p.batch.Gaps)
		r.show.read(b.Bytes, r.acc.read)
		if err := r.rewatch(rest); err != nil {
			return err
		}
		if err := flush(groups.Add(rest, &p.result, r.app.Now(), yield)); err != nil {
			return err
		}
		return r.dropped(rest, p.rejects)
	}
	tick := func() error {
		if err := r.rewatch(rest); err != nil {
			return err
		}
		return flush(groups.Tick(rest, r.app.Now(), yield))
	}
	if err := follow(ctx, sources, tickEvery, take, tick); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return flush(groups.End(rest, yield))
}
