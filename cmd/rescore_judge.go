package cmd

import (
	"strings"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/triage"
)

// rejudge judges documents again. One per goroutine.
type rejudge struct {
	r           *rescoring
	past        triage.Past
	before, now map[string]triage.Weight
	rules       map[string]bool
}

func (r *rescoring) worker() *rejudge {
	return &rejudge{r: r, before: map[string]triage.Weight{}, now: map[string]triage.Weight{}, rules: r.rules.Names()}
}

// judge decides one document again. Documents of ours that are no verdicts are passed over.
func (w *rejudge) judge(doc string, res *rescored) error {
	p := &w.past
	if err := triage.ReadPast(doc, p); err != nil {
		return w.other(doc, res, err)
	}
	if !w.r.window.holds(p.First) {
		return nil
	}
	if w.r.former != nil {
		return w.r.former.read(p, res)
	}
	res.verdicts++
	if p.Evidence.Allow != nil && !w.rules[p.Evidence.Allow.Rule] {
		p.Evidence.Allow = nil
	}
	p.Evidence.Gaps = w.standing(p.Evidence.Gaps)
	now := p.Decide(&w.r.policy)
	if w.r.sameSettings(p) {
		leave(&p.Then, &now)
	}
	truth := w.r.truthOf(p)
	if truth != triage.Undetermined {
		res.then.Add(&p.Then, truth == triage.TruePositive)
		res.now.Add(&now, truth == triage.TruePositive)
	}
	class := triage.Compare(&p.Then, &now, truth)
	res.classes[class]++
	if class == triage.NoFlip {
		return nil
	}
	f := triage.Flip{Past: p, Now: now, Class: class, Because: triage.Differences(terms(w.before, &p.Then), terms(w.now, &now))}
	if w.r.docs != nil || w.r.shares {
		res.text = append(f.AppendJSON(res.text), '\n')
	}
	if (w.r.rows() || w.r.shares) && !res.top.Full(class) {
		res.top.Add(render.FlipRowOf(&f))
	}
	return nil
}

// other passes over the documents of ours that are no verdicts.
func (w *rejudge) other(doc string, res *rescored, err error) error {
	switch kindOf(doc) {
	case "summary":
		res.summary = true
		return nil
	case "members":
		if w.r.former != nil {
			return w.r.former.readMembers(doc, res)
		}
		return nil
	case "gap", "reject":
		return nil
	}
	return err
}

// rows tells whether people read the account.
func (r *rescoring) rows() bool { return !r.app.wantsJSON() }

// terms are a judgement's terms, the base among them.
func terms(into map[string]triage.Weight, j *triage.Judgement) map[string]triage.Weight {
	clear(into)
	triage.Terms(into, j.Signals)
	into[triage.BaseTerm] = j.Base
	return into
}

// standing takes the gaps of settings then for those of settings now.
func (w *rejudge) standing(gaps []alert.Gap) []alert.Gap {
	kept := gaps[:0]
	for _, g := range gaps {
		if g.Check != "precedent" {
			kept = append(kept, g)
		}
	}
	return append(kept, w.r.stands.Gaps...)
}

// sameSettings tells whether a verdict was made under the policy and the precedent of today.
func (r *rescoring) sameSettings(p *triage.Past) bool {
	return p.Digests.Policy == r.stands.Digests.Policy && p.Digests.Precedent == r.stands.Digests.Precedent
}

// leave keeps with people what the run then left to them although the certificate would close it: it had no casebook, an alarm stood, a
// case was open on the host, or the group was picked to be looked at again. Who is to look again must not read here which those are.
func leave(then, now *triage.Judgement) {
	if now.Certificate != "" && then.Route == triage.Review {
		now.Route, now.WouldClose = triage.Review, then.WouldClose
	}
}

// truthOf is what a verdict is known to be: an attack when any of its alerts is.
func (r *rescoring) truthOf(p *triage.Past) triage.Disposition {
	if r.truth == nil {
		return triage.Undetermined
	}
	truth := r.truth[p.ID]
	for _, id := range p.AlertIDs {
		if d := r.truth[id]; d == triage.TruePositive || truth == triage.Undetermined {
			truth = d
		}
		if truth == triage.TruePositive {
			break
		}
	}
	return truth
}

// kindOf is the kind of a document.
func kindOf(doc string) string {
	_, rest, _ := strings.Cut(doc[:min(len(doc), 200)], `"kind":"`)
	kind, _, _ := strings.Cut(rest, `"`)
	return kind
}
