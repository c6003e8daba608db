package cmd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/model/record"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// witness asks a model about the groups that its answer could move, within the run's budgets, and keeps what it said. Who is not
// asked for want of budget is a gap of the verdict, which stands as it was. In a cascade each model has its witness, who asks about
// the groups as they stand after the one before.
type witness struct {
	run      *run
	name     string
	cascade  string // of which the model is part; empty when it is asked alone
	digest   string
	conf     config.Model
	composer *prompt.Composer
	model    prompt.Model
	remote   bool
	ratios   prompt.Ratios
	share    float64 // of the run's budget, at the end of which it stops asking
	o        modelOptions
	parser   *alert.Parser

	mu      sync.Mutex
	room    int // calls
	waiting []candidate
	bytes   int        // of waiting
	rest    *candidate // the first, in the order in which groups are asked about, that there was no room for
	said    map[string]*triage.Testimony
	full    bool // what had to be left out is so for want of room, not of calls
	tally   tally
}

// candidate is a group that is to be asked about.
type candidate struct {
	verdict   string
	rule      string
	score     triage.Weight
	raw, view []byte
}

// maxWaiting bounds the bytes of the alerts that are kept to be asked about.
const maxWaiting = 64 << 20

func (c *candidate) size() int { return len(c.raw) + len(c.view) + 200 }

// rank orders candidates by their claim to be asked about.
func rank(a, b *candidate) int {
	return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.verdict, b.verdict))
}

// collect notes a group, if an answer could move it. It is called from several goroutines.
func (w *witness) collect(v *triage.Verdict) {
	if !w.grey(v) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if c := (candidate{verdict: v.ID, score: v.Score}); w.rest != nil && rank(w.rest, &c) <= 0 {
		return
	}
	w.waiting = append(w.waiting, candidate{strings.Clone(v.ID), strings.Clone(v.Rule), v.Score, slices.Clone(v.Raw), slices.Clone(v.View)})
	w.bytes += w.waiting[len(w.waiting)-1].size()
	if len(w.waiting)/2 > w.room || w.bytes > 2*maxWaiting {
		w.choose()
	}
}

// choose keeps those with the highest scores that the run may ask about and has room for. Which those are does not depend on the order in
// which they came: nobody stays who stands behind one that had to go.
func (w *witness) choose() {
	slices.SortFunc(w.waiting, func(a, b candidate) int { return rank(&a, &b) })
	n, bytes := 0, 0
	for n < len(w.waiting) && n < w.room && bytes+w.waiting[n].size() <= maxWaiting && (w.rest == nil || rank(&w.waiting[n], w.rest) < 0) {
		bytes += w.waiting[n].size()
		n++
	}
	if n < len(w.waiting) && (w.rest == nil || rank(&w.waiting[n], w.rest) < 0) {
		first := w.waiting[n]
		w.rest = &candidate{verdict: first.verdict, score: first.score}
	}
	clear(w.waiting[n:])
	w.waiting, w.bytes = w.waiting[:n], bytes
}

// unasked is why a group that an answer could have moved was not asked about.
func (w *witness) unasked() *triage.Testimony {
	if w.full {
		return w.gap(errors.New("not asked: more alerts than a run keeps waiting for a model"))
	}
	return w.gap(w.run.budget.errCalls(w.share))
}

// askAll asks about the groups that were collected: the highest scores within the budget of calls, then in the order of their rules, so
// that neighbours share the beginning of their prompts.
func (w *witness) askAll(ctx context.Context, patience time.Duration) {
	w.choose()
	list := w.waiting
	w.full = len(list) < w.room
	slices.SortStableFunc(list, func(a, b candidate) int {
		return cmp.Or(strings.Compare(a.rule, b.rule), strings.Compare(a.verdict, b.verdict))
	})
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errTime)
	defer cancel()
	asked := map[prompt.Key]*answered{}
	var wg sync.WaitGroup
	turns := make(chan struct{}, w.parallel())
	for _, c := range list {
		q, err := w.question(&c)
		if err != nil {
			w.keep(c.verdict, w.gap(err))
			continue
		}
		one, ok := asked[q.Request.Key]
		if !ok {
			one = &answered{done: make(chan struct{})}
			asked[q.Request.Key] = one
			turns <- struct{}{}
			wg.Go(func() {
				defer func() { <-turns }()
				defer close(one.done)
				one.answer, one.cached, one.err = w.ask(ctx, q.Request)
			})
		}
		wg.Go(func() {
			<-one.done
			w.keep(c.verdict, w.testimony(q, one, !ok))
		})
	}
	wg.Wait()
	w.waiting = nil
}

// parallel is how many questions are under way at most; the limiter finds how many the server takes. What is left of a bound on cost is known
// when an answer is there: under one each question waits for the one before it, or whoever is faster decided who is asked.
func (w *witness) parallel() int {
	if w.run.budget.cost > 0 {
		return 1
	}
	if w.conf.Parallel > 0 {
		return w.conf.Parallel
	}
	return 64
}

// answered is one question's answer, shared by all groups that ask the same.
type answered struct {
	done   chan struct{}
	answer prompt.Answer
	cached bool
	err    error
}

// question puts a group's alert into words.
func (w *witness) question(c *candidate) (*prompt.Question, error) {
	a, err := w.again(c.raw, c.view)
	if err != nil {
		return nil, err
	}
	return w.composer.Ask(a, prompt.About{}, w.remote)
}

// again reads an alert once more.
func (w *witness) again(raw, view []byte) (*alert.Alert, error) {
	if len(view) == 0 {
		view = nil // the record is its own
	}
	var a alert.Alert
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.parser == nil {
		w.parser = w.run.set.NewParser()
	}
	if _, err := w.parser.Parse(&a, raw, view); err != nil {
		return nil, fmt.Errorf("the alert cannot be read again: %w", err)
	}
	return a.Clone(), nil
}

// ask gets an answer: from the cache, else from the model.
func (w *witness) ask(ctx context.Context, r prompt.Request) (prompt.Answer, bool, error) {
	service := "model " + w.name + " " + w.conf.Model
	var a prompt.Answer
	if w.o.record == "" && w.o.replay == "" { // a recording holds the whole run, and a replay nothing else
		if text, _, ok := w.run.known.answers.Recall(service, "answer", r.Key.String()); ok && json.Unmarshal(text, &a) == nil {
			return a, true, nil
		}
	}
	most := mostOf(&r, w.conf.Price)
	if err := w.run.budget.take(w.share, most); err != nil {
		return a, false, err
	}
	a, err := w.model.Chat(ctx, r)
	cost := most // of a call that failed nobody tells what it cost
	if err == nil {
		cost = costOf(&a, most, w.conf.Price)
	}
	w.run.budget.settle(most, cost)
	w.mu.Lock()
	w.tally.calls++
	w.tally.cost += cost
	w.mu.Unlock()
	if err != nil {
		return a, false, err
	}
	if text, err := json.Marshal(a); err == nil && w.o.replay == "" { // an answer always marshals
		w.run.known.answers.Store(service, "answer", r.Key.String(), text, w.run.known.now)
	}
	return a, false, nil
}

// testimony reads an answer for one group.
func (w *witness) testimony(q *prompt.Question, one *answered, first bool) *triage.Testimony {
	if one.err != nil {
		return w.gap(one.err)
	}
	reading, err := q.Read(one.answer)
	t := &triage.Testimony{
		Model: w.name, Cascade: w.cascade, Answer: reading.Verdict.String(), Cached: one.cached || !first, Dropped: reading.Dropped,
	}
	if err != nil {
		t = w.gap(err)
		t.Cached = one.cached || !first
	}
	if !t.Cached {
		t.Calls = 1
	}
	if err != nil {
		return t
	}
	if s, ok := prompt.Signal(w.name, reading, w.ratios); ok {
		t.Signals = append(t.Signals, s)
	}
	if g, ok := q.Left.Gap(w.name); ok {
		t.Gaps = append(t.Gaps, g)
	}
	return t
}

func (w *witness) gap(err error) *triage.Testimony {
	return &triage.Testimony{Model: w.name, Cascade: w.cascade, Gaps: []alert.Gap{prompt.Gap(w.name, err)}}
}

func (w *witness) keep(verdict string, t *triage.Testimony) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.said[verdict] = t
}

// tell is a triage.Witness for a finite run, after askAll.
func (w *witness) tell(_ context.Context, v *triage.Verdict) *triage.Testimony {
	w.mu.Lock()
	defer w.mu.Unlock()
	t := w.said[v.ID]
	if t == nil && w.run.o.explain == "" && w.grey(v) { // --explain asks about what it is asked about
		return w.unasked()
	}
	return t
}

// hear is the Witness of a run that follows its input: it asks while the group waits, and nobody any more once ctx has ended.
func (w *witness) hear(ctx context.Context, v *triage.Verdict) *triage.Testimony {
	if !w.grey(v) {
		return nil
	}
	if ctx.Err() != nil {
		return w.gap(errors.New("not asked: the run was interrupted"))
	}
	q, err := w.question(&candidate{raw: v.Raw, view: v.View})
	if err != nil {
		return w.gap(err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, w.o.budget, errTime)
	defer cancel()
	one := &answered{}
	one.answer, one.cached, one.err = w.ask(ctx, q.Request)
	return w.testimony(q, one, true)
}

// show prints what would be sent about each group.
func (w *witness) show(out io.Writer) (shown int, err error) {
	w.choose()
	for i := range w.waiting {
		q, err := w.question(&w.waiting[i])
		if err != nil {
			return i, err
		}
		if _, err := out.Write(w.spelled(&q.Request)); err != nil {
			return i, err
		}
	}
	return len(w.waiting), nil
}

// spelled is a request as --show-prompt prints it, of a cascade with whom it goes to.
func (w *witness) spelled(r *prompt.Request) []byte {
	text := prompt.Show(*r)
	if w.cascade != "" {
		text = append([]byte("== model "+term.Clean(w.name)+" ==\n"), text...)
	}
	return text
}

// errShown ends a run that only shows its prompts.
var errShown = &failure{status: statusDone}

// recorded stands before the model: it keeps its answers, or takes those that were kept.
func recorded(name string, m prompt.Model, o modelOptions) (prompt.Model, error) {
	switch {
	case o.record != "" && o.replay != "":
		return nil, usage(errors.New("--record and --replay do not go together"), "soc triage --help")
	case o.record != "":
		return record.Record(m, o.record)
	case o.replay != "":
		return record.Replay(name, o.replay)
	}
	return m, nil
}
