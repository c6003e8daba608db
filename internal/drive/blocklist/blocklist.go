// Package blocklist puts values on a list that firewalls, proxies and resolvers fetch or read: one value per line in a file, nothing
// else on the line. It needs write permission in the file's directory.
//
// It cannot make a device fetch the list, and does not know when one has: that a value is on the list is what it verifies. Start with
// New.
package blocklist

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/lock"
	"github.com/seed-959697dd/soc/respond"
)

// Settings name the file and what it is for.
type Settings struct {
	Path    string   // made when it is not there
	Actions []string // of the catalogue: block-ip, block-domain, block-url or block-hash
}

// List is a respond.Driver over one file. Several processes may write to it.
type List struct{ set Settings }

// New returns a driver. The error says which action is none for a list.
func New(set Settings) (*List, error) {
	for _, a := range set.Actions {
		if !slices.Contains([]string{"block-ip", "block-domain", "sinkhole-domain", "block-url", "block-hash"}, a) {
			return nil, fmt.Errorf("%s is nothing that a list does", a)
		}
	}
	if set.Path == "" {
		return nil, errors.New("a list needs a path")
	}
	return &List{set}, nil
}

// Does implements respond.Driver. A list takes nothing back by itself.
func (l *List) Does(action string) (ok, ownTTL bool) {
	return slices.Contains(l.set.Actions, action), false
}

// Probe implements respond.Driver.
func (l *List) Probe(_ context.Context, _ string, t respond.Target) (respond.State, error) {
	lines, err := l.read()
	if err != nil {
		return respond.State{}, err
	}
	if !slices.ContainsFunc(lines, is(t)) {
		return respond.State{Detail: "not on " + l.set.Path, Image: "absent"}, nil
	}
	return respond.State{Done: true, Detail: "on " + l.set.Path, Image: "absent"}, nil
}

// is tells whether a line is the target, as whoever fetches the list reads it.
func is(t respond.Target) func(line string) bool {
	return func(line string) bool { return strings.TrimSpace(line) == t.Value }
}

// Do implements respond.Driver.
func (l *List) Do(ctx context.Context, o respond.Order) error {
	return l.change(ctx, func(lines []string) []string {
		if slices.ContainsFunc(lines, is(o.Target)) {
			return lines
		}
		return append(lines, o.Target.Value)
	})
}

// Undo implements respond.Driver.
func (l *List) Undo(ctx context.Context, o respond.Order) error {
	return l.change(ctx, func(lines []string) []string {
		return slices.DeleteFunc(lines, is(o.Target))
	})
}

// Text is the list as whoever fetches it reads it: values only, each once, comments and blanks left out.
func (l *List) Text() (string, error) {
	lines, err := l.read()
	if err != nil {
		return "", err
	}
	seen := map[string]bool{}
	var b strings.Builder
	for _, line := range lines {
		value := strings.TrimSpace(line)
		if value == "" || value[0] == '#' || seen[value] {
			continue
		}
		seen[value] = true
		b.WriteString(value + "\n")
	}
	return b.String(), nil
}

// Changed is when the file was last written, zero when there is none.
func (l *List) Changed() (time.Time, error) {
	st, err := os.Stat(l.set.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("reading the list: %w", err)
	}
	return st.ModTime(), nil
}

// maxList bounds the file, in bytes: more is not a list of ours.
const maxList = 64 << 20

func (l *List) read() ([]string, error) {
	st, err := os.Stat(l.set.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading the list: %w", err)
	}
	if !st.Mode().IsRegular() || st.Size() > maxList {
		return nil, fmt.Errorf("reading the list: %s is no file of at most %d bytes", l.set.Path, maxList)
	}
	b, err := os.ReadFile(l.set.Path)
	if err != nil {
		return nil, fmt.Errorf("reading the list: %w", err)
	}
	var lines []string
	for line := range strings.Lines(string(b)) {
		lines = append(lines, strings.TrimRight(line, "\r\n"))
	}
	return lines, nil
}

// change rewrites the file beside and renames it, so that whoever fetches it sees the old list or the new one.
func (l *List) change(ctx context.Context, f func([]string) []string) (err error) {
	unlock, err := lock.Take(ctx, l.set.Path+".lock")
	if err != nil {
		return fmt.Errorf("the list: %w", err)
	}
	defer func() { err = errors.Join(err, unlock()) }()
	lines, err := l.read()
	if err != nil {
		return err
	}
	before := len(lines)
	if lines = f(lines); len(lines) == before {
		return nil
	}
	path, mode := l.set.Path, fs.FileMode(0o644) // devices fetch it through another program
	if st, err := os.Stat(path); err == nil {
		mode = st.Mode().Perm()
	}
	if behind, err := filepath.EvalSymlinks(path); err == nil { // a link stays one
		path = behind
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".soc-list-")
	if err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	defer func() { _ = os.Remove(tmp.Name()) }() // gone once renamed
	for _, line := range lines {
		if _, err := tmp.WriteString(line + "\n"); err != nil {
			return errors.Join(fmt.Errorf("writing the list: %w", err), tmp.Close())
		}
	}
	err = errors.Join(tmp.Chmod(mode), tmp.Sync(), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the list: %w", err)
	}
	return nil
}
