package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// stock takes the figures of a casebook.
func stock(ctx context.Context, book *casebook.Book, s *render.Status) error {
	f, err := book.Figures(ctx, s.Since)
	if err != nil {
		return err
	}
	s.Alerts, s.Groups, s.ByRule, s.ByCert, s.Would, s.Touches = f.Alerts, f.Groups, f.ByRule, f.Certificate, f.WouldClose, f.Touches
	s.Handled = shareOf("groups handled without a person", f.ByRule+f.Certificate, f.Groups)
	s.ToVerdict, s.ToDecide = render.Took(f.ToVerdict), render.Took(f.ToDecision)
	for _, w := range f.Open {
		s.Open = append(s.Open, render.Waiting(w))
	}
	for d := triage.Undetermined; d <= triage.FalsePositive; d++ {
		if n := f.Decided[d.String()]; n > 0 {
			s.Decided = append(s.Decided, render.Outcome{Disposition: d.String(), Cases: n})
		}
	}
	s.Maturity = []render.Share{s.Handled, shareOf("cases decided", f.CasesDecided, f.Cases), shareOf("decisions confirmed by an investigation", f.Confirmed, f.Verdicts)}
	if err := stockAlarms(ctx, book, s); err != nil {
		return err
	}
	if err := stockSources(ctx, book, s); err != nil {
		return err
	}
	return stockPrecedent(ctx, book, s)
}

func stockAlarms(ctx context.Context, book *casebook.Book, s *render.Status) error {
	alarms, err := book.Alarms(ctx)
	if err != nil {
		return err
	}
	for i := range alarms {
		s.Alarms = append(s.Alarms, render.StatusAlarm{Precedent: alarms[i].Precedent, At: alarms[i].At, Reason: alarmText(&alarms[i])})
	}
	return nil
}

// stockSources takes how the sources are doing that are followed, or were.
func stockSources(ctx context.Context, book *casebook.Book, s *render.Status) error {
	marks, err := book.Marks(ctx)
	if err != nil {
		return err
	}
	for i := range marks {
		m := &marks[i]
		one := render.StatusSource{Name: m.Source, Seen: m.Seen, Until: m.At, Waiting: m.Waits}
		if m.Failed.After(m.Seen) {
			one.Error, one.Since = m.Error, m.Failed
		}
		s.Sources = append(s.Sources, one)
	}
	return nil
}

// stockPrecedent takes the promise of the last precedent and what its audits found.
func stockPrecedent(ctx context.Context, book *casebook.Book, s *render.Status) error {
	digest, err := book.LastPrecedent(ctx)
	if err != nil {
		return err
	}
	strata, audits := shareOf("strata certified to close", 0, 0), shareOf("audits decided", 0, 0)
	if digest != "" {
		account, err := book.Account(ctx, digest)
		if err != nil {
			return err
		}
		var p promise
		if err := json.Unmarshal(account.Document, &p); err != nil {
			return fmt.Errorf("reading what precedent %s promises: %w", digest, err)
		}
		s.Precedent = &render.StatusPrecedent{
			Digest: digest, At: p.At, Labels: p.Labels, By: p.By, Holds: p.Holds, Since: account.Since,
			Alpha: account.Alpha, Delta: account.Delta, Strata: p.Strata,
		}
		s.Audits = auditsOf(account)
		for i := range p.Strata {
			strata.Of++
			if p.Strata[i].Incidents.Certified {
				strata.Part++
			}
		}
		audits = shareOf(audits.Name, s.Audits.Decided, s.Audits.Picked)
	}
	s.Maturity = append(s.Maturity, strata, audits)
	return nil
}

// stockLadder takes how far each action has come, or says why that is unknown: status is asked where drivers have no secrets, too. It writes
// nothing: what the machine would take down stands there as taken down.
func (a *app) stockLadder(ctx context.Context, book *casebook.Book, s *render.Status) error {
	some, err := book.Planned(ctx)
	if err != nil || !some {
		return err
	}
	r, err := a.responder(contextOptions{})
	if err != nil {
		s.Unknown = append(s.Unknown, render.Missing{What: "how far responses have come is unknown: " + err.Error(), Command: "soc doctor"})
		return nil
	}
	l, err := r.ladder(ctx, book, false)
	if err != nil {
		return err
	}
	s.Levels, err = l.table(ctx)
	return err
}

// intervalRisk is the risk that the estimate's interval does not hold.
const intervalRisk = 0.05

// auditsOf weighs an account. Audits that nobody has decided yet are taken to be like those that somebody has.
func auditsOf(a *casebook.Account) *render.StatusAudits {
	s := &render.StatusAudits{Closed: a.Closed, Picked: a.Picked, Decided: int64(len(a.Audits)), Missed: a.Missed, AlarmAt: learn.AlarmAt, Proof: 1, ProofAt: 1 / a.Delta}
	var list []learn.Audit
	for _, one := range a.Audits {
		if one.Attack {
			s.Attacks++
		}
		list = append(list, learn.Audit{Attack: one.Attack, Q: one.Q})
		s.Proof = learn.Prove(s.Proof, list[len(list)-1], a.Alpha, learn.Lambda)
	}
	s.Drift, _ = weigh(a)
	if s.Decided > 0 {
		stood := int(math.Round(float64(a.Closed) * float64(s.Decided) / float64(max(a.Picked, s.Decided))))
		s.Estimate, s.Low, s.High = learn.Omission(list, stood, intervalRisk)
	}
	return s
}

// shareOf is a share with Wilson's 95 % interval. Source: E. B. Wilson, Journal of the American Statistical Association 22 (1927).
func shareOf(name string, part, of int64) render.Share {
	s := render.Share{Name: name, Part: part, Of: of}
	if of == 0 {
		return s
	}
	const z = 1.959964
	n, p := float64(of), s.Value()
	middle, wide, whole := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n)), 1+z*z/n
	s.Low, s.High = max(0, (middle-wide)/whole), min(1, (middle+wide)/whole)
	return s
}

// missing names what stands between this estate and closing more under a certificate, the nearest step first.
func missing(s *render.Status) (list []render.Missing) {
	add := func(what, command string) { list = append(list, render.Missing{What: what, Command: command}) }
	const learnt = "soc cases export > decisions.ndjson; soc learn --decisions decisions.ndjson --alerts alerts.json --out precedent.json"
	for _, a := range s.Alarms {
		add("closing is off: "+a.Reason, "soc learn --restore --by NAME --reason TEXT")
	}
	if s.Groups == 0 {
		add("no alert was triaged into the casebook in this time", "soc triage alerts.json")
	}
	if len(s.Decided) == 0 {
		add("nobody decided a case in this time: decisions are what soc learns from", "soc cases close CASE --as DISPOSITION --reason TEXT --confirmed")
	}
	p := s.Precedent
	if p == nil {
		add("no precedent is in use: scores are uncalibrated and nothing can be certified", learnt)
		return list
	}
	for i := range p.Strata {
		if b := &p.Strata[i].Incidents; !b.Certified {
			add(fmt.Sprintf("stratum %s: %d more confirmed incidents of attacks until closing can be certified at %.3g %%", p.Strata[i].Name, b.Needs, 100*p.Alpha), learnt)
		}
	}
	if p.Labels != "estate" {
		add("the precedent rests on "+p.Labels+" labels, which never close: learn from decisions of this estate", learnt)
	}
	if p.By == "" {
		add("nobody trusted signed the precedent: it only marks what it would close", "soc respond sign --precedent precedent.json --key FILE")
	}
	if s.Autonomy != triage.Close {
		add("the policy keeps autonomy at "+string(s.Autonomy), "set policy.autonomy to close in soc.yaml")
	}
	if a := s.Audits; a != nil && a.Decided < a.Picked {
		add(fmt.Sprintf("%d audits of closed groups wait among the open cases, which of them is not told", a.Picked-a.Decided), "soc cases list --route review")
	}
	return list
}
