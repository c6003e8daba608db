package cmd_test

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestSuggestionSchema(t *testing.T) {
	t.Parallel()
	all := shipped(t)
	out, errs, status := run(t, "", "learn", "--suggest", "--json", "--decisions", filepath.Join("..", "testdata", "precedent", "decisions.ndjson"),
		"--alerts", filepath.Join("..", "testdata", "demo"))
	if status != 0 || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	docs := strings.SplitAfter(out, "\n")
	n := check(t, all, "learn --suggest", strings.Join(docs[:len(docs)-2], ""))["suggestion"]
	if n < 2 || !strings.HasPrefix(docs[len(docs)-2], `{"kind":"summary"`) {
		t.Errorf("%d suggestions among %d lines", n, len(docs)-1)
	}
}
