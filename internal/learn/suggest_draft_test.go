package learn_test

import (
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/learn"
	"github.com/seed-959697dd/soc/internal/rules"
	"github.com/seed-959697dd/soc/internal/wire"
)

var lastDay = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)

// suggest makes a suggestion for a rule, a host and a field's path.
func suggest(rule, host string, path alert.Path) learn.Suggestion {
	return learn.Suggestion{
		Name: "suggest-0123456789ab", Format: "wazuh", Rule: learn.Fact{Slot: alert.SlotRuleID, Trust: alert.Sensor, Path: `_source.rule.id`, Value: rule},
		Facts: []learn.Fact{{Slot: targetHost, Trust: alert.Sensor, Path: path, Value: host}},
		Tally: learn.Tally{Alerts: 5, Groups: 4, Harmless: 4},
	}
}

// matchesOnly asks a rule about an alert of the rule and host, and about others.
func matchesOnly(t *testing.T, s *learn.Suggestion, when string) {
	t.Helper()
	set, err := rules.Compile([]rules.Rule{{Name: "r", Effect: rules.Allow, When: when}}, nil, lastDay)
	if err != nil {
		t.Fatal(err)
	}
	rule, host := s.Rule.Value, s.Facts[0].Value
	ask := func(format, rule, host string, trust alert.Trust) bool {
		return set.Match(&alert.Alert{Format: format, Fields: []alert.Field{
			{Slot: alert.SlotRuleID, Trust: alert.Sensor, Value: rule}, fact(targetHost, "another"), {Slot: targetHost, Trust: trust, Value: host},
		}}) != nil
	}
	if !ask(s.Format, rule, host, alert.Sensor) {
		t.Errorf("%s does not match %q on %q", when, rule, host)
	}
	if ask("other", rule, host, alert.Sensor) || ask(s.Format, rule+"x", host, alert.Sensor) ||
		ask(s.Format, rule, host+"x", alert.Sensor) || ask(s.Format, rule, host, alert.Attacker) {
		t.Errorf("%s matches more than %q on %q", when, rule, host)
	}
}

// FuzzDrafts holds the drafts to their law: in every language they say what the suggestion says and nothing else, or they are refused.
func FuzzDrafts(f *testing.F) {
	for _, v := range []string{
		"ws-1", `a"b`, `a\b`, `a\"b`, `\`, `a\\`, `'`, `''`, `" or true or "`, `x") | union *`, `x" OR "1"="1`, "a*b", "a?b", `a\*b`, "`m`", "$a$", "$", "a $ b",
		"# no", ": {", "[x", "- y", "yes", "null", "~", "1e3", "0x1", " ", " a ", "a\nb", "a\r", "a\x00", "\u202ea", "a\u200b", "\ufeff", "\U000e0041",
		"é", "ß", "İ", "ſ", "K", "日本", "😀", "\xff", "a\u2028b", "a\u00a0b", "%x%", "{{x}}", "&amp;<>", "a' 'b", `\u0041`, `\x41`, "WS-1", "//", "/*", "\ufffd", strings.Repeat("\\", 40),
	} {
		f.Add("5715", v)
		f.Add(v, "ws-1")
	}
	f.Fuzz(func(t *testing.T, rule, host string) {
		if rule == "" || host == "" || len(rule)+len(host) > 500 {
			t.Skip("no value of a pattern")
		}
		s := suggest(rule, host, "_source.agent.name")
		for _, d := range s.Drafts(lastDay) {
			if (d.Text == "") == (d.Refused == "") {
				t.Fatalf("%s: text %q and refused %q", d.Language, d.Text, d.Refused)
			}
			if d.Refused != "" {
				if why := reason(d.Language, rule, host); why == "" {
					t.Errorf("%s of %q on %q refused: %s", d.Language, rule, host, d.Refused)
				}
				continue
			}
			r, h, err := readers[d.Language](d.Text)
			switch {
			case err != nil:
				t.Errorf("%s of %q on %q cannot be read: %v\n%s", d.Language, rule, host, err, d.Text)
			case d.Language == learn.CEL:
				matchesOnly(t, &s, r)
			case h != host || d.Language != learn.Sigma && r != rule:
				t.Errorf("%s of %q on %q says %q on %q\n%s", d.Language, rule, host, r, h, d.Text)
			}
		}
	})
}

// reason is why a draft may be refused.
func reason(l learn.Language, values ...string) string {
	for _, v := range values {
		hidden := func(r rune) bool { return r == utf8.RuneError || wire.Hidden(r) || !unicode.IsPrint(r) }
		switch {
		case !utf8.ValidString(v) || strings.ContainsFunc(v, hidden):
			return "hidden"
		case l == learn.Splunk && (strings.ContainsAny(v, "*`") || strings.Count(v, "$") > 1):
			return "splunk"
		case l == learn.Elastic && strings.TrimSpace(v) == "":
			return "blank"
		}
	}
	return ""
}

func TestDraftsAreRefused(t *testing.T) {
	t.Parallel()
	attackers := suggest("1", "ws-1", "agent.name")
	attackers.Facts[0].Trust = alert.Attacker
	cloud := suggest("1", "ws-1", "agent.name")
	cloud.Facts[0].Slot = alert.EntitySlot(alert.Target, alert.Cloud)
	all := []learn.Language{learn.CEL, learn.Sigma, learn.Splunk, learn.KQL, learn.Elastic}
	rows := map[string]struct {
		s    learn.Suggestion
		in   []learn.Language
		says string
	}{
		"an attacker's value": {attackers, all, "target.host: an attacker can choose the value"},
		"a hidden character":  {suggest("1", "ws\u200b-1", "agent.name"), all, "target.host: the value holds characters that cannot be seen"},
		"a wildcard":          {suggest("1", "ws-*", "agent.name"), all[2:3], "target.host: * is a wildcard"},
		"a macro":             {suggest("1", "ws-`x`", "agent.name"), all[2:3], "target.host: a backtick begins a macro"},
		"a token":             {suggest("1", "$x$", "agent.name"), all[2:3], "target.host: dashboards replace"},
		"a field's odd name":  {suggest("1", "ws-1", "agent name"), all[2:3], "target.host: the field's name cannot be written"},
		"a part of a text":    {suggest("1", "ws-1", ""), all[2:], "target.host: no field of the alert holds this value"},
		"blanks":              {suggest("1", " ", "agent.name"), all[4:], "an exception takes no value of blanks"},
		"no field in Sigma":   {cloud, all[1:2], "target.cloud: the taxonomy of Sigma has no field"},
	}
	for name, r := range rows {
		refused := map[learn.Language]string{}
		for _, d := range r.s.Drafts(lastDay) {
			refused[d.Language] = d.Refused
		}
		for _, l := range all {
			want := ""
			for _, in := range r.in {
				if in == l {
					want = r.says
				}
			}
			if got := refused[l]; (got == "") != (want == "") || !strings.Contains(got, want) {
				t.Errorf("%s: %s refused %q, want %q", name, l, got, want)
			}
		}
	}
}

// Arrays and odd keys are named as each language names them; the rule of an Elastic alert is not a field of its events.
func TestDraftsNameFields(t *testing.T) {
	t.Parallel()
	s := suggest("1", "ws-1", `_source.host\.names.0.it's "x"`)
	s.Rule.Path = `_source.kibana\.alert\.rule\.uuid`
	want := map[learn.Language]string{
		learn.KQL:     `tostring(['host.names'][0]["it's \"x\""]) =~ "ws-1"`,
		learn.Elastic: `"field": "host.names.it's \"x\""`,
	}
	for _, d := range s.Drafts(lastDay) {
		if w := want[d.Language]; !strings.Contains(d.Text, w) {
			t.Errorf("%s: %s lacks in\n%s%s", d.Language, w, d.Text, d.Refused)
		}
		if d.Language == learn.Elastic && strings.Contains(d.Text, "kibana.alert") {
			t.Errorf("the rule is a field of events:\n%s", d.Text)
		}
	}
	s = suggest("1", "ws-1", "result.hosts.0.name")
	for _, d := range s.Drafts(lastDay) {
		if d.Language == learn.Splunk && !strings.Contains(d.Text, `hosts{}.name="ws-1"`) {
			t.Errorf("splunk: %s%s", d.Text, d.Refused)
		}
	}
}
