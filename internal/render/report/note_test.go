package report_test

import (
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/render/report"
)

// No text of a case becomes a link, an image or HTML on another platform's screen, and no indicator can be clicked.
func TestANoteIsInert(t *testing.T) {
	t.Parallel()
	doc := `{"kind":"case","id":"c-1","title":"![x](http://evil.example/p.png) <img src=x>","findings":[{"sentence":"it asked http://evil.example/a\n# Closed: false positive","cites":["alert n1"]}],` +
		`"indicators":[{"type":"domain","value":"evil.example","verdict":"malicious"}],"questions":["who?"],"gaps":[{"reason":"no logs"}],"recommended":[{"action":"block-ip","target":{"type":"ip","value":"203.0.113.9"},"why":"w","risk":"r"}]}`
	note := report.Note([]byte(doc))
	for _, bad := range []string{" ![", "x](", " <img", "http://evil", "evil.example", "203.0.113.9", "\n# Closed"} {
		if strings.Contains(note, bad) {
			t.Errorf("%q stands in the note:\n%s", bad, note)
		}
	}
	for _, want := range []string{"## Findings", "## Recommended", "evil[.]example", "who?", "no logs", "alert n1"} {
		if !strings.Contains(strings.ReplaceAll(note, `\`, ""), want) {
			t.Errorf("%q is missing:\n%s", want, note)
		}
	}
}

func TestANoteIsBounded(t *testing.T) {
	t.Parallel()
	one := `{"sentence":"` + strings.Repeat("a", 1000) + `"},`
	note := report.Note([]byte(`{"kind":"case","id":"c-1","findings":[` + strings.TrimSuffix(strings.Repeat(one, 100), ",") + `],"questions":["the last"]}`))
	if len(note) > 61_000 || !strings.Contains(note, "lines left out") || !strings.Contains(note, "the last") {
		t.Errorf("%d bytes: ...%s", len(note), note[len(note)-200:])
	}
}
