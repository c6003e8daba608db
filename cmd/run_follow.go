package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/triage"
)

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

// stream groups what keeps coming, and waits for what comes late as long as the configuration says.
func (r *run) stream() *triage.Stream {
	s := triage.NewStream(&r.policy, &r.stands)
	if late := r.conf.Triage.Lateness.Duration; late > 0 {
		s.Lateness = late
	}
	return s
}

// unsaid bounds the bytes of verdicts that wait until they are stored: what is printed is in the casebook, whoever stops reading when.
const unsaid = 1 << 20

// following judges groups as they close, until the inputs end or the run is interrupted; then it judges what is still open.
func (r *run) following(ctx context.Context, sources []stream.Source, out *bufio.Writer) error {
	r.interruptible(ctx)
	if r.book == nil && len(r.o.inlets) > 0 {
		fmt.Fprintln(r.app.IO.Err, "soc: without a casebook nothing tells the next run what this one saw: it judges it again")
	}
	groups := r.stream()
	if err := r.recall(ctx, groups.Remember); err != nil {
		return err
	}
	observe := r.observer()
	rest := context.WithoutCancel(ctx)
	var said []spoken // and not stored yet
	size := 0
	release := func() error {
		list := said
		said, size = nil, 0
		if err := r.finish(rest); err != nil {
			return err
		}
		for i := range list {
			if err := r.emit(list[i].text, list[i].tag); err != nil {
				return err
			}
		}
		return nil
	}
	yield := func(v *triage.Verdict, m *triage.Members) error {
		r.judged = true
		person := v.Route != triage.Closed // whatever the casebook holds back
		b, t, err := r.render(rest, nil, v, m)
		if err != nil {
			return err
		}
		if person {
			r.opened(v)
		}
		if said, size = append(said, spoken{b, t}), size+len(b); size < unsaid {
			return nil
		}
		return release()
	}
	flush := func(err error) error {
		if err == nil {
			err = release()
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
		r.talk(&p.batch)
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
	if err := follow(ctx, sources, r.conf.limits(), tickEvery, take, tick); err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	return flush(groups.End(rest, yield))
}
