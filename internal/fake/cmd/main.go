// Command cmd serves one of the fake products with a small tenant in it, so that soc can be tried against something that behaves as
// documented, without an account anywhere:
//
//	go run ./internal/fake/cmd --product splunksoar --listen 127.0.0.1:8901
//
// It prints the soc.yaml to try it with, and as its comments the environment that this needs, then serves until it is interrupted.
// Without a product it lists them. It is no server for anything but trying: its keys are printed. Products stand in products.go, one
// entry each; start with Tenant.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/pflag"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil && !errors.Is(err, pflag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "fake: "+err.Error())
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	f := pflag.NewFlagSet("fake", pflag.ContinueOnError)
	name := f.String("product", "", "the `NAME` of what is served: "+strings.Join(names(), ", "))
	listen := f.String("listen", "127.0.0.1:0", "the `ADDRESS` to listen at; port 0 is any that is free")
	if err := f.Parse(args); err != nil {
		return err
	}
	if *name == "" {
		_, err := fmt.Fprintln(out, strings.Join(names(), "\n"))
		return err
	}
	open, ok := products()[*name]
	if !ok {
		return fmt.Errorf("no product is called %q: one of %s", *name, strings.Join(names(), ", "))
	}
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *listen)
	if err != nil {
		return err
	}
	tenant := open("http://"+l.Addr().String(), time.Now)
	if _, err := io.WriteString(out, tenant.page()); err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: tenant.Handler, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		_ = server.Close() // who is still being answered is only trying
		<-ended
		return nil
	}
}

func names() []string { return slices.Sorted(maps.Keys(products())) }

// page is the configuration with the environment as its comments.
func (t *Tenant) page() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(t.Env)) {
		fmt.Fprintf(&b, "# export %s='%s'\n", name, t.Env[name])
	}
	b.WriteString(t.Config)
	for _, line := range t.Try {
		b.WriteString("# " + line + "\n")
	}
	return b.String()
}
