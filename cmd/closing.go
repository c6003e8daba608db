package cmd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// Closing under a certificate rests on the casebook: it picks closed groups to be looked at again, keeps account of what they turned
// out to be, and turns closing off when that is worse than promised. What is here runs before and between verdicts; the part within a
// verdict's own transaction is casebook's.

// guard is what a run that may close under a certificate needs. Its zero value closes nothing.
type guard struct {
	key    []byte                      // by which closed groups are picked
	open   map[casebook.Party]struct{} // hosts and users of open cases
	loaded time.Time                   // when open was read
	head   int64                       // the journal's last record then
	alarm  bool                        // closing is off
}

// renewOpen is how often a run that follows its input reads anew which cases are open.
const renewOpen = 30 * time.Second

// closable tells whether the precedent may close anything in this run.
func (r *run) closable() bool {
	p := r.policy.Precedent
	return p != nil && r.policy.Autonomy == triage.Close && p.Trusted != "" && p.Void == "" && p.Revoked == "" &&
		slices.ContainsFunc(p.Strata, func(s triage.Stratum) bool { return s.Incidents.Certified })
}

// watch makes the guard ready. Without a casebook nothing is closed under a certificate, because nobody would look again. --explain does
// not even mark: whoever is asked to look at a closed group again must not read there that it would be closed.
func (r *run) watch(ctx context.Context) error {
	closable := r.closable()
	if r.book == nil {
		switch {
		case closable && r.o.explain != "":
			r.revoke(alert.Unconfigured, "what a certificate closes is not told by --explain")
			r.policy.Precedent.Void = r.policy.Precedent.Revoked
		case closable:
			r.revoke(alert.Unconfigured, "there is no casebook to keep account of what was closed: nothing is closed under a certificate")
		}
		return nil
	}
	if p := r.policy.Precedent; p != nil {
		if err := r.book.Use(ctx, certified(p)); err != nil {
			return bookError(err)
		}
	}
	if !closable {
		return nil
	}
	var err error
	if r.guard.key, err = r.book.AuditKey(ctx); err != nil {
		return bookError(err)
	}
	return r.rewatch(ctx)
}

// rewatch asks the casebook what is open and whether an alarm stands. A run that follows its input calls it between transactions.
func (r *run) rewatch(ctx context.Context) error {
	g := &r.guard
	if g.key == nil {
		return nil
	}
	head, _, err := r.book.Head(ctx)
	if err != nil || g.open != nil && head == g.head {
		return bookError(err)
	}
	g.head = head
	if err := r.heed(ctx); err != nil {
		return bookError(err)
	}
	if now := r.app.Now(); g.open == nil || now.Sub(g.loaded) >= renewOpen {
		if g.open, err = r.book.OpenParties(ctx); err != nil {
			return bookError(err)
		}
		g.loaded = now
	} else {
		g.head = -1 // what was opened elsewhere is read when the time has come
	}
	return nil
}

// heed turns closing off when an alarm stands, and on again when a person took it back.
func (r *run) heed(ctx context.Context) error {
	p := r.policy.Precedent
	alarms, err := r.book.Alarms(ctx)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(alarms, func(a casebook.Alarm) bool { return a.Precedent == p.Digest })
	switch {
	case at >= 0 == r.guard.alarm:
		return nil
	case at < 0:
		p.Revoked, r.guard.alarm = "", false
		r.stands.Gaps = slices.DeleteFunc(slices.Clone(r.stands.Gaps), func(g alert.Gap) bool { return g.Check == "precedent" && g.Class == alert.Partial })
		return nil
	}
	why := alarmText(&alarms[at])
	r.revoke(alert.Partial, "nothing is closed under its certificate: "+why)
	p.Revoked, r.guard.alarm = why, true
	r.herald.drift(why, p.Digest)
	_, err = fmt.Fprintf(r.app.IO.Err, "soc: %s: nothing is closed under precedent %s\ntry: soc learn --restore --by NAME --reason TEXT\n", why, term.Clean(p.Digest))
	return err
}

// revoke turns closing off for the rest of the run, and says so in every verdict.
func (r *run) revoke(class alert.GapClass, why string) {
	r.policy.Precedent.Revoked = why
	r.stands.Gaps = append(slices.Clone(r.stands.Gaps), alert.Gap{Check: "precedent", Class: class, Reason: why})
}

// alarmText says when an alarm was raised, and on what.
func alarmText(a *casebook.Alarm) string {
	return fmt.Sprintf("drift alarm of %s: %d of %d closed groups that were looked at again were attacks", a.At.UTC().Format(time.DateOnly), a.Attacks, a.Audits)
}

// survey finds the hosts and users of the groups of a finite input that this run leaves to people: nothing about them is closed in the
// same run, whichever came first. A group whose case was decided in an earlier run is no open case.
func (r *run) survey(ctx context.Context, groups *triage.Groups) error {
	if r.guard.open == nil || r.guard.alarm {
		return nil
	}
	decided, err := r.book.DecidedCases(ctx)
	if err != nil {
		return bookError(err)
	}
	var lock sync.Mutex
	return triage.Judge(ctx, groups, &r.policy, &r.stands, r.o.workers, func(b []byte, v *triage.Verdict, _ *triage.Members) ([]byte, bool, error) {
		if _, done := decided[v.Case]; v.Route != triage.Closed && !done {
			lock.Lock()
			defer lock.Unlock()
			r.opened(v)
		}
		return b, true, nil
	}, func([]byte, bool) error { return nil })
}

// closing is asked about every group that the certificate closes. An open case on one of its hosts or users leaves it to a person.
func (r *run) closing(v *triage.Verdict) *casebook.Closing {
	if r.guard.open == nil {
		return nil
	}
	for _, p := range casebook.Parties(v.Alert) {
		if _, open := r.guard.open[p]; open {
			return nil
		}
	}
	c := &casebook.Closing{Threshold: r.policy.Precedent.Stratum(v.Pattern.Severity).Incidents.Threshold}
	c.Q = learn.AuditProbability(v.Score, c.Threshold)
	c.Picked = learn.Audited(r.guard.key, v.ID, c.Q)
	return c
}

// opened notes the hosts and users of a verdict of which this run makes a case.
func (r *run) opened(v *triage.Verdict) {
	if r.guard.open == nil {
		return
	}
	for _, p := range casebook.Parties(v.Alert) {
		r.guard.open[p] = struct{}{}
	}
}

// weigh is the drift of an account's audits, and whether that is an alarm.
func weigh(a *casebook.Account) (drift float64, alarm bool) {
	tolerated := learn.Tolerated(a.Alpha, float64(a.Attacks), float64(len(a.Audits)))
	drift = 1
	for _, one := range a.Audits {
		if one.Counts {
			drift = learn.Drift(drift, learn.Audit{Attack: one.Attack, Q: one.Q}, tolerated)
			alarm = alarm || drift >= learn.AlarmAt
		}
	}
	return drift, alarm
}

// promise is what the casebook keeps of a precedent, for soc status.
type promise struct {
	At          string             `json:"at"`
	Labels      string             `json:"labels"`
	By          string             `json:"by,omitempty"` // the approver whose signature holds
	Holds       string             `json:"holds"`        // why it may not close, empty when it may
	Certificate triage.Certificate `json:"certificate"`
	Strata      []triage.Stratum   `json:"strata"`
}

func certified(p *triage.Precedent) casebook.Certified {
	text, _ := json.Marshal(promise{p.At, p.Labels, p.Trusted, p.Void + p.Revoked, p.Certificate, p.Strata}) // numbers that were read from JSON
	return casebook.Certified{Digest: p.Digest, Alpha: p.Certificate.Alpha, Delta: p.Certificate.Delta, Document: text}
}
