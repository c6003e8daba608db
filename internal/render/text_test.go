package render_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

func board(t *testing.T) *render.Board {
	t.Helper()
	var b render.Board
	hard := strong()
	hard.Signals[0].Hard = true
	hard.Severity = alert.Severity{Score: 90, Vendor: "critical"}
	b.Add(render.RowOf(verdict(t, "02", "PowerShell downloads and runs a script from the internet", "ws-12.example.com", strong())))
	b.Add(render.RowOf(verdict(t, "01", "Credential dumping", "dc-01.example.com", hard)))
	for i := range 40 {
		v := verdict(t, "09", fmt.Sprintf("Rule %d", i%12), "ws-1", weak())
		b.Add(render.Brief(v))
	}
	return &b
}

func TestSummary(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 80, 200} {
		text := board(t).Append(nil, paper(width), account())
		golden(t, fmt.Sprintf("summary-%d.txt", width), text)
		fits(t, text, width)
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	v := verdict(t, "02", "PowerShell downloads and runs a script from the internet", "ws-12.example.com", strong())
	v.Suppressed = []triage.Suppressed{{Check: "allow", Sentence: "an allow rule matches every alert of the group", By: "rule scanners, unsigned"}}
	v.Digests = triage.Digests{Policy: "sha256:" + strings.Repeat("ab", 32)}
	v.Prose = &triage.Prose{By: "local", Dropped: 1, Sentences: []triage.Sentence{{
		Text:  "PowerShell fetched a script from the internet and ran it without writing it to disk first.",
		Cites: []triage.Cite{{At: "data.cmd", Value: "powershell -enc"}, {At: "signal 1", Value: "an encoded command runs"}},
	}}}
	for _, width := range []int{40, 80, 200} {
		text := render.Explain(nil, paper(width), v, &policy)
		golden(t, fmt.Sprintf("explain-%d.txt", width), text)
		fits(t, text, width)
	}
}

func fits(t *testing.T, text []byte, width int) {
	t.Helper()
	for line := range strings.Lines(string(text)) {
		if w := term.Width(strings.TrimSuffix(line, "\n")); w > width {
			t.Errorf("a line of %d columns on paper of %d: %q", w, width, line)
		}
	}
}

// The promise that the sum is the score, on what is printed: terms above the rule, score below it.
func TestPrintedTermsAddUp(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	number := regexp.MustCompile(`(?m)^ +([+-]\d+)  `)
	for n := range 200 {
		var ev triage.Evidence
		for i := range n % 14 {
			family := []triage.Family{triage.Reputation, triage.CommandLine, triage.Outcome, triage.Vendor}[(n+i)%4]
			ev.Signals = append(ev.Signals, signal("c", family, triage.Weight((n*7919+i*104729)%9001-4500), fmt.Sprintf("+%d  of %d", i, n)))
		}
		v := verdict(t, "01", "+5  x", "ws-1", ev)
		text := string(render.Explain(nil, paper(80), v, &policy))
		above, below, ok := strings.Cut(text, " ------\n")
		if !ok {
			t.Fatalf("no rule above the score:\n%s", text)
		}
		_, above, _ = strings.Cut(above, "\n\n")
		sum := 0
		for _, m := range number.FindAllStringSubmatch(above, -1) {
			term, _ := strconv.Atoi(m[1])
			sum += term
		}
		score, _ := strconv.Atoi(number.FindStringSubmatch(below)[1])
		if sum != score || score != int(v.Score) {
			t.Fatalf("terms add up to %d, the score reads %d and is %d:\n%s", sum, score, v.Score, text)
		}
	}
}

func TestNothingHostileReachesTheOutput(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	ev := strong()
	ev.Severity.Vendor = hostile
	ev.Signals[0].Sentence = hostile
	ev.Signals[0].Receipts = []alert.Ref{{Path: alert.Path(hostile), Value: hostile}}
	ev.Gaps = []alert.Gap{{Check: hostile, Class: alert.Failed, Reason: hostile}}
	v := verdict(t, hostile, hostile, hostile, ev)
	v.Suppressed = []triage.Suppressed{{Check: hostile, Sentence: hostile, By: hostile}}
	v.Digests.Policy = hostile
	v.Prose = &triage.Prose{By: hostile, Sentences: []triage.Sentence{{Text: hostile, Cites: []triage.Cite{{At: hostile, Value: hostile}}}}}
	acc := account()
	acc.Rejects[0].Input, acc.Rejects[0].Reason, acc.Gaps[0].Input, acc.RejectsFile = hostile, hostile, hostile, hostile
	var b render.Board
	b.Add(render.RowOf(v))
	v.Route = triage.Review
	b.Add(render.Brief(v))
	for name, text := range map[string][]byte{
		"summary": b.Append(nil, paper(120), acc),
		"explain": render.Explain(nil, paper(120), v, &policy),
		"csv":     render.CSV(nil, v),
		"ocsf":    render.OCSF(nil, v, noon, "1.0"),
		"formats": render.Formats(nil, paper(120), []*alert.Format{{Name: hostile, Vendor: hostile, Product: hostile, About: hostile}}),
	} {
		flat := strings.ReplaceAll(string(text), "\n", "")
		if name != "csv" && strings.Contains(string(text), "\nESCALATE 0") {
			t.Errorf("%s: a title made a line of its own", name)
		}
		if got := term.Clean(flat); got != flat {
			t.Errorf("%s is not clean: %q", name, flat)
		}
	}
}

// The reasons walk the same steps as the decision, whatever the rating, the evidence and its hardness.
func TestSeverityReasonsEndWhereTheDecisionDoes(t *testing.T) {
	t.Parallel()
	policy := triage.DefaultPolicy()
	for score := -1; score <= 100; score++ {
		for _, w := range []triage.Weight{-4000, -900, 0, 1500, 2944, 4000} {
			for _, hard := range []bool{false, true} {
				s := signal("c", triage.Reputation, w, "x")
				s.Hard = hard
				more := signal("d", triage.Malware, max(0, w), "y")
				v := verdict(t, "01", "title", "ws-1", triage.Evidence{Severity: alert.Severity{Score: score, Vendor: "w"}, Signals: []triage.Signal{s, more}})
				text := string(render.Explain(nil, paper(200), v, &policy))
				if !strings.Contains(text, "\nseverity     "+v.Severity.String()+"\n") || strings.Contains(text, "another alert of the group is rated so") {
					t.Fatalf("score %d, weight %d, hard %v: the steps do not lead to %s:\n%s", score, w, hard, v.Severity, text)
				}
			}
		}
	}
}

func TestBoardStaysSmall(t *testing.T) {
	t.Parallel()
	var b render.Board
	for i := range 10_000 {
		b.Add(&render.Row{ID: fmt.Sprintf("v-%05d", i), Title: "t", Route: triage.Escalate, Score: triage.Weight(i * 7919 % 10_000), Count: 1, Standing: "uncalibrated"})
		b.Add(&render.Row{Rule: fmt.Sprintf("rule %d", i), Route: triage.Review})
	}
	text := string(b.Append(nil, paper(80), &render.Account{}))
	for _, want := range []string{"ESCALATE 10,000\n", "and 9,980 more: soc triage --json", "REVIEW 10,000\n", "  9,990  of other rules"} {
		if !strings.Contains(text, want) {
			t.Errorf("the board lacks %q:\n%s", want, text)
		}
	}
	var scores []string
	for _, m := range regexp.MustCompile(`(?m) \+(\d+) t$`).FindAllStringSubmatch(text, -1) {
		scores = append(scores, m[1])
	}
	if len(scores) != 20 || scores[0] != "9999" || scores[19] != "9980" {
		t.Errorf("not the twenty highest scores, highest first: %v", scores)
	}
}

func TestColourOnlyWhereItIsWanted(t *testing.T) {
	t.Parallel()
	plain := string(board(t).Append(nil, paper(80), account()))
	colour := string(board(t).Append(nil, render.NewPaper(term.IO{Width: 80, Color: true}), account()))
	if strings.Contains(plain, "\x1b") || !strings.Contains(colour, "\x1b[") {
		t.Error("colour without being asked for, or none when asked")
	}
	if stripped := regexp.MustCompile(`\x1b\[[0-9;]*m`).ReplaceAllString(colour, ""); stripped != plain {
		t.Errorf("colour changes more than colour:\n%s", stripped)
	}
}

func TestAnAccountThatDoesNotAddUpSaysSo(t *testing.T) {
	t.Parallel()
	acc := account()
	if text := string(acc.Append(nil, paper(80))); strings.Contains(text, "off by") {
		t.Errorf("a right account is called wrong:\n%s", text)
	}
	acc.InVerdicts--
	if text := string(acc.Append(nil, paper(80))); !strings.Contains(text, "the account is off by 1") {
		t.Errorf("a lost alert goes unsaid:\n%s", text)
	}
}

func TestProgressLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	now := noon
	p := render.NewProgress(&out, 60, 3_000_000_000, func() time.Time { return now })
	p.Read(1000, 10)
	if out.Len() > 0 {
		t.Errorf("drawn within the first half second: %q", out.String())
	}
	now = now.Add(2 * time.Second)
	p.Read(1_230_000_000, 360_000)
	if got, want := out.String(), "\rreading  41% of 3.0 GB, 360,000 alerts, 180,000/s"; got != want {
		t.Errorf("drawn %q, want %q", got, want)
	}
	before := out.Len()
	p.Read(1_230_000_001, 360_001)
	if out.Len() != before {
		t.Error("drawn again at once")
	}
	p.Clear()
	if tail := out.String()[before:]; strings.Trim(tail, "\r ") != "" || len(tail) < before {
		t.Errorf("the line is not taken away: %q", tail)
	}
	var none *render.Progress
	none.Read(1, 1)
	none.Judged(1)
	none.Clear()
}
