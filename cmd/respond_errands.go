package cmd

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/sign"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
)

// errands carries out plans that were handed to a watch. It is safe for concurrent use.
type errands struct {
	r     *responder
	book  *casebook.Book
	print func(respond.Receipt)
	alone *auto        // nil: plans of the machine's own are left to others
	ended func() error // why the watch is over; nil: it is not
	name  string       // of this process
	one   sync.Mutex   // held while a plan is carried out
	mu    sync.Mutex
	said  map[string]string // the last trouble of each plan
}

func (r *responder) errands(book *casebook.Book, print func(respond.Receipt), alone *auto, ended func() error) *errands {
	return &errands{r: r, book: book, print: print, alone: alone, ended: ended, name: rand.Text(), said: map[string]string{}}
}

// hands is what whoever carries a plan out holds: the caps are of what is in force, so that watches carry out one plan at a time.
const hands = "respond: carrying out"

const (
	handsFor      = 2 * time.Minute // longer than any action takes; whoever dies holds it no longer
	approvalPulse = 5 * time.Second // how often a plan is asked for that waits to be agreed to
)

var (
	errOthers     = errors.New("another watch is carrying out a plan")
	errCaseClosed = errors.New("the case was closed")
	errNoDriver   = errors.New("this watch does not have the driver")
)

// all carries out what was handed over before a time, as far as it is agreed to now. It returns what came of people's plans: that the ladder refuses
// one of the machine's own is no failure.
func (e *errands) all(ctx context.Context, before time.Time) (list []respond.Receipt, err error) {
	open, err := e.book.Errands(ctx)
	for i := range open {
		if open[i].At.After(before) {
			continue
		}
		some, _, derr := e.do(ctx, open[i].Plan)
		if err = errors.Join(err, derr); open[i].By != machine {
			list = append(list, some...)
		}
	}
	return list, err
}

// do carries out a plan that was handed over, or says why not. Again is when to ask again, 0 for never.
func (e *errands) do(ctx context.Context, digest string) (list []respond.Receipt, again time.Duration, err error) {
	errand, err := e.book.Errand(ctx, digest)
	if err != nil || errand == nil || !errand.Ended.IsZero() {
		return nil, 0, err
	}
	p, err := e.book.Plan(ctx, digest)
	if err != nil || p.Purpose == respond.Alone && e.alone == nil {
		return nil, 0, err
	}
	by, bar := e.may(ctx, &p)
	switch {
	case bar == nil && p.Purpose == respond.Alone:
		e.alone.mu.Lock()
		defer e.alone.mu.Unlock()
		return e.carry(ctx, errand, &p, by)
	case bar == nil:
		return e.carry(ctx, errand, &p, by)
	case isOne(bar, respond.ErrExpired, respond.ErrReplaced, respond.ErrPurpose, respond.ErrChanged, errCaseClosed, casebook.ErrNoCase):
		errand.Why = bar.Error()
		if err := e.book.EndErrand(ctx, errand, by); err != nil {
			return nil, 0, err
		}
		e.r.say("%s is not carried out: %s", p.ID, term.Clean(errand.Why))
		e.r.herald.dropped(&p, errand.Why)
		return nil, 0, nil
	case isOne(bar, respond.ErrUnapproved, respond.ErrRisk, respond.ErrStale, respond.ErrFuture):
		return nil, approvalPulse, nil // whoever agrees is told what is missing
	case isOne(bar, respond.ErrOwn, respond.ErrOther, sign.ErrUntrusted, sign.ErrBadSignature, errNoDriver):
		e.complain(&p, bar)
		return nil, approvalPulse, nil
	}
	return nil, 0, bar
}

// isOne tells whether an error is one of some.
func isOne(err error, list ...error) bool {
	return slices.ContainsFunc(list, func(one error) bool { return errors.Is(err, one) })
}

// may says by whom a plan is carried out, and what is against it now.
func (e *errands) may(ctx context.Context, p *respond.Plan) (by string, bar error) {
	if p.Purpose == respond.Alone {
		return machine, orElse(e.alone.stale(ctx, p), e.lacks(p))
	}
	list, err := e.book.Approvals(ctx, p.Digest)
	if err != nil {
		return "", err
	}
	names := make([]string, len(list))
	for i := range list {
		names[i] = list[i].By
	}
	return strings.Join(names, ", "), orElse(e.r.agreed(ctx, e.book, p), e.lacks(p))
}

// lacks says that another watch has to carry a plan out: one that has the drivers.
func (e *errands) lacks(p *respond.Plan) error {
	for i := range p.Items {
		if one := &p.Items[i]; one.Class != respond.Task && e.r.drivers[one.Driver] == nil {
			return fmt.Errorf("%w %q", errNoDriver, one.Driver)
		}
	}
	return nil
}

// complain says why a plan is not carried out, once for each reason.
func (e *errands) complain(p *respond.Plan, why error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.said[p.Digest] != why.Error() {
		e.said[p.Digest] = why.Error()
		e.r.say("%s is not carried out: %s", p.ID, term.Clean(why.Error()))
	}
}

// turn takes what whoever carries out holds, or keeps it.
func (e *errands) turn(ctx context.Context) error {
	if err := e.ended(); err != nil {
		return err
	}
	ours, err := e.book.Claim(ctx, hands, e.name, e.r.app.Now().Add(handsFor))
	if err == nil && !ours {
		err = errOthers
	}
	return err
}

// carry carries out what is left of a plan, and keeps what was refused of it, of which no step tells.
func (e *errands) carry(ctx context.Context, errand *casebook.Errand, p *respond.Plan, by string) (fresh []respond.Receipt, again time.Duration, err error) {
	if !e.one.TryLock() {
		return nil, time.Second, nil
	}
	defer e.one.Unlock()
	if err := e.turn(ctx); err != nil {
		return nil, time.Second, e.beyond(err)
	}
	defer func() { err = errors.Join(err, e.book.Yield(context.WithoutCancel(ctx), hands, e.name)) }()
	crew, err := e.r.crew(ctx, e.book, by, e.print)
	if err != nil {
		return nil, 0, err
	}
	steps, err := crew.Ledger.Steps(ctx, p.Digest)
	if err != nil {
		return nil, 0, err
	}
	old := func(r *respond.Receipt) bool {
		return slices.ContainsFunc(steps, func(s respond.Step) bool { return s.Item.ID == r.Action })
	}
	told := crew.Told
	crew.Turn, crew.Told = e.turn, func(r respond.Receipt) {
		if !old(&r) {
			told(r)
		}
	}
	apply := crew.Apply
	if p.Purpose == respond.Alone {
		apply = func(ctx context.Context, p *respond.Plan) ([]respond.Receipt, error) {
			return crew.Alone(ctx, p, e.alone)
		}
	}
	list, err := apply(ctx, p)
	for i := range list {
		if !old(&list[i]) {
			fresh = append(fresh, list[i])
		}
	}
	if err != nil {
		return fresh, time.Second, e.beyond(err)
	}
	for i := range fresh {
		switch r := &fresh[i]; r.Outcome {
		case respond.RefusedOutcome:
			e.r.say("%s: refused: %s %s %s: %s", p.ID, r.Action, r.Name, term.Clean(r.Target.Value), term.Clean(r.Detail))
			errand.Rest = append(errand.Rest, *r)
		case respond.Already:
			errand.Rest = append(errand.Rest, *r)
		case respond.Done, respond.Undone, respond.FailedOutcome, respond.Unverified: // a step tells of it
		}
	}
	if takenBack(list) {
		errand.Why = errTakenBack.Error()
		e.r.say("%s: %s", p.ID, errand.Why)
	}
	return fresh, 0, e.book.EndErrand(ctx, errand, by)
}

// beyond leaves out that it is not the turn of this watch, which is no failure: the plan goes on later, or in another one.
func (e *errands) beyond(err error) error {
	if errors.Is(err, errOthers) || e.ended() != nil && errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// stale says why a plan of the machine's own is too old to be carried out.
func (u *auto) stale(ctx context.Context, p *respond.Plan) error {
	if u.r.app.Now().After(p.Expires) {
		return fmt.Errorf("%w (at %s)", respond.ErrExpired, p.Expires.Format(time.RFC3339))
	}
	c, err := u.book.Case(ctx, p.Case)
	if err == nil && c.Status == casebook.Closed {
		err = fmt.Errorf("%w (%s)", errCaseClosed, p.Case)
	}
	return err
}
