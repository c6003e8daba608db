package lock_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/seed-959697dd/soc/internal/lock"
)

func TestOneAtATime(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list.lock")
	var inside atomic.Int32
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for range 5 {
				release, err := lock.Take(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				if n := inside.Add(1); n != 1 {
					t.Errorf("%d at a time", n)
				}
				inside.Add(-1)
				if err := release(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}

func TestWhoeverIsInsideKeepsOthersOut(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "list.lock")
	release, err := lock.Take(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := lock.Take(ctx, path); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if release, err = lock.Take(ctx, path); err != nil { // free: nothing is waited for
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}

// Whoever takes the lock and ends without giving it back leaves the file, which holds nobody up.
func TestADeadProcessHoldsNothing(t *testing.T) {
	t.Parallel()
	if path := os.Getenv("SOC_TEST_TAKE"); path != "" {
		if _, err := lock.Take(t.Context(), path); err != nil {
			t.Fatal(err)
		}
		return // the process ends with the lock in its hand
	}
	path := filepath.Join(t.TempDir(), "list.lock")
	child := exec.Command(os.Args[0], "-test.run=^TestADeadProcessHoldsNothing$")
	child.Env = append(os.Environ(), "SOC_TEST_TAKE="+path)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("it left nothing: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	release, err := lock.Take(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	if err := release(); err != nil {
		t.Error(err)
	}
}
