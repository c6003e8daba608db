package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
)

// listed joins names, no more than a line can hold.
func listed(names []string) string {
	const most = 5
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}

// stateDir is where feeds, keys and records are kept.
func (a *app) stateDir() (string, error) {
	feeds, err := a.intelDir("")
	return filepath.Dir(feeds), err
}

func (a *app) lookState() render.Check {
	const name = "state"
	dir, err := a.stateDir()
	if err != nil {
		return brokenCheck(name, err, "")
	}
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fine(name, dir+" is made when something is kept")
	case err != nil:
		return brokenCheck(name, err, "ls -ld "+shellWord(dir))
	case !info.IsDir():
		return brokenCheck(name, fmt.Errorf("%s is no directory", dir), "ls -ld "+shellWord(dir))
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o022 != 0:
		return brokenCheck(name, fmt.Errorf("others may write to %s", dir), "chmod 700 "+shellWord(dir))
	}
	if err := writable(dir); err != nil {
		return brokenCheck(name, err, "ls -ld "+shellWord(dir))
	}
	return fine(name, dir)
}

// writable makes a file in dir and takes it away again.
func writable(dir string) error {
	f, err := os.CreateTemp(dir, ".soc-doctor-*")
	if err != nil {
		return fmt.Errorf("%s cannot be written to: %w", dir, err)
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// younger is by how much a file may be younger than now.
const younger = 5 * time.Minute

func (a *app) lookBook(ctx context.Context, s *settings, now time.Time) render.Check {
	const name = "casebook"
	path, err := a.locate("")
	if err != nil {
		return brokenCheck(name, err, "soc triage --book FILE alerts.json")
	}
	if casebook.Shared(path) {
		return a.lookShared(ctx, path)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return missingCheck(name, "there is none yet at "+path, "soc triage alerts.json")
	case err != nil:
		return brokenCheck(name, err, "ls -l "+shellWord(path))
	case info.ModTime().After(now.Add(younger)):
		return brokenCheck(name, fmt.Errorf("%s was written at %s, which is still to come", path, info.ModTime().UTC().Format(time.RFC3339)), "timedatectl status")
	}
	if err := mayWrite(path); err != nil {
		return brokenCheck(name, err, "ls -l "+shellWord(path))
	}
	c := fine(name, fmt.Sprintf("%s, %s kB, of this version", path, render.Count((info.Size()+999)/1000)))
	book, err := casebook.Open(ctx, path, casebook.Options{ReadOnly: true, Now: a.Now})
	if errors.Is(err, casebook.ErrOlder) {
		c.Detail = path + " is of an older version: the next run brings it up to date"
		return c
	}
	if err == nil {
		err = book.Close()
	}
	if err != nil {
		return brokenCheck(name, bookError(err), "soc status --book FILE")
	}
	return c
}

// lookShared looks at a casebook in a database.
func (a *app) lookShared(ctx context.Context, address string) render.Check {
	const name = "casebook"
	book, err := a.openShared(ctx, address, true)
	if err == nil {
		err = book.Close()
	}
	if err != nil {
		return brokenCheck(name, err, "soc status")
	}
	return fine(name, casebook.Plain(address)+", of this version")
}

// mayWrite tells whether a casebook and its directory can be written. It comes before the casebook is opened: closing the file again
// takes away every lock that this process has on it.
func mayWrite(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), writable(filepath.Dir(path)))
}

func (a *app) lookFormats(s *settings, now time.Time) render.Check {
	const name = "formats"
	all, err := alert.Formats()
	if err == nil {
		_, err = alert.NewSet(alert.Options{Formats: s.Formats, Found: s.Found, Now: now})
	}
	if err != nil {
		return brokenCheck(name, err, "soc triage --formats")
	}
	c := fine(name, fmt.Sprintf("%d shipped", len(all)))
	if own := slices.Concat(s.Formats, s.Found); len(own) > 0 {
		c.Detail += fmt.Sprintf(", %d of your own: %s", len(own), listed(own))
	}
	return c
}
