package investigate

import (
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// Case is one or more verdicts that belong together, and what they say as one.
type Case struct {
	ID, Title    string
	Severity     triage.Severity // the highest of its verdicts
	Route        triage.Route    // of the strongest
	Disposition  string          // of the strongest
	Probability  float64         // the highest
	First, Last  time.Time
	Alerts       int64    // copies included
	Hosts, Users []string // as the alerts write them, each once
	Techniques   []string
	Links        []Reason
	Common       []Held
	Near         []Neighbour
	Indicators   []Indicator
	Gaps         []alert.Gap
	Members      []Member // the earliest first
	AlertIDs     []string // at most triage.MaxIDs; the others follow in members documents
	Evidence
	rest    []Member       // the alert ids beyond these
	placeOf map[string]int // of an indicator, by type and value
	about   []Verdict      // the members, as they were correlated
	// Into is the case of which this one is a part since the logs were searched: its verdicts stand there. Empty: it is a case of its own.
	Into string
}

// Member is a verdict of a case.
type Member struct {
	Document string   // of kind verdict, as it was read
	ID       string   // of the verdict
	More     []string // alert ids that its members documents add
}

// NewCase makes a case of a cluster. list is what Correlate returned; members belongs to the places in c.Members.
func NewCase(list []Verdict, c *Cluster, members []Member) Case {
	k := Case{ID: c.ID, Common: c.Common, Members: members}
	docs := make(map[int]gjson.Result, len(members))
	for i, at := range c.Members {
		docs[at] = gjson.Parse(members[i].Document)
		k.add(&list[at], docs[at], members[i])
		k.about = append(k.about, list[at])
	}
	best := Strongest(list, c.Members)
	k.Title, k.Route, k.Disposition = strings.TrimRight(list[best].Title, ": "), list[best].Route, docs[best].Get("disposition").Str
	slices.Sort(k.Techniques)
	for i := range c.Links {
		l := &c.Links[i]
		k.Links = append(k.Links, reason(l, list, docs[l.A], docs[l.B]))
	}
	for i := range c.Near {
		k.Near = append(k.Near, c.Near[i].neighbour(list, docs[c.Near[i].ours]))
	}
	k.Gaps = append(k.Gaps, alert.Gap{Check: "logs", Class: alert.Unconfigured, Reason: "no logs were searched: the case has its alerts and nothing else"})
	return k
}

// add takes one member in.
func (k *Case) add(v *Verdict, doc gjson.Result, m Member) {
	k.Probability = max(k.Probability, doc.Get("probability").Num)
	k.Severity = max(k.Severity, severityOf(doc.Get("severity.recommended").Str))
	k.Alerts += max(1, doc.Get("group.count").Int())
	if k.First.IsZero() || !v.First.IsZero() && v.First.Before(k.First) {
		k.First = v.First
	}
	if v.Last.After(k.Last) {
		k.Last = v.Last
	}
	k.addAlerts(v.ID, doc, m.More)
	a := doc.Get("alert")
	ids, _ := techniquesOf(seedOf(doc))
	for _, t := range ids {
		k.Techniques = once(k.Techniques, t)
	}
	for _, e := range a.Get("entities").Array() {
		if e.Get("role").Str == "observer" {
			continue
		}
		switch e.Get("type").Str {
		case "host":
			k.Hosts = once(k.Hosts, e.Get("value").Str)
		case "user":
			k.Users = once(k.Users, e.Get("value").Str)
		}
	}
	k.addIndicators(v.Alert, doc)
	for _, g := range doc.Get("gaps").Array() {
		gap := alert.Gap{Check: g.Get("check").Str, Source: g.Get("source").Str, Class: alert.GapClass(g.Get("class").Str), Reason: g.Get("reason").Str}
		if !slices.Contains(k.Gaps, gap) {
			k.Gaps = append(k.Gaps, gap)
		}
	}
}

// addAlerts takes the ids of a verdict's alerts, those beyond the first thousand of the case apart.
func (k *Case) addAlerts(verdict string, doc gjson.Result, more []string) {
	rest := Member{ID: verdict}
	take := func(id string) {
		if len(k.AlertIDs) < triage.MaxIDs {
			k.AlertIDs = append(k.AlertIDs, id)
		} else {
			rest.More = append(rest.More, id)
		}
	}
	for _, id := range doc.Get("group.alert_ids").Array() {
		take(id.Str)
	}
	for _, id := range more {
		take(id)
	}
	if len(rest.More) > 0 {
		k.rest = append(k.rest, rest)
	}
}

// maxNames bounds the hosts, users and techniques of a case.
const maxNames = 100

// once appends what is not there yet, whatever its case.
func once(list []string, s string) []string {
	if s == "" || len(list) == maxNames || slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, s) }) {
		return list
	}
	return append(list, s)
}

func severityOf(word string) triage.Severity {
	for s := triage.NoSeverity; s <= triage.Critical; s++ {
		if s.String() == word {
			return s
		}
	}
	return triage.NoSeverity
}
