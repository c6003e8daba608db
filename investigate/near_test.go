package investigate_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/triage"
)

// What is seldom and too far away for a link is named in both cases; what is everyday, what no person waits for, and what a person took
// apart is not.
func TestNearCases(t *testing.T) {
	t.Parallel()
	escalated := func(v investigate.Verdict) investigate.Verdict {
		v.Route = triage.Escalate
		return v
	}
	const day = 24 * 60
	first, later := escalated(at("a", -2*day, 2500, user("mallory"), host("ws-1"))), at("b", day, 100, user("mallory"))
	other := first
	other.Case, later.Apart = "c-a", []string{"c-a"}
	together := later
	together.Apart = nil
	rows := map[string]struct {
		list []investigate.Verdict
		want string
	}{
		"seldom, three days apart":        {[]investigate.Verdict{first, together}, "c-a: c-b before=false 72h0m0s; c-b: c-a before=true 72h0m0s; "},
		"taken apart by a person":         {[]investigate.Verdict{other, later}, ""},
		"nobody waits for either":         {[]investigate.Verdict{at("a", -2*day, -2000, user("mallory")), at("b", day, -2100, user("mallory"))}, ""},
		"a host that is busy every day":   {[]investigate.Verdict{escalated(at("a", -2*day, -2750, host("srv-1"))), at("b", day, -2760, host("srv-1"))}, ""},
		"one case of both: no second one": {[]investigate.Verdict{first, escalated(at("b", 10-2*day, 2500, user("mallory")))}, ""},
	}
	for name, row := range rows {
		list, clusters := investigate.Correlate(append(everyday(800), row.list...))
		got := ""
		for _, c := range clusters {
			for _, n := range c.Near {
				got += fmt.Sprintf("%s: %s before=%t %s; ", c.ID, n.Case, list[n.B].Case == n.Case || n.Case == triage.CaseOf(list[n.A].ID), n.Between)
			}
		}
		if got != row.want {
			t.Errorf("%s: %q, want %q", name, got, row.want)
		}
	}
}

// A case names five of its neighbours, the nearest, and says of each when and what.
func TestNearestNeighbours(t *testing.T) {
	t.Parallel()
	var list []investigate.Verdict
	middle := at("n4", 600*4, 0)
	middle.Route = triage.Escalate
	for i := range 9 {
		if i != 4 {
			who := user(fmt.Sprintf("u-%d", i))
			middle.Entities = append(middle.Entities, who)
			list = append(list, at(fmt.Sprintf("n%d", i), 600*i, 0, who))
		}
	}
	list = append(list, middle)
	list, clusters := investigate.Correlate(append(everyday(4000), list...))
	for _, c := range clusters {
		if c.ID != "c-n4" {
			continue
		}
		docs := make([]investigate.Member, len(c.Members))
		k := investigate.NewCase(list, &c, docs)
		if len(k.Near) != 5 {
			t.Fatalf("%d neighbours: %+v", len(k.Near), k.Near)
		}
		for i := range k.Near[:2] {
			if n := &k.Near[i]; n.Between != 10*time.Hour || n.A != "n4" || n.When() != map[bool]string{true: "10 h before", false: "10 h after"}[n.Before] {
				t.Errorf("%+v, %s", n, n.When())
			}
		}
		return
	}
	t.Fatal("no case c-n4")
}
