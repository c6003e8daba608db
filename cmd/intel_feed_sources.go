package cmd

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"

	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/intel/feed/read"
)

// shownInput is an argument as it may be kept: without what may be secret in an address.
func shownInput(arg string) string {
	switch {
	case arg == "-":
		return "stdin"
	case isAddress(arg):
		return feed.Shown(arg)
	}
	return arg
}

func isAddress(arg string) bool {
	return strings.HasPrefix(arg, "https://") || strings.HasPrefix(arg, "http://")
}

// maxStdin bounds what standard input may hold, in bytes.
const maxStdin = 4 << 30

func (r *importRun) sources(ctx context.Context, arg string) (list []read.Source, apart bool, err error) {
	var src read.Source
	var remove func()
	switch {
	case arg == "-":
		src, remove, err = feed.Spool(readerOf(ctx, r.IO.In), "-", maxStdin)
	case isAddress(arg):
		var header http.Header
		if header, err = r.header(); err == nil {
			src, remove, err = feed.Fetch(ctx, arg, feed.Fetching{Timeout: r.o.timeout, Header: header, Agent: "soc/" + r.version()})
		}
	default:
		st, serr := os.Stat(arg)
		if serr != nil || st.Mode()&fs.ModeNamedPipe == 0 {
			return feed.Files(arg)
		}
		src, remove, err = spoolPipe(ctx, arg)
	}
	if err != nil {
		return nil, false, err
	}
	r.cleanup = append(r.cleanup, remove)
	return []read.Source{src}, false, nil
}

// spoolPipe reads a FIFO that was named, as the shell does for <(...).
func spoolPipe(ctx context.Context, path string) (src read.Source, remove func(), err error) {
	f, err := os.Open(path)
	if err != nil {
		return src, nil, fmt.Errorf("reading %s: %w", path, err)
	}
	defer func() { _ = f.Close() }() // only read
	return feed.Spool(readerOf(ctx, f), path, maxStdin)
}

// readerOf ends reading when the run is interrupted.
func readerOf(ctx context.Context, in io.Reader) io.Reader {
	return readFunc(func(p []byte) (int, error) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		return in.Read(p)
	})
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

func (r *importRun) header() (http.Header, error) {
	h := http.Header{}
	for name, variable := range r.o.headers {
		value := r.Env(variable)
		if value == "" {
			return nil, usage(fmt.Errorf("--header %s: the environment has no variable of that name", name), importHint)
		}
		h.Set(name, value)
	}
	return h, nil
}
