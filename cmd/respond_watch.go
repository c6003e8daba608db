package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/work"
	"github.com/seed-959697dd/soc/respond"
)

// What is due later is a job over a row, stored with it in one transaction: docs/decisions/0008.
const (
	dueJobs   = "respond"      // the queue of every watch
	aloneJobs = "respond_auto" // the queue of plans of the machine's own: soc respond watch --auto
	aboutStep = "step "        // and a step's key: what is due of it
	aboutPlan = "plan "        // and a plan's digest: carry it out
)

const (
	jobsAtOnce = 4               // a plan that takes long holds up no expiry
	jobPoll    = time.Second     // between two looks for new jobs
	sweepEvery = time.Minute     // between two looks for rows that are overdue: those of earlier versions, and of a watch that died with its job
	overdue    = 2 * time.Minute // is what no job came for
)

type watchOptions struct {
	book, by, serve string
	once, auto      bool
}

func newWatch(a *app) *cobra.Command {
	var o watchOptions
	c := &cobra.Command{
		Use:   "watch",
		Short: "Stay, take back what has outlived its time, and carry out what was handed over",
		Long: `Watch takes back every action whose time to live is over, and settles what a killed run left unfinished. While it runs, actions may be
carried out whose target does not take them back by itself. It carries out the plans that soc respond approve --carry-out handed over, as soon as
they are agreed to, with the checks of soc respond apply. Any number of watches share one casebook. It stops when it is interrupted.

With --auto it also looks at open cases that escalate, every 20 seconds. What is at level 2 or above it decides silently, to be compared with
what people do. What is at level 4 it carries out: in cases of low severity, for threats that are confirmed, reversible and over within
four hours, within half of the hour's cap, and only where a way under notify tells people (on: [receipt]) how to take it back.

With --serve it also serves the lists of the drivers of type blocklist, read-only, as http://ADDR/DRIVER: one value a line, the way
firewalls poll an external dynamic list, with ETag and Last-Modified. Beyond this machine it wants $SOC_LIST_TOKEN, or $SOC_LIST_USER and
$SOC_LIST_PASSWORD, of whoever reads them.

EXIT STATUS
  0 done (--once), 1 something could not be taken back or carried out (--once), 2 wrong command line, 130 interrupted`,
		Example: "  soc respond watch --once",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.watch(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE`")
	f.StringVar(&o.by, "by", "", "who watches (default: $SOC_USER, then the login `NAME`)")
	f.StringVar(&o.serve, "serve", "", "serve the block lists at `ADDR` (127.0.0.1:8088)")
	f.BoolVar(&o.auto, "auto", false, "also decide about open cases, and do what level 4 allows")
	f.BoolVar(&o.once, "once", false, "do what is due now, and end")
	return c
}

// watchman does what is due.
type watchman struct {
	r       *responder
	book    *casebook.Book
	crew    *respond.Crew
	errands *errands
	alone   *auto // nil: nothing is decided without a person
	looked  time.Time
	swept   time.Time
}

func (a *app) watch(ctx context.Context, o watchOptions) error {
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	a.IO.Err = &turns{w: a.IO.Err} // several jobs have something to say
	r, err := a.responder(contextOptions{})
	if err != nil {
		return err
	}
	if o.serve != "" && o.once {
		return usage(errors.New("--serve and --once do not go together"), "soc respond watch --serve 127.0.0.1:8088")
	}
	return a.withBook(ctx, o.book, false, func(book *casebook.Book, out *bufio.Writer) (err error) {
		var served <-chan error // nil: nothing is
		if o.serve != "" {
			stop, gone, lerr := r.listen(ctx, o.serve)
			if lerr != nil {
				return lerr
			}
			served = gone
			defer func() { err = errors.Join(err, stop()) }()
		}
		w, err := r.watchman(ctx, book, by, o, a.teller(out))
		if err != nil {
			return err
		}
		if o.once {
			list, err := w.once(ctx)
			if err != nil {
				return err
			}
			return a.outcome(list)
		}
		return w.stay(ctx, by, served)
	})
}

func (r *responder) watchman(ctx context.Context, book *casebook.Book, by string, o watchOptions, print func(respond.Receipt)) (w *watchman, err error) {
	var mu sync.Mutex
	told := func(one respond.Receipt) {
		mu.Lock()
		defer mu.Unlock()
		print(one)
	}
	w = &watchman{r: r, book: book}
	if w.crew, err = r.crew(ctx, book, by, told); err != nil {
		return nil, err
	}
	if o.auto {
		if w.alone, err = r.automatic(ctx, book, o.book); err != nil {
			return nil, err
		}
	}
	w.errands = r.errands(book, told, w.alone, ctx.Err)
	return w, nil
}

// once does what is due now.
func (w *watchman) once(ctx context.Context) ([]respond.Receipt, error) {
	if w.alone != nil {
		if err := w.alone.once(ctx); err != nil {
			return nil, err
		}
	}
	list, err := w.pass(ctx, 0)
	w.r.herald.flush(ctx)
	return list, err
}

// pass looks at all rows, and does what has been due for so long.
func (w *watchman) pass(ctx context.Context, since time.Duration) ([]respond.Receipt, error) {
	before := w.r.app.Now().Add(-since)
	list, err := w.crew.TendAll(ctx, before)
	if err != nil {
		return list, err
	}
	done, err := w.errands.all(ctx, before)
	return append(list, done...), err
}

// stay catches up with what is due, and works the queue until the watch is interrupted.
func (w *watchman) stay(ctx context.Context, by string, served <-chan error) error {
	if err := w.book.Beat(ctx, by); err != nil {
		return err
	}
	jobs, err := w.r.queue(ctx, w.book)
	if err != nil {
		return err
	}
	queues := []work.Queue{{Name: dueJobs, Parallel: jobsAtOnce, Poll: jobPoll, Do: w.job}}
	if w.alone != nil {
		queues = append(queues, work.Queue{Name: aloneJobs, Parallel: 1, Poll: jobPoll, Do: w.job})
	}
	working, stop := context.WithCancelCause(ctx)
	var both sync.WaitGroup
	both.Go(func() { stop(w.beat(working, by)) })
	both.Go(func() {
		stop(jobs.Work(working, func(err error) { w.r.say("%s; it is tried again", term.Clean(err.Error())) }, queues...))
	})
	err = w.look(working, served)
	stop(err)
	both.Wait()
	w.r.herald.flush(ctx)
	return err
}

// beat says that the watch is there, however long it looks at something else.
func (w *watchman) beat(ctx context.Context, by string) error {
	for pause(ctx, time.Second) {
		if err := w.book.Beat(ctx, by); err != nil {
			return err
		}
	}
	return nil
}

// look tells people what was done, and looks for what has no job: at first for all that is due.
func (w *watchman) look(ctx context.Context, served <-chan error) error {
	if _, err := w.pass(ctx, 0); err != nil {
		return w.why(ctx, err)
	}
	w.swept = w.r.app.Now()
	for {
		now := w.r.app.Now()
		if w.alone != nil && now.Sub(w.looked) >= watchPulse {
			w.looked = now
			if err := w.alone.once(ctx); err != nil {
				return w.why(ctx, err)
			}
		}
		if now.Sub(w.swept) >= sweepEvery {
			w.swept = now
			if _, err := w.pass(ctx, overdue); err != nil {
				return w.why(ctx, err)
			}
		}
		w.r.herald.flush(ctx)
		select {
		case <-ctx.Done():
			return w.why(ctx, ctx.Err())
		case err := <-served:
			return err
		case <-time.After(min(watchPulse, time.Second)):
		}
	}
}

// why is what ended the watch: an error is often only that of the interruption that something else has caused.
func (w *watchman) why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// job does what is due of the row that it is about, to the end: the row says for how long it is nobody else's, and drivers end by themselves.
func (w *watchman) job(ctx context.Context, about string) (err error) {
	ctx = context.WithoutCancel(ctx)
	var again time.Duration
	if key, ok := strings.CutPrefix(about, aboutStep); ok {
		again, err = w.crew.Tend(ctx, key)
	} else if plan, ok := strings.CutPrefix(about, aboutPlan); ok {
		_, again, err = w.errands.do(ctx, plan)
	} else {
		err = fmt.Errorf("a job about %q: this version of soc knows nothing of such", about)
	}
	if err == nil && again > 0 {
		err = work.Later(again)
	}
	return err
}

// turns lets one after the other write.
type turns struct {
	mu sync.Mutex
	w  io.Writer
}

// Write implements io.Writer.
func (t *turns) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.w.Write(p)
}
