package triage_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// signIn is an alert about a user who came from an address.
func signIn(user, from string, at time.Time) *alert.Alert {
	return &alert.Alert{
		ID: user + from + at.String(), Format: "test", Rule: alert.Rule{ID: "sign-in"}, Time: at,
		Fields: []alert.Field{
			{Slot: alert.SlotRuleID, Value: "sign-in", Path: "rule"},
			{Slot: alert.EntitySlot(alert.Actor, alert.User), Value: user, Path: "user"},
			{Slot: alert.EntitySlot(alert.Source, alert.IP), Value: from, Path: "ip"},
		},
	}
}

// news are the sentences of the check "novelty" that name that network, over the verdicts of a run.
func news(t *testing.T, alerts []*alert.Alert, remember ...triage.Sighting) []string {
	t.Helper()
	g := triage.NewGroups(time.Minute, t.TempDir())
	defer g.Close()
	for _, s := range remember {
		g.Remember(s)
	}
	var batch triage.Observed
	var obs triage.Observation
	for i, a := range alerts {
		a.Digest[0], a.Digest[1] = byte(i), byte(i>>8)
		triage.NewAssessor(nil).Assess(a, &obs)
		batch.Append(a, &obs)
	}
	if err := g.Add(&batch); err != nil {
		t.Fatal(err)
	}
	var list []string
	p := triage.DefaultPolicy()
	err := triage.Judge(t.Context(), g, &p, &triage.Standing{}, 1, func(b []byte, v *triage.Verdict, _ *triage.Members) ([]byte, int, error) {
		for _, s := range v.Signals {
			if s.Check == "novelty" && strings.Contains(s.Sentence, " network 198.51.100.0/24 ") {
				list = append(list, s.Sentence)
			}
		}
		return b, 0, nil
	}, func([]byte, int) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// usual are five days of a user's alerts, one an hour, from one network.
func usual(user string) (list []*alert.Alert) {
	for i := range 5 * 24 {
		list = append(list, signIn(user, fmt.Sprintf("192.0.2.%d", 1+i%9), firstDay.Add(time.Duration(i)*time.Hour)))
	}
	return list
}

var firstDay = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func TestAUsersNewNetworkIsNoted(t *testing.T) {
	t.Parallel()
	odd := signIn("alice", "198.51.100.7", firstDay.Add(100*time.Hour))
	want := []string{"user alice, known for 4 days, was not seen from network 198.51.100.0/24 before"}
	alerts := append(usual("alice"), odd)
	if got := news(t, alerts); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	slices.Reverse(alerts)
	if got := news(t, alerts); !slices.Equal(got, want) {
		t.Errorf("newest first: %q", got)
	}
	// Another address of a known network, a user never seen before, and what an earlier run saw are no news.
	seen := triage.Sighting{Kind: triage.OfSource, Subject: "alice", Value: "198.51.100", Day: int32(firstDay.Unix()/86400) - 30}
	for name, got := range map[string][]string{
		"known network": news(t, append(append([]*alert.Alert{signIn("alice", "198.51.100.1", firstDay)}, usual("alice")...), signIn("alice", "198.51.100.200", firstDay.Add(100*time.Hour)))),
		"new user":      news(t, append(usual("alice"), signIn("bob", "198.51.100.7", firstDay.Add(100*time.Hour)))),
		"seen before":   news(t, append(usual("alice"), odd), seen),
	} {
		if len(got) > 0 {
			t.Errorf("%s: %q", name, got)
		}
	}
	// What is remembered of the alert's own day is not known to it.
	seen.Day = int32(odd.Time.Unix() / 86400)
	if got := news(t, append(usual("alice"), odd), seen); len(got) != 1 {
		t.Errorf("remembered of the same day: %q", got)
	}
}
