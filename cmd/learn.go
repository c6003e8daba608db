package cmd

import (
	"errors"

	"github.com/spf13/cobra"
)

func newLearn(a *app) *cobra.Command {
	var o learnEventsOptions
	var d learnDecisionsOptions
	var s learnSuggestOptions
	var back restoreOptions
	c := &cobra.Command{
		Use:   "learn (--events PATH... | --decisions FILE... --alerts PATH... | --restore)",
		Short: "Learn from logs what is usual here, and from decisions what alerts turn out to be",
		Long: `With --decisions, learn reads what analysts decided beside the alerts it was about, and writes a precedent: what each detector's
alerts and each kind of evidence turned out to be, which score means which probability, and below which score the share of missed
attacks is bounded. soc triage --precedent uses it. No online service is asked about old alerts. After a drift alarm, --restore lets closing
under it go on, in a person's name.

With --suggest, decided alerts are searched for patterns that keep turning out harmless, and a suppression is drafted for each.

With --events, learn reads authentication, process, network, DNS and cloud events, as many days of them as there are, and keeps what is
usual: which networks, countries and devices a user comes from and at which hours, what a host runs and whom it talks to, which
calls and regions a cloud account uses. The baseline it writes is one file. Alerts are compared with the days before their own.

Every file that soc triage reads can be learned from; directories are walked. What failed or was blocked is no habit and is not
learned. With --into the events are added to a baseline: a day that it knows already is not counted twice.

Exit status: 0 done, 1 failed, 2 wrong command line or file, 4 done with rejected lines or gaps (--strict), 130 interrupted.`,
		Example: `  soc learn --decisions decisions.ndjson --alerts alerts.json --out precedent.json
  soc learn --events alerts.json --out baseline.socb
  soc learn --events exports/ --into baseline.socb
  soc learn --events alerts.json --out baseline.socb --json
  soc learn --suggest --decisions decisions.ndjson --alerts alerts.json`,
		RunE: func(c *cobra.Command, args []string) error {
			if back.restore {
				return a.restore(c.Context(), back)
			}
			if s.suggest {
				return a.learnSuggest(c.Context(), o, d, s)
			}
			if len(o.events) > 0 {
				return a.learnEvents(c.Context(), o, args)
			}
			if len(d.decisions) > 0 {
				return a.learnDecisions(c.Context(), o, d)
			}
			return usage(errors.New("nothing to learn from: --events or --decisions is missing"), "soc learn --events logs/ --out baseline.socb")
		},
	}
	o.flags(c.Flags())
	d.flags(c.Flags())
	s.flags(c.Flags())
	back.flags(c.Flags())
	return c
}
