package sigma_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/sigma"
	"github.com/seed-959697dd/soc/triage"
)

func signals(set *sigma.Set, a *alert.Alert) (list []triage.Signal) {
	set.Check(a, func(s triage.Signal) { list = append(list, s) })
	return list
}

// TestSignal: what a match says, how much it weighs, what it cites and where the rule stands.
func TestSignal(t *testing.T) {
	t.Parallel()
	set := load(t, `title: Shadow copies deleted
id: 1
level: high
status: test
tags: [attack.impact, attack.t1490, attack.t1490]
logsource: {product: windows, category: process_creation}
detection:
  selection_img: {Image|endswith: '\vssadmin.exe'}
  selection_cli: {CommandLine|contains|all: [delete, shadows]}
  filter: {ParentImage|endswith: '\backup.exe'}
  condition: all of selection_* and not filter
`)
	long := strings.Repeat("x", 400)
	a := parse(t, fmt.Appendf(nil, `{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"ws-1",
		"Image":"C:\\Windows\\vssadmin.exe","CommandLine":"%s DELETE  shadows"}`, long))
	got := signals(set, a)
	if len(got) != 1 {
		t.Fatal(got)
	}
	s := got[0]
	want := `Sigma rule "Shadow copies deleted" (high, test): selection_cli, selection_img matched; T1490`
	if s.Sentence != want || s.Weight != 1440 || s.Family != triage.Detection || s.Check != "sigma" || s.Trust != alert.Attacker {
		t.Errorf("%+v", s)
	}
	for _, r := range s.Receipts {
		if !r.Holds(a.View) || r.Source != "t/rules/a.yml:1" || len(r.Value) > 200 {
			t.Errorf("receipt %+v", r)
		}
	}
	if cut := s.Receipts[0].Value; !strings.Contains(cut, "DELETE") {
		t.Errorf("a long value is cited without its match: %q", cut)
	}
}

// TestStrongestEight: of many rules the eight of the greatest weight are told, equal ones by title.
func TestStrongestEight(t *testing.T) {
	t.Parallel()
	files, levels := map[string]string{}, []string{"informational", "low", "medium", "high", "critical"}
	for i, level := range levels {
		for j, status := range []string{"stable", "test", "experimental", "deprecated"} {
			files[fmt.Sprintf("%d%d.yml", i, j)] = fmt.Sprintf("title: %s %s\nlevel: %s\nstatus: %s\nlogsource: {product: windows}\ndetection:\n  s: {F: a}\n  condition: s\n",
				level, status, level, status)
		}
	}
	set, _ := loadSome(t, files)
	a := parse(t, []byte(`{"EventID":1,"Channel":"Security","Computer":"ws-1","F":"a"}`))
	got := []int32{}
	for _, s := range signals(set, a) {
		got = append(got, s.Weight)
	}
	if diff := cmp.Diff([]int32{2600, 2080, 1800, 1560, 1440, 1080, 1000, 800}, got); diff != "" {
		t.Error(diff)
	}
	if n := len(set.Match(a)); n != 20 {
		t.Errorf("%d matches, want 20", n)
	}
}

// TestGuess: where only an alert's own text tells what it is about, a rule that rests on what is missing says nothing.
func TestGuess(t *testing.T) {
	t.Parallel()
	set := load(t, `title: no image
logsource: {product: windows, category: process_creation}
detection:
  known: {Image|contains: '\'}
  condition: not known
`)
	if got := set.Match(parse(t, []byte(`{"vendor":"x","command_line":"x.exe -a"}`))); len(got) > 0 {
		t.Errorf("an alert of a product is judged by what it does not say: %v", got)
	}
	if got := set.Match(parse(t, []byte(`{"EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational","Hostname":"w","CommandLine":"x"}`))); len(got) != 1 {
		t.Error("a record of the log source is not")
	}
}

// TestTooLong: a value beyond the bound is searched up to it, and the alert says so.
func TestTooLong(t *testing.T) {
	t.Parallel()
	set := load(t, good)
	a := parse(t, fmt.Appendf(nil, `{"EventID":1,"Channel":"Security","Computer":"ws-1","F":"%s"}`, strings.Repeat("é", 200<<10)))
	got := signals(set, a)
	if len(got) != 1 || got[0].Weight != 0 || !strings.Contains(got[0].Sentence, "longer than Sigma rules search") {
		t.Errorf("%+v", got)
	}
}

// TestConcurrent: a set is used by many at once and gives each the same answer.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	set, _, err := sigma.Load(sigma.Options{}, sigma.Own())
	if err != nil {
		t.Fatal(err)
	}
	samples := ownSamples(t)
	want := make([]string, len(samples))
	for i, s := range samples {
		want[i] = fmt.Sprint(signals(set, s.alert))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i, s := range samples {
				if got := fmt.Sprint(signals(set, s.alert)); got != want[i] {
					t.Errorf("%s: %s, want %s", s.rule, got, want[i])
				}
			}
		})
	}
	wg.Wait()
}
