// Package lock keeps processes off a file while one of them rewrites it. The lock is the operating system's on a file beside it: it is gone
// with the process that held it, however that ended.
//
// It keeps nobody off who does not ask for it, and does not work across machines where the file system does not. Start with Take.
package lock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// errHeld means that somebody else holds the lock now.
var errHeld = errors.New("it is held")

// How long Take waits: tries, and the time between them.
const (
	tries = 200
	pause = 50 * time.Millisecond
)

// Take waits up to ten seconds for its turn at path and returns how to end it. A file that a dead process left there holds nobody up.
// It keeps the goroutines of one process apart, too.
func Take(ctx context.Context, path string) (release func() error, err error) {
	for try := 0; ; try++ {
		f, err := once(path)
		if err == nil {
			return func() error {
				_ = os.Remove(path) // where an open file cannot be removed it stays, and holds nobody up
				return f.Close()
			}, nil
		}
		if !errors.Is(err, errHeld) {
			return nil, fmt.Errorf("locking: %w", err)
		}
		if try == tries {
			return nil, fmt.Errorf("locking: another process holds %s", path)
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// once tries to lock the file that is at path now. Whoever held it may have removed the one that was opened.
func once(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := hold(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	mine, err := f.Stat()
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	if now, err := os.Stat(path); err != nil || !os.SameFile(mine, now) {
		return nil, errors.Join(errHeld, f.Close())
	}
	return f, nil
}
