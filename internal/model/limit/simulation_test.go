package limit_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/seed-959697dd/soc/internal/model/limit"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/web"
)

// server is a model with so many slots. Times are those of a synctest bubble: nobody really waits.
type server struct {
	slots   int
	room    int           // how many may wait for a slot; more are refused
	after   time.Duration // what a refusal asks for
	noise   float64       // answers take up to this share longer or shorter
	pace    func(since time.Duration) time.Duration
	refuses func(since time.Duration) bool
	drops   int // every so many-th connection breaks; 0 is none

	mu      sync.Mutex
	random  *rand.Rand
	start   time.Time
	running int
	asked   int
	sem     chan struct{}
	ends    []time.Duration // when answers were given, since the start
	took    []time.Duration
	refused int
}

func newServer(slots, room int) *server {
	return &server{
		slots: slots, room: room, sem: make(chan struct{}, slots), random: rand.New(rand.NewPCG(1, 2)), start: time.Now(),
		pace: func(time.Duration) time.Duration { return 200 * time.Millisecond }, refuses: func(time.Duration) bool { return false },
	}
}

func (*server) Name() string { return "mock" }

func (s *server) Chat(ctx context.Context, _ prompt.Request) (prompt.Answer, error) {
	sent := time.Now()
	s.mu.Lock()
	s.running++
	full := s.running > s.slots+s.room || s.refuses(time.Since(s.start))
	wait := time.Duration(float64(s.pace(time.Since(s.start))) * (1 + s.noise*(2*s.random.Float64()-1)))
	if full {
		s.running--
		s.refused++
	}
	s.asked++
	broken := s.drops > 0 && s.asked%s.drops == 0
	s.mu.Unlock()
	if full {
		time.Sleep(time.Millisecond)
		return prompt.Answer{}, &web.Error{Host: "mock", Status: http.StatusTooManyRequests, What: "answered 429", After: s.after}
	}
	s.sem <- struct{}{}
	time.Sleep(wait)
	<-s.sem
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running--
	if broken {
		return prompt.Answer{}, fmt.Errorf("reading the answer: %w", io.ErrUnexpectedEOF)
	}
	s.ends = append(s.ends, time.Since(s.start))
	s.took = append(s.took, time.Since(sent))
	return prompt.Answer{Text: "{}", TokensOut: 60}, ctx.Err()
}

// rate is how many answers a second there were between two times.
func (s *server) rate(from, to time.Duration) float64 {
	n := 0
	for _, e := range s.ends {
		if e >= from && e < to {
			n++
		}
	}
	return float64(n) / (to - from).Seconds()
}

// press lets 256 workers ask for so long, and returns how many of their requests came to nothing.
func press(t *testing.T, s *server, span time.Duration) (lost int) {
	t.Helper()
	m := limit.New(s, limit.Settings{Now: time.Now})
	var wg sync.WaitGroup
	var mu sync.Mutex
	for range 256 {
		wg.Go(func() {
			for time.Since(s.start) < span {
				if _, err := m.Chat(t.Context(), prompt.Request{}); err != nil {
					mu.Lock()
					lost++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return lost
}

// TestTheRightNumberIsFound: 95 % of the ideal rate within 5 s, at most 2 % refusals, the median at most 1.25 of the unloaded, and so
// for a minute, whichever way the server says that it has enough.
func TestTheRightNumberIsFound(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		slots, room int
		after       time.Duration
		noise       float64
	}{
		"it lets them wait":                 {slots: 64, room: 1 << 20},
		"it lets them wait, noisy":          {slots: 64, room: 1 << 20, noise: 0.2},
		"it refuses":                        {slots: 64},
		"it refuses, noisy":                 {slots: 64, noise: 0.2},
		"it refuses and asks for a second":  {slots: 64, after: time.Second},
		"a few may wait":                    {slots: 64, room: 16},
		"a few slots":                       {slots: 3, room: 1 << 20, noise: 0.1},
		"one slot":                          {slots: 1, room: 1 << 20},
		"more slots than there are workers": {slots: 1024},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServer(c.slots, c.room)
				s.after, s.noise = c.after, c.noise
				lost := press(t, s, time.Minute)
				ideal := float64(min(c.slots, 256)) / 0.2
				slices.Sort(s.took)
				median := s.took[len(s.took)/2]
				refusals := float64(s.refused) / float64(s.refused+len(s.took))
				t.Logf("4..5 s: %.3f, 5..60 s: %.3f of ideal; refused %.4f; median %s; lost %d",
					s.rate(4*time.Second, 5*time.Second)/ideal, s.rate(5*time.Second, time.Minute)/ideal, refusals, median, lost)
				if lost > 0 || refusals > 0.02 {
					t.Errorf("%d lost, %.4f refused", lost, refusals)
				}
				if c.slots > 4 && s.rate(4*time.Second, 5*time.Second) < 0.95*ideal || s.rate(5*time.Second, time.Minute) < 0.95*ideal {
					t.Error("below 95 % of the ideal rate")
				}
				if c.slots > 4 && median > 250*time.Millisecond {
					t.Errorf("median %s", median)
				}
			})
		})
	}
}

// TestAServerInTroubleIsSurvived: nothing is lost, it is pressed less meanwhile, and the full rate comes back.
func TestAServerInTroubleIsSurvived(t *testing.T) {
	t.Parallel()
	within := func(since, from, to time.Duration) bool { return since >= from && since < to }
	for name, c := range map[string]struct {
		change func(*server)
		ideal  float64 // answers a second in the last 20 of 90 s
		most   float64 // share of refusals
	}{
		"it becomes four times slower for good": {func(s *server) {
			s.pace = func(since time.Duration) time.Duration {
				if since > 20*time.Second {
					return 800 * time.Millisecond
				}
				return 200 * time.Millisecond
			}
		}, 80, 0},
		"it is four times slower for 20 s": {func(s *server) {
			s.pace = func(since time.Duration) time.Duration {
				if within(since, 20*time.Second, 40*time.Second) {
					return 800 * time.Millisecond
				}
				return 200 * time.Millisecond
			}
		}, 320, 0},
		"it refuses everything in waves": {func(s *server) {
			s.refuses = func(since time.Duration) bool {
				return since < time.Minute && since%(10*time.Second) > 8*time.Second
			}
		}, 320, 0.05},
		"it refuses in waves and asks for two seconds": {func(s *server) {
			s.after = 2 * time.Second
			s.refuses = func(since time.Duration) bool {
				return since < time.Minute && since%(10*time.Second) > 8*time.Second
			}
		}, 320, 0.05},
		"one connection in fifty breaks": {func(s *server) { s.drops = 50 }, 320 * 0.98, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newServer(64, 1<<20)
				c.change(s)
				lost := press(t, s, 90*time.Second)
				rate := s.rate(70*time.Second, 90*time.Second)
				refusals := float64(s.refused) / float64(s.refused+len(s.took))
				t.Logf("%.3f of ideal in the end; refused %.4f; lost %d", rate/c.ideal, refusals, lost)
				if lost > 0 || rate < 0.95*c.ideal || refusals > c.most {
					t.Errorf("lost %d, %.3f of the ideal rate, %.4f refused", lost, rate/c.ideal, refusals)
				}
			})
		})
	}
}
