package cmd_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// caseDocument is what these tests read of a case.
type caseDocument struct {
	Kind, ID string
	AlertIDs []string `json:"alert_ids"`
	Links    []struct {
		A, B, Because string
		Receipts      []struct{ Alert, Path, Value string }
	}
}

func caseDocuments(t *testing.T, out string) (list []caseDocument) {
	t.Helper()
	for line := range strings.Lines(out) {
		var d caseDocument
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatal(err)
		}
		list = append(list, d)
	}
	return list
}

func TestInvestigateKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	verdicts, _, _ := run(t, "", "triage", "--no-book", "--json", demo)
	out, errs, status := run(t, verdicts, "investigate", "--json")
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	cases, _, _ := strings.Cut(out, `{"kind":"summary"`)
	if kinds := check(t, all, "investigate", cases); kinds["case"] < 2 {
		t.Errorf("documents %v", kinds)
	}
	if again, _, _ := run(t, verdicts, "investigate", "--json"); again != out {
		t.Error("the same verdicts lead to other cases")
	}
}

// Every alert of every verdict is in one case, every receipt of a link in its alert.
func TestInvestigateLosesNoAlert(t *testing.T) {
	t.Parallel()
	verdicts, _, _ := run(t, "", "triage", "--no-book", "--json", demo)
	want := map[string]bool{}
	texts := map[string]string{}
	for line := range strings.Lines(verdicts) {
		var v struct {
			Group struct {
				IDs []string `json:"alert_ids"`
			}
			Alert struct{ ID string }
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		texts[v.Alert.ID] = line
		for _, id := range v.Group.IDs {
			want[id] = true
		}
	}
	out, _, _ := run(t, verdicts, "investigate", "--json")
	links := 0
	for _, c := range caseDocuments(t, out) {
		for _, id := range c.AlertIDs {
			if !want[id] {
				t.Errorf("alert %s in two cases, or in none of the verdicts", id)
			}
			delete(want, id)
		}
		for _, l := range c.Links {
			links++
			for _, r := range l.Receipts {
				value, _ := json.Marshal(r.Value)
				path, _ := json.Marshal(r.Path)
				if text := texts[r.Alert]; !strings.Contains(text, string(value)) || !strings.Contains(text, string(path)) && r.Path != "" {
					t.Errorf("receipt %+v does not hold", r)
				}
			}
		}
	}
	if len(want) > 0 || links == 0 {
		t.Errorf("%d alerts in no case, %d links", len(want), links)
	}
}

// The alerts beyond the first thousand of a case follow in documents of kind members.
func TestInvestigateNamesEveryAlertOfALargeGroup(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&many, `{"id":"a%d","title":"Port scan","rule_id":"7","host":"fw-1","time":"2026-03-14T09:00:%02d.%03dZ"}`+"\n", i, i/1000, i%1000)
	}
	verdicts, _, _ := run(t, many.String(), "triage", "--no-book", "--json")
	out, _, status := run(t, verdicts, "investigate", "--json")
	met := map[string]bool{}
	for _, d := range caseDocuments(t, out) {
		for _, id := range d.AlertIDs {
			met[id] = true
		}
	}
	if status != 0 || len(met) != 2500 {
		t.Errorf("status %d, %d alerts named", status, len(met))
	}
}

// What is collected keeps to its schema, and the manifest names every artifact of the cases that was copied.
func TestCollectedKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	verdicts, _, _ := run(t, "", "triage", "--no-book", "--json", demo)
	dir := filepath.Join(t.TempDir(), "evidence")
	out, errs, status := run(t, verdicts, "investigate", "--no-book", "--json", "--by", "maria", "--collect", dir)
	if status != 0 {
		t.Fatalf("status %d: %s", status, errs)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines, _, _ := strings.Cut(string(manifest), `{"kind":"summary"`)
	if kinds := check(t, shipped(t), "manifest", lines); kinds["evidence"] < 100 {
		t.Errorf("%v", kinds)
	}
	named := 0
	for line := range strings.Lines(out) {
		for _, a := range gjson.Get(line, "artifacts").Array() {
			if named++; !strings.Contains(lines, `"name":"`+a.Get("name").Str+`","sha256":"`+a.Get("sha256").Str) {
				t.Errorf("%s is not in the manifest", a.Raw)
			}
		}
	}
	if named < 100 {
		t.Errorf("%d artifacts", named)
	}
}
