package rules_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/triage"
)

// deny returns the signals of one deny rule on the sample.
func deny(t *testing.T, when string, a *alert.Alert) []triage.Signal {
	t.Helper()
	var list []triage.Signal
	compile(t, rules.Rule{Name: "r", Effect: rules.Deny, When: when, Reason: "said so."}).Check(a, func(s triage.Signal) { list = append(list, s) })
	return list
}

func allows(t *testing.T, when string, a *alert.Alert) bool {
	t.Helper()
	return compile(t, rules.Rule{Name: "r", Effect: rules.Allow, When: when}).Match(a) != nil
}

func TestWhatAConditionSees(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]struct{ deny, allow bool }{
		`sensor.format == "wazuh" && sensor.vendor == "Wazuh"`:            {true, true},
		`sensor.rule_id == "92032" && sensor.rule_name == "Port scan"`:    {true, true},
		`sensor.severity >= 47 && sensor.severity < 48`:                   {true, true},
		`sensor.action == "allowed"`:                                      {true, true},
		`"T1046" in sensor.techniques`:                                    {true, true},
		`!sensor.ambiguous`:                                               {true, true},
		`sensor.target_host == "web-01.example.com"`:                      {true, true},
		`sensor.all.target_host == ["web-01.example.com", "web-01"]`:      {true, true},
		`sensor.all.target_host.exists(h, h == "web-01")`:                 {true, true},
		`sensor.title == "Port scan"`:                                     {true, true}, // the title proper is the attacker's: the rule's name stands in
		`inCIDR(sensor.source_ip, "10.1.2.0/24")`:                         {true, true},
		`inCIDR(sensor.source_ip, "10.2.0.0/16")`:                         {false, false},
		`inCIDR(sensor.source_ip, "2001:db8::/32")`:                       {false, false},
		`glob(sensor.target_host, "web-??.*.com")`:                        {true, true},
		`glob(sensor.target_host, "web")`:                                 {false, false},
		`lower("Ä-WEB") == "ä-web"`:                                       {true, true},
		`sensor.rule_name.startsWith("Port") && size(sensor.rule_id) > 3`: {true, true},
		`has(sensor.target_user)`:                                         {false, false}, // only an attacker's text names one
		`!has(sensor.target_user)`:                                        {true, true},
		`sensor.target_user == "maria"`:                                   {false, false},
		`sensor.target_user != "maria"`:                                   {false, false}, // what is missing is neither
		`!(sensor.target_user == "maria")`:                                {false, false},
		`sensor.all.target_user.all(u, u == "maria")`:                     {false, false}, // no list is not an empty list
		`sensor.count == "1"`:                                             {false, false},
		`has(sensor.vendor) && has(sensor.product)`:                       {true, true},
		`sensor.product == "x"`:                                           {false, false},
	} {
		if got := len(deny(t, when, sample())) == 1; got != want.deny {
			t.Errorf("deny %s: %v", when, got)
		}
		if got := allows(t, when, sample()); got != want.allow {
			t.Errorf("allow %s: %v", when, got)
		}
	}
	for _, when := range []string{`alert.title == "Port scan from 10.1.2.3"`, `alert.target_user == "maria"`, `alert.all.target_user.exists(u, u == "maria")`, `has(alert.target_user)`} {
		if len(deny(t, when, sample())) != 1 {
			t.Errorf("deny %s: no match", when)
		}
	}
}

func TestConditionsThatAreRefused(t *testing.T) {
	t.Parallel()
	for when, want := range map[string]string{
		`sensor.taget_host == "x"`:                 `rule "r": sensor has no member "taget_host"`,
		`sensor.all.severity == "x" && sensor.all`: `rule "r": sensor.all stands alone: name a member, for example sensor.all.target_host`,
		`sensor.all.techniques == []`:              `rule "r": sensor has no member "techniques"`,
		`sensor == sensor`:                         `rule "r": sensor stands alone: name a member, for example sensor.target_host`,
		`sensor["rule_id"] == "1"`:                 `rule "r": sensor stands alone: name a member, for example sensor.target_host`,
		`sensor.severity == "high"`:                `rule "r": when, line 1, column 17: found no matching overload for '_==_' applied to '(int, string)'`,
		`sensor.rule_id`:                           `rule "r": when is a string, not a condition`,
		`sensor.rule_id ==`:                        `rule "r": when, line 1, column 18: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}`,
		`rule_id == "1"`:                           `rule "r": when, line 1, column 1: undeclared reference to 'rule_id'`,
		`inCIDR(sensor.source_ip, "10.0.0.0")`:     `rule "r": inCIDR: "10.0.0.0" is no range like 10.0.0.0/8`,
		`glob(sensor.rule_id, sensor.rule_name)`:   `rule "r": the second argument of glob wants to be a text in quotes`,
		`soc.alert{} == soc.alert{}`:               `rule "r": a condition makes no values`,
	} {
		_, err := rules.Compile([]rules.Rule{{Name: "r", Effect: rules.Deny, When: when}}, nil, now)
		var e *rules.Error
		if !errors.As(err, &e) || err.Error() != want {
			t.Errorf("%s\n got %v\nwant %s", when, err, want)
		}
	}
	if _, err := rules.Compile([]rules.Rule{{Name: "r", Effect: rules.Deny, When: `sensor.rule_id == "` + strings.Repeat("x", 5000) + `"`}}, nil, now); err == nil {
		t.Error("a condition of 5,000 characters")
	}
	if _, err := rules.Compile([]rules.Rule{{Name: "r", Effect: rules.Deny, When: `sensor.rule_id.matches("(")`}}, nil, now); err == nil {
		t.Error("a regular expression that is none")
	}
}

func TestRulesThatAreRefused(t *testing.T) {
	t.Parallel()
	const when = "true"
	for want, list := range map[string][]rules.Rule{
		`rule "": it has no name`: {{Effect: rules.Deny, When: when}},
		`rule "a\x1b": the name wants at most 80 characters that can be printed`: {{Name: "a\x1b", Effect: rules.Deny, When: when}},
		`rule "a": effect "permit" is neither allow nor deny`:                    {{Name: "a", Effect: "permit", When: when}},
		`rule "a": when is missing: it would match everything`:                   {{Name: "a", Effect: rules.Deny, When: " \n"}},
		`rule "a": expires: "soon" is no date like 2026-12-31`:                   {{Name: "a", Effect: rules.Deny, When: when, Expires: "soon"}},
		`rule "a": the name is used twice`:                                       {{Name: "a", Effect: rules.Deny, When: when}, {Name: "a", Effect: rules.Allow, When: when}},
	} {
		if _, err := rules.Compile(list, nil, now); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestAnAllowRuleNeverReadsAlert holds every way to spell the variable (promise P6).
func TestAnAllowRuleNeverReadsAlert(t *testing.T) {
	t.Parallel()
	for _, when := range []string{
		`alert.title == "x"`, `sensor.rule_id == "1" && alert.title == "x"`, `has(alert.title)`, `alert.all.target_user.size() > 0`, `.alert.title == "x"`,
		`alert["title"] == "x"`, `["a"].exists(alert, alert == "a")`, `(true ? alert : sensor).title == "x"`, `[alert][0].title == "x"`, `alert == sensor`,
		`{"a": alert}.a.title == "x"`, `sensor.all.target_host.exists(h, h == alert.title)`, `alert.severity > 3`, `alert.format == "wazuh"`,
	} {
		_, err := rules.Compile([]rules.Rule{{Name: "r", Effect: rules.Allow, When: when}}, nil, now)
		if !errors.Is(err, rules.ErrReadsAlert) || !strings.HasPrefix(err.Error(), `rule "r": an allow rule may read sensor only`) {
			t.Errorf("%s: %v", when, err)
		}
	}
}

func TestADenyRuleIsAHardSignalWithReceipts(t *testing.T) {
	t.Parallel()
	list := deny(t, `sensor.rule_id == "92032" && (alert.target_user == "maria" || alert.target_file == "x")`, sample())
	if len(list) != 1 {
		t.Fatalf("%d signals", len(list))
	}
	s := list[0]
	if !s.Hard || s.Weight != 4000 || s.Family != triage.Rules || s.Trust != alert.Attacker || s.Sentence != `policy rule "r" matches: said so` {
		t.Errorf("%+v", s)
	}
	if len(s.Receipts) != 2 || s.Receipts[0] != (alert.Ref{Path: "rule.id", Value: "92032"}) || s.Receipts[1] != (alert.Ref{Path: "data.user", Value: "maria"}) {
		t.Errorf("receipts %v", s.Receipts)
	}
	if s := deny(t, `sensor.format == "wazuh"`, sample())[0]; len(s.Receipts) != 1 || s.Receipts[0].Path != "rule.name" {
		t.Errorf("a rule that reads no field cites %v", s.Receipts)
	}
}

func TestADenyRuleThatFailsCountsAsMatched(t *testing.T) {
	t.Parallel()
	costly := `alert.all.target_host.all(a, alert.all.target_host.all(b, alert.all.target_host.all(c, alert.all.target_host.all(d, (a + b + c + d).matches("x*")))))`
	a := sample()
	for range 100 {
		a.Fields = append(a.Fields, alert.Field{Slot: alert.EntitySlot(alert.Target, alert.Host), Path: "x", Value: "h"})
	}
	for _, when := range []string{`inCIDR(alert.target_host, "10.0.0.0/8")`, `int(alert.target_host) > 1`, costly} {
		list := deny(t, when, a)
		if len(list) != 1 || !list[0].Hard || !strings.HasPrefix(list[0].Sentence, `policy rule "r" could not be decided and counts as matched`) {
			t.Errorf("%s: %v", when, list)
		}
	}
	if allows(t, `inCIDR(sensor.target_host, "10.0.0.0/8") || !inCIDR(sensor.target_host, "10.0.0.0/8")`, sample()) {
		t.Error("an allow rule that fails allowed")
	}
}

func TestAnExpiredDenyRuleIsSilent(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]int{"2026-02-28": 0, "2026-03-01": 1, "": 1} {
		n := 0
		compile(t, rules.Rule{Name: "r", Effect: rules.Deny, When: "true", Expires: day}).Check(sample(), func(triage.Signal) { n++ })
		if n != want {
			t.Errorf("expires %q: %d signals on 2026-03-01", day, n)
		}
	}
}

func TestWhatWasNotReadWholeIsNotAllowed(t *testing.T) {
	t.Parallel()
	ambiguous, cut := sample(), sample()
	ambiguous.Ambiguous = []string{"duplicate key data.src"}
	cut.Gaps = []alert.Gap{{Check: "fields", Class: alert.Partial, Reason: "more than 256 values"}}
	if allows(t, "true", ambiguous) || allows(t, "true", cut) || !allows(t, "true", sample()) {
		t.Error("an ambiguous or cut alert was allowed, or the sample was not")
	}
}

func TestWithoutRules(t *testing.T) {
	t.Parallel()
	s, err := rules.Compile(nil, nil, now)
	if s != nil || err != nil || s.Match(sample()) != nil || s.Name() != "rules" {
		t.Errorf("%v, %v", s, err)
	}
	s.Check(sample(), func(triage.Signal) { t.Error("a signal of no rule") })
}
