package cmd

import (
	"context"
	"fmt"
	"slices"

	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/investigate"
)

// adopt makes the cases that were found the casebook's. What the casebook has of a cluster is joined into one of its cases: the one that was asked
// for, else the one with the most verdicts, else the earliest. A casebook that cannot be written is a gap, and the cases are printed all the same.
func (q *inquiry) adopt(ctx context.Context, o investigateOptions, list []investigate.Verdict, clusters []investigate.Cluster) error {
	var adoptions []casebook.Adoption
	for i := range clusters {
		c := &clusters[i]
		if cases := casesOf(list, c); len(cases) > 1 {
			if !q.asked {
				c.ID = cases[0]
			}
			adoptions = append(adoptions, casebook.Adoption{Into: c.ID, From: q.joinings(list, c, cases)})
		}
	}
	if len(adoptions) == 0 {
		return nil
	}
	book, err := q.app.openBook(ctx, o.book, false, false)
	var done casebook.Adopted
	if err == nil {
		done, err = book.Adopt(ctx, adoptions)
		if cerr := book.Close(); err == nil {
			err = cerr
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	q.adopted = int64(len(done.Into))
	if err != nil {
		return q.acc.note(0, nil, []stream.Gap{{Input: "casebook", Reason: "the cases that belong together were not joined in it: " + err.Error()}}, q.documents())
	}
	if q.adopted > 0 {
		fmt.Fprintf(q.app.IO.Err, "soc: %s of the casebook joined to %s: soc cases split takes it back\n", render.Plural(q.adopted, "case", "cases"), others(adoptions))
	}
	return nil
}

// others names what cases were joined to: the one, or how many.
func others(list []casebook.Adoption) string {
	if len(list) == 1 {
		return list[0].Into
	}
	return render.Plural(int64(len(list)), "other", "others")
}

// casesOf are the casebook's cases in which the verdicts of a cluster stand, the one with the most of them first.
func casesOf(list []investigate.Verdict, c *investigate.Cluster) (cases []string) {
	count := map[string]int{}
	for _, m := range c.Members {
		if id := list[m].Case; count[id] == 0 {
			cases = append(cases, id)
		}
		count[list[m].Case]++
	}
	slices.SortStableFunc(cases, func(a, b string) int { return count[b] - count[a] })
	return cases
}

// joinings are the cases to be joined to the cluster's, each with its strongest link to another.
func (q *inquiry) joinings(list []investigate.Verdict, c *investigate.Cluster, cases []string) (from []casebook.Joining) {
	why := map[string]string{}
	for i := range c.Links {
		l := &c.Links[i]
		a, b := list[l.A].Case, list[l.B].Case
		if a == b {
			continue
		}
		for _, id := range [...]string{a, b} {
			if why[id] == "" {
				why[id] = "correlation: " + l.Words()
			}
		}
	}
	for _, id := range cases {
		if id != c.ID {
			from = append(from, casebook.Joining{Case: id, Reason: orElse(why[id], "correlation")})
		}
	}
	return from
}
