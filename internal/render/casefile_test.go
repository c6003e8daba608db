package render_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/investigate"
)

const fallen = `{"kind":"verdict","version":1,"id":"v-1","group":{"count":2,"first_time":"2026-03-03T03:10:00Z"},"alert":{"title":"Lsass dumped"},"disposition":"true_positive","score":1256,"base":-2944,
"signals":[{"term":3200,"sentence":"a process is dumped","receipts":[{"path":"a.b","value":"MiniDump"}]},{"term":1600,"sentence":"known for attacks"},{"term":-600,"sentence":"a laboratory"}],"gaps":[]}`

func section(t *testing.T, f *render.CaseFile, title string, width int) string {
	t.Helper()
	for _, s := range f.Sections(width, render.Shown{}) {
		if s.Title == title {
			var b strings.Builder
			for i := range s.Lines {
				text := s.Lines[i].Text()
				if term.Width(text) > width {
					t.Errorf("%s: wider than %d: %q", title, width, text)
				}
				b.WriteString(strings.TrimRight(text, " ") + "\n")
			}
			return b.String()
		}
	}
	t.Fatalf("there is no section %s", title)
	return ""
}

// Each bar of a waterfall begins where the one before it ended, and the last sum is the score.
func TestTheTermsOfAWaterfallAddUp(t *testing.T) {
	t.Parallel()
	got := section(t, &render.CaseFile{Verdicts: [][]byte{[]byte(fallen)}}, "EVIDENCE", 100)
	if !strings.HasPrefix(got, "  -2944 |-------------------             | base rate: 5 % of groups are attacks\n") {
		t.Errorf("%s", got)
	}
	end := 0
	for _, l := range strings.Split(strings.TrimSpace(got), "\n") {
		_, bar, ok := strings.Cut(l, "|")
		bar, _, closed := strings.Cut(bar, "|")
		if !ok || !closed || strings.Contains(bar, "*") {
			continue
		}
		start, stop := strings.IndexAny(bar, "+-"), strings.LastIndexAny(bar, "+-")+1
		if from := start; bar[start] == '+' && end > 0 && from-end > 1 {
			t.Errorf("a bar begins at %d where the one before ended at %d:\n%s", from, end, got)
		}
		if end = stop; bar[start] == '-' && start > 0 {
			end = start
		}
	}
	sum := int64(-2944)
	for _, s := range gjson.Get(fallen, "signals").Array() {
		sum += s.Get("term").Int()
	}
	if sum != 1256 || !strings.Contains(got, "+1256 |") {
		t.Errorf("the sum is %d:\n%s", sum, got)
	}
}

func TestATimelineHasEventsAndHoles(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 3, 3, 3, minute, 0, 0, time.UTC) }
	f := &render.CaseFile{
		Verdicts: [][]byte{[]byte(fallen)},
		Events: []investigate.Event{
			{Record: &alert.Alert{Time: at(12)}, Summary: "rundll32 reads lsass\x1b[31m", Why: "process tree of alert a1", Phase: "credential-access"},
			{Record: &alert.Alert{Time: at(5)}, Summary: "logon of j.doe"},
		},
		Holes:    []investigate.Hole{{Source: "proxy", From: at(6), To: at(9), Reason: "no data collected"}},
		Findings: []investigate.Finding{{Sentence: "credentials were read from memory", Cites: []string{"event 1", "alert a1"}}},
	}
	want := `  2026-03-03 03:05:00  event             logon of j.doe
  2026-03-03 03:06:00  HOLE              proxy says nothing until 2026-03-03 03:09:00Z: no data collected
  2026-03-03 03:10:00  alert             Lsass dumped (2 alerts)
  2026-03-03 03:12:00  credential-access rundll32 reads lsass\x1b[31m (process tree of alert a1)
`
	if got := section(t, f, "TIMELINE", 110); got != want {
		t.Errorf("%s", got)
	}
	if got := section(t, f, "FINDINGS", 110); got != "  credentials were read from memory [event 1, alert a1]\n" {
		t.Errorf("%s", got)
	}
}

func TestAPathIsFoundInAnAlert(t *testing.T) {
	t.Parallel()
	r := render.RawAlert{Received: []byte(`{"a":{"b.c":[1,{"d":"{\"e\":5}"}]},"f":{}}`)}
	lines := r.Lines(false)
	rows := map[string]string{
		`a.b\.c.1.d`:   `"d": "{\"e\":5}"`,
		`a.b\.c.1.d.e`: `"d": "{\"e\":5}"`, // a step into a text leads to the text
		`a`:            `"a": {`,
		`f`:            `"f": {`,
	}
	for path, want := range rows {
		at := render.Find(lines, path)
		if at < 0 || strings.TrimSpace(lines[at].Text) != want {
			t.Errorf("%s: line %d of %v", path, at, lines)
		}
	}
	if at := render.Find(lines, "z"); at >= 0 {
		t.Errorf("z is found at %d", at)
	}
	if got := (&render.RawAlert{}).Lines(false); len(got) != 1 || !strings.Contains(got[0].Text, "does not keep") {
		t.Errorf("%v", got)
	}
	if got := (&render.RawAlert{Received: []byte("CEF:0|a|b\nsecond\x07")}).Lines(false); len(got) != 2 || got[1].Text != `second\x07` {
		t.Errorf("%v", got)
	}
}

func TestAnAlertThatIsCutSaysSo(t *testing.T) {
	t.Parallel()
	const most = 20_000
	values := func(n int) []byte { return []byte("[" + strings.TrimSuffix(strings.Repeat("1,", n), ",") + "]") }
	for name, c := range map[string]struct {
		received []byte
		raw, cut bool
	}{
		"text":              {received: []byte(strings.Repeat("x\n", most+1)), raw: true, cut: true},
		"text that fits":    {received: []byte(strings.Repeat("x\n", most)), raw: true},
		"JSON":              {received: values(most), cut: true},
		"JSON that fits":    {received: values(most - 1)},
		"JSON within JSON":  {received: []byte(`{"a":` + string(values(most)) + `}`), cut: true},
		"JSON after a list": {received: []byte(`{"a":` + string(values(most-2)) + `,"b":1}`), cut: true},
	} {
		lines := (&render.RawAlert{Received: c.received}).Lines(c.raw)
		last := lines[len(lines)-1]
		if got := strings.Contains(last.Text, "goes on: only its first 20000 lines"); got != c.cut || last.Path != "" && c.cut || len(lines) > most+4 {
			t.Errorf("%s: %d lines, the last is %q", name, len(lines), last.Text)
		}
	}
}
