package cmd

import (
	"bufio"
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/intel/feed/store"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

// intelFlag binds --intel.
func intelFlag(c *cobra.Command, dir *string) {
	c.Flags().StringVar(dir, "intel", "", "the `DIR` that holds the feeds (default: intel in the user's state directory)")
}

// intelDir is where the feeds are: the directory named, else beside the casebook in the user's state directory.
func (a *app) intelDir(named string) (string, error) {
	if named != "" {
		return named, nil
	}
	book, err := casebook.Locate("", func(name string) string {
		if name == "SOC_BOOK" {
			return "" // the casebook may be elsewhere, the feeds are not its own
		}
		return a.Env(name)
	})
	if err != nil {
		return "", usage(fmt.Errorf("no place for the feeds: neither a home nor a state directory is known"), "soc intel list --intel DIR")
	}
	return filepath.Join(filepath.Dir(book), "intel"), nil
}

// withFeeds runs f over the open feeds and writes out what it printed. Feeds that do not open are named; what they know is missing.
func (a *app) withFeeds(named string, strict bool, f func(*feed.Set, *bufio.Writer) error) error {
	dir, err := a.intelDir(named)
	if err != nil {
		return err
	}
	set, err := feed.Open(dir)
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(a.IO.Out, 64<<10)
	for _, fault := range set.Faults {
		a.intelGap(out, "failed", fault.Error())
	}
	if err = f(set, out); err == nil && strict && len(set.Faults) > 0 {
		err = &failure{status: statusGaps}
	}
	if ferr := out.Flush(); err == nil {
		err = ferr
	}
	if cerr := set.Close(); err == nil {
		err = cerr
	}
	return err
}

// intelGap says what could not be found out: on stderr, and as a document where documents are printed.
func (a *app) intelGap(out *bufio.Writer, class, reason string) {
	fmt.Fprintln(a.IO.Err, "gap: "+term.Clean(reason))
	if !a.wantsJSON() {
		return
	}
	b := append([]byte(nil), `{"kind":"gap","version":1,"source":"intel"`...)
	b = wire.Text(b, "class", class)
	b = append(wire.Text(b, "reason", reason), '}', '\n')
	_, _ = out.Write(b) // Flush says
}

type intelListOptions struct {
	dir    string
	strict bool
}

func newIntelList(a *app) *cobra.Command {
	var o intelListOptions
	c := &cobra.Command{
		Use:   "list",
		Short: "List the feeds and warning lists that were imported",
		Long: `Lists each feed with its entries by type, when it was imported, when its oldest and newest entries were seen, and how many
of them have expired.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line, 4 a feed does not open and --strict was given`,
		Example: "  soc intel list\n  soc intel list --json",
		Args:    cobra.NoArgs,
		RunE:    func(*cobra.Command, []string) error { return a.intelList(o) },
	}
	intelFlag(c, &o.dir)
	c.Flags().BoolVar(&o.strict, "strict", false, "exit 4 when a feed does not open")
	return c
}

func (a *app) intelList(o intelListOptions) error {
	return a.withFeeds(o.dir, o.strict, func(set *feed.Set, out *bufio.Writer) error {
		list := set.Feeds()
		if len(list) == 0 && !a.wantsJSON() {
			fmt.Fprintln(a.IO.Err, "no feed is imported\ntry: soc intel import FILE")
			return nil
		}
		now := a.Now()
		for i := range list {
			expired := int64(0)
			err := set.Each(list[i].Name, func(in *ioc.Indicator) error {
				if !in.Until.IsZero() && !now.Before(in.Until) {
					expired++
				}
				return nil
			})
			if err != nil {
				return err
			}
			switch {
			case a.wantsJSON():
				_, err = out.Write(append(wire.Int(appendFeed(nil, &list[i]), "expired", expired), '}', '\n'))
			default:
				_, err = out.Write(appendFeedLine(nil, &list[i], expired, i == 0))
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// appendFeed is a feed as a document of kind feed, without its closing brace.
func appendFeed(b []byte, m *store.Meta) []byte {
	b = append(b, `{"kind":"feed","version":1`...)
	b = wire.Text(b, "name", m.Name)
	b = wire.Text(b, "form", m.Kind)
	b = wire.Text(b, "source", m.Source)
	b = wire.Text(b, "title", m.Title)
	b = wire.Bool(b, "warning_list", m.Warning)
	b = wire.Time(b, "imported", m.Imported)
	b = wire.Int(b, "entries", m.Entries)
	b = append(wire.Key(b, "types"), '{')
	for t := ioc.IP; t < ioc.Types; t++ {
		if n := m.Counts[t.String()]; n > 0 {
			b = wire.Int(b, t.String(), n)
		}
	}
	b = append(b, '}')
	b = wire.Time(b, "oldest", m.Oldest)
	b = wire.Time(b, "newest", m.Newest)
	return wire.Text(b, "digest", m.Digest)
}

func appendFeedLine(b []byte, m *store.Meta, expired int64, head bool) []byte {
	if head {
		b = fmt.Appendf(b, "%-22s %10s  %-10s  %-24s  %7s  %s\n", "FEED", "ENTRIES", "IMPORTED", "SEEN", "EXPIRED", "TYPES")
	}
	share := "-"
	if m.Entries > 0 {
		share = fmt.Sprintf("%d%%", expired*100/m.Entries)
	}
	what := types(m)
	if m.Warning {
		what += " (warning list)"
	}
	return fmt.Appendf(b, "%-22s %10s  %-10s  %-24s  %7s  %s\n", term.Clean(m.Name), render.Count(m.Entries), m.Imported.Format(time.DateOnly), spanOf(m), share, what)
}

// spanOf is when the entries of a feed were seen, in days.
func spanOf(m *store.Meta) string {
	if m.Oldest.IsZero() {
		return "-"
	}
	return m.Oldest.Format(time.DateOnly) + " to " + m.Newest.Format(time.DateOnly)
}

// types are a feed's entries by type, in the order of the types.
func types(m *store.Meta) string {
	text := ""
	for t := ioc.IP; t < ioc.Types; t++ {
		if n := m.Counts[t.String()]; n > 0 {
			if text != "" {
				text += ", "
			}
			text += render.Count(n) + " " + t.String()
		}
	}
	return cmp.Or(text, "nothing")
}

type intelExpireOptions struct{ dir, before string }

func newIntelExpire(a *app) *cobra.Command {
	var o intelExpireOptions
	c := &cobra.Command{
		Use:   "expire NAME",
		Short: "Take entries that are no longer valid out of a feed",
		Long: `Rewrites a feed without the entries that have expired, and with --before without those last seen before that day.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line or no such feed`,
		Example: "  echo 203.0.113.9 | soc intel import - --name night && soc intel expire night --before 2026-01-01",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.intelExpire(o, args[0]) },
	}
	intelFlag(c, &o.dir)
	c.Flags().StringVar(&o.before, "before", "", "also entries last seen before this `DATE` (2026-01-31)")
	return c
}

func (a *app) intelExpire(o intelExpireOptions, name string) error {
	var before time.Time
	if o.before != "" {
		var err error
		if before, err = time.Parse(time.DateOnly, o.before); err != nil {
			return usage(fmt.Errorf("--before %q: not a date", o.before), "soc intel expire --before 2026-01-31 "+name)
		}
	}
	dir, err := a.intelDir(o.dir)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(filepath.Join(dir, name+store.Suffix)); err != nil {
		return usage(fmt.Errorf("there is no feed %q: %w", name, fs.ErrNotExist), "soc intel list")
	}
	gone, left, err := feed.Expire(dir, name, a.Now(), before)
	if err != nil {
		return err
	}
	if a.wantsJSON() {
		b := append([]byte(nil), `{"kind":"summary","version":1,"command":"intel expire"`...)
		b = wire.Text(b, "feed", name)
		_, err = a.IO.Out.Write(append(wire.Int(wire.Int(b, "expired", gone), "entries", left), '}', '\n'))
		return err
	}
	_, err = fmt.Fprintf(a.IO.Out, "%s: %s taken out, %s left\n", term.Clean(name), render.Plural(gone, "entry", "entries"), render.Count(left))
	return err
}
