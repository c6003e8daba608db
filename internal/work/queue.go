// Package work runs durable jobs, on the database in which what they work on lies, so that a job and its matter are stored in one transaction.
// Any number of processes share a queue. A job is done at least once: by another process when the one that began it died, and again when it
// failed. What must not happen twice is for the job to see to.
//
// It is River (riverqueue.com) behind three functions, on SQLite and Postgres alike; its tables (river_*) lie beside the others. It knows no
// noun. Start with Open; Add and Work are the two ends of a queue.
package work

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// Settings say where jobs are kept.
type Settings struct {
	DB       *sql.DB
	Postgres bool
	// Alone runs a function in a transaction during which nobody else writes to what is not the function's own. Asked in Postgres only.
	Alone func(ctx context.Context, f func(ctx context.Context, tx *sql.Tx) error) error
	// Lease is for how long a job may run, and after how long one whose process died goes to another; up to 30 seconds come on top.
	Lease time.Duration
	Now   func() time.Time
	// Stubbed means that Now is a test's clock: jobs are due by it. Else they are due by the database's, which all machines share.
	Stubbed bool
}

// DefaultLease is that of settings that name none.
const DefaultLease = 10 * time.Minute

// Jobs are the queues of one database. They are safe for concurrent use.
type Jobs struct {
	set    Settings
	driver riverdriver.Driver[*sql.Tx]
	insert *river.Client[*sql.Tx]
}

// Open makes sure that the tables are there.
func Open(ctx context.Context, set Settings) (*Jobs, error) {
	if set.Lease <= 0 {
		set.Lease = DefaultLease
	}
	j := &Jobs{set: set, driver: riversqlite.New(set.DB)}
	if set.Postgres {
		j.driver = riverdatabasesql.New(set.DB)
	}
	if err := j.migrate(ctx); err != nil {
		return nil, fmt.Errorf("jobs: making their tables: %w", err)
	}
	var err error
	if j.insert, err = river.NewClient(j.driver, &river.Config{Logger: slog.New(slog.DiscardHandler), Test: j.clock()}); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return j, nil
}

// migrate brings the tables up to date. In Postgres one process after the other does; in SQLite, where that would keep out the migrations
// themselves, they may trip over each other: whoever lost looks again.
func (j *Jobs) migrate(ctx context.Context) error {
	m, err := rivermigrate.New(j.driver, &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	up := func(ctx context.Context, _ *sql.Tx) error {
		if v, err := m.Validate(ctx, nil); err == nil && v.OK {
			return nil
		}
		_, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil)
		return err
	}
	if j.set.Postgres {
		return j.set.Alone(ctx, up)
	}
	for try := 1; ; try++ {
		if err := up(ctx, nil); err == nil || try == 100 {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// matter is what a job is about. The queue says who knows what to do.
type matter struct {
	About string `json:"about"`
}

// Kind implements river.JobArgs.
func (matter) Kind() string { return "soc" }

// manyAttempts is as good as without end: what failed for good would be lost.
const manyAttempts = 30_000

// Add enqueues a job within a transaction, due at a time. A queue's name has letters, digits and underscores.
func (j *Jobs) Add(ctx context.Context, tx *sql.Tx, queue, about string, due time.Time) error {
	o := river.InsertOpts{Queue: queue, MaxAttempts: manyAttempts}
	if due.After(j.set.Now()) { // else it does not have to wait for the scheduler
		o.ScheduledAt = due
	}
	if _, err := j.insert.InsertTx(ctx, tx, matter{about}, &o); err != nil {
		return fmt.Errorf("jobs: adding one: %w", err)
	}
	return nil
}

// Later is the error of a job that cannot be done yet.
func Later(in time.Duration) error { return river.JobSnooze(in) }

// Queue is what is done about the jobs of one queue.
type Queue struct {
	Name     string
	Parallel int           // how many at once
	Poll     time.Duration // how often it is looked for new ones; 0: every 200 ms
	// Do gets what a job is about. When it fails the job is tried again; see Later.
	Do func(ctx context.Context, about string) error
}

// Work does the jobs of queues until ctx ends; then it waits for those that are under way. Trouble is told why one failed. What is due later than
// at once is found within some 5 seconds; when the process died that looked for all of them, 20 seconds later.
func (j *Jobs) Work(ctx context.Context, trouble func(error), queues ...Queue) error {
	workers := river.NewWorkers()
	hands := hand{do: map[string]func(context.Context, string) error{}}
	conf := map[string]river.QueueConfig{}
	for _, q := range queues {
		hands.do[q.Name], conf[q.Name] = q.Do, river.QueueConfig{MaxWorkers: q.Parallel, FetchPollInterval: q.Poll}
	}
	river.AddWorker(workers, &hands)
	client, err := river.NewClient(j.driver, &river.Config{
		Queues: conf, Workers: workers, Logger: slog.New(slog.DiscardHandler), Test: j.clock(),
		JobTimeout: j.set.Lease, RescueStuckJobsAfter: j.set.Lease, FetchPollInterval: 200 * time.Millisecond, FetchCooldown: 20 * time.Millisecond,
		CompletedJobRetentionPeriod: 10 * time.Minute, RetryPolicy: patience{j.set.Now}, ErrorHandler: teller{trouble},
	})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	// What is under way goes on when ctx ends: it is short, and would be done again by another.
	if err := client.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: starting: %w", err)
	}
	<-ctx.Done()
	if err := client.Stop(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: ending: %w", err)
	}
	return nil
}

// clock is by what jobs are due.
func (j *Jobs) clock() river.TestConfig {
	if !j.set.Stubbed {
		return river.TestConfig{}
	}
	return river.TestConfig{Time: stub{j.set.Now}}
}

// stub is a clock of a test.
type stub struct{ now func() time.Time }

// Now implements rivertype.TimeGenerator.
func (s stub) Now() time.Time { return s.now() }

// NowOrNil implements rivertype.TimeGenerator.
func (s stub) NowOrNil() *time.Time {
	now := s.now()
	return &now
}

// hand does jobs, by queue.
type hand struct {
	river.WorkerDefaults[matter]
	do map[string]func(ctx context.Context, about string) error
}

// Work implements river.Worker.
func (h *hand) Work(ctx context.Context, job *river.Job[matter]) error {
	return h.do[job.Queue](ctx, job.Args.About)
}

// patience tries what failed again after a second, then after twice as long each time, at most a minute.
type patience struct{ now func() time.Time }

// NextRetry implements river.ClientRetryPolicy.
func (p patience) NextRetry(job *rivertype.JobRow) time.Time {
	return p.now().Add(min(time.Minute, time.Second<<min(len(job.Errors), 6)))
}

// teller tells of failures.
type teller struct{ tell func(error) }

// HandleError implements river.ErrorHandler.
func (t teller) HandleError(_ context.Context, _ *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	t.tell(err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (t teller) HandlePanic(_ context.Context, _ *rivertype.JobRow, what any, trace string) *river.ErrorHandlerResult {
	t.tell(fmt.Errorf("a job broke off: %w", errors.New(fmt.Sprint(what, "\n", trace))))
	return nil
}
