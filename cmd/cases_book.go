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
	"github.com/seed-959697dd/soc/internal/config"
)

// locate says which casebook is meant: the one that --book names, else $SOC_BOOK, else the configured one, else the file in the user's state
// directory.
func (a *app) locate(named string) (string, error) {
	if named == "" && a.Env("SOC_BOOK") == "" {
		conf, err := a.settings("")
		if err != nil {
			return "", err
		}
		if named, err = a.configuredBook(&conf.Casebook); err != nil {
			return "", err
		}
	}
	return casebook.Locate(named, a.Env)
}

// configuredBook is the casebook of the configuration, empty for none.
func (a *app) configuredBook(c *config.Casebook) (string, error) {
	address := c.URL
	if c.URLEnv != "" {
		if address = a.Env(c.URLEnv); address == "" {
			return "", usage(fmt.Errorf("casebook: the environment variable %s is empty", c.URLEnv), "export "+c.URLEnv+"=postgres://USER@HOST/DATABASE")
		}
	}
	switch {
	case address == "":
		return c.File, nil
	case !casebook.Shared(address):
		return "", usage(errors.New("casebook: url is no address like postgres://USER@HOST/DATABASE"), "casebook: {url: 'postgres://soc@db.example.com/soc'}")
	case c.URL != "" && casebook.HasPassword(c.URL):
		return "", usage(errors.New("casebook: url holds a password, which has no place in this file"), "casebook: {url: ..., password_env: SOC_BOOK_PASSWORD}")
	}
	return address, nil
}

// there is an error when no casebook is at path; whether a database is there shows when it is opened.
func there(path string) error {
	if casebook.Shared(path) {
		return nil
	}
	_, err := os.Stat(path)
	return err
}

// openBook opens the casebook that locate finds. Without create it must exist; one that an older soc left is brought up to date even when it is
// only read.
func (a *app) openBook(ctx context.Context, named string, readOnly, create bool) (*casebook.Book, error) {
	if at, _ := a.locate(""); casebook.HasPassword(named) && named != at {
		return nil, usage(errors.New("--book: a password has no place on a command line, where everybody on this machine can read it"), "export PGPASSWORD, or set casebook.password_file in soc.yaml")
	}
	path, err := a.locate(named)
	if err != nil {
		var known *failure
		if errors.As(err, &known) {
			return nil, err
		}
		hint := "soc cases list --book FILE"
		if create {
			hint = "soc triage --no-book alerts.json"
		}
		return nil, usage(err, hint)
	}
	if casebook.Shared(path) {
		return a.openShared(ctx, path, readOnly)
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

// openShared opens a casebook in a Postgres database. The first to come makes its tables there.
func (a *app) openShared(ctx context.Context, address string, readOnly bool) (*casebook.Book, error) {
	conf, err := a.settings("")
	if err != nil {
		return nil, err
	}
	o := casebook.Options{ReadOnly: readOnly, Now: a.Now, Weigh: weigh}
	if c := &conf.Casebook; c.PasswordEnv != "" || c.PasswordFile != "" {
		if o.Password, err = a.secret("casebook", c.PasswordEnv, c.PasswordFile); err != nil {
			return nil, usage(err, "soc doctor")
		}
	}
	book, err := casebook.Open(ctx, address, o)
	if readOnly && errors.Is(err, casebook.ErrOlder) {
		o.ReadOnly = false
		book, err = casebook.Open(ctx, address, o)
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
	case errors.Is(err, casebook.ErrNoSchema):
		return usage(err, "CREATE SCHEMA, or another search_path in the address")
	case errors.Is(err, casebook.ErrForeign):
		return usage(err, "soc cases list --book FILE")
	case errors.Is(err, casebook.ErrNewer):
		return usage(err, "soc --version")
	case errors.Is(err, casebook.ErrFull):
		return &failure{err, statusFailed, "df -h"}
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
