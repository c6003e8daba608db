package cmd

import (
	"context"
	"errors"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/triage"
)

// band is how far below the threshold a group is worth a call, in milli-nats, at least: what an answer of a model with a record may
// weigh. A new model's answers add less; they make the record.
const band = 1500

// highest is the signal of the most that the model could say.
func (w *witness) highest() triage.Signal {
	most := prompt.Raise(band)
	for _, v := range []prompt.Verdict{prompt.Malicious, prompt.Suspicious, prompt.Benign, prompt.Unsure} {
		most = max(most, w.ratios.Raise(v))
	}
	return triage.Signal{Check: prompt.Check, Family: prompt.Family, Trust: alert.Attacker, Weight: triage.Weight(most)}
}

// grey tells whether an answer could change where a group goes, the answers of those who are asked afterwards counted in. What escalates
// already, what no answer could lift to the threshold and what is closed by a rule is not worth a call: asking about all of them
// would escalate the same.
func (w *witness) grey(v *triage.Verdict) bool {
	p := &w.run.policy
	if v.Route != triage.Review || v.ClosedBy != "" {
		return false
	}
	var most []triage.Signal
	for _, later := range w.run.asks {
		if later == w || len(most) > 0 {
			most = append(most, later.highest())
		}
	}
	score := v.Score + p.Reach(v, most...)
	probability := triage.Probability(score)
	if p.Precedent != nil {
		if known, ok := p.Precedent.Probability(score); ok {
			probability = known
		}
	}
	return probability >= p.Escalate || v.Critical && probability >= p.EscalateCrit
}

// question judges every group without the models, asks the first about those that its answer could move, judges again with what it
// said, asks the next, and makes the answers stand for the judgement that counts.
func (r *run) question(ctx context.Context, groups *triage.Groups) error {
	began, shown := r.app.Now(), 0
	var prose []byte // what would be sent to whoever explains
	for _, w := range r.asks {
		w.room = r.budget.room(w.share)
		if r.o.model.show {
			w.room = r.budget.calls
		}
		err := triage.Judge(ctx, groups, &r.policy, &r.stands, r.o.workers, func(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, bool, error) {
			if r.o.explain != "" {
				if wanted, err := r.show.wants(v, m); err != nil || !wanted {
					return b, true, err
				}
			}
			w.collect(v)
			if r.o.model.show && w == r.writer() && r.o.explain != "" {
				text, err := w.wouldExplain(v)
				return append(b, text...), true, err
			}
			return b, true, nil
		}, func(b []byte, _ bool) error {
			prose = append(prose, b...)
			return nil
		})
		if err != nil {
			return err
		}
		if r.o.model.show {
			n, err := w.show(r.app.IO.Out)
			if err != nil {
				return err
			}
			shown += n
			continue
		}
		until := began.Add(time.Duration(w.share * float64(r.o.model.budget)))
		w.askAll(ctx, until.Sub(r.app.Now()))
		r.stands.Witnesses = append(r.stands.Witnesses, w.tell)
	}
	if len(prose) > 0 {
		shown++
		if _, err := r.app.IO.Out.Write(prose); err != nil {
			return err
		}
	}
	switch {
	case r.o.model.show && shown == 0:
		return &failure{status: statusFailed, err: errors.New("nothing would be sent: no answer could change where a group goes")}
	case r.o.model.show:
		return errShown
	}
	return nil
}

// listen makes the models be asked while a group waits, for a run that follows its input; nobody any more once ctx has ended.
func (r *run) listen(ctx context.Context) {
	for _, w := range r.asks {
		r.stands.Witnesses = append(r.stands.Witnesses, func(_ context.Context, v *triage.Verdict) *triage.Testimony { return w.hear(ctx, v) })
	}
}

// tallies are what each model was asked.
func (r *run) tallies() (calls int64, list []tally) {
	for _, w := range r.asks {
		t := w.tally
		t.name = w.name
		calls += int64(t.calls)
		list = append(list, t)
	}
	return calls, list
}
