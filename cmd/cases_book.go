package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"

	"github.com/seed-959697dd/soc/internal/casebook"
)

// openBook opens the casebook that --book, $SOC_BOOK or the user's state directory names. Without create it must exist; one that an older soc left is
// brought up to date even when it is only read.
func (a *app) openBook(ctx context.Context, named string, readOnly, create bool) (*casebook.Book, error) {
	path, err := casebook.Locate(named, a.Env)
	if err != nil {
		hint := "soc cases list --book FILE"
		if create {
			hint = "soc triage --no-book alerts.json, or --book FILE to keep what was seen"
		}
		return nil, usage(err, hint)
	}
	switch st, err := os.Stat(path); {
	case err == nil && !st.Mode().IsRegular():
		return nil, usage(fmt.Errorf("casebook %s: no regular file", path), "soc cases list --book FILE")
	case err == nil, create && errors.Is(err, fs.ErrNotExist):
	case errors.Is(err, fs.ErrNotExist):
		return nil, usage(fmt.Errorf("there is no casebook yet: %w", err), "soc triage alerts.json")
	default:
		return nil, usage(fmt.Errorf("the casebook cannot be read: %w", err), "soc cases list --book FILE")
	}
	book, err := casebook.Open(ctx, path, casebook.Options{ReadOnly: readOnly, Now: a.Now, Weigh: weigh})
	if readOnly && errors.Is(err, casebook.ErrOlder) {
		book, err = casebook.Open(ctx, path, casebook.Options{Now: a.Now, Weigh: weigh})
	}
	return book, bookError(err)
}

// withBook runs f over an existing casebook and writes out what it printed.
func (a *app) withBook(ctx context.Context, named string, readOnly bool, f func(*casebook.Book, *bufio.Writer) error) error {
	book, err := a.openBook(ctx, named, readOnly, false)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.IO.Out, 64<<10)
	err = f(book, out)
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	if cerr := book.Close(); err == nil {
		err = cerr
	}
	return bookError(err)
}

// bookError adds the way out to what a person can mend.
func bookError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, casebook.ErrNoCase), errors.Is(err, casebook.ErrAmbiguous):
		return usage(err, "soc cases list --state all")
	case errors.Is(err, casebook.ErrNoVerdict), errors.Is(err, casebook.ErrSame), errors.Is(err, casebook.ErrWhole):
		return usage(err, "soc cases show CASE")
	case errors.Is(err, casebook.ErrForeign):
		return usage(err, "soc cases list --book FILE")
	case errors.Is(err, casebook.ErrNewer):
		return usage(err, "soc --version")
	case errors.Is(err, casebook.ErrClosed):
		return &failure{err, statusFailed, "soc cases reopen CASE --reason TEXT"}
	case errors.Is(err, casebook.ErrOpen):
		return &failure{err, statusFailed, "soc cases close CASE --as DISPOSITION --reason TEXT"}
	}
	return err
}

// person is who is at work: --by, $SOC_USER, else the name of the login.
func (a *app) person(by string) (string, error) {
	for _, name := range []string{by, a.Env("SOC_USER"), a.Env("USER"), a.Env("LOGNAME"), a.Env("USERNAME")} {
		if name != "" {
			return name, nil
		}
	}
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username, nil
	}
	return "", usage(errors.New("who says so is not known: --by, $SOC_USER and $USER are empty"), "export SOC_USER=NAME")
}
