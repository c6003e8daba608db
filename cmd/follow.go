package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/seed-959697dd/soc/alert/stream"
)

// poll is how often a followed file is asked whether it has grown.
const poll = 250 * time.Millisecond

// growing turns regular files into sources that do not end: they wait for more, and start again when the file is replaced or cut.
// Pipes already are like that.
func growing(ctx context.Context, sources []stream.Source) []stream.Source {
	list := make([]stream.Source, len(sources))
	for i, src := range sources {
		list[i] = src
		if src.Records != nil {
			continue
		}
		if info, err := os.Stat(src.Name); src.Name == "-" || err != nil || !info.Mode().IsRegular() {
			continue
		}
		list[i].Open = func() (io.ReadCloser, error) {
			f, err := os.Open(src.Name)
			if err != nil {
				return nil, err
			}
			return &tail{ctx: ctx, name: src.Name, f: f}, nil
		}
	}
	return list
}

// tail reads a file that grows.
type tail struct {
	ctx  context.Context //nolint:containedctx // io.Reader has no room for one
	name string
	f    *os.File
	at   int64
}

func (t *tail) Read(p []byte) (int, error) {
	for {
		n, err := t.f.Read(p)
		t.at += int64(n)
		if n > 0 || err != nil && !errors.Is(err, io.EOF) {
			return n, err
		}
		if err := t.replaced(); err != nil {
			return 0, err
		}
		select {
		case <-t.ctx.Done():
			return 0, io.EOF
		case <-time.After(poll):
		}
	}
}

// replaced goes over to a new file under the same name (log rotation), or back to the start of one that was cut.
func (t *tail) replaced() error {
	now, err := os.Stat(t.name)
	if err != nil {
		return nil //nolint:nilerr // between the old file and the new one there is none for a moment
	}
	was, err := t.f.Stat()
	if err != nil {
		return fmt.Errorf("following %s: %w", t.name, err)
	}
	if os.SameFile(now, was) {
		if now.Size() >= t.at {
			return nil
		}
		t.at = 0
		_, err := t.f.Seek(0, io.SeekStart)
		return err
	}
	f, err := os.Open(t.name)
	if err != nil {
		return nil //nolint:nilerr // as above: it is tried again
	}
	_ = t.f.Close()
	t.f, t.at = f, 0
	return nil
}

func (t *tail) Close() error { return t.f.Close() }

// follow reads inputs side by side until they end or the run is interrupted, and hands batches to take and the passing of time to
// tick, never at once.
func follow(ctx context.Context, sources []stream.Source, lim stream.Limits, every time.Duration, take func(stream.Batch) error, tick func() error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	batches := make(chan stream.Batch)
	var wg sync.WaitGroup
	for _, src := range growing(ctx, sources) {
		wg.Go(func() {
			err := stream.Read(ctx, src, lim, func(b stream.Batch) error {
				select {
				case batches <- b:
					return nil
				case <-ctx.Done():
					return context.Cause(ctx)
				}
			})
			if err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	ended := make(chan struct{})
	go func() {
		wg.Wait()
		close(ended)
	}()
	clock := time.NewTicker(every)
	defer clock.Stop()
	for {
		var err error
		select {
		case b := <-batches:
			err = take(b)
		case <-clock.C:
			err = tick()
		case <-ended:
			return nil
		case <-ctx.Done():
			err = context.Cause(ctx)
		}
		if err != nil {
			cancel(err)
			return err
		}
	}
}
