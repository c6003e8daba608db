package cmd_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
)

func TestOutputForms(t *testing.T) {
	t.Parallel()
	out, _, status := run(t, alerts, "triage", "--no-book", "--output", "text")
	if status != 0 || !strings.HasPrefix(out, "ESCALATE 1\n\n ") || !strings.Contains(out, "\nread 3 = 2 in 2 verdicts + 1 rejected\n  -:3, byte 695: ") {
		t.Errorf("text, status %d:\n%s", status, out)
	}
	if same, _, _ := run(t, alerts, "triage", "--no-book", "--text"); same != out {
		t.Errorf("--text is not --output text:\n%s", same)
	}
	out, errs, status := run(t, alerts, "triage", "--no-book", "--output", "csv")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil || status != 0 || len(rows) != 3 || rows[0][0] != "id" || rows[1][1] != "escalate" {
		t.Errorf("csv, status %d, %v: %q", status, err, rows)
	}
	if !strings.HasPrefix(errs, "read 3 = 2 in 2 verdicts + 1 rejected\n") {
		t.Errorf("beside a table the account is on stderr: %q", errs)
	}
	out, _, status = run(t, alerts, "triage", "--no-book", "--output", "ocsf")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if fixed, _, _ := run(t, alerts, "triage", "--no-book", "--output", "ocsf", "--now", "2026-01-31T12:00:00Z"); !strings.Contains(fixed, `"time_dt":"2026-01-31T12:00:00Z"`) {
		t.Errorf("--now does not fix the time of a finding: %s", fixed)
	}
	var finding struct {
		Class int `json:"class_uid"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &finding); err != nil || status != 0 || len(lines) != 2 || finding.Class != 2004 {
		t.Errorf("ocsf, status %d, %v: %s", status, err, out)
	}
}

func TestWhatOutputRefuses(t *testing.T) {
	t.Parallel()
	rows := map[string][]string{
		"--output xml: not json, text, csv or ocsf":                               {"--output", "xml"},
		"--output csv: --json or --text asks for something else":                  {"--output", "csv", "--json"},
		"--output json: --json or --text asks for something else":                 {"--output", "json", "--text"},
		"--output ocsf: is for verdicts, not for --parse, --formats or --explain": {"--output", "ocsf", "--parse"},
		"--explain nobody: no alert, verdict or case of that id in the input":     {"--explain", "nobody"},
		"--json and --text do not go together":                                    {"--json", "--text"},
	}
	for want, args := range rows {
		_, errs, status := run(t, alerts, append([]string{"triage", "--no-book"}, args...)...)
		if status != 2 || !strings.HasPrefix(errs, "soc: "+want+"\n") || !strings.Contains(errs, "\ntry: soc ") {
			t.Errorf("%v: status %d, %q, want %q and a hint", args, status, errs, want)
		}
	}
	if out, _, status := run(t, alerts, "triage", "--no-book", "--output", "json", "--json"); status != 0 || !strings.Contains(out, `"kind":"summary"`) {
		t.Errorf("--output json with --json: status %d: %s", status, out)
	}
}

func TestExplainPrintsThatVerdictAlone(t *testing.T) {
	t.Parallel()
	out, _, _ := run(t, alerts, "triage", "--no-book", "--json", "--explain", "w1")
	var v struct {
		Kind, ID, Case string
		Score, Base    int
		Signals        []struct{ Term int }
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || v.Kind != "verdict" {
		t.Fatalf("%v: %s", err, out)
	}
	sum := v.Base
	for _, s := range v.Signals {
		sum += s.Term
	}
	if sum != v.Score {
		t.Errorf("terms add up to %d, the score is %d", sum, v.Score)
	}
	byAlert, _, _ := run(t, alerts, "triage", "--no-book", "--text", "--explain", "w1")
	byVerdict, _, _ := run(t, alerts, "triage", "--no-book", "--text", "--explain", v.ID)
	byCase, _, _ := run(t, alerts, "triage", "--no-book", "--text", "--explain", v.Case)
	if byAlert != byVerdict || byAlert != byCase || !strings.Contains(byAlert, "base rate") || strings.Contains(byAlert, "Disk almost full") {
		t.Errorf("by alert, verdict and case:\n%s\n%s\n%s", byAlert, byVerdict, byCase)
	}
}
