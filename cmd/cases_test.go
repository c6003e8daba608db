package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

func caseClock() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// hostile is what an alert's title does to a terminal and to a spreadsheet.
const hostile = "=1+1 \x1b[2Jgone"

// bookOf makes a casebook of three cases: a title that attacks its reader and two plain ones.
func bookOf(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "book.db")
	book, err := casebook.Open(t.Context(), path, casebook.Options{Now: caseClock})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	r, err := book.Begin(t.Context(), casebook.RunInfo{Command: "triage"})
	if err != nil {
		t.Fatal(err)
	}
	policy := triage.DefaultPolicy()
	groups := triage.NewGroups(policy.Gap, "")
	defer groups.Close()
	caseAlerts(t, groups, hostile, "Odd process", "Odd logon")
	keep := func(b []byte, v *triage.Verdict, m *triage.Members) ([]byte, bool, error) {
		return b, true, r.Keep(t.Context(), v, m)
	}
	if err := triage.Judge(t.Context(), groups, &policy, &triage.Standing{}, 1, keep, func([]byte, bool) error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := r.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	return path
}

// caseAlerts adds one alert per title, each on a host of its own.
func caseAlerts(t *testing.T, groups *triage.Groups, titles ...string) {
	t.Helper()
	set, err := alert.NewSet(alert.Options{Now: caseClock(), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	var batch triage.Observed
	var obs triage.Observation
	for i, title := range titles {
		quoted, err := json.Marshal(title)
		if err != nil {
			t.Fatal(err)
		}
		raw := fmt.Sprintf(`{"id":"a-%d","timestamp":"2026-03-01T10:00:00Z","rule_id":"r-%d","title":%s,"hostname":"ws-%d"}`, i, i, quoted, i)
		var a alert.Alert
		if _, err := set.NewParser().Parse(&a, []byte(raw), nil); err != nil {
			t.Fatal(err)
		}
		a.Input = alert.Place{Name: "alerts.ndjson", Line: int64(i) + 1}
		triage.NewAssessor(nil).Assess(&a, &obs)
		obs.Raw = a.Raw
		batch.Append(&a, &obs)
	}
	if err := groups.Add(&batch); err != nil {
		t.Fatal(err)
	}
}

// cases runs soc cases as a person at a terminal does.
func cases(book string, args ...string) (out, errs string, status int) {
	var o, e bytes.Buffer
	w := cmd.World{
		IO:  term.IO{In: strings.NewReader(""), Out: &o, Err: &e, OutTTY: true, Width: 120},
		Env: func(k string) string { return map[string]string{"SOC_BOOK": book, "USER": "analyst-1"}[k] },
		Now: caseClock,
	}
	status = cmd.Main(context.Background(), append([]string{"cases"}, args...), w)
	return o.String(), e.String(), status
}

// caseOn is the id of the case on a host.
func caseOn(t *testing.T, book, host string) string {
	t.Helper()
	out, _, _ := cases(book, "list", "--state", "all", "--json")
	for doc := range strings.Lines(out) {
		var c struct{ ID, Host string }
		if err := json.Unmarshal([]byte(doc), &c); err != nil {
			t.Fatal(err)
		}
		if c.Host == host {
			return c.ID
		}
	}
	t.Fatalf("no case on %s in %s", host, out)
	return ""
}

func TestACaseFromTheQueueToItsDecision(t *testing.T) {
	t.Parallel()
	book := bookOf(t)
	id := caseOn(t, book, "ws-1")
	steps := []struct {
		args   []string
		status int
		out    string // what stdout contains
		errs   string // and stderr
	}{
		{[]string{"list"}, 0, id + "  review", ""},
		{[]string{"list", "--limit", "1"}, 0, "CASE ", "1 of 3 cases; --limit 0 shows all\n"},
		{[]string{"list", "--route", "escalate"}, 0, "", "no such cases\n"},
		{[]string{"note", id[:10], "asked the owner"}, 0, "noted on " + id + "\n", ""},
		{[]string{"close", id[:10], "--as", "false_positive", "--reason", "backup job", "--confirmed"}, 0, "closed " + id + " as false_positive (confirmed)\n", ""},
		{[]string{"list", "--state", "closed"}, 0, "false_positive, ws-1: Odd process", ""},
		{[]string{"show", id}, 0, "closed 2026-03-02 12:00:00 as false positive, review", ""},
		{[]string{"show", id}, 0, "\nALERTS\n  a-1  alerts.ndjson line 2\n", ""},
		{[]string{"show", id}, 0, ", confirmed by analyst-1: backup job\n", ""},
		{[]string{"show", id}, 0, "\nNOTES\n  2026-03-02 12:00:00  analyst-1: asked the owner\n", ""},
		{[]string{"show", id, "--raw"}, 0, "\nRAW a-1\n{\"id\":\"a-1\",", ""},
		{[]string{"close", id, "--as", "true_positive", "--reason", "again"}, 1, "", "the case is closed already\ntry: soc cases reopen " + id + " --reason TEXT\n"},
		{[]string{"export"}, 0, `"disposition":"false_positive","reason":"backup job","certainty":"confirmed","by":"analyst-1","at":"2026-03-02T12:00:00Z"}`, ""},
		{[]string{"reopen", id, "--reason", "two more hosts", "--by", "analyst-2"}, 0, "reopened " + id + "\n", ""},
		{[]string{"show", id}, 0, "backup job (taken back)\n", ""},
		{[]string{"reopen", id, "--reason", "again"}, 1, "", "the case is open already\ntry: soc cases close "},
	}
	for _, s := range steps {
		out, errs, status := cases(book, s.args...)
		if status != s.status || !strings.Contains(out, s.out) || !strings.Contains(errs, s.errs) || s.errs == "" && errs != "" {
			t.Fatalf("soc cases %v: status %d\n%s\n%s\nwant %d %q %q", s.args, status, out, errs, s.status, s.out, s.errs)
		}
	}
	if out, _, status := cases(book, "export"); out != "" || status != 0 {
		t.Errorf("a decision that was taken back is exported: %s", out)
	}
}

func TestWhatCasesRefuses(t *testing.T) {
	t.Parallel()
	book := bookOf(t)
	id := caseOn(t, book, "ws-1")
	rows := map[string][]string{
		"closing a case needs a reason":                         {"close", id, "--as", "false_positive", "--reason", " "},
		`--as "": not true_positive`:                            {"close", id, "--reason", "x"},
		`--as "benign": not true_positive`:                      {"close", id, "--as", "benign", "--reason", "x"},
		"reopening a case needs a reason":                       {"reopen", id},
		"an empty note":                                         {"note", id, ""},
		"no such case: c-zzz":                                   {"show", "zzz"},
		"more than one case begins like this: c-":               {"show", "c-"},
		`--state "done": not one of open, snoozed, closed, all`: {"list", "--state", "done"},
		`--route "later": not one of escalate`:                  {"list", "--route", "later"},
		`--format "xml": not one of ndjson, csv`:                {"export", "--format", "xml"},
		`--what "notes": not one of decisions, cases`:           {"export", "--what", "notes"},
		"--json and --format csv ask for":                       {"export", "--format", "csv", "--json"},
		"there is no casebook yet":                              {"list", "--book", filepath.Join(t.TempDir(), "none.db")},
		"accepts 1 arg(s), received 0":                          {"show"},
		"--asserted and --confirmed do not go together":         {"close", id, "--as", "false_positive", "--reason", "x", "--confirmed", "--asserted"},
	}
	for want, args := range rows {
		_, errs, status := cases(book, args...)
		if status != 2 || !strings.Contains(errs, want) || !strings.Contains(errs, "\ntry: soc ") {
			t.Errorf("soc cases %v: status %d, %q, want %q and a hint", args, status, errs, want)
		}
	}
	if out, _, _ := cases(book, "list", "--json"); strings.Count(out, `"status":"open"`) != 3 {
		t.Errorf("what was refused was done: %s", out)
	}
}

func TestNothingHostileLeavesTheCasebook(t *testing.T) {
	t.Parallel()
	book := bookOf(t)
	id := caseOn(t, book, "ws-0")
	for _, args := range [][]string{{"note", id, hostile}, {"close", id, "--as", "true_positive", "--reason", hostile, "--by", hostile}} {
		if _, errs, status := cases(book, args...); status != 0 {
			t.Fatal(args, errs)
		}
	}
	for _, args := range [][]string{
		{"list", "--state", "all"},
		{"show", id},
		{"show", id, "--raw"},
		{"export"},
		{"list", "--json", "--state", "all"},
		{"show", id, "--raw", "--json"},
		{"export", "--format", "csv"},
		{"export", "--what", "cases", "--format", "csv"},
		{"export", "--what", "cases"},
		{"show", hostile},
	} {
		out, errs, _ := cases(book, args...)
		if strings.Contains(out+errs, "\x1b") || !strings.Contains(out+errs, "gone") {
			t.Errorf("soc cases %v prints %q %q", args, out, errs)
		}
		if formula := regexp.MustCompile(`(?m)(^|,)"?=1`); args[0] == "export" && formula.MatchString(out) {
			t.Errorf("soc cases %v gives a spreadsheet a formula: %s", args, out)
		}
	}
}

func TestCaseDocuments(t *testing.T) {
	t.Parallel()
	book := bookOf(t)
	out, _, status := cases(book, "show", caseOn(t, book, "ws-1"), "--raw", "--json")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if status != 0 || len(lines) != 2 {
		t.Fatalf("status %d, %d documents: %s", status, len(lines), out)
	}
	var c struct {
		Kind, ID, Title, Status, Host string
		Version                       int
		Verdicts                      []struct{ Kind, ID, Case string }
		AlertIDs                      []string `json:"alert_ids"`
	}
	if err := json.Unmarshal([]byte(lines[0]), &c); err != nil {
		t.Fatal(err)
	}
	if c.Kind != "case" || c.Version != 1 || c.Status != "open" || c.Host != "ws-1" || c.Title != "Odd process" || len(c.Verdicts) != 1 || c.Verdicts[0].Kind != "verdict" ||
		c.Verdicts[0].Case != c.ID || len(c.AlertIDs) != 1 || c.AlertIDs[0] != "a-1" {
		t.Errorf("the case is %+v", c)
	}
	var raw struct{ Raw string }
	if err := json.Unmarshal([]byte(lines[1]), &raw); err != nil || !strings.HasPrefix(raw.Raw, `{"id":"a-1",`) {
		t.Errorf("raw %q %v", raw.Raw, err)
	}
}
