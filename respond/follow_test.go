package respond_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/respond"
)

// renamed is a driver whose target is called otherwise once it was acted on; somebody else has its name, and is protected.
type renamed struct{ done, moved bool }

func (r *renamed) Does(string) (ok, ownTTL bool) { return true, false }

func (r *renamed) Probe(context.Context, string, respond.Target) (respond.State, error) {
	if r.moved {
		return respond.State{}, respond.RefusalError("protected: it rules the domain")
	}
	return respond.State{Done: r.done, Image: "before id=7"}, nil
}

func (r *renamed) Follow(_ context.Context, o respond.Order) (respond.State, error) {
	if o.Image != "before id=7" {
		return respond.State{}, errors.New("nobody knows what that was")
	}
	return respond.State{Done: r.done, Image: "now id=7"}, nil
}

func (r *renamed) Do(context.Context, respond.Order) error {
	r.done, r.moved = true, true
	return nil
}

func (r *renamed) Undo(context.Context, respond.Order) error {
	r.done = false
	return nil
}

// What was done is asked for and taken back by what it was, and not by whoever has its name now; of whom a plan says why not, as it is.
func TestATargetIsFollowed(t *testing.T) {
	t.Parallel()
	d := &renamed{}
	now := time.Now()
	propose := func() respond.Plan {
		return respond.Propose(respond.Situation{Case: "c-1", Wants: []respond.Want{{Action: "disable-account", Target: respond.Target{Type: respond.User, Value: "alice"}, Why: "a test"}}},
			respond.Settings{Author: "ann", Now: now, Hands: func(action string, target respond.Target) (respond.Hand, bool) {
				s, err := d.Probe(t.Context(), action, target)
				return respond.Hand{Driver: "d", State: s, Err: err}, true
			}})
	}
	p := propose()
	c := respond.Crew{Drivers: map[string]respond.Driver{"d": d}, Ledger: newWorld(), Now: func() time.Time { return now }}
	list, err := c.Apply(t.Context(), &p)
	if err != nil || len(list) != 1 || list[0].Outcome != respond.Done {
		t.Fatal(err, list)
	}
	if q := propose(); len(q.Refused) != 1 || q.Refused[0].Because != "d: protected: it rules the domain" {
		t.Errorf("%+v", q.Refused)
	}
	list, err = c.Undo(t.Context(), func(*respond.Step) bool { return true })
	if err != nil || len(list) != 1 || list[0].Outcome != respond.Undone || d.done {
		t.Fatal(err, list)
	}
	list, err = (&respond.Crew{Drivers: map[string]respond.Driver{"d": d}, Ledger: newWorld(), Now: func() time.Time { return now }}).Apply(t.Context(), &p)
	if err != nil || len(list) != 1 || list[0].Detail != "protected: it rules the domain" {
		t.Fatal(err, list)
	}
}
