package triage_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/triage"
)

// printed is a verdict with something in every member that is read back.
func printed() (triage.Verdict, string) {
	v := triage.Verdict{
		ID: "v-00000000000000aa", IDs: []string{"a \"quoted\" \u00fc", "b"}, More: 3, First: firstDay, Critical: true,
		Alert:   []byte(`{"kind":"alert","title":"T","format":"wazuh","rule":{"id":"","name":"R"},"severity":{"score":70,"vendor":"hi\u0067h"},"x":[1,-2.5e3,null,{"y":[[]]}]}`),
		Pattern: triage.Pattern{Alerts: 4, Neighbours: 2, FirstHere: true, Account: "acc", Trust: alert.Sensor},
		Vendor:  alert.Severity{Score: 70}, Rated: 70,
		Suppressed: []triage.Suppressed{{Check: "allow", By: "rule scans, signed by sam, until 2027-01-31"}},
		Gaps:       []alert.Gap{{Check: "model", Source: "m", Class: alert.Partial, Reason: "cut"}},
		Digests:    triage.Digests{Policy: "p", Precedent: "q", Context: "c", Model: "m"},
	}
	v.Judgement = triage.Decide(triage.Evidence{Signals: []triage.Signal{
		{Check: "web", Family: triage.Web, Trust: alert.Sensor, Weight: 700, Sentence: "a\tb", Hard: true},
		{Check: "model", Family: triage.Models, Weight: 590, Sentence: "it says so"},
	}}, new(triage.DefaultPolicy()))
	return v, string(v.AppendJSON(nil))
}

func TestReadPast(t *testing.T) {
	t.Parallel()
	v, doc := printed()
	var p triage.Past
	for range 2 { // the second time into what the first left
		if err := triage.ReadPast(doc, &p); err != nil {
			t.Fatal(err)
		}
		ev := p.Evidence
		got := []any{p.ID, p.First, p.AlertIDs, p.More, p.Then.Route, p.Then.Score, p.Then.Base, p.Then.Severity, p.Then.Disposition, p.Digests, ev.Severity, ev.Critical, ev.Gaps, *ev.Allow, ev.Pattern}
		want := []any{
			v.ID, "2026-03-01T00:00:00Z", v.IDs, 3, v.Route, v.Score, v.Base, v.Severity, v.Disposition, v.Digests,
			alert.Severity{Score: 70, Vendor: "high"},
			true, v.Gaps,
			triage.Allowance{Rule: "scans", Signed: true, By: "sam", Until: "2027-01-31"},
			triage.Pattern{Alerts: 4, Neighbours: 2, FirstHere: true, Account: "acc", Trust: alert.Sensor, Format: "wazuh", Rule: "wazuh R", Severity: triage.StepOf(70)},
		}
		want[1] = firstDay.Format("2006-01-02T15:04:05Z07:00")
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if len(ev.Signals) != 2 || !slices.ContainsFunc(ev.Signals, func(s triage.Signal) bool { return s.Sentence == "a\tb" && s.Weight == 700 && s.Hard }) {
			t.Errorf("signals %v", ev.Signals)
		}
		now := p.Decide(new(triage.DefaultPolicy()))
		if triage.Compare(&p.Then, &now, triage.Undetermined) != triage.NoFlip || now.Score != v.Score {
			t.Errorf("decided again: %+v, then %+v", now, v.Judgement)
		}
	}
}

func TestReadPastRefuses(t *testing.T) {
	t.Parallel()
	_, doc := printed()
	var p triage.Past
	for cut := range len(doc) {
		if err := triage.ReadPast(doc[:cut], &p); !errors.Is(err, triage.ErrNoVerdict) {
			t.Fatalf("cut at %d: %v", cut, err)
		}
	}
	for name, bad := range map[string]string{
		"nothing": "", "another kind": strings.Replace(doc, "verdict", "case", 1), "something behind": doc + "{}", "no id": `{"kind":"verdict"}`,
		"deep": `{"kind":"verdict","id":"v","x":` + strings.Repeat("[", 1<<20), "a list": "[" + doc + "]",
	} {
		if err := triage.ReadPast(bad, &p); !errors.Is(err, triage.ErrNoVerdict) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReadMembers(t *testing.T) {
	t.Parallel()
	want := []string{"a", "b\\", "\u00fc"}
	verdict, ids, err := triage.ReadMembers(string(triage.AppendMembers(nil, "v-1", want)))
	if err != nil || verdict != "v-1" || !slices.Equal(ids, want) {
		t.Errorf("%s %q %v", verdict, ids, err)
	}
	if _, _, err := triage.ReadMembers(`{"kind":"members"`); !errors.Is(err, triage.ErrNoMembers) {
		t.Errorf("cut: %v", err)
	}
}

// FuzzReadPast: what is read back is JSON, and says of itself what any other reader finds there.
func FuzzReadPast(f *testing.F) {
	_, doc := printed()
	f.Add(doc)
	f.Add(`{"kind":"verdict","id":"v-1","group":null,"signals":{"check":1},"score":1e99,"gaps":[[],{}]}`)
	f.Fuzz(func(t *testing.T, doc string) {
		var p triage.Past
		if triage.ReadPast(doc, &p) != nil {
			return
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatalf("%v: %q", err, doc)
		}
		if utf8.ValidString(doc) && !strings.Contains(doc, `\u`) && (v["kind"] != "verdict" || v["id"] != p.ID) {
			t.Fatalf("%q, want %q: %q", p.ID, v["id"], doc)
		}
	})
}
