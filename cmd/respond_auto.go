package cmd

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

// auto decides about open cases without a person: silently from level 2 on, and for real where level 4 allows it.
type auto struct {
	*ladder
	mu   sync.Mutex        // held by whoever looks at the cases or does what was decided: both ask the ladder
	path string            // of the casebook, as it was named
	name string            // of this process
	seen map[string]string // cases that were looked at, and what they were like: only to save work
	said string            // the last trouble
}

// automatic makes ready what decides about open cases, and says when it has nothing to decide.
func (r *responder) automatic(ctx context.Context, book *casebook.Book, path string) (*auto, error) {
	l, err := r.ladder(ctx, book, true)
	if err != nil {
		return nil, err
	}
	if err := r.graded(ctx, book); err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(l.rungs(), func(rung respond.Rung) bool { return l.given(rung).Level >= respond.Shadow }) {
		r.say("no action is at level 2 or above, so nothing is decided without a person: soc respond promote")
	}
	return &auto{ladder: l, path: path, name: rand.Text(), seen: map[string]string{}}, nil
}

// machine is the author of what nobody asked for.
const machine = "soc"

// manyCases bounds the cases that one pass looks at; the next one goes on.
const manyCases = 256

// once looks at the open cases. What keeps it from that is said, and keeps nobody from taking back what is over.
func (u *auto) once(ctx context.Context) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	err := u.pass(ctx)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	if u.said != err.Error() {
		u.said = err.Error()
		u.r.say("nothing is decided without a person: %s", term.Clean(u.said))
	}
	return nil
}

// pass looks at the open cases once. Of several that watch one casebook, one at a time does.
func (u *auto) pass(ctx context.Context) (err error) {
	if ours, err := u.claim(ctx); err != nil || !ours {
		return err
	}
	defer func() { err = errors.Join(err, u.book.Yield(context.WithoutCancel(ctx), chair, u.name)) }()
	if err := u.refresh(ctx); err != nil {
		return err
	}
	reach := map[string]respond.Level{} // the highest level of any action, by severity
	for _, r := range u.rungs() {
		g, err := u.stands(ctx, r)
		if err != nil {
			return err
		}
		reach[r.Stratum] = max(reach[r.Stratum], g.Level)
	}
	var list []looked
	err = u.book.Cases(ctx, casebook.Query{State: casebook.Opened, Route: "escalate"}, func(c *casebook.Case) error {
		like := fmt.Sprint(c.Severity, c.Verdicts, c.Alerts, u.levelsSet())
		if reach[c.Severity] >= respond.Shadow && u.seen[c.ID] != like && len(list) < manyCases {
			list = append(list, looked{*c, like})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return lookAt(list, u.seen, func(c *casebook.Case) (ours bool, err error) {
		if ours, err := u.claim(ctx); err != nil || !ours { // it took so long that somebody else has begun
			return ours, err
		}
		return true, u.consider(ctx, c)
	})
}

// looked is a case, and what it is like.
type looked struct {
	casebook.Case
	like string
}

// lookAt has do look at cases, for as long as it goes on, and notes those at which it did. One that it fails at is looked at again, and keeps
// it from none of the others; the first such failure is returned.
func lookAt(list []looked, seen map[string]string, do func(*casebook.Case) (on bool, err error)) (failed error) {
	for i := range list {
		c := &list[i]
		switch on, err := do(&c.Case); {
		case err != nil:
			if failed == nil {
				failed = fmt.Errorf("case %s: %w", c.ID, err)
			}
		case !on:
			return failed
		default:
			seen[c.ID] = c.like
		}
	}
	return failed
}

// chair is what whoever decides without a person holds.
const chair = "respond --auto"

// claim takes the chair, or keeps it. Whoever dies on it keeps it for a while only.
func (u *auto) claim(ctx context.Context) (bool, error) {
	return u.book.Claim(ctx, chair, u.name, u.r.app.Now().Add(2*time.Minute))
}

// levelsSet changes whenever a level does.
func (u *auto) levelsSet() int { return len(u.levels) }

// consider makes the plans of one case.
func (u *auto) consider(ctx context.Context, c *casebook.Case) error {
	quiet := *u.r.app
	quiet.IO.Err = io.Discard // what is said to whoever looks at the case
	docs, err := quiet.caseDocuments(ctx, planOptions{book: u.path}, []string{c.ID})
	if err != nil {
		return err
	}
	met, err := u.met(ctx, c.ID)
	if err != nil {
		return err
	}
	for _, doc := range docs {
		s := situation(doc)
		alone, silent := s, s
		alone.Wants, silent.Wants = nil, nil
		for _, w := range s.Wants {
			t, err := w.Target.Tidy()
			if err != nil || slices.Contains(met, subject{action: w.Action, target: t}) {
				continue
			}
			switch g, err := u.stands(ctx, respond.Rung{Action: w.Action, Stratum: s.Severity}); {
			case err != nil:
				return err
			case g.Level == respond.Automatic && w.Confirmed != "":
				alone.Wants = append(alone.Wants, w)
			case g.Level >= respond.Shadow:
				silent.Wants = append(silent.Wants, w)
			}
		}
		if err := u.keep(ctx, silent, respond.Silent); err != nil {
			return err
		}
		if err := u.keep(ctx, alone, respond.Alone); err != nil {
			return err
		}
	}
	return nil
}

// keep makes and keeps a plan of what a machine carries out, if there is any; one that is for doing together with the job of doing it.
func (u *auto) keep(ctx context.Context, s respond.Situation, purpose respond.Purpose) error {
	if len(s.Wants) == 0 {
		return nil
	}
	set := u.r.planning(ctx, machine)
	set.Purpose = purpose
	p := respond.Propose(s, set)
	if !slices.ContainsFunc(p.Items, func(i respond.Item) bool { return i.Class != respond.Task }) {
		return nil
	}
	if purpose != respond.Alone {
		return u.book.KeepPlan(ctx, &p)
	}
	jobs, err := u.r.queue(ctx, u.book)
	if err != nil {
		return err
	}
	return u.book.KeepErrand(ctx, &p, func(ctx context.Context, tx *sql.Tx) error {
		return jobs.Add(ctx, tx, aloneJobs, aboutPlan+p.Digest, u.r.app.Now())
	})
}

// met are the actions on targets that the machine has decided about in a case before: it decides once.
func (u *auto) met(ctx context.Context, id string) (list []subject, err error) {
	ids, err := u.book.PlansOf(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		p, err := u.book.Plan(ctx, id)
		if err != nil {
			return nil, err
		}
		if p.Purpose != respond.Silent && p.Purpose != respond.Alone {
			continue
		}
		for i := range p.Items {
			list = append(list, subject{action: p.Items[i].Action, target: p.Items[i].Target})
		}
	}
	return list, nil
}
