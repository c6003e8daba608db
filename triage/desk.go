package triage

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// DeskSettings are what all services of a Desk share.
type DeskSettings struct {
	Now        func() time.Time // the run's clock, for the age of answers
	Own        []netip.Prefix   // the estate's own networks: their addresses never leave
	OwnDomains []string         // the estate's own domains, with all below them
	Answers    Answers          // where answers are kept; nil is a Memory
	Time       time.Duration    // for all questions of the run, from the first; 0 is no bound
	PerAlert   int              // most indicators of one alert that a service is asked about; 0 is 8
}

// Desk is where judges ask outside: it asks each question once, answers out of the cache where it can, keeps to the budgets,
// lets nothing leave but public indicators of the types a service may be told, and turns every answer that does not come into a gap.
// It is safe for concurrent use. With all answers in the cache, the same question has the same answer.
type Desk struct {
	set      DeskSettings
	clerks   []*clerk
	begin    sync.Once
	deadline time.Time
}

// NewDesk opens a desk for one run. The services answer in the order given.
func NewDesk(set DeskSettings, services ...Service) *Desk {
	if set.Answers == nil {
		set.Answers = &Memory{}
	}
	if set.PerAlert <= 0 {
		set.PerAlert = 8
	}
	d := &Desk{set: set}
	for _, s := range services {
		s.defaults()
		d.clerks = append(d.clerks, &clerk{Service: s, desk: &d.set, slots: make(chan struct{}, s.Parallel), flights: map[alert.Indicator]*flight{}})
	}
	return d
}

// Ask asks every service about the alert's indicators. The signals cite the alert's fields and live as long as it does. A service
// that did not answer about all of them is a gap. When ctx ends, so does the asking, and what is not answered is a gap too.
func (d *Desk) Ask(ctx context.Context, a *alert.Alert) ([]Signal, []alert.Gap) {
	questions := d.set.outbound(a)
	if len(questions) == 0 {
		return nil, nil
	}
	ctx, cancel := d.within(ctx)
	defer cancel()
	signals, gaps := make([][]Signal, len(d.clerks)), make([][]alert.Gap, len(d.clerks))
	var wg sync.WaitGroup
	for i, c := range d.clerks {
		wg.Go(func() { signals[i], gaps[i] = c.answer(ctx, questions) })
	}
	wg.Wait()
	return slices.Concat(signals...), slices.Concat(gaps...)
}

// within gives a context the run's deadline, which the first question sets. It is one of the machine's clock: time passes
// also while the run's own clock stands still.
func (d *Desk) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if d.set.Time <= 0 {
		return ctx, func() {}
	}
	d.begin.Do(func() {
		timed, cancel := context.WithTimeout(context.Background(), d.set.Time)
		d.deadline, _ = timed.Deadline()
		cancel()
	})
	return context.WithDeadlineCause(ctx, d.deadline, fmt.Errorf("the %s that a run has for questions are over", d.set.Time))
}

// answer asks one service what of the questions it may be told.
func (c *clerk) answer(ctx context.Context, questions []question) ([]Signal, []alert.Gap) {
	var mine []question
	for _, q := range questions {
		if slices.Contains(c.Types, q.Type) {
			mine = append(mine, q)
		}
	}
	more := max(0, len(mine)-c.desk.PerAlert)
	mine = mine[:len(mine)-more]
	var signals []Signal
	var silent []string
	var why error
	for i, r := range c.ask(ctx, mine) {
		switch {
		case r.err != nil:
			if silent = append(silent, mine[i].Value); why == nil {
				why = r.err
			}
		case r.finding.Sentence != "":
			signals = append(signals, c.signal(r, mine[i].field))
		}
	}
	var gaps []alert.Gap
	if why != nil {
		gap := alert.Gap{Check: c.Name(), Class: alert.Partial, Reason: "no answer about " + few(silent) + ": " + why.Error()}
		if len(silent) == len(mine) {
			gap.Class = alert.Failed
		}
		gaps = append(gaps, gap)
	}
	if more > 0 {
		reason := fmt.Sprintf("not asked about %d more indicators: %d of an alert are", more, c.desk.PerAlert)
		gaps = append(gaps, alert.Gap{Check: c.Name(), Class: alert.Partial, Reason: reason})
	}
	return signals, gaps
}

// signal makes a finding one. Note sees to it that nothing lowers on the word of an attacker.
func (c *clerk) signal(r reply, f *alert.Field) Signal {
	s := Note(c.Name(), Reputation, r.finding.Weight, r.finding.Sentence, "", f)
	s.Hard, s.By = r.finding.Hard, r.finding.By
	source := "asked " + r.at.UTC().Format(time.RFC3339)
	if r.finding.Source != "" {
		source = r.finding.Source + ", " + source
	}
	return s.From(source)
}

// few names up to three of a list.
func few(list []string) string {
	if n := len(list) - 3; n > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:3], ", "), n)
	}
	return strings.Join(list, ", ")
}
