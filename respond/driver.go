package respond

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// State is what a driver sees of a target.
type State struct {
	Done   bool   // the action is in force
	Detail string // for people: until when, by whom
	Image  string // what Undo needs to bring the target back, and what a change of the target would change
}

// Digest names the state: a plan notes it, and a target that has another one by then was changed by somebody else.
func (s State) Digest() string {
	done := "not in force\n"
	if s.Done {
		done = "in force\n"
	}
	sum := sha256.Sum256([]byte(done + s.Image))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Order is one action to carry out.
type Order struct {
	Key    string // the same for the same plan, action and target: a target that remembers keys does it once
	Action string
	Target Target
	Until  time.Time // when it is to be over; zero: it stays
	Image  string    // State.Image from before the action, for Undo
}

// Driver carries actions out. All methods may be called again after a crash, and are safe for concurrent use.
type Driver interface {
	// Does tells whether it can do an action, and whether the target itself takes it back after its time to live.
	Does(action string) (ok, ownTTL bool)
	// Probe reads the state of the target as far as the action is concerned. It changes nothing. An error means that the state is unknown,
	// a RefusalError that the driver never acts on the target.
	Probe(ctx context.Context, action string, t Target) (State, error)
	// Do brings the action into force. That it is in force already is no error. After an error the state is unknown until probed.
	Do(ctx context.Context, o Order) error
	// Undo brings the state of Order.Image back. That it is back already is no error.
	Undo(ctx context.Context, o Order) error
}

// Follower is a Driver that knows the target of an order again by its image, when it is called otherwise by now or another has its name.
type Follower interface {
	Driver
	// Follow is Probe for what an order was about. It refuses nothing: what was done can always be taken back.
	Follow(ctx context.Context, o Order) (State, error)
}

// ask reads the state of what an order was about.
func ask(ctx context.Context, d Driver, o Order) (State, error) {
	if f, ok := d.(Follower); ok && o.Image != "" {
		return f.Follow(ctx, o)
	}
	return d.Probe(ctx, o.Action, o.Target)
}
