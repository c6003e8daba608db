package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

type casesWriteOptions struct {
	severity, owner, comment, by string
	tags                         []string
	execute, held                bool
}

func newCasesWriteBack(a *app, book *string) *cobra.Command {
	var o casesWriteOptions
	c := &cobra.Command{
		Use:   "write-back CASE... [--execute]",
		Short: "Tell the systems that a case's alerts came from what became of them",
		Long: `Shows what would be written to each item that the alerts of the cases were pulled from, and with --execute writes it: a decision with its
disposition, its reason and who says so; of an open case only what the flags say. Only sources whose write_back is true are written to.
What an entry said before is kept first, and soc cases undo-write brings it back.

An item that somebody works on is left alone unless --although-held, one that was changed while it was written to always. The kill switch
of respond keeps everything from being written.

EXIT STATUS
  0 done or refused, 1 something did not take effect or nobody knows, 2 wrong command line or no such case, 130 interrupted`,
		Example: "  soc cases write-back c-7f3a",
		Args:    cobra.MinimumNArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return a.casesWriteBack(c.Context(), *book, args, o) },
	}
	f := c.Flags()
	f.BoolVar(&o.execute, "execute", false, "do it; without this nothing is written")
	f.BoolVar(&o.held, "although-held", false, "also where somebody has begun to work on it")
	f.StringVar(&o.severity, "severity", "", "set the severity to `STEP`: informational, low, medium, high, critical")
	f.StringVar(&o.owner, "owner", "", "assign it to `NAME`, as the system knows them")
	f.StringArrayVar(&o.tags, "tag", nil, "add the tag `TAG`")
	f.StringVar(&o.comment, "comment", "", "add `TEXT` to the comment")
	f.StringVar(&o.by, "by", "", "who writes (default: $SOC_USER, then the login `NAME`)")
	return c
}

func (a *app) casesWriteBack(ctx context.Context, path string, names []string, o casesWriteOptions) error {
	by, err := a.person(o.by)
	if err != nil {
		return err
	}
	step, ok := stepNamed(o.severity)
	if !ok {
		return usage(fmt.Errorf("--severity %s: not informational, low, medium, high or critical", o.severity), "soc cases write-back CASE --severity high")
	}
	s, err := a.settings("")
	if err != nil {
		return err
	}
	return a.withBook(ctx, path, false, func(book *casebook.Book, out *bufio.Writer) error {
		w, err := a.scribe(s, book, by, o.execute, out)
		if err != nil {
			return err
		}
		w.asked = true
		var list []respond.Writing
		for _, name := range names {
			some, err := writings(ctx, book, name)
			if err != nil {
				return err
			}
			for i := range some {
				one := &some[i]
				one.Person, one.Held = true, o.held
				one.Change.Severity, one.Change.Owner = step, o.owner
				one.Change.Tags = append(one.Change.Tags, o.tags...)
				if o.comment != "" {
					one.Note = strings.TrimSpace(one.Note + "\n" + inert(by+": "+o.comment))
					one.Say += "\n" + o.comment
				}
			}
			list = append(list, some...)
		}
		if len(list) == 0 {
			fmt.Fprintln(a.IO.Err, "soc: no alert of that came from a source: there is nothing to be written to")
			return nil
		}
		if err := w.write(ctx, list); err != nil {
			w.account()
			return err
		}
		return w.end()
	})
}

// stepNamed reads a step of severity; none when it is empty.
func stepNamed(name string) (triage.Severity, bool) {
	for s := triage.NoSeverity; s <= triage.Critical; s++ {
		if s.String() == name {
			return s, true
		}
	}
	return triage.NoSeverity, false
}

// writings are the items of a case with what its decision says of them. Of an open case there is nothing to be said yet.
func writings(ctx context.Context, book *casebook.Book, name string) ([]respond.Writing, error) {
	c, err := book.Case(ctx, name)
	if err != nil {
		return nil, err
	}
	origins, err := book.Origins(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	said := respond.Writing{Case: c.ID, Say: "as asked"}
	if c.Status == casebook.Closed {
		if said, err = decided(ctx, book, c); err != nil {
			return nil, err
		}
	}
	var list []respond.Writing
	for _, o := range origins {
		w := said
		w.Desk, w.Item, w.Change.Tags = o.Source, o.Item, slices.Clone(said.Change.Tags)
		if w.Change.Close {
			if w.Bar, err = stillOpen(ctx, book, o.Source, o.Item); err != nil {
				return nil, err
			}
		}
		list = append(list, w)
	}
	return list, nil
}

// stillOpen says why an item must not be closed: another edition of it is a person's here.
func stillOpen(ctx context.Context, book *casebook.Book, source, item string) (string, error) {
	id, open, err := book.ItemOpen(ctx, source, item)
	if err != nil || !open {
		return "", bookError(err)
	}
	if id == "" {
		return "it is not closed here: what was changed there since is not judged yet", nil
	}
	return "it is not closed here: case " + id + " is about it, too", nil
}

// decided is what a closed case's decision says, with its strongest reasons.
func decided(ctx context.Context, book *casebook.Book, c *casebook.Case) (w respond.Writing, err error) {
	w.Case = c.ID
	var d casebook.Decided
	err = book.Decisions(ctx, c.ID, func(one *casebook.Decided) error {
		if !one.Undone && one.Case == c.ID {
			d = *one
		}
		return nil
	})
	if err != nil {
		return w, err
	}
	what, ok := triage.DispositionOf(d.Disposition)
	if !ok || d.Verdict == "" {
		return w, errors.New("case " + c.ID + " is closed without a decision that can be read")
	}
	w.Change = respond.Change{Close: true, Disposition: what, Tags: []string{"soc:decided"}}
	w.Say = strings.Join([]string{d.Disposition, string(d.Certainty), d.By, d.At.UTC().Format("2006-01-02T15:04:05.000000000Z"), d.Reason}, "\n")
	w.Note = fmt.Sprintf("soc: %s (%s), says %s on %s: %s\n%s %s", d.Disposition, d.Certainty, inert(d.By), d.At.UTC().Format("2006-01-02 15:04 UTC"), inert(d.Reason), c.ID, d.Verdict)
	err = book.Verdicts(ctx, c.ID, func(v *casebook.Verdict) error {
		if v.ID == d.Verdict {
			w.Note += reasons(signalsOf(v.Document))
		}
		return nil
	})
	return w, err
}

// signalsOf reads from a verdict's document what its reasons are.
func signalsOf(doc []byte) (list []triage.Signal) {
	for _, s := range gjson.GetBytes(doc, "signals").Array() {
		one := triage.Signal{Sentence: s.Get("sentence").Str, Weight: triage.Weight(s.Get("weight").Int())}
		for _, r := range s.Get("receipts").Array() {
			one.Receipts = append(one.Receipts, refOf(r))
		}
		list = append(list, one)
	}
	return list
}
