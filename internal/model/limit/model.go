// Package limit asks a model no faster than it answers. Model stands before a prompt.Model: it finds by itself how many requests
// the server takes at once (Gradient), lets the others wait in their order, keeps the pauses that the server asks for, and asks
// again what was refused or lost.
//
// It counts no money and no tokens, keeps no answers and knows no provider: whether to ask at all is decided before. Start with
// Model and New; Gradient is the rule behind it, without clock or goroutine.
package limit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
)

// ErrBusy is a server that asks to be left alone for longer than anybody waits here.
var ErrBusy = errors.New("the model's server asks to be left alone")

// Settings need only Now.
type Settings struct {
	Now      func() time.Time // the clock by which answers are measured
	Most     int              // requests at once, whatever the server would take; 0 is 1,024
	Tries    int              // of one request, when it is refused or its connection is lost; 0 is 16
	Patience time.Duration    // longest pause that is waited for; 0 is 30 s
}

// Model is a prompt.Model.
type Model struct {
	inner prompt.Model
	set   Settings

	mu     sync.Mutex
	rule   *Gradient
	queue  []*waiter
	wakes  time.Time // when a pause is over, as the last timer knows it
	counts Counts
}

// Counts are what happened so far.
type Counts struct {
	Sent     int // requests, repeated ones included
	Answered int
	Refused  int // 429, 503 and the like
	TimedOut int
	Limit    int // requests at once, now
}

type waiter struct {
	turn   chan Ticket // buffered
	failed chan error  // buffered
}

// New stands before inner.
func New(inner prompt.Model, s Settings) *Model {
	if s.Tries <= 0 {
		s.Tries = 16 // a wave of refusals can meet the same request many times
	}
	if s.Patience <= 0 {
		s.Patience = 30 * time.Second
	}
	return &Model{inner: inner, set: s, rule: NewGradient(s.Most)}
}

// Name implements prompt.Model.
func (m *Model) Name() string { return m.inner.Name() }

// Counts returns what happened so far.
func (m *Model) Counts() Counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.counts
	c.Limit = m.rule.Limit()
	return c
}

// Chat implements prompt.Model. It waits for its turn as long as the context allows.
func (m *Model) Chat(ctx context.Context, r prompt.Request) (prompt.Answer, error) {
	for try := 1; ; try++ {
		t, err := m.enter(ctx, try > 1)
		if err != nil {
			return prompt.Answer{}, fmt.Errorf("waiting for model %s: %w", m.Name(), err)
		}
		a, err := m.inner.Chat(ctx, r)
		again := m.leave(ctx, t, a, err)
		if !again || try == m.set.Tries || rest(ctx, try) != nil {
			return a, err
		}
	}
}

// rest lets time pass between the attempts of one request, but after the first: many a refusal is about the moment.
func rest(ctx context.Context, try int) error {
	if try == 1 {
		return ctx.Err()
	}
	t := time.NewTimer(min(pauseMost, pauseLeast<<min(try-2, 8)))
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// enter waits for a turn. Who was refused once stands in front.
func (m *Model) enter(ctx context.Context, front bool) (Ticket, error) {
	w := &waiter{make(chan Ticket, 1), make(chan error, 1)}
	m.mu.Lock()
	if front {
		m.queue = slices.Insert(m.queue, 0, w)
	} else {
		m.queue = append(m.queue, w)
	}
	m.pump()
	m.mu.Unlock()
	select {
	case t := <-w.turn:
		return t, nil
	case err := <-w.failed:
		return Ticket{}, err
	case <-ctx.Done():
		m.abandon(w)
		return Ticket{}, context.Cause(ctx)
	}
}

// abandon gives a turn back, or the place in the queue.
func (m *Model) abandon(w *waiter) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i := slices.Index(m.queue, w); i >= 0 {
		m.queue = slices.Delete(m.queue, i, i+1)
		return
	}
	select {
	case <-w.turn:
		m.counts.Sent--
		m.rule.Ended()
		m.pump()
	case <-w.failed:
	}
}

// pump gives turns to those in front while the rule allows.
func (m *Model) pump() {
	now := m.set.Now()
	pause := m.rule.Pause(now)
	if pause > m.set.Patience {
		for _, w := range m.queue {
			w.failed <- fmt.Errorf("%w for %s", ErrBusy, pause.Round(time.Second))
		}
		m.queue = nil
	}
	for len(m.queue) > 0 && m.rule.Ready(now) {
		m.counts.Sent++
		m.queue[0].turn <- m.rule.Start(now)
		m.queue = slices.Delete(m.queue, 0, 1)
	}
	if end := now.Add(pause); pause > 0 && len(m.queue) > 0 && end.After(m.wakes) {
		m.wakes = end
		time.AfterFunc(pause, func() {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.pump()
		})
	}
}

// leave ends a turn and says whether the same request is worth another.
func (m *Model) leave(ctx context.Context, t Ticket, a prompt.Answer, err error) (again bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer m.pump()
	now := m.set.Now()
	var e *web.Error
	switch {
	case err == nil:
		m.counts.Answered++
		m.rule.Answered(now, t, a.TokensOut)
	case errors.As(err, &e) && refused(e.Status):
		m.counts.Refused++
		m.rule.Refused(now, t, e.After)
		return ctx.Err() == nil
	case errors.Is(err, web.ErrTimeout), errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		m.counts.TimedOut++
		m.rule.TimedOut(now, t)
	default:
		m.rule.Ended()
		return ctx.Err() == nil && lost(err)
	}
	return false
}

// refused tells the statuses of a server, or of a proxy before it, that has enough; 529 is Anthropic's.
func refused(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadGateway, http.StatusGatewayTimeout, 529:
		return true
	}
	return false
}

// lost tells a connection that stood and broke. That there is no server at all is another matter, and soon over.
func lost(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return (op.Op == "read" || op.Op == "write") && !op.Timeout()
	}
	return errors.Is(err, web.ErrCut) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
