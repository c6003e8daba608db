// Package feed knows what threat intelligence says: it imports feeds into one directory, answers what they know about a value, and
// tells triage when an alert names something that they know (Check).
//
// A feed is one immutable file in that directory, made whole before it takes the place of the last good copy; millions of entries
// cost some megabytes while nothing is found. Warning lists, in the same directory, are feeds of what is no evidence: they suppress
// what other feeds say. The forms that feeds come in are package read's affair, the file package store's, the spelling of values
// package ioc's. Nothing here asks anybody online but Fetch. Start with Import, Open, Set.Lookup and Check.
package feed

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"

	"github.com/gaissmai/bart"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/store"
)

// Set is the open feeds of a directory. It is safe for concurrent use until Close.
type Set struct {
	// Faults are feeds that could not be opened. What they know is not known: a gap, not an all-clear.
	Faults []error

	feeds, warnings []*one // in the order of their names
	wild            bool   // some feed has domains that stand for the names below them
	broken          atomic.Pointer[error]
}

// one is an open feed with what of it is kept in memory.
type one struct {
	*store.Store
	has        [ioc.Types]bool
	ranges     *bart.Lite // nil when there are none
	substrings []string
	regexes    []*regexp.Regexp
}

// Open opens all feeds of a directory. One that is not there holds no feeds.
func Open(dir string) (*Set, error) {
	list, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("reading the directory of feeds: %w", err)
	}
	s := &Set{}
	for _, e := range list {
		if e.IsDir() || !strings.HasSuffix(e.Name(), store.Suffix) || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		f, err := openOne(filepath.Join(dir, e.Name()))
		switch {
		case err != nil:
			s.Faults = append(s.Faults, err)
		case f.Meta.Warning:
			s.warnings = append(s.warnings, f)
		default:
			s.feeds = append(s.feeds, f)
			s.wild = s.wild || f.Meta.Wild > 0
		}
	}
	return s, nil
}

func openOne(path string) (*one, error) {
	st, err := store.Open(path)
	if err != nil {
		return nil, err
	}
	f := &one{Store: st}
	if f.Meta.Name+store.Suffix != filepath.Base(path) {
		return nil, errors.Join(fmt.Errorf("feed %s says that its name is %q", path, f.Meta.Name), st.Close())
	}
	for t := range ioc.Types {
		f.has[t] = f.Meta.Counts[t.String()] > 0
	}
	if err := f.load(); err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return f, nil
}

// load takes into memory what is not found by its hash.
func (f *one) load() error {
	var wrong error
	err := f.Ranges(func(in *ioc.Indicator) {
		if p, err := netip.ParsePrefix(in.Value); err == nil {
			if f.ranges == nil {
				f.ranges = &bart.Lite{}
			}
			f.ranges.Insert(p)
		}
	})
	if err != nil {
		return err
	}
	err = f.Patterns(func(in *ioc.Indicator) {
		if in.Type == ioc.Substring {
			f.substrings = append(f.substrings, in.Value)
			return
		}
		if re, err := regexp.Compile(in.Value); err == nil {
			f.regexes = append(f.regexes, re)
		} else {
			wrong = fmt.Errorf("feed %s: line %d: %w", f.Meta.Name, in.Line, err)
		}
	})
	return errors.Join(err, wrong)
}

// Feeds returns what is known about each open feed, warning lists too, in the order of their names.
func (s *Set) Feeds() []store.Meta {
	var list []store.Meta
	for i, k := 0, 0; i < len(s.feeds) || k < len(s.warnings); {
		if k == len(s.warnings) || i < len(s.feeds) && s.feeds[i].Meta.Name < s.warnings[k].Meta.Name {
			list = append(list, s.feeds[i].Meta)
			i++
		} else {
			list = append(list, s.warnings[k].Meta)
			k++
		}
	}
	return list
}

// Each hands over every entry of the feed of that name. An entry and its strings are good until the next one.
func (s *Set) Each(name string, yield func(*ioc.Indicator) error) error {
	for _, list := range [...][]*one{s.feeds, s.warnings} {
		for _, f := range list {
			if f.Meta.Name == name {
				return f.Each(yield)
			}
		}
	}
	return fmt.Errorf("feed %q: %w", name, os.ErrNotExist)
}

// Err returns the first error of a look-up. Who used a Check asks at the end of a run: what could not be read is a gap.
func (s *Set) Err() error {
	if err := s.broken.Load(); err != nil {
		return *err
	}
	return nil
}

// Close gives the files back.
func (s *Set) Close() error {
	var err error
	for _, list := range [...][]*one{s.feeds, s.warnings} {
		for _, f := range list {
			err = errors.Join(err, f.Close())
		}
	}
	return err
}
