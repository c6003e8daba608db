package cmd_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
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
