package cmd

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
)

type restoreOptions struct {
	restore          bool
	by, reason, book string
}

func (o *restoreOptions) flags(f *pflag.FlagSet) {
	f.BoolVar(&o.restore, "restore", false, "take a drift alarm back: closing under the certificate goes on; needs --by and --reason")
	f.StringVar(&o.by, "by", "", "with --restore: who answers for it, by `NAME`")
	f.StringVar(&o.reason, "reason", "", "with --restore: why, in a sentence")
	f.StringVar(&o.book, "book", "", "with --restore: the casebook `FILE` (default: $SOC_BOOK, then the user's state directory)")
}

var errCalm = errors.New("no drift alarm stands")

// restore takes back the alarms that stand. Who answers for it is named, never guessed from a login. As JSON it prints the status then.
func (a *app) restore(ctx context.Context, o restoreOptions) error {
	const hint = "soc learn --restore --by NAME --reason 'the new detector was wrong, it is mended'"
	by, reason := strings.TrimSpace(o.by), strings.TrimSpace(o.reason)
	if by == "" || reason == "" {
		return usage(errors.New("--restore needs --by and --reason: a person answers for closing going on"), hint)
	}
	err := a.withBook(ctx, o.book, false, func(book *casebook.Book, out *bufio.Writer) error {
		list, err := book.Restore(ctx, by, reason)
		if err == nil && len(list) == 0 {
			err = &failure{errCalm, statusFailed, "soc status"}
		}
		if err != nil || a.wantsJSON() {
			return err
		}
		for _, p := range list {
			fmt.Fprintf(out, "precedent %s may close again; its alarm starts anew\n", term.Clean(p))
		}
		return nil
	})
	if err != nil || !a.wantsJSON() {
		return err
	}
	return a.status(ctx, statusOptions{book: o.book, since: "all"})
}
