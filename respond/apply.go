package respond

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Stage is how far one action has come. What is on disk is never behind what was done by more than one step.
type Stage string

// The stages of a step, in their order.
const (
	Intent   Stage = "intent"   // it is about to be done; its inverse is known
	Result   Stage = "result"   // the driver answered
	Verified Stage = "verified" // the target was asked, and shows it or not
	UndoOpen Stage = "undo"     // it is about to be taken back
	Ended    Stage = "ended"    // taken back, refused, failed for good: nothing more is due
)

// Step is one action of a plan on its way, as it is kept on disk.
type Step struct {
	Plan    string // digest
	Item    Item
	Key     string
	Stage   Stage
	Outcome Outcome
	Image   string // the target's state before, for the way back
	Started time.Time
	Ended   time.Time
	Until   time.Time
	Detail  string
	Moved   time.Time // Ended as it is on disk: its ledger's, by which it knows whether somebody else has moved the step since
}

// Ledger keeps steps. Every method returns when what it was given is on disk, whatever happens to the process afterwards.
type Ledger interface {
	// Begin keeps a step before it is carried out. It refuses with ErrTaken when the same key has been begun, so that of two processes
	// one acts; and with a RefusalError of what room says of the steps that are open then, and of how many were begun from a time on.
	// Until the step is kept nobody else begins one. A nil room has room.
	Begin(ctx context.Context, s *Step, from time.Time, room Room) error
	// Advance keeps what became of a step that was begun, by whoever carries it out.
	Advance(ctx context.Context, s *Step) error
	// Settle keeps what somebody else found out about a step, unless it was moved since it was read: then it is ErrTaken.
	Settle(ctx context.Context, s *Step, was Stage) error
	// Steps hands over the steps of a plan, or the open ones of all plans when it is empty, in the order in which they were begun.
	Steps(ctx context.Context, plan string) ([]Step, error)
	// Step is the one with a key; nil: there is none.
	Step(ctx context.Context, key string) (*Step, error)
	// Since counts the steps begun from then on: what the hour's cap is about.
	Since(ctx context.Context, from time.Time) (int, error)
}

// Room says why one more step is too many, when those of all plans are open, and so many were begun within the hour; empty: it is not.
type Room func(open []Step, hour int) string

// ErrTaken means that the step was begun, or went on, by another process.
var ErrTaken = errors.New("another run has it")

// grace is how long a step may stand still before whoever carried it out is taken for dead. Drivers answer sooner.
const grace = 2 * time.Minute

// perHour is the time that the hour's cap is about.
const perHour = time.Hour

// elsewhere is when to come again about a step of somebody else's driver.
const elsewhere = 5 * time.Second

// pause is how long one that could not be taken back is left alone.
const pause = time.Minute

// Due is when somebody has to look at the step again, as it stands: when its time is over, or when whoever carries it out must have died. Zero:
// nothing is due.
func (s *Step) Due() time.Time {
	switch {
	case s.unsettled() && s.Ended.After(s.Started):
		return s.Ended.Add(grace)
	case s.unsettled():
		return s.Started.Add(grace)
	case s.Stage == Verified && s.Item.Class == Reversible:
		return s.Until
	}
	return time.Time{}
}

// unsettled tells whether nobody knows what the step did, but who is at work on it.
func (s *Step) unsettled() bool { return s.Stage == Intent || s.Stage == Result || s.Stage == UndoOpen }

// underWay tells whether somebody may be at work on the step right now.
func (s *Step) underWay(now time.Time) bool { return s.unsettled() && now.Before(s.Due()) }

// Crew carries out plans. Its members are not to be changed while it works.
type Crew struct {
	Drivers map[string]Driver
	Ledger  Ledger
	Now     func() time.Time
	// Stopped tells why nothing may be carried out: the kill switch. It is asked before every execution; empty: go on.
	Stopped func() string
	// Watched tells whether someone is there to take back what the target does not take back by itself.
	Watched func(ctx context.Context) bool
	Limits  Limits
	Guard   Guard
	Estate  Estate
	Windows []Window // maintenance
	// Turn is asked before every action of a plan: the caps hold for what one crew does at a time. An error ends the run, which goes on when
	// Apply or Alone is called again. It may be nil.
	Turn func(ctx context.Context) error
	// Told is handed each receipt as soon as it is certain. It may be nil.
	Told func(Receipt)
}

// KeyOf is the idempotency key of an action of a plan.
func KeyOf(plan string, i *Item) string {
	sum := sha256.Sum256([]byte(plan + "\x00" + i.ID + "\x00" + i.Action + "\x00" + string(i.Target.Type) + "\x00" + i.Target.Value))
	return hex.EncodeToString(sum[:16])
}

// Apply carries out the actions of a plan that a machine may carry out, one after the other. That it is agreed is the caller's to know
// (Agreed). An action that cannot be verified stops those behind it: what does not do what it says is not done to more targets. The
// error is of the ledger or the context; everything else stands in the receipts. What was begun and not ended earlier is probed first,
// and never sent again blindly.
func (c *Crew) Apply(ctx context.Context, p *Plan) ([]Receipt, error) {
	return c.apply(ctx, p, func(*Item) string {
		if p.Purpose == Silent {
			return "the plan only says what a machine would have done"
		}
		return ""
	})
}

// apply carries out what may says nothing against.
func (c *Crew) apply(ctx context.Context, p *Plan, may func(*Item) string) ([]Receipt, error) {
	if err := c.Recover(ctx); err != nil {
		return nil, err
	}
	begun, force, err := c.standing(ctx, p)
	if err != nil {
		return nil, err
	}
	var list []Receipt
	tell := func(r Receipt) {
		list = append(list, r)
		c.tell(r)
	}
	broken := ""
	for i := range p.Items {
		item := &p.Items[i]
		if item.Class == Task {
			continue
		}
		if s := begun[item.ID]; s != nil {
			tell(s.Receipt())
			if s.Outcome == FailedOutcome || s.Outcome == Unverified {
				broken = item.ID
			}
			continue
		}
		if err := c.turn(ctx); err != nil {
			return list, err
		}
		s := Step{Plan: p.Digest, Item: *item, Key: KeyOf(p.Digest, item), Started: c.Now()}
		if err := c.carry(ctx, &s, func() string {
			if why := may(item); why != "" {
				return why
			}
			return c.bars(ctx, item, broken, &force, 0)
		}); err != nil {
			return list, err
		}
		if s.Stage == Verified {
			force.add(item, c.Estate)
		}
		tell(s.Receipt())
		if s.Outcome == FailedOutcome || s.Outcome == Unverified {
			broken = item.ID
		}
	}
	return list, nil
}

func (c *Crew) turn(ctx context.Context) error {
	if err := ctx.Err(); err != nil || c.Turn == nil {
		return err
	}
	return c.Turn(ctx)
}

// standing is what of a plan was begun, by item, and what is in force of all plans: many small ones take away as much as a large one.
func (c *Crew) standing(ctx context.Context, p *Plan) (begun map[string]*Step, force tally, err error) {
	steps, err := c.Ledger.Steps(ctx, p.Digest)
	if err != nil {
		return nil, force, err
	}
	begun = map[string]*Step{}
	for i := range steps {
		begun[steps[i].Item.ID] = &steps[i]
	}
	all, err := c.Ledger.Steps(ctx, "")
	for i := range all {
		force.add(&all[i].Item, c.Estate)
	}
	clear(force.each)
	return begun, force, err
}

// bars says why an action must not be carried out now. ahead are those that will have been begun before it.
func (c *Crew) bars(ctx context.Context, i *Item, broken string, force *tally, ahead int) string {
	if c.Stopped != nil {
		if why := c.Stopped(); why != "" {
			return "the kill switch is on: " + why
		}
	}
	if broken != "" {
		return broken + " did not take effect: nothing more is done until a person has looked"
	}
	if why := c.Guard.Refuses(i.Target, c.Estate); why != "" {
		return why
	}
	if why := worked(c.Windows, c.Now(), i.Target); why != "" {
		return why
	}
	if why := c.Limits.refuses(force, i, c.Estate); why != "" {
		return why
	}
	if i.TTL > 0 && !i.OwnTTL && (c.Watched == nil || !c.Watched(ctx)) {
		return "nobody is there to take it back after " + i.TTL.String() + ": run soc respond watch"
	}
	n, err := c.Ledger.Since(ctx, c.Now().Add(-perHour))
	if err != nil {
		return "how much was done in the last hour is unknown: " + err.Error()
	}
	return c.Limits.tooMany(n + ahead)
}

// room is what the caps say of an action at the moment when it is begun: another run may have begun others since bars was asked.
func (c *Crew) room(i *Item) Room {
	return func(open []Step, hour int) string {
		var force tally
		for i := range open {
			force.add(&open[i].Item, c.Estate)
		}
		clear(force.each)
		if why := c.Limits.refuses(&force, i, c.Estate); why != "" {
			return why
		}
		return c.Limits.tooMany(hour)
	}
}

// look asks for the state of an action's target. why says that it is not to be carried out, and o as what that counts.
func (c *Crew) look(ctx context.Context, i *Item) (before State, o Outcome, why string) {
	d := c.Drivers[i.Driver]
	if d == nil {
		return before, RefusedOutcome, fmt.Sprintf("no driver is called %q any more", i.Driver)
	}
	before, err := d.Probe(ctx, i.Action, i.Target)
	var refusal RefusalError
	switch {
	case errors.As(err, &refusal):
		return before, RefusedOutcome, string(refusal)
	case err != nil:
		return before, RefusedOutcome, "the state of the target is unknown: " + err.Error()
	case before.Done:
		return before, Already, "in force before: " + before.Detail
	case before.Digest() != i.Precondition:
		return before, RefusedOutcome, "the target was changed since the plan was made: plan again"
	}
	return before, Done, ""
}

// carry takes one action through its stages, unless something bars it. The error is the ledger's.
func (c *Crew) carry(ctx context.Context, s *Step, bars func() string) error {
	before, o, why := c.look(ctx, &s.Item)
	if why != "" {
		s.end(c.Now(), o, why)
		return nil
	}
	if why := bars(); why != "" {
		s.end(c.Now(), RefusedOutcome, why)
		return nil
	}
	s.Stage, s.Image = Intent, before.Image
	if s.Item.TTL > 0 {
		s.Until = c.Now().Add(s.Item.TTL)
	}
	var refusal RefusalError
	switch err := c.Ledger.Begin(ctx, s, c.Now().Add(-perHour), c.room(&s.Item)); {
	case errors.Is(err, ErrTaken):
		s.end(c.Now(), RefusedOutcome, "another run carries it out")
		return nil
	case errors.As(err, &refusal):
		s.Until = time.Time{}
		s.end(c.Now(), RefusedOutcome, string(refusal))
		return nil
	case err != nil:
		return err
	}
	// From here on a cancelled run still writes down what it did.
	sure := context.WithoutCancel(ctx)
	said := c.Drivers[s.Item.Driver].Do(ctx, s.order())
	s.Stage, s.Detail, s.Ended = Result, "the driver said yes", c.Now()
	if said != nil {
		s.Detail = said.Error()
	}
	if err := c.Ledger.Advance(sure, s); err != nil {
		return err
	}
	return c.verify(sure, s, said)
}

// verify asks the target, whatever the driver said.
func (c *Crew) verify(ctx context.Context, s *Step, said error) error {
	after, err := ask(ctx, c.Drivers[s.Item.Driver], s.order())
	s.Stage, s.Ended = Verified, c.Now()
	switch {
	case err == nil && after.Done:
		s.Outcome, s.Detail = Done, after.Detail
		if s.Item.Class != Reversible { // nothing is left to take back
			s.Stage = Ended
		}
	case said != nil:
		s.Outcome, s.Stage = FailedOutcome, Ended
		if err != nil { // nobody knows: it stays open, so that it can be taken back
			s.Stage, s.Detail = Verified, s.Detail+"; and the target cannot be asked: "+err.Error()
		}
	case err != nil:
		s.Outcome, s.Detail = Unverified, "the target cannot be asked: "+err.Error()
	default:
		s.Outcome, s.Detail = Unverified, "the driver said yes, and the target does not show it"
	}
	return c.Ledger.Advance(ctx, s)
}

func (c *Crew) tell(r Receipt) {
	if c.Told != nil {
		c.Told(r)
	}
}

func (s *Step) order() Order {
	return Order{Key: s.Key, Action: s.Item.Action, Target: s.Item.Target, Until: s.Until, Image: s.Image}
}

func (s *Step) end(at time.Time, o Outcome, detail string) {
	s.Stage, s.Outcome, s.Detail, s.Ended = Ended, o, detail, at
}

// Receipt is what the step says of itself now.
func (s *Step) Receipt() Receipt {
	return Receipt{
		Plan: s.Plan, Action: s.Item.ID, Name: s.Item.Action, Target: s.Item.Target, Outcome: s.Outcome,
		Verified: s.Outcome == Done || s.Outcome == Already || s.Outcome == Undone,
		Started:  s.Started, Ended: s.Ended, Until: s.Until, Detail: s.Detail,
	}
}
