package cmd_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// The document keeps to its schema on a book that is not there, on a fresh one, and beside a precedent.
func TestStatusKeepsToItsSchema(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	book := filepath.Join(t.TempDir(), "book.db")
	status := func(name string) string {
		t.Helper()
		out, errs, code := run(t, "", "status", "--json", "--book", book, "--since", "all")
		if code != 0 || check(t, all, name, out)["status"] != 1 {
			t.Fatalf("%s: status %d, %s%s", name, code, out, errs)
		}
		return out
	}
	status("no book")
	if _, errs, code := run(t, alerts, "triage", "--book", book); code != 0 {
		t.Fatal(errs)
	}
	if out := status("a fresh book"); gjson.Get(out, "groups").Int() != 2 || gjson.Get(out, "precedent").Exists() {
		t.Errorf("a fresh book: %s", out)
	}
	precedent := filepath.Join(t.TempDir(), "p.json")
	demo := filepath.Join("..", "testdata", "demo")
	if _, errs, code := run(t, "", "learn", "--decisions", filepath.Join("..", "testdata", "precedent", "decisions.ndjson"), "--alerts", demo, "--out", precedent); code != 0 {
		t.Fatal(errs)
	}
	if _, errs, code := run(t, "", "triage", "--book", book, "--precedent", precedent, demo); code != 0 {
		t.Fatal(errs)
	}
	if out := status("a precedent"); gjson.Get(out, "precedent.strata.0.incidents.certified").Bool() || gjson.Get(out, "audits.closed").Int() != 0 {
		t.Errorf("a precedent of nine attacks certifies: %s", out)
	}
}

// sampleLine is a line of the text exposition format that is no comment.
var sampleLine = regexp.MustCompile(`^soc_[a-z0-9_]+(\{[a-z]+="[^"\\]*"(,[a-z]+="[^"\\]*")*\})? -?[0-9.e+-]+$`)

func TestStatusForPrometheus(t *testing.T) {
	t.Parallel()
	book := filepath.Join(t.TempDir(), "book.db")
	if _, errs, code := run(t, alerts, "triage", "--book", book); code != 0 {
		t.Fatal(errs)
	}
	out, errs, code := run(t, "", "status", "--prometheus", "--book", book)
	if code != 0 {
		t.Fatal(errs)
	}
	typed := map[string]bool{}
	last := ""
	for line := range strings.Lines(out) {
		line = strings.TrimSuffix(line, "\n")
		words := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "# HELP soc_"):
			if typed[words[2]] {
				t.Errorf("%s is explained twice", words[2])
			}
			last = words[2]
		case line == "# TYPE "+last+" gauge":
			typed[last] = true
		case !sampleLine.MatchString(line):
			t.Errorf("no sample: %s", line)
		default:
			if name, _, _ := strings.Cut(words[0], "{"); name != last || !typed[name] {
				t.Errorf("%s stands apart from its type", name)
			}
		}
	}
	if len(typed) < 12 || !strings.Contains(out, "\nsoc_groups 2\n") {
		t.Errorf("the figures are not there:\n%s", out)
	}
}
