package cmd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// What an investigation through logs prints is as its schema says: events, holes, skews, guides, answers.
func TestSchemaOfWhatLogsShow(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	logs := filepath.Join("..", "testdata", "logs")
	for _, story := range []struct {
		log   string
		line  int
		also  []string
		shows []string
	}{
		{"ws-11.ndjson", 14, []string{"srv-02.ndjson", "conn.log"}, []string{"events", "skews", "guides", "findings", "questions"}},
		{"auth.log", 30, []string{"audit-gw-1.log"}, []string{"events", "holes"}},
		{"cloudtrail.ndjson", 7, nil, []string{"events"}},
	} {
		body, err := os.ReadFile(filepath.Join(logs, story.log))
		if err != nil {
			t.Fatal(err)
		}
		alert := strings.Split(string(body), "\n")[story.line-1] + "\n"
		verdicts := s.feed(alert, "triage --no-book -")
		line := "investigate --no-book --logs " + filepath.Join(logs, story.log)
		for _, also := range story.also {
			line += " --logs " + filepath.Join(logs, also)
		}
		out := s.feed(verdicts, line+" -")
		for _, name := range story.shows {
			if !strings.Contains(out, `"`+name+`":[`) {
				t.Errorf("%s: the case shows no %s", story.log, name)
			}
		}
	}
}

// Cases that were too many to be pursued say that logs were there and were not searched for them.
func TestCasesThatWereNotPursuedSaySo(t *testing.T) {
	t.Parallel()
	const cases, most = 259, 256
	var many strings.Builder
	for i := range cases { // each at a host and a day of its own
		at := time.Date(2025, 1, 1, 9, 0, 0, 0, time.UTC).AddDate(0, 0, i)
		fmt.Fprintf(&many, `{"id":"a%d","title":"Something %d","rule_id":"r%d","host":"h-%d","severity":"high","time":%q}`+"\n", i, i, i, i, at.Format(time.RFC3339))
	}
	verdicts, errs, status := run(t, many.String(), "triage", "--no-book", "--json")
	if status != 0 {
		t.Fatal(errs)
	}
	out, errs, status := run(t, verdicts, "investigate", "--no-book", "--json", "--logs", filepath.Join("..", "testdata", "logs", "ws-11.ndjson"))
	all, left := strings.Count(out, `"kind":"case"`), 0
	for line := range strings.Lines(out) {
		for _, g := range gjson.Get(line, "gaps").Array() {
			if gjson.Get(line, "kind").Str == "case" && g.Get("class").Str == "partial" && g.Get("reason").Str == "not pursued through the logs: 256 stronger cases were" {
				left++
			}
		}
	}
	if status != 0 || all != cases || left != cases-most || strings.Contains(out, "no logs were searched") {
		t.Errorf("%d %s: %d cases, %d that were not pursued", status, errs, all, left)
	}
}
