package work_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/seed-959697dd/soc/internal/real/postgres"
	"github.com/seed-959697dd/soc/internal/work"
)

// each runs a test on a file, and on a real server where there is one.
func each(t *testing.T, test func(t *testing.T, open func() work.Settings)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		path := filepath.Join(t.TempDir(), "jobs.db")
		test(t, func() work.Settings {
			return settings(t, "sqlite", "file:"+path+"?_txlock=immediate&_pragma=busy_timeout(30000)&_pragma=journal_mode(WAL)")
		})
	})
	t.Run("Postgres", func(t *testing.T) {
		t.Parallel()
		s := postgres.Serve(t, os.Getenv("SOC_REQUIRE_REAL") != "")
		address, err := s.Fresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		test(t, func() work.Settings { return settings(t, "pgx", address) })
	})
}

func settings(t *testing.T, driver, name string) work.Settings {
	t.Helper()
	db, err := sql.Open(driver, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return work.Settings{
		DB: db, Postgres: driver == "pgx", Lease: time.Minute, Now: time.Now,
		Alone: func(ctx context.Context, f func(context.Context, *sql.Tx) error) error {
			tx, err := db.BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			if driver == "pgx" {
				if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(7)`); err != nil {
					return errors.Join(err, tx.Rollback())
				}
			}
			if err := f(ctx, tx); err != nil {
				return errors.Join(err, tx.Rollback())
			}
			return tx.Commit()
		},
	}
}

func add(t *testing.T, s *work.Settings, j *work.Jobs, n int, commit bool) {
	t.Helper()
	tx, err := s.DB.BeginTx(t.Context(), nil)
	for i := range n {
		if err == nil {
			err = j.Add(t.Context(), tx, "test", fmt.Sprint(i), time.Now())
		}
	}
	if err == nil && commit {
		err = tx.Commit()
	} else if err == nil {
		err = tx.Rollback()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Several processes that open the queue at once share its jobs; one that fails is tried again, one that cannot be done yet waits, and what was
// not committed is no job.
func TestJobsAreShared(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() work.Settings) {
		const workers, jobs = 3, 60
		var mu sync.Mutex
		done, tries := map[string]int{}, map[string]int{}
		ctx, cancel := context.WithCancel(t.Context())
		do := func(_ context.Context, about string) error {
			mu.Lock()
			defer mu.Unlock()
			tries[about]++
			switch {
			case about == "7" && tries[about] == 1:
				return errors.New("the first time it fails")
			case about == "8" && tries[about] == 1:
				return work.Later(time.Millisecond)
			}
			if done[about]++; len(done) == jobs {
				cancel()
			}
			return nil
		}
		var all sync.WaitGroup
		ready := make(chan struct{}, workers)
		var told error
		for i := range workers {
			all.Go(func() {
				set := open()
				j, err := work.Open(ctx, set)
				if err != nil {
					t.Error(err)
					cancel()
					return
				}
				if i == 0 {
					add(t, &set, j, jobs, false)
					add(t, &set, j, jobs, true)
				}
				ready <- struct{}{}
				err = j.Work(ctx, func(err error) {
					mu.Lock()
					defer mu.Unlock()
					told = err
				}, work.Queue{Name: "test", Parallel: 2, Do: do})
				if err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(done) != jobs || tries["7"] != 2 || tries["8"] != 2 || told == nil || told.Error() != "the first time it fails" {
			t.Errorf("%d done, tries %v, told %v", len(done), tries, told)
		}
		for about, n := range done {
			if n != 1 {
				t.Errorf("job %s was done %d times", about, n)
			}
		}
	})
}

// What is due later waits until then, by the clock of a test, and is found after the one that would have looked for it has ended.
func TestWhatIsDueLaterWaits(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, open func() work.Settings) {
		var ahead atomic.Int64
		began := time.Now()
		queue := func() (*work.Jobs, work.Settings) {
			set := open()
			set.Now, set.Stubbed = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }, true
			j, err := work.Open(t.Context(), set)
			if err != nil {
				t.Fatal(err)
			}
			return j, set
		}
		j, set := queue()
		tx, err := set.DB.BeginTx(t.Context(), nil)
		for about, due := range map[string]time.Time{"now": began, "in an hour": began.Add(time.Hour)} {
			if err == nil {
				err = j.Add(t.Context(), tx, "test", about, due)
			}
		}
		if err == nil {
			err = tx.Commit()
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"now", "in an hour"} {
			ctx, cancel := context.WithCancel(t.Context())
			j, _ := queue()
			got := ""
			err := j.Work(ctx, func(err error) { t.Error(err) }, work.Queue{Name: "test", Parallel: 1, Poll: 50 * time.Millisecond, Do: func(_ context.Context, about string) error {
				got += about
				cancel()
				return nil
			}})
			cancel()
			if got != want || err != nil {
				t.Errorf("%q was done (%v), want %q", got, err, want)
			}
			ahead.Store(int64(time.Hour))
		}
	})
}
