package web_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/web"
)

// TestWhatIsRepeated: only what passes, and only what may be sent twice.
func TestWhatIsRepeated(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	cut := func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "9") }
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	reset := func(w http.ResponseWriter, _ *http.Request) {
		if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
			_ = conn.(interface{ SetLinger(int) error }).SetLinger(0)
			_ = conn.Close()
		}
	}
	get, post := web.Request{}, web.Request{Method: http.MethodPost, Body: []byte("x")}
	search := web.Request{Method: http.MethodPost, Body: []byte("x"), Repeatable: true}
	for name, c := range map[string]struct {
		answer   http.HandlerFunc
		request  web.Request
		attempts int32
	}{
		"429":                     {status(429), get, 3},
		"502":                     {status(502), get, 3},
		"503":                     {status(503), get, 3},
		"504":                     {status(504), get, 3},
		"500":                     {status(500), get, 1},
		"501":                     {status(501), get, 1},
		"404":                     {status(404), get, 1},
		"422":                     {status(422), get, 1},
		"200":                     {status(200), get, 1},
		"a lost connection":       {hangUp, get, 3},
		"a reset connection":      {reset, get, 3},
		"a cut answer":            {cut, get, 3},
		"a PUT":                   {status(503), web.Request{Method: http.MethodPut, Body: []byte("x")}, 3},
		"a POST":                  {status(503), post, 1},
		"a POST that asks":        {status(503), search, 3},
		"a POST cut off":          {reset, post, 1},
		"a POST that asks, reset": {reset, search, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int32
			cl := client(t, func(w http.ResponseWriter, r *http.Request) {
				n.Add(1)
				c.answer(w, r)
			}, nil)
			_, err := cl.Do(t.Context(), c.request)
			if n.Load() != c.attempts || (err == nil) != (name == "200") {
				t.Errorf("%d attempts, %v", n.Load(), err)
			}
		})
	}
}

// TestHowLongIsWaited: the service's own word counts, longer than the back-off and up to the client's patience.
func TestHowLongIsWaited(t *testing.T) {
	t.Parallel()
	const s = time.Second
	for name, c := range map[string]struct {
		after  string // Retry-After; Date is 10:00:00
		random float64
		waits  []time.Duration
		told   time.Duration
	}{
		"nothing said, no jitter":   {"", 1, []time.Duration{s / 2, s, 2 * s}, 0},
		"nothing said, most jitter": {"", 0, []time.Duration{s / 4, s / 2, s}, 0},
		"seconds":                   {"7", 0, []time.Duration{7 * s, 7 * s, 7 * s}, 7 * s},
		"less than the back-off":    {"1", 1, []time.Duration{s, s, 2 * s}, s},
		"a date":                    {"Mon, 23 Nov 2026 10:00:12 GMT", 0, []time.Duration{12 * s, 12 * s, 12 * s}, 12 * s},
		"a date gone by":            {"Mon, 23 Nov 2026 09:00:00 GMT", 1, []time.Duration{s / 2, s, 2 * s}, 0},
		"more than patience":        {"29241", 0, nil, 29241 * s},
		"more than any number":      {"9223372036854775807", 0, nil, 365 * 24 * time.Hour},
		"less than nothing":         {"-5", 1, []time.Duration{s / 2, s, 2 * s}, 0},
		"rubbish":                   {"soon", 1, []time.Duration{s / 2, s, 2 * s}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var waits []time.Duration
			cl := client(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", "Mon, 23 Nov 2026 10:00:00 GMT")
				w.Header().Set("Retry-After", c.after)
				w.WriteHeader(http.StatusTooManyRequests)
			}, func(set *web.Settings) {
				set.Retries, set.Random = 3, func() float64 { return c.random }
				set.Sleep = func(_ context.Context, d time.Duration) error {
					waits = append(waits, d)
					return nil
				}
			})
			_, err := cl.Do(t.Context(), web.Request{})
			var fault *web.Error
			if !errors.As(err, &fault) || fault.After != c.told || !slices.Equal(waits, c.waits) {
				t.Errorf("waited %v, %v", waits, err)
			}
		})
	}
}

// TestWhoGivesUpWaiting gets the service's last word, not the context's.
func TestWhoGivesUpWaiting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := client(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, func(s *web.Settings) {
		s.Sleep = func(ctx context.Context, _ time.Duration) error {
			cancel()
			return ctx.Err()
		}
	})
	var fault *web.Error
	if _, err := c.Do(ctx, web.Request{}); !errors.As(err, &fault) || fault.Status != http.StatusServiceUnavailable {
		t.Errorf("%v", err)
	}
	if _, err := c.Do(ctx, web.Request{}); !errors.Is(err, context.Canceled) {
		t.Errorf("asked after it was over: %v", err)
	}
}

// TestThePace keeps attempts apart; a lower bound, so that a slow machine passes too.
func TestThePace(t *testing.T) {
	t.Parallel()
	const every = 20 * time.Millisecond
	c := client(t, func(http.ResponseWriter, *http.Request) {}, func(s *web.Settings) { s.Every = every })
	began := time.Now()
	for range 4 {
		if _, err := c.Do(t.Context(), web.Request{}); err != nil {
			t.Fatal(err)
		}
	}
	if took := time.Since(began); took < 3*every {
		t.Errorf("4 requests in %s", took)
	}
}
