package sigma_test

import (
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/sigma"
)

type ownSample struct {
	rule  string
	alert *alert.Alert
}

// ownSamples are records of which each must match the rule that it names. A record that is a string is a line of a log.
func ownSamples(t *testing.T) (list []ownSample) {
	t.Helper()
	text, err := os.ReadFile("testdata/own.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(text) {
		var s struct {
			Rule   string
			Record json.RawMessage
		}
		if err := json.Unmarshal(line, &s); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		record := []byte(s.Record)
		var plain string
		if json.Unmarshal(record, &plain) == nil {
			record = []byte(plain)
		}
		list = append(list, ownSample{s.Rule, parse(t, record)})
	}
	return list
}

// TestOwnRules: every rule that comes along loads, says what people need, has an id of its own, and fires on its sample.
func TestOwnRules(t *testing.T) {
	t.Parallel()
	set, skipped, err := sigma.Load(sigma.Options{}, sigma.Own())
	if err != nil || len(skipped) > 0 {
		t.Fatal(err, skipped)
	}
	fired, ids := map[string]bool{}, map[string]bool{}
	for _, s := range ownSamples(t) {
		matches := set.Match(s.alert)
		if !slices.ContainsFunc(matches, func(m sigma.Match) bool { return m.Rule.Title == s.rule }) {
			t.Errorf("%s does not match %s of format %s", s.rule, s.alert.View, s.alert.Format)
		}
		fired[s.rule] = true
		for _, m := range matches {
			for _, f := range m.Fields {
				if !(alert.Ref{Path: f.Path, Value: f.Value}).Holds(s.alert.View) {
					t.Errorf("%s: %s does not hold %q", s.rule, f.Path, f.Value)
				}
			}
		}
	}
	for _, r := range set.Rules() {
		if !fired[r.Title] {
			t.Errorf("%s has no sample", r.Title)
		}
		if r.ID == "" || ids[r.ID] || len(r.Techniques) == 0 || r.Level == "no level" || r.Status == "no status" {
			t.Errorf("%+v", r)
		}
		ids[r.ID] = true
	}
}
