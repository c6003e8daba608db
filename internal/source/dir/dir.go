// Package dir feeds alerts from a directory that fills: exports that a job drops there, spools, what was copied by hand. A file is read
// once it is whole: it has not changed for some looks, and its name is not one under which programs write what they rename afterwards.
// Every container that alert/stream reads is read, compressed or not.
//
// It never changes the directory: which files were read is kept in a Memory. A file that grows or is replaced is read again, its
// records under the same items and editions, so that who remembers those meets nothing twice. Links are not followed, devices are not read.
// To follow one file that grows, name it to soc triage --follow instead. Start with New and Dir.Feed.
package dir

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
)

// Settings say what is read and how often it is looked at. A zero field means its default.
type Settings struct {
	Path   string        // the directory; its subdirectories are read too
	Every  time.Duration // from one look to the next; 1 s
	Looks  int           // how many in a row must find a file as it was before it is read; 2
	Limits stream.Limits
	Memory Memory // nil: what was read is known for as long as the process lives
}

// Memory remembers which files were read.
type Memory interface {
	// Known tells whether the file was read in this edition.
	Known(ctx context.Context, file, edition string) (bool, error)
	// Keep notes that it was. It is called once all that was read of it is kept.
	Keep(ctx context.Context, file, edition string) error
}

// Dir is a directory that fills. One Feed at a time.
type Dir struct {
	set    Settings
	seen   map[string]look   // by path below the directory: how it was found last
	begun  map[string]string // the edition in which it was read, or is being read
	missed map[string]string // the edition in which it could not be read, and was said so
}

// look is how a file was found.
type look struct {
	edition string
	times   int // in a row
}

var _ alert.Feeder = (*Dir)(nil)

// New makes a Dir. It looks at nothing yet.
func New(s Settings) (*Dir, error) {
	if s.Path == "" {
		return nil, errors.New("dir: path is not set")
	}
	if s.Every <= 0 {
		s.Every = time.Second
	}
	if s.Looks <= 0 {
		s.Looks = 2
	}
	return &Dir{set: s, seen: map[string]look{}, begun: map[string]string{}, missed: map[string]string{}}, nil
}

// Remember gives it a memory in place of its own, before it feeds.
func (d *Dir) Remember(m Memory) { d.set.Memory = m }

// Feed implements alert.Feeder. An item is FILE:LINE, or FILE:LINE:OFFSET where several begin in one line, its edition the digest of its bytes.
func (d *Dir) Feed(ctx context.Context, found func(alert.Fed) error) error {
	root, err := os.OpenRoot(d.set.Path)
	if err != nil {
		return fmt.Errorf("reading a directory: %w", err)
	}
	defer func() { _ = root.Close() }() // only read
	for {
		ready, err := d.look(ctx, root, found)
		if err != nil {
			return over(ctx, err)
		}
		for _, one := range ready {
			if err := d.read(ctx, root, one, found); err != nil {
				return over(ctx, err)
			}
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(d.set.Every):
		}
	}
}

// over is nil when the feed ended because it was told to.
func over(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// whole is a file to be read, and how it was found.
type whole struct{ name, edition string }

// look finds the files that are whole and were not read yet, in the order of their names.
func (d *Dir) look(ctx context.Context, root *os.Root, found func(alert.Fed) error) ([]whole, error) {
	var ready []whole
	now := map[string]look{}
	err := fs.WalkDir(root.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil && name == ".":
			return fmt.Errorf("reading a directory: %w", err)
		case err != nil:
			return d.miss(name, "", err, found)
		case name != "." && unfinished(e.Name()):
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		case e.IsDir():
			return nil
		case e.Type()&fs.ModeSymlink != 0:
			return d.miss(name, "link", errLink, found)
		case !e.Type().IsRegular():
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return nil //nolint:nilerr // it went away between two looks
		}
		one := whole{name, fmt.Sprintf("%d %d", info.Size(), info.ModTime().UnixNano())}
		was := d.seen[name]
		if was.edition != one.edition {
			was = look{edition: one.edition}
		}
		was.times++
		now[name] = was
		if was.times <= d.set.Looks || d.begun[name] == one.edition {
			return nil
		}
		if known, err := d.known(ctx, one); known || err != nil {
			return err
		}
		ready = append(ready, one)
		return nil
	})
	d.seen = now
	for name := range d.begun {
		if _, there := now[name]; !there {
			delete(d.begun, name)
		}
	}
	return ready, err
}

func (d *Dir) known(ctx context.Context, one whole) (bool, error) {
	if d.set.Memory == nil {
		return false, nil
	}
	known, err := d.set.Memory.Known(ctx, one.name, one.edition)
	if known {
		d.begun[one.name] = one.edition
	}
	return known, err
}

var errLink = errors.New("a link is not followed")

// miss says once that something cannot be read.
func (d *Dir) miss(name, edition string, why error, found func(alert.Fed) error) error {
	edition += why.Error()
	if d.missed[name] == edition {
		return nil
	}
	d.missed[name] = edition
	reason := why.Error()
	if p, ok := errors.AsType[*fs.PathError](why); ok {
		reason = p.Err.Error()
	}
	return found(alert.Fed{Gaps: []alert.Gap{{Source: name, Class: alert.Failed, Reason: "not read: " + reason}}})
}

// unfinished tells names under which programs write what they rename when it is whole.
func unfinished(name string) bool {
	if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
		return true
	}
	for _, end := range []string{".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload", ".swp"} {
		if strings.HasSuffix(strings.ToLower(name), end) {
			return true
		}
	}
	return false
}
