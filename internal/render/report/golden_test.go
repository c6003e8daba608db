package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/render/report"
)

// What a case reads like. UPDATE=1 writes the file anew.
func TestMarkdownReads(t *testing.T) {
	t.Parallel()
	got, file := written(t, "md", night(t)), filepath.Join("testdata", "night.md")
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("it reads otherwise:\n%s", got)
	}
}

// The page says what the Markdown says: the same sentences with the same citations, and two pictures besides.
func TestPageSaysTheSame(t *testing.T) {
	t.Parallel()
	k := night(t)
	out := written(t, "html", k)
	for _, f := range k.Findings {
		if plain := strings.NewReplacer("203.0.113.9", "203[.]0[.]113[.]9", "198.51.100.7", "198[.]51[.]100[.]7", "http://", "hxxp://", "&", "&amp;", "'", "&#39;").Replace(f.Sentence); !strings.Contains(out, plain) && f.Part != "techniques" {
			t.Errorf("not in the page: %q", plain)
		}
	}
	if strings.Count(out, "<svg ") != 2 || !strings.Contains(out, `class="hole"`) || strings.Count(out, `<path class="mark`) != 1 {
		t.Errorf("pictures")
	}
}

// A report of nothing says so in every form.
func TestReportOfNothing(t *testing.T) {
	t.Parallel()
	for _, f := range report.Forms() {
		if out := written(t, f.Name); out == "" {
			t.Errorf("%s: nothing", f.Name)
		}
	}
}
