package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/read"
	"github.com/seed-959697dd/soc/internal/intel/feed/store"
)

// Import is one feed on its way into the directory.
type Import struct {
	Dir     string
	Name    string // empty: a warning list's title, else made from Origin
	Origin  string // where it came from, for people: a path, an address without secrets
	Sources []read.Source
	Options read.Options
	Expires time.Duration // entries that do not say until when they are valid are for so long after they were last seen; 0: for ever
	Now     time.Time
	Reject  func(*read.Reject) error // nil: they are only counted
}

// Report is what an import did.
type Report struct {
	store.Meta
	Before  int64    // entries of the copy that was replaced, -1 when there was none
	Ignored []string // why files of a directory were left out
}

// Run reads the feed and puts it in the place of its last good copy. When it fails, that stays.
func (im *Import) Run(ctx context.Context) (Report, error) {
	w, err := store.Create(im.Dir, im.Now)
	if err != nil {
		return Report{}, err
	}
	defer w.Abort()
	rep := Report{Before: -1, Meta: store.Meta{Source: im.Origin, Imported: im.Now.UTC().Truncate(time.Second)}}
	for _, src := range im.Sources {
		if err := im.file(ctx, src, w, &rep); err != nil {
			return Report{}, err
		}
	}
	rep.Name = cmp.Or(im.Name, slug(rep.Title), slug(origin(im.Origin)))
	if err := store.CheckName(rep.Name); err != nil {
		return Report{}, err
	}
	if rep.Read == 0 || rep.Kind == "" {
		return Report{}, fmt.Errorf("%s %w: it holds no indicator", im.Origin, read.ErrNotFeed)
	}
	if old, err := store.Open(filepath.Join(im.Dir, rep.Name+store.Suffix)); err == nil {
		rep.Before = old.Meta.Entries
		_ = old.Close() // it is about to be replaced
	}
	rep.Meta, err = w.Commit(rep.Meta)
	return rep, err
}

// file reads one file of the feed into the writer.
func (im *Import) file(ctx context.Context, src read.Source, w *store.Writer, rep *Report) error {
	n := 0
	sink := read.Sink{Reject: im.Reject, Entry: func(in *ioc.Indicator) error {
		if n++; n%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if in.Until.IsZero() && im.Expires > 0 {
			in.Until = lastSeen(in, im.Now).Add(im.Expires)
		}
		return w.Add(in)
	}}
	if sink.Reject == nil {
		sink.Reject = func(*read.Reject) error { return nil }
	}
	res, err := read.Feed(src, im.Options, sink)
	if err != nil && len(im.Sources) > 1 && res.Kept == 0 && errors.Is(err, read.ErrNotFeed) {
		if res.Skipped == 0 || res.Rejected > 0 { // an event without anything for detection is an event all the same
			rep.Ignored = append(rep.Ignored, err.Error())
			return nil
		}
		err = nil
	}
	if err != nil {
		return err
	}
	if rep.Kind != "" && rep.Warning != res.Warning {
		return fmt.Errorf("%s is a warning list beside feeds: import it on its own", src.Name)
	}
	if rep.Kind != "" && rep.Kind != res.Kind {
		res.Kind = "several"
	}
	rep.Kind, rep.Warning, rep.Title = res.Kind, res.Warning, cmp.Or(res.Title, rep.Title)
	rep.Read, rep.Skipped, rep.Rejected = rep.Read+res.Read, rep.Skipped+res.Skipped, rep.Rejected+res.Rejected
	for _, t := range res.Applies {
		if !slices.Contains(rep.Applies, t.String()) {
			rep.Applies = append(rep.Applies, t.String())
		}
	}
	return nil
}

// origin is the last part of where a feed came from, without the ends of packed and structured files.
func origin(s string) string {
	s, _, _ = strings.Cut(strings.TrimRight(s, "/"), "?")
	base := filepath.Base(filepath.FromSlash(s))
	for _, end := range [...]string{".gz", ".zip", ".csv", ".txt", ".json", ".netset", ".ipset", ".list"} {
		base = strings.TrimSuffix(base, end)
	}
	return base
}

// slug makes a feed's name from a title.
func slug(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '_', r == '.' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(ioc.Cut(b.String(), 48), "-.")
}

// Expire rewrites a feed without the entries that were not valid any more at the time, and without those last seen before that day when
// it is not zero. It returns how many went and how many are left.
func Expire(dir, name string, at, before time.Time) (gone, left int64, err error) {
	if err := store.CheckName(name); err != nil {
		return 0, 0, err
	}
	old, err := store.Open(filepath.Join(dir, name+store.Suffix))
	if err != nil {
		return 0, 0, err
	}
	w, err := store.Create(dir, at)
	if err != nil {
		return 0, 0, errors.Join(err, old.Close())
	}
	defer w.Abort()
	meta := old.Meta
	err = old.Each(func(in *ioc.Indicator) error {
		if !in.Until.IsZero() && !at.Before(in.Until) || !before.IsZero() && lastSeen(in, meta.Imported).Before(before) {
			gone++
			return nil
		}
		return w.Add(in)
	})
	if err = errors.Join(err, old.Close()); err != nil || gone == 0 { // some systems do not replace an open file
		return gone, meta.Entries, err
	}
	meta.Entries, meta.Wild, meta.Oldest, meta.Newest = 0, 0, time.Time{}, time.Time{}
	meta, err = w.Commit(meta)
	return gone, meta.Entries, err
}
