package cmd

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/triage"
)

// chooseOptions say which of the cases that were found are wanted. The others are neither pursued nor written.
type chooseOptions struct {
	cases []string
	route string
}

func (o *chooseOptions) flags(f *pflag.FlagSet) {
	f.StringArrayVar(&o.cases, "case", nil, "only the case that is called `ID`, or that holds the verdict of that id; may be given again")
	f.StringVar(&o.route, "route", "", "only cases of this `ROUTE`: escalate or review")
}

func (o *chooseOptions) check() error {
	if o.route != "" && o.route != triage.Escalate.String() && o.route != triage.Review.String() {
		return usage(fmt.Errorf("--route %s: neither escalate nor review", o.route), "soc investigate --route escalate verdicts.ndjson")
	}
	for _, id := range o.cases {
		if !caseID.MatchString(id) {
			return usage(fmt.Errorf("--case %s: no id of a case or verdict", id), "soc investigate --case c-7f3a verdicts.ndjson")
		}
	}
	return nil
}

// choose leaves what is wanted. An id that nothing has is an error: who asks for a case waits for it.
func (o *chooseOptions) choose(list []investigate.Verdict, clusters []investigate.Cluster) ([]investigate.Cluster, error) {
	met := map[string]bool{}
	clusters = slices.DeleteFunc(clusters, func(c investigate.Cluster) bool {
		wanted := len(o.cases) == 0
		for _, id := range o.cases {
			if called(list, &c, id) {
				wanted, met[id] = true, true
			}
		}
		return !wanted || o.route != "" && list[investigate.Strongest(list, c.Members)].Route.String() != o.route
	})
	var errs []error
	for _, id := range o.cases {
		if !met[id] {
			errs = append(errs, usage(fmt.Errorf("--case %s: no case that is not closed is called that, and none holds such a verdict", id), "soc investigate --json verdicts.ndjson"))
		}
	}
	return clusters, errors.Join(errs...)
}

// called tells whether a cluster is the case of an id or of the beginning of one: its own, or that of a verdict in it or of the case that had it.
func called(list []investigate.Verdict, c *investigate.Cluster, id string) bool {
	return strings.HasPrefix(c.ID, id) || slices.ContainsFunc(c.Members, func(m int) bool {
		return strings.HasPrefix(list[m].ID, id) || strings.HasPrefix(list[m].Case, id)
	})
}
