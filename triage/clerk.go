package triage

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert"
)

// clerk asks one service on behalf of many judges.
type clerk struct {
	Service
	desk  *DeskSettings
	slots chan struct{} // one per question under way

	mu       sync.Mutex
	flights  map[alert.Indicator]*flight // without their paths
	asked    int
	failures int       // in a row
	shut     string    // why it is not asked
	until    time.Time // when it is again; zero is never
}

// flight is a question on its way, for all who have it.
type flight struct {
	done chan struct{}
	reply
}

// reply is what came of one question.
type reply struct {
	finding Finding
	at      time.Time
	err     error
}

// ask returns a reply for each question. A question that another judge has asked already is waited for, not asked again.
func (c *clerk) ask(ctx context.Context, questions []question) []reply {
	flights := make([]*flight, len(questions))
	mine := map[alert.Indicator]*flight{}
	var order []alert.Indicator
	c.mu.Lock()
	for i, q := range questions {
		key := alert.Indicator{Type: q.Type, Value: q.Value}
		f := c.flights[key]
		if f == nil {
			f = &flight{done: make(chan struct{})}
			c.flights[key], mine[key] = f, f
			order = append(order, key)
		}
		flights[i] = f
	}
	c.mu.Unlock()
	c.fly(ctx, order, mine)
	replies := make([]reply, len(questions))
	for i, f := range flights {
		select {
		case <-f.done:
			replies[i] = f.reply
			continue
		default:
		}
		select {
		case <-f.done:
			replies[i] = f.reply
		case <-ctx.Done():
			replies[i].err = context.Cause(ctx)
		}
	}
	return replies
}

// fly answers the questions out of the cache or asks the service, and lets those go who wait for them.
func (c *clerk) fly(ctx context.Context, in []alert.Indicator, flights map[alert.Indicator]*flight) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, key := range in {
			delete(c.flights, key)
			close(flights[key].done)
		}
	}()
	var unknown []alert.Indicator
	for _, key := range in {
		if r, ok := c.recall(c.desk.Answers, key, c.desk.Now()); ok {
			flights[key].reply = r
			continue
		}
		unknown = append(unknown, key)
	}
	if len(unknown) == 0 {
		return
	}
	select {
	case c.slots <- struct{}{}:
		defer func() { <-c.slots }()
	case <-ctx.Done():
	}
	var open []alert.Indicator
	for _, key := range unknown {
		if err := c.admit(ctx); err != nil {
			flights[key].err = err
			continue
		}
		open = append(open, key)
	}
	if len(open) > 0 {
		c.look(ctx, open, flights)
	}
}

// look asks the service and keeps what it says.
func (c *clerk) look(ctx context.Context, in []alert.Indicator, flights map[alert.Indicator]*flight) {
	findings, err := c.Look(ctx, in)
	c.settle(ctx, err)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	at := c.desk.Now()
	for _, key := range in {
		flights[key].reply = reply{at: at, err: err}
	}
	for _, f := range findings {
		if f.Indicator >= 0 && f.Indicator < len(in) {
			flights[in[f.Indicator]].reply = reply{finding: f, at: at}
		}
	}
	for _, key := range in {
		if r := flights[key].reply; r.err == nil {
			c.store(c.desk.Answers, key, r)
		}
	}
}

// admit counts a question, or says why it is not asked.
func (c *clerk) admit(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shut != "" {
		switch {
		case c.until.IsZero():
			return fmt.Errorf("not asked any more: %s", c.shut)
		case c.desk.Now().Before(c.until):
			return fmt.Errorf("not asked before %s: %s", c.until.UTC().Format(time.RFC3339), c.shut)
		}
		c.shut = ""
	}
	if c.Questions > 0 && c.asked >= c.Questions {
		return fmt.Errorf("the %d questions of a run are used up", c.Questions)
	}
	c.asked++
	return nil
}

// settle draws the consequences of how a question went.
func (c *clerk) settle(ctx context.Context, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var kind *LookupError
	switch {
	case err == nil:
		c.failures = 0
	case errors.As(err, &kind) && kind.Shut:
		c.close(err.Error(), kind.After)
	case kind != nil, ctx.Err() != nil: // the question's own fault, or our hurry: neither speaks about the service
	default:
		if c.failures++; c.failures >= c.Failures {
			c.close(fmt.Sprintf("%d failures in a row, the last: %s", c.failures, err), c.Pause)
		}
	}
}

func (c *clerk) close(why string, after time.Duration) {
	c.shut, c.until = why, time.Time{}
	if after > 0 {
		c.until = c.desk.Now().Add(after)
	}
}
