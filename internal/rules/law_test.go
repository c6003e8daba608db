package rules_test

import (
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/rules"
)

// lawful are allow rules of every kind: presence and absence, lists, negations, constants.
func lawful() []string {
	return []string{
		`sensor.rule_id == "92032"`, `sensor.rule_id != "92032"`, `has(sensor.target_user)`, `!has(sensor.target_user)`, `!has(sensor.title)`, `sensor.title == "x"`,
		`sensor.all.target_host.all(h, glob(h, "web-*"))`, `sensor.all.target_user.exists(u, true)`, `size(sensor.all.target_host) == 2`,
		`sensor.vendor == "Wazuh"`, `!has(sensor.vendor)`, `sensor.vendor != "Wazuh"`, `!has(sensor.product)`, `inCIDR(sensor.source_ip, "10.0.0.0/8")`, `!inCIDR(sensor.source_ip, "10.0.0.0/8")`,
		`sensor.severity < 50`, `size(sensor.techniques) == 1`, `!("T1046" in sensor.techniques)`, `sensor.action == "allowed"`, `!has(sensor.target_command)`, `sensor.ambiguous`,
	}
}

// FuzzAttackersTextNeverAllows adds a value that an attacker wrote to an alert, or changes one: no allow rule that did not
// match before matches then (promise P6).
func FuzzAttackersTextNeverAllows(f *testing.F) {
	f.Add(uint8(alert.SlotVendor), "Wazuh", false)
	f.Add(uint8(alert.SlotTechnique), "T1059", true)
	f.Add(uint8(alert.SlotTitle), "x", false)
	f.Add(uint8(alert.EntitySlot(alert.Target, alert.User)), "svc-scan", true)
	f.Add(uint8(alert.EntitySlot(alert.Source, alert.IP)), "10.1.2.3", true)
	f.Add(uint8(alert.SlotProduct), "", true)
	var sets []*rules.Set
	for _, when := range lawful() {
		sets = append(sets, compile(f, rules.Rule{Name: "r", Effect: rules.Allow, When: when}))
	}
	f.Fuzz(func(t *testing.T, slot uint8, text string, first bool) {
		for i, s := range sets {
			before := s.Match(sample()) != nil
			a := sample()
			field := alert.Field{Slot: alert.Slot(slot), Trust: alert.Attacker, Path: "x", Value: text}
			if a.Fields = append(a.Fields, field); first {
				a.Fields = append([]alert.Field{field}, sample().Fields...)
			}
			settle(a, field)
			if after := s.Match(a) != nil; after && !before {
				t.Errorf("%s: %q in slot %d made it match", lawful()[i], text, slot)
			}
		}
	})
}

// settle does to the alert's own members what its parser does with such a field.
func settle(a *alert.Alert, f alert.Field) {
	switch f.Slot {
	case alert.SlotVendor:
		a.Vendor = f.Value
	case alert.SlotProduct:
		a.Product = f.Value
	case alert.SlotTitle:
		a.Title = f.Value
	case alert.SlotTechnique:
		alert.Techniques(f.Value, func(id string) { a.Techniques = append(a.Techniques, id) })
	default:
	}
}
