// Command soc is a toolkit for security operations: alerts to verdicts, verdicts to cases, cases to plans.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/seed-959697dd/soc/cmd"
)

// version, commit and date are set by the release build.
var version, commit, date string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C does not wait for the first one's tidying up
	code := cmd.Main(ctx, os.Args[1:], cmd.OS(cmd.Build{Version: version, Commit: commit, Date: date}))
	stop()
	os.Exit(code)
}
