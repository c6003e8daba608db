package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/seed-959697dd/soc/internal/render"
)

type statusOptions struct {
	book, since, failOn string
	prometheus          bool
}

func newStatus(a *app) *cobra.Command {
	var o statusOptions
	c := &cobra.Command{
		Use:   "status",
		Short: "Say how triage is doing here: what is handled, how fast, how safely, and what is missing",
		Long: `Status reads the casebook: the share of groups handled without a person, the age of alerts at their verdict, the time to decision, how often a
person had to touch a case, what the precedent in use promises and what the audits of closed groups found, and the open cases.
An alarm that turned closing off comes first. The end names what is missing for more, with the command that mends it.

EXIT STATUS
  0 done, 1 failed, 2 wrong command line, 3 a drift alarm stands (--fail-on alarm)`,
		Example: "  soc status\n  soc status --since 7d --json\n  soc status --prometheus > soc.prom",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return a.status(c.Context(), o) },
	}
	f := c.Flags()
	f.StringVar(&o.book, "book", "", "the casebook `FILE` (default: $SOC_BOOK, then the user's state directory)")
	f.StringVar(&o.since, "since", "30d", "how far back to look: a `TIME` like 12h or 30d, or all")
	f.BoolVar(&o.prometheus, "prometheus", false, "print the text format that Prometheus reads")
	f.StringVar(&o.failOn, "fail-on", "", "exit 3 on `WHAT`: alarm")
	return c
}

func (a *app) status(ctx context.Context, o statusOptions) error {
	if err := among("soc status --fail-on", o.failOn, "", "alarm"); err != nil {
		return err
	}
	if o.prometheus && (a.json || a.text) {
		return usage(errors.New("--prometheus does not go together with --json or --text"), "soc status --prometheus")
	}
	back, err := backOf(o.since)
	if err != nil {
		return err
	}
	s := &render.Status{At: a.Now().UTC()}
	if back > 0 {
		s.Since = s.At.Add(-back)
	}
	if err := a.takeStock(ctx, o.book, s); err != nil {
		return err
	}
	for i := range s.Missing {
		s.Missing[i].Command = a.pasteable(s.Missing[i].Command, nil)
	}
	var b []byte
	switch {
	case o.prometheus:
		b = s.Prometheus(nil)
	case a.wantsJSON():
		b = append(s.AppendJSON(nil), '\n')
	default:
		b = s.Append(nil, render.NewPaper(a.IO))
	}
	if _, err := a.IO.Out.Write(b); err != nil {
		return err
	}
	if o.failOn == "alarm" && len(s.Alarms) > 0 {
		return &failure{status: statusNeedsPerson}
	}
	return nil
}

// backOf reads how far back to look, 0 for everything.
func backOf(text string) (time.Duration, error) {
	if text == "all" {
		return 0, nil
	}
	d, err := time.ParseDuration(text)
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(days, 64)
		d = time.Duration(n * 24 * float64(time.Hour))
		if n > 36500 {
			d = 0
		}
	}
	if err != nil || d <= 0 {
		return 0, usage(fmt.Errorf("--since %s: no time like 12h or 30d, nor all", text), "soc status --since 30d")
	}
	return d, nil
}

// takeStock fills in what the configuration and the casebook say. That there is no casebook yet is an answer, too.
func (a *app) takeStock(ctx context.Context, named string, s *render.Status) error {
	conf, err := a.settings("")
	if err != nil {
		return err
	}
	policy, err := conf.policy()
	if err != nil {
		return err
	}
	s.Autonomy = policy.Autonomy
	path, err := a.locate(named)
	if err != nil {
		return usage(err, "soc status --book FILE")
	}
	if errors.Is(there(path), fs.ErrNotExist) {
		s.Missing = missing(s)
		return nil
	}
	book, err := a.openBook(ctx, named, true, false)
	if err != nil {
		return err
	}
	err = stock(ctx, book, s)
	if err == nil {
		err = a.stockLadder(ctx, book, s)
	}
	if cerr := book.Close(); err == nil {
		err = cerr
	}
	s.Missing = append(s.Unknown, missing(s)...)
	return bookError(err)
}
