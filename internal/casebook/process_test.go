package casebook_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
)

// helperEnv makes the test binary a process that triages into the book it names.
const helperEnv = "SOC_TEST_HELPER_BOOK"

func TestMain(m *testing.M) {
	path := os.Getenv(helperEnv)
	if path == "" {
		os.Exit(m.Run())
	}
	if err := helper(context.Background(), path); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func helper(ctx context.Context, path string) error {
	b, err := casebook.Open(ctx, path, casebook.Options{Now: clock})
	if err != nil {
		return err
	}
	r, err := b.Begin(ctx, casebook.RunInfo{Command: "triage"})
	if err != nil {
		return err
	}
	if _, err = feed(ctx, r, shared()); err != nil {
		return err
	}
	return b.Close()
}

// shared is more than two batches.
func shared() []string { return export(0, 4500, 1) }

func process(t *testing.T, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), self)
	c.Env = append(os.Environ(), helperEnv+"="+path)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// alone is the state of a book that one process made undisturbed.
func alone(t *testing.T) string {
	t.Helper()
	path := newPath(t)
	triageInto(t, open(t, path), shared())
	return state(t, path)
}

func sound(t *testing.T, path, want string) {
	t.Helper()
	if got := state(t, path); got != want {
		t.Error("the book is another than the one that a single run makes")
	}
	if !casebook.Shared(path) {
		if got := state(t, path, `PRAGMA integrity_check`); got != "ok|\n" {
			t.Errorf("the file is damaged: %s", got)
		}
	}
	if err := open(t, path).Holds(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTwoBooksOverOneFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	done := make(chan error, 2)
	for range cap(done) {
		go func() { done <- helper(t.Context(), path) }()
	}
	for range cap(done) {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	sound(t, path, alone(t))
}

func TestTwoProcessesOverOneFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	for _, c := range []*exec.Cmd{process(t, path), process(t, path)} {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	sound(t, path, alone(t))
}

func TestAKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	c := process(t, path)
	b := open(t, path)
	// Kill it between its first batch and its last.
	for deadline := time.Now().Add(5 * time.Minute); ; {
		seq, _, err := b.Head(t.Context())
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("no batch was written: %v", err)
		}
		if seq > 0 {
			break
		}
	}
	if err := c.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	_ = c.Wait()
	if err := b.Holds(t.Context()); err != nil {
		t.Fatal(err)
	}
	triageInto(t, b, shared())
	sound(t, path, alone(t))
}

func TestOverlappingRunsAgreeOnOneVerdict(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	b := open(t, path)
	begin := func() *casebook.Run {
		r, err := b.Begin(t.Context(), casebook.RunInfo{Command: "triage"})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	// Both begin before either has written: each gives the group the name of its own first member.
	r1, r2 := begin(), begin()
	shared := line("ws-1", "a-2", 2, "cmd.exe")
	p1, err1 := feed(t.Context(), r1, []string{line("ws-1", "a-1", 1, "cmd.exe"), shared})
	p2, err2 := feed(t.Context(), r2, []string{shared, line("ws-1", "a-3", 3, "cmd.exe")})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	if got := state(t, path, `SELECT id, count FROM verdicts`); got != p1[0].id+"|3|\n" {
		t.Errorf("verdicts %q, want %s with 3", got, p1[0].id)
	}
	if p1[0].id == p2[0].id {
		t.Fatal("the story did not happen: both runs gave the same name")
	}
	// The name that the second run printed still leads somewhere.
	if c, err := b.Case(t.Context(), p2[0].id); err != nil || c.ID != p1[0].caseID {
		t.Errorf("%s leads to %v %v, want %s", p2[0].id, c, err, p1[0].caseID)
	}
}

func TestManyHandsOnOneBook(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	p := triageInto(t, open(t, path), export(0, 1, 1))[0]
	const hands, words = 8, 40
	done := make(chan error, hands)
	for range hands {
		go func() {
			b, err := casebook.Open(t.Context(), path, casebook.Options{Now: clock})
			for i := 0; err == nil && i < words; i++ {
				_, err = b.Note(t.Context(), p.caseID, "analyst-1", "a word")
			}
			if err == nil {
				err = b.Close()
			}
			done <- err
		}()
	}
	for range hands {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if got := state(t, path, `SELECT COUNT(*) FROM notes`); got != fmt.Sprint(hands*words)+"|\n" {
		t.Errorf("%s notes, want %d", got, hands*words)
	}
	if err := open(t, path).Holds(t.Context()); err != nil {
		t.Error(err)
	}
}
