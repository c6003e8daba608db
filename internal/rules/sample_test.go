package rules_test

import (
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/internal/sign"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sample is an alert of a vulnerability scanner's doing: the sensor's values, and a title and a user that anybody may choose.
func sample() *alert.Alert {
	return &alert.Alert{
		ID: "a1", Format: "wazuh", Vendor: "Wazuh", Title: "Port scan from 10.1.2.3", Rule: alert.Rule{ID: "92032", Name: "Port scan"},
		Severity: alert.Severity{Score: 47, Vendor: "7"}, Action: alert.Allowed, Techniques: []string{"T1046"},
		Fields: []alert.Field{
			{Slot: alert.SlotRuleID, Trust: alert.Sensor, Path: "rule.id", Value: "92032"},
			{Slot: alert.SlotRuleName, Trust: alert.Sensor, Path: "rule.name", Value: "Port scan"},
			{Slot: alert.SlotSeverity, Trust: alert.Sensor, Path: "rule.level", Value: "7"},
			{Slot: alert.SlotAction, Trust: alert.Sensor, Path: "data.action", Value: "allowed"},
			{Slot: alert.SlotTechnique, Trust: alert.Sensor, Path: "rule.mitre", Value: "T1046"},
			{Slot: alert.EntitySlot(alert.Source, alert.IP), Trust: alert.Sensor, Path: "data.src", Value: "10.1.2.3"},
			{Slot: alert.EntitySlot(alert.Target, alert.Host), Trust: alert.Estate, Path: "agent.name", Value: "web-01.example.com"},
			{Slot: alert.EntitySlot(alert.Target, alert.Host), Trust: alert.Sensor, Path: "agent.alias", Value: "web-01"},
			{Slot: alert.SlotTitle, Trust: alert.Attacker, Path: "full_log", Value: "Port scan from 10.1.2.3"},
			{Slot: alert.EntitySlot(alert.Target, alert.User), Trust: alert.Attacker, Path: "data.user", Value: "maria"},
		},
	}
}

// scanner is a rule that matches the sample.
func scanner() rules.Rule {
	return rules.Rule{
		Name: "scanner", Effect: rules.Allow, When: `sensor.rule_id == "92032" && inCIDR(sensor.source_ip, "10.1.2.0/24")`,
		Reason: "the weekly scan of the network team", Expires: "2026-06-30",
	}
}

// keyOf makes the same key for the same letter.
func keyOf(t testing.TB, letter string) sign.Key {
	t.Helper()
	k, err := sign.Generate(strings.NewReader(strings.Repeat(letter, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// trusted is the estate's approver, whose key has the letter a.
func trusted(t testing.TB) sign.Approvers {
	t.Helper()
	return sign.Approvers{{Name: "maria", Key: keyOf(t, "a").Public().String()}}
}

func compile(t testing.TB, list ...rules.Rule) *rules.Set {
	t.Helper()
	s, err := rules.Compile(list, trusted(t), now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
