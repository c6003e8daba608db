package cmd_test

import (
	"bytes"
	"context"
	"io"
	"path/filepath"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/term"
)

// A person who typed soc triage without a file and thinks better of it: nothing arrives on stdin, and Ctrl-C must end the run.
func TestInterruptWhileStdinIsSilent(t *testing.T) {
	t.Parallel()
	silent, writer := io.Pipe()
	t.Cleanup(func() { _ = writer.Close() })
	for _, args := range [][]string{{"triage", "--no-book", "--json"}, {"triage", "--parse"}, {"triage", "--book", filepath.Join(t.TempDir(), "b.db")}} {
		ctx, interrupt := context.WithCancel(context.Background())
		var out, errs bytes.Buffer
		w := cmd.World{IO: term.IO{In: silent, Out: &out, Err: &errs}, Env: func(string) string { return "" }, Now: time.Now}
		status := make(chan int, 1)
		go func() { status <- cmd.Main(ctx, args, w) }()
		time.AfterFunc(50*time.Millisecond, interrupt)
		select {
		case got := <-status:
			if got != 130 {
				t.Errorf("%v: status %d, want 130: %s", args, got, errs.String())
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%v: did not end", args)
		}
	}
}
