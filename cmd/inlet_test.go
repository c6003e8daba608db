package cmd_test

import (
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

const pull = "triage --json --from siem"

func TestPulledAlertsAreJudgedLikeAnyOthers(t *testing.T) {
	t.Parallel()
	s := night()
	d := newDesk(t, map[string]any{"siem": s})
	out := d.says(pull, 0, `"input":{"name":"siem","line":1,"offset":0,"item":"n-1"}`, `"read":3,"rejected":1,"in_verdicts":2`,
		`"kind":"reject","version":1,"input":{"name":"siem","line":3,"offset":0,"item":"n-3"}`)
	check(t, shipped(t), "pull", out)
	if p := s.pulls[0]; !p.From.Equal(noon().Add(-24*time.Hour)) || !p.To.IsZero() || p.Query != "" {
		t.Errorf("asked for %+v", p)
	}
	d.says(pull+" --strict", 4)
	d.says(pull+" --window 2026-03-01..2026-03-01T06:00:00Z --query ws-01", 0)
	if p := s.pulls[2]; p.From.Format(time.RFC3339) != "2026-03-01T00:00:00Z" || p.To.Format(time.RFC3339) != "2026-03-01T06:00:00Z" || p.Query != "ws-01" {
		t.Errorf("asked for %+v", p)
	}
	d.says(pull+" --since 150m", 0, `"read":2`)
	d.says("triage --parse --json --from siem --query ws-02", 0, `"item":"n-2"`)
}

func TestAPullThatFails(t *testing.T) {
	t.Parallel()
	s := night()
	d := newDesk(t, map[string]any{"siem": s, "other": night()})
	s.fail = errors.New("401: no right to search")
	d.says(pull, 1, "pulling from siem: 401: no right to search", "try: soc doctor")
	d.says(pull+" --from other", 0, `"kind":"gap","version":1,"source":"siem","class":"failed","reason":"nothing was pulled: 401: no right to search"`, `"read":3`)
	d.says(pull+" "+d.write("alerts.json", wazuh("f1", "ws-09", 3, noon())), 0, `"class":"failed"`, `"read":1`)
	for _, form := range []string{"json", "csv", "text"} {
		out, errs, status := d.soc("triage --output " + form + " --from siem " + d.write("alerts.json", wazuh("f1", "ws-09", 3, noon())))
		said := errs
		if form == "text" {
			said = out
		}
		if status != 0 || strings.Count(said, "nothing was pulled: 401") != 1 || form == "json" && !strings.Contains(out, `"gaps":1`) {
			t.Errorf("%s: status %d, it said %q on stderr, and\n%s", form, status, errs, out)
		}
	}
	s.failAt = 1
	d.says(pull, 0, `"class":"failed","reason":"the pull ended early, after 1 records: 401`, `"read":1`)
	d.says(pull+" --strict", 4)
	s.fail = nil
	s.gaps = append(s.gaps, gapOf("partial", "more than 10,000 matched"))
	d.says(pull+" --query ws-", 0, `"class":"partial","reason":"more than 10,000 matched"`)
	s.gaps[0] = gapOf("unconfigured", "the index of risk events is not named")
	d.says(pull+" --query ws- --strict", 0, `"class":"unconfigured"`)
}

// A window that is pulled twice is judged once: what people say of an item makes other bytes and no other verdict, other evidence does.
func TestAWindowIsPulledTwice(t *testing.T) {
	t.Parallel()
	s := night()
	d := newDesk(t, map[string]any{"siem": s})
	first := d.says(pull, 0)
	id := caseOf(t, first, "n-1")
	s.items[0].Raw = []byte(strings.Replace(string(s.items[0].Raw), `"level"`, `"status":"closed","level"`, 1))
	again := d.says(pull, 0, `"read":3,"rejected":1,"in_verdicts":2`)
	if got, want := judged(again), judged(first); !slices.Equal(got, want) {
		t.Errorf("the second time: %q, the first: %q", got, want)
	}
	d.says("cases write-back "+id+" --json", 0, `"siem/n-1"`)
	if got := strings.Count(d.says("cases list --json", 0), `"kind":"case"`); got != 2 {
		t.Errorf("%d cases", got)
	}
	s.items[0].Edition = "2"
	if other := caseOf(t, d.says(pull, 0), "n-1"); other == id {
		t.Error("another edition is not judged")
	}
}

// judged are the verdicts, by their ids, cases and alerts.
func judged(out string) (list []string) {
	for line := range strings.Lines(out) {
		if gjson.Get(line, "kind").Str == "verdict" {
			list = append(list, gjson.Get(line, "[id,case,alert.input.item,alert.digest]").Raw)
		}
	}
	return list
}

func TestMistakesWithFrom(t *testing.T) {
	t.Parallel()
	d := newDesk(t, map[string]any{"siem": night(), "other": night(), "nothing": "of use"})
	if err := os.Mkdir(d.dir+"/spool", 0o700); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(d.dir + "/soc.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d.write("soc.yaml", string(text)+"  spool: {type: dir, path: spool}\n")
	for line, want := range map[string]string{
		"triage --since 3h x":                      "are for --from",
		pull + " --from siem":                      "stands twice",
		pull + " --since 3h --window 2026-03-01":   "do not go together",
		pull + " --window 2026-03-01":              "no window like",
		pull + " --window 2026-03-02..2026-03-01":  "no window like",
		pull + " --since all":                      "no time like",
		pull + " --from other --query x":           "the language of one system",
		pull + " --follow --window 2026-03-01..02": "what is followed has no end",
		"triage --from siam":                       "no source is called that",
		"triage --from nothing":                    "hands over no alerts",
		"triage --from spool":                      "can only be followed",
	} {
		out, errs, status := d.soc(line)
		if status != 2 || !strings.Contains(errs, want) || strings.Contains(out, "verdict") {
			t.Errorf("soc %s: status %d: %s", line, status, errs)
		}
	}
}

// Two records to which their system gives no name are two.
func TestRecordsWithoutANameAreNotTakenForOne(t *testing.T) {
	t.Parallel()
	s := &tenant{}
	s.add("", wazuh("a1", "ws-01", 5, noon().Add(-time.Hour)), noon().Add(-time.Hour))
	s.add("", wazuh("a2", "ws-02", 5, noon().Add(-time.Hour)), noon().Add(-time.Hour))
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	f := d.follow("triage --json --follow --from siem", at(noon()), io.Discard)
	<-s.asked
	<-s.asked
	if got := items(f.ends(), "verdict"); len(got) != 2 || !strings.HasPrefix(got[0], "sha256:") {
		t.Errorf("judged %q", got)
	}
}
