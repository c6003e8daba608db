package cmd

import (
	"errors"
	"fmt"
	"sync"

	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/wire"
)

// budget is what a run may spend on models, all of them together. It is safe for concurrent use.
type budget struct {
	calls int
	cost  float64 // by the prices in soc.yaml; 0 is no bound

	mu    sync.Mutex
	sent  int
	spent float64 // with what is set aside for the calls under way
}

// Why nobody was asked for want of budget.
var (
	errSpent = errors.New("not asked: the run has cost what it may (--max-cost)")
	errTime  = errors.New("no answer before the run's time for models was over (--model-budget)")
)

func (b *budget) errCalls(share float64) error {
	if share < 1 {
		return fmt.Errorf("not asked: the run's %d calls are used, or kept for the next model (--max-calls)", b.calls)
	}
	return fmt.Errorf("not asked: the run has used its %d calls (--max-calls)", b.calls)
}

// allowed is how many calls the run has come to when a share of its budget is used.
func (b *budget) allowed(share float64) int { return int(share * float64(b.calls)) }

// room is how many calls are left of a share.
func (b *budget) room(share float64) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return max(0, b.allowed(share)-b.sent)
}

// take counts a call and sets aside what it may cost, or says why it is not made.
func (b *budget) take(share, most float64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.sent >= b.allowed(share):
		return b.errCalls(share)
	case b.cost > 0 && b.spent+most > share*b.cost:
		return errSpent
	}
	b.sent++
	b.spent += most
	return nil
}

// settle puts what a call has cost in the place of what was set aside.
func (b *budget) settle(most, cost float64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent += cost - most
}

// mostOf is what a call can cost: a token has three bytes or more, and the answer ends at its limit.
func mostOf(r *prompt.Request, p config.Price) float64 {
	in := (len(r.System) + len(r.Shared) + len(r.Alert) + len(r.Schema)) / 3
	return (float64(in)*p.Input + float64(r.MaxTokens)*p.Output) / 1e6
}

// costOf is what an answer has cost: by its tokens, or as much as it can when the server does not count them.
func costOf(a *prompt.Answer, most float64, p config.Price) float64 {
	if a.TokensIn == 0 && a.TokensOut == 0 {
		return most
	}
	return (float64(a.TokensIn)*p.Input + float64(a.TokensOut)*p.Output) / 1e6
}

// tally is what one model was asked in a run.
type tally struct {
	name  string
	calls int
	cost  float64
}

// appendTallies appends the member "models" of a summary.
func appendTallies(b []byte, list []tally) []byte {
	if len(list) == 0 {
		return b
	}
	b = append(wire.Key(b, "models"), '[')
	for _, t := range list {
		b = wire.Text(append(wire.Comma(b), '{'), "name", t.name)
		b = wire.Int(b, "calls", int64(t.calls))
		if t.cost > 0 {
			b = wire.Float(b, "cost", t.cost)
		}
		b = append(b, '}')
	}
	return append(b, ']')
}
