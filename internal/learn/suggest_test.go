package learn_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/triage"
)

var (
	targetHost = alert.EntitySlot(alert.Target, alert.Host)
	actorUser  = alert.EntitySlot(alert.Actor, alert.User)
	sourceIP   = alert.EntitySlot(alert.Source, alert.IP)
)

// fact is a field that the sensor saw, at a path of the slot's name.
func fact(slot alert.Slot, value string) alert.Field {
	return alert.Field{Slot: slot, Trust: alert.Sensor, Path: alert.Path(slot.String()), Value: value}
}

// night adds groups of one alert each and counts them.
type night struct {
	learn.Patterns
	n int
}

func (g *night) add(times int, d triage.Disposition, rule string, trust alert.Trust, fields ...alert.Field) {
	for range times {
		at := time.Date(2026, 3, 1, 0, g.n, 0, 0, time.UTC)
		g.n++
		g.Begin("wazuh "+rule, d, at, at)
		g.Add(&alert.Alert{ID: fmt.Sprintf("a%d", g.n), Format: "wazuh", Rule: alert.Rule{ID: rule}, Fields: fields},
			learn.Fact{Slot: alert.SlotRuleID, Trust: trust, Path: "rule.id", Value: rule})
	}
}

// found spells suggestions: rule, values, then groups, harmless, attacks.
func found(list []learn.Suggestion) (lines []string) {
	for _, s := range list {
		line := s.Rule.Value
		for _, f := range s.Facts {
			line += " " + f.Slot.String() + "=" + f.Value
		}
		lines = append(lines, fmt.Sprintf("%s %d %d %d", line, s.Groups, s.Harmless, s.Attacks))
	}
	return lines
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	const benign, attack = triage.BenignPositive, triage.TruePositive
	ws1, ws2, backup, scanner := fact(targetHost, "ws-1"), fact(targetHost, "ws-2"), fact(actorUser, "svc-backup"), fact(sourceIP, "10.0.0.9")
	chosen := scanner
	chosen.Trust = alert.Attacker
	rows := map[string]struct {
		add  func(*night)
		want []string
	}{
		"two harmless groups are not a pattern yet": {func(n *night) { n.add(2, benign, "1", alert.Sensor, ws1) }, nil},
		"false and benign positives both count": {func(n *night) {
			n.add(2, benign, "1", alert.Sensor, ws1)
			n.add(1, triage.FalsePositive, "1", alert.Sensor, ws1)
		}, []string{"1 target.host=ws-1 3 3 0"}},
		"what nobody decided is counted and proves nothing": {func(n *night) {
			n.add(3, benign, "1", alert.Sensor, ws1)
			n.add(4, triage.Undetermined, "1", alert.Sensor, ws1)
			n.add(9, triage.Undetermined, "1", alert.Sensor, ws2)
		}, []string{"1 target.host=ws-1 7 3 0"}},
		"the noisiest comes first": {func(n *night) {
			n.add(3, benign, "1", alert.Sensor, ws1)
			n.add(4, benign, "2", alert.Sensor, ws2)
		}, []string{"2 target.host=ws-2 4 4 0", "1 target.host=ws-1 3 3 0"}},
		"values that always come together stand together": {func(n *night) {
			n.add(3, benign, "1", alert.Sensor, ws1, backup)
		}, []string{"1 target.host=ws-1 actor.user=svc-backup 3 3 0"}},
		"what all harmless alerts share keeps an attack out": {func(n *night) {
			n.add(20, benign, "1", alert.Sensor, ws1, backup)
			n.add(1, attack, "1", alert.Sensor, ws1, fact(actorUser, "eve"))
		}, []string{"1 target.host=ws-1 actor.user=svc-backup 20 20 0"}},
		"one address on many hosts": {func(n *night) {
			for i := range 5 {
				n.add(1, benign, "1", alert.Sensor, fact(targetHost, fmt.Sprintf("db-%d", i)), scanner)
			}
		}, []string{"1 source.ip=10.0.0.9 5 5 0"}},
		"an attack among few is no noise": {func(n *night) {
			n.add(9, benign, "1", alert.Sensor, ws1)
			n.add(1, attack, "1", alert.Sensor, ws1)
		}, nil},
		"what hides an attack comes last": {func(n *night) {
			n.add(30, benign, "1", alert.Sensor, ws1)
			n.add(1, attack, "1", alert.Sensor, ws1)
			n.add(3, benign, "2", alert.Sensor, ws2)
		}, []string{"2 target.host=ws-2 3 3 0", "1 target.host=ws-1 31 30 1"}},
		"a value that an attacker can write makes no pattern": {func(n *night) {
			n.add(5, benign, "1", alert.Sensor, chosen)
		}, nil},
		"but hides an attack all the same, whatever its case": {func(n *night) {
			n.add(10, benign, "1", alert.Sensor, ws1)
			n.add(1, attack, "1", alert.Attacker, alert.Field{Slot: targetHost, Trust: alert.Attacker, Value: "WS-1"})
		}, []string{"1 target.host=ws-1 11 10 1"}},
		"a rule whose name an attacker can write is left out": {func(n *night) {
			n.add(5, benign, "1", alert.Attacker, ws1)
		}, nil},
		"what a better one covers is not said again": {func(n *night) {
			n.add(9, benign, "1", alert.Sensor, ws1, scanner)
			n.add(1, benign, "1", alert.Sensor, ws1, fact(sourceIP, "10.0.0.7"))
		}, []string{"1 target.host=ws-1 10 10 0"}},
		"ports and sensors tell nothing": {func(n *night) {
			n.add(5, benign, "1", alert.Sensor, fact(alert.SlotSourcePort, "443"), fact(alert.EntitySlot(alert.Observer, alert.Host), "siem"))
		}, nil},
	}
	for name, r := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n night
			r.add(&n)
			if diff := cmp.Diff(r.want, found(n.Suggest(20))); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// A group counts once, its alerts each; of an attack only the alerts that the draft matches are hidden.
func TestSuggestionNamesWhatItHides(t *testing.T) {
	t.Parallel()
	var n night
	n.add(1500, triage.FalsePositive, "1", alert.Sensor, fact(targetHost, "ws-1"))
	n.Begin("wazuh 1", triage.TruePositive, time.Time{}, time.Time{})
	for i := range learn.MaxHidden + 5 {
		a := alert.Alert{ID: fmt.Sprintf("bad-%d", i), Format: "wazuh", Rule: alert.Rule{ID: "1"}, Fields: []alert.Field{fact(targetHost, "ws-1")}}
		n.Add(&a, learn.Fact{Slot: alert.SlotRuleID, Trust: alert.Sensor, Path: "rule.id", Value: "1"})
		a.ID, a.Fields = "elsewhere", []alert.Field{fact(targetHost, "ws-2")}
		n.Add(&a, learn.Fact{Slot: alert.SlotRuleID, Trust: alert.Sensor, Path: "rule.id", Value: "1"})
	}
	list := n.Suggest(1)
	if len(list) != 1 {
		t.Fatalf("%d suggestions", len(list))
	}
	s := list[0]
	hidden := learn.MaxHidden + 5
	if s.Groups != 1501 || s.Attacks != 1 || s.Alerts != 1500+hidden || s.HiddenAlerts() != hidden || s.More != 5 || slices.Contains(s.Hidden, "elsewhere") {
		t.Errorf("%+v", s)
	}
	if want := float64(s.Alerts) / float64(1500+2*(learn.MaxHidden+5)); s.Share != want {
		t.Errorf("share %v, want %v", s.Share, want)
	}
	for _, d := range s.Drafts(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)) {
		if !strings.Contains(d.Text, "HIDES ATTACKS (105 alerts of 1 groups)") {
			t.Errorf("%s does not say that it hides attacks: %s", d.Language, d.Text)
		}
	}
}
