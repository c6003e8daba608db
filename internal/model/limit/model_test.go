package limit_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/internal/model/limit"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
)

// script answers the n-th request, from 1, with what it returns; nil is an answer after a second.
type script struct {
	fail  func(n int, r prompt.Request) error
	sent  []string
	times []time.Duration
	start time.Time
}

func (*script) Name() string { return "script" }

func (s *script) Chat(ctx context.Context, r prompt.Request) (prompt.Answer, error) {
	s.sent = append(s.sent, r.Alert)
	s.times = append(s.times, time.Since(s.start).Round(10*time.Millisecond))
	if err := s.fail(len(s.sent), r); err != nil {
		return prompt.Answer{}, err
	}
	select {
	case <-time.After(time.Second):
		return prompt.Answer{Text: r.Alert, TokensOut: 10}, nil
	case <-ctx.Done():
		return prompt.Answer{}, context.Cause(ctx)
	}
}

func status(code int, after time.Duration) error {
	return fmt.Errorf("asking: %w", &web.Error{Host: "gpu.example.com", Status: code, What: "answered", After: after})
}

// TestAgainOrNot: what is asked again, when, and what comes back in the end.
func TestAgainOrNot(t *testing.T) {
	t.Parallel()
	broken := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	absent := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	always := func(err error) func(int) error { return func(int) error { return err } }
	once := func(err error) func(int) error {
		return func(n int) error {
			if n == 1 {
				return err
			}
			return nil
		}
	}
	s := time.Second
	for name, c := range map[string]struct {
		fail  func(n int) error
		times []time.Duration
		ok    bool
	}{
		"nothing fails":                  {always(nil), []time.Duration{0}, true},
		"refused once":                   {once(status(http.StatusTooManyRequests, 0)), []time.Duration{0, 0}, true},
		"refused for three seconds":      {once(status(http.StatusServiceUnavailable, 3*s)), []time.Duration{0, 3 * s}, true},
		"overloaded, in Anthropic's way": {once(status(529, s)), []time.Duration{0, s}, true},
		"refused for ever": {always(status(http.StatusTooManyRequests, 0)), []time.Duration{
			0, 0, s / 4, 3 * s / 4, 7 * s / 4, 15 * s / 4,
		}, false},
		"refused for longer than anybody waits": {always(status(http.StatusTooManyRequests, time.Hour)), []time.Duration{0}, false},
		"the connection breaks once":            {once(broken), []time.Duration{0, 0}, true},
		"the answer is cut once":                {once(fmt.Errorf("reading: %w", web.ErrCut)), []time.Duration{0, 0}, true},
		"nobody is there":                       {always(absent), []time.Duration{0}, false},
		"no answer in time":                     {always(web.ErrTimeout), []time.Duration{0}, false},
		"the key is wrong":                      {always(status(http.StatusUnauthorized, 0)), []time.Duration{0}, false},
		"it breaks down":                        {always(status(http.StatusInternalServerError, 0)), []time.Duration{0}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				sc := &script{fail: func(n int, _ prompt.Request) error { return c.fail(n) }, start: time.Now()}
				m := limit.New(sc, limit.Settings{Now: time.Now, Tries: 6})
				a, err := m.Chat(t.Context(), prompt.Request{Alert: "a"})
				if (err == nil) != c.ok || c.ok && a.Text != "a" {
					t.Errorf("%v %v", a, err)
				}
				if d := cmp.Diff(c.times, sc.times); d != "" {
					t.Error(d)
				}
				if n := m.Counts(); n.Sent != len(c.times) || n.Limit < 1 {
					t.Errorf("%+v", n)
				}
			})
		})
	}
}

// TestWhoWaits: in order; who gives up leaves; a pause is everybody's; one that is too long ends the waiting.
func TestWhoWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sc := &script{fail: func(n int, _ prompt.Request) error {
			switch n {
			case 2:
				return status(http.StatusTooManyRequests, 10*time.Second)
			case 4:
				return status(http.StatusTooManyRequests, time.Minute)
			}
			return nil
		}, start: time.Now()}
		m := limit.New(sc, limit.Settings{Now: time.Now, Most: 1})
		ask := func(name string, most time.Duration) chan error {
			done := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), most)
				defer cancel()
				_, err := m.Chat(ctx, prompt.Request{Alert: name})
				done <- err
			}()
			synctest.Wait()
			return done
		}
		a, b, c, d := ask("a", time.Hour), ask("b", time.Hour), ask("c", 5*time.Second), ask("d", time.Hour)
		if err := <-a; err != nil {
			t.Error(err)
		}
		if err := <-c; !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("c waited longer than it wanted: %v", err)
		}
		if err := <-b; err != nil { // at 11 s, before d
			t.Error(err)
		}
		if err := <-d; !errors.Is(err, limit.ErrBusy) {
			t.Errorf("d: %v", err)
		}
		if d := cmp.Diff([]string{"a", "b", "b", "d"}, sc.sent); d != "" {
			t.Error(d)
		}
		if d := cmp.Diff([]time.Duration{0, time.Second, 11 * time.Second, 12 * time.Second}, sc.times); d != "" {
			t.Error(d)
		}
		if _, err := m.Chat(t.Context(), prompt.Request{}); !errors.Is(err, limit.ErrBusy) {
			t.Errorf("during the pause: %v", err)
		}
		time.Sleep(time.Minute)
		if _, err := m.Chat(t.Context(), prompt.Request{}); err != nil {
			t.Errorf("after the pause: %v", err)
		}
		if got := m.Counts(); got != (limit.Counts{Sent: 5, Answered: 3, Refused: 2, Limit: 1}) {
			t.Errorf("%+v", got)
		}
	})
}

// TestTimeoutsShrinkTheLimit, each burst of them once, to no less than one.
func TestTimeoutsShrinkTheLimit(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	g := limit.NewGradient(100)
	for range 400 {
		ticket := g.Start(now)
		for range 3 {
			g.Start(now)
		}
		now = now.Add(time.Second)
		g.Answered(now, ticket, 10)
		for range 3 {
			g.Ended()
		}
	}
	before := g.Limit()
	var burst []limit.Ticket
	for range 10 {
		burst = append(burst, g.Start(now))
	}
	now = now.Add(30 * time.Second)
	for _, ticket := range burst {
		g.TimedOut(now, ticket)
	}
	if after := g.Limit(); before < 8 || after >= before || 4*after < before {
		t.Errorf("%d, then %d", before, after)
	}
	settled := g.Limit()
	for range 20 {
		ticket := g.Start(now)
		now = now.Add(100 * time.Millisecond)
		g.TimedOut(now, ticket)
	}
	if g.Limit() != settled {
		t.Errorf("whoever gave up before an answer could come changed the limit from %d to %d", settled, g.Limit())
	}
	for range 20 {
		ticket := g.Start(now)
		now = now.Add(time.Minute)
		g.TimedOut(now, ticket)
	}
	if g.Limit() != 1 || g.Pause(now) == 0 || g.Ready(now) {
		t.Errorf("limit %d, pause %s", g.Limit(), g.Pause(now))
	}
	if now = now.Add(10 * time.Second); !g.Ready(now) {
		t.Error("it never tries again")
	}
}
