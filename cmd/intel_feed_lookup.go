package cmd

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/intel/feed"
	"github.com/seed-959697dd/soc/internal/intel/feed/ioc"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/internal/wire"
)

type intelLookupOptions struct {
	dir    string
	strict bool
}

func newIntelLookup(a *app) *cobra.Command {
	var o intelLookupOptions
	c := &cobra.Command{
		Use:   "lookup VALUE...",
		Short: "Tell what the imported feeds know about values",
		Long: `Looks addresses, domains, URLs, mail addresses, hashes and CVEs up in every feed that was imported; nobody is asked online.
Values may be defanged. - reads them from standard input, one per line, also as documents of soc intel extract.

EXIT STATUS
  0 done, found or not, 1 failed, 2 wrong command line, 4 a feed does not open or none is there and --strict was given`,
		Example: "  soc intel lookup 203.0.113.9 example.com\n  echo 'hxxp://example[.]com/a.bin' | soc intel lookup - --json",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.intelLookup(o, args) },
	}
	intelFlag(c, &o.dir)
	c.Flags().BoolVar(&o.strict, "strict", false, "exit 4 when a feed does not open or there is none")
	return c
}

func (a *app) intelLookup(o intelLookupOptions, args []string) error {
	return a.withFeeds(o.dir, o.strict, func(set *feed.Set, out *bufio.Writer) error {
		none := len(set.Feeds()) == 0
		if none {
			a.intelGap(out, "unconfigured", "no feed is imported: nothing can be found")
		}
		for _, arg := range args {
			look := func(text string) error { return a.lookup(set, out, text, arg == "-") }
			var err error
			if arg == "-" {
				err = eachValue(a.IO.In, look)
			} else {
				err = look(arg)
			}
			if err != nil {
				return err
			}
		}
		if none && o.strict {
			return &failure{status: statusGaps}
		}
		return nil
	})
}

// eachValue hands over the values of a text, one per line: as they are, or in documents of kind indicator.
func eachValue(in io.Reader, yield func(string) error) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(text, "{") {
			if gjson.Get(text, "kind").Str != "indicator" {
				continue // the account at the end, a gap
			}
			text = gjson.Get(text, "value").Str
		}
		if text == "" {
			continue
		}
		if err := yield(text); err != nil {
			return err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return usage(errors.New("standard input: a line of more than 1 MiB"), "soc intel extract FILE")
	}
	return lines.Err()
}

func (a *app) lookup(set *feed.Set, out *bufio.Writer, text string, piped bool) error {
	ans, err := set.Lookup(text)
	if ans.Value.Type == ioc.None && err != nil && piped {
		return nil // of a type that no feed holds
	}
	if ans.Value.Type == ioc.None && err != nil {
		return usage(fmt.Errorf("%s: %w", text, err), "soc intel lookup 203.0.113.9")
	}
	if err != nil {
		return err
	}
	slices.SortStableFunc(ans.Hits, func(x, y feed.Hit) int {
		return cmp.Or(cmp.Compare(x.Link, y.Link), cmp.Compare(y.Entry.Verdict, x.Entry.Verdict), cmp.Compare(x.Feed, y.Feed))
	})
	if a.wantsJSON() {
		_, err = out.Write(appendAnswer(nil, &ans, a.Now()))
	} else {
		_, err = out.Write(appendAnswerText(nil, &ans, a.Now()))
	}
	return err
}

// verdictOf is the worst that a feed says about the value itself, or about what it belongs to, and that has not expired.
func verdictOf(ans *feed.Answer, now time.Time) string {
	worst := ioc.Unsaid
	for i := range ans.Hits {
		h := &ans.Hits[i]
		v := h.Entry.Verdict
		if h.Link == feed.SameHost {
			v = min(v, ioc.Suspicious)
		}
		if !expiredAt(h, now) {
			worst = max(worst, v)
		}
	}
	return cmp.Or(worst.String(), "unknown")
}

func expiredAt(h *feed.Hit, now time.Time) bool {
	return !h.Entry.Until.IsZero() && !now.Before(h.Entry.Until)
}

var linkNames = [...]string{feed.Exact: "exact", feed.Parent: "parent", feed.Range: "range", feed.Part: "part", feed.SameHost: "same_host"}

// appendAnswer is an answer as a document of kind indicator.
func appendAnswer(b []byte, ans *feed.Answer, now time.Time) []byte {
	b = append(b, `{"kind":"indicator","version":1`...)
	b = wire.Text(b, "type", ans.Value.Type.String())
	b = wire.Text(b, "value", ans.Value.Text)
	b = wire.Text(b, "defanged", ans.Value.Defang())
	b = wire.Bool(b, "found", len(ans.Hits) > 0)
	if len(ans.Hits) == 0 {
		return append(wire.Text(b, "suppressed_by", ans.By), '}', '\n')
	}
	b = wire.Text(b, "verdict", verdictOf(ans, now))
	b = wire.Text(b, "suppressed_by", ans.By)
	b = append(wire.Key(b, "sources"), '[')
	for i := range ans.Hits {
		h := &ans.Hits[i]
		e := &h.Entry
		b = append(wire.Comma(b), '{')
		b = wire.Text(b, "feed", h.Feed)
		b = wire.Text(b, "place", h.Place())
		b = wire.Text(b, "link", linkNames[h.Link])
		b = wire.Text(b, "value", e.Value)
		b = wire.Text(b, "verdict", e.Verdict.String())
		b = wire.Int(b, "confidence", int64(e.Confidence))
		b = wire.Time(b, "first_seen", e.First)
		b = wire.Time(b, "last_seen", e.Last)
		b = wire.Time(b, "valid_until", e.Until)
		if expiredAt(h, now) {
			b = wire.Bool(b, "expired", true)
		}
		b = wire.Text(b, "tlp", e.TLP.String())
		b = wire.Texts(b, "tags", e.Tags)
		b = append(wire.Text(b, "reference", e.Reference), '}')
	}
	return append(b, ']', '}', '\n')
}

// links say in words how an entry and the value belong together.
var links = [...]string{feed.Exact: "", feed.Parent: "lies under ", feed.Range: "lies in ", feed.Part: "is on ", feed.SameHost: "shares its host with "}

func appendAnswerText(b []byte, ans *feed.Answer, now time.Time) []byte {
	if len(ans.Hits) == 0 {
		b = fmt.Appendf(b, "%s  not found", term.Clean(ans.Value.Text))
	} else {
		b = fmt.Appendf(b, "%s  %s", term.Clean(ans.Value.Text), verdictOf(ans, now))
	}
	if ans.By != "" {
		b = fmt.Appendf(b, ", suppressed by %s", term.Clean(ans.By))
	}
	b = append(b, '\n')
	for i := range ans.Hits {
		b = appendHitText(b, &ans.Hits[i], now)
	}
	return b
}

func appendHitText(b []byte, h *feed.Hit, now time.Time) []byte {
	e := &h.Entry
	said := []string{fmt.Sprintf("%s, confidence %d", e.Verdict, e.Confidence)}
	if h.Link != feed.Exact {
		said = append(said, links[h.Link]+e.Value)
	}
	for _, t := range []struct {
		word string
		time time.Time
	}{{"first seen ", e.First}, {"last seen ", e.Last}, {"valid until ", e.Until}} {
		if !t.time.IsZero() {
			said = append(said, t.word+t.time.Format(time.DateOnly))
		}
	}
	if expiredAt(h, now) {
		said = append(said, "EXPIRED")
	}
	if e.TLP != ioc.NoTLP {
		said = append(said, "TLP:"+strings.ToUpper(e.TLP.String()))
	}
	said = append(said, e.Tags...)
	if e.Reference != "" {
		said = append(said, e.Reference)
	}
	return fmt.Appendf(b, "  %s  %s\n", term.Clean(h.Place()), term.Clean(strings.Join(said, ", ")))
}
