package cmd_test

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/internal/casebook"
)

// says waits for a line on stderr that holds a text.
func (l talk) says(t *testing.T, want string) string {
	t.Helper()
	for {
		select {
		case line := <-l.to:
			if strings.Contains(line, want) {
				return line
			}
		case <-time.After(time.Minute):
			t.Fatalf("nobody said %q", want)
		}
	}
}

// Two runs follow one source of one casebook: the second waits, says for whom, and goes on when the first is over. Each alert is judged once.
func TestTwoRunsFollowOneSource(t *testing.T) {
	t.Parallel()
	s := night()
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	const line = "triage --json --follow --from siem"
	first := d.follow(line, at(noon()), io.Discard)
	<-s.asked
	errs := talk{make(chan string, 100)}
	second := d.follow(line, at(noon().Add(time.Second)), errs)
	said := errs.says(t, "this run waits for its turn")
	if !strings.Contains(said, "siem: process ") || !strings.Contains(said, "follows it since 2026-03-14T12:00:00Z") {
		t.Errorf("it said %q", said)
	}
	<-s.asked
	go func() { // whoever is second pulls as it likes
		for {
			select {
			case <-s.asked:
			case <-t.Context().Done():
				return
			}
		}
	}()
	if got := items(first.ends(), "verdict"); strings.Join(got, " ") != "n-1 n-2" {
		t.Errorf("the first judged %q", got)
	}
	s.add("n-9", wazuh("a9", "ws-09", 5, noon()), noon())
	arrived := func() bool {
		book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = book.Close() }()
		known, err := book.Arrived(t.Context(), "siem", "n-9", "1")
		return err == nil && known
	}
	for deadline := time.Now().Add(time.Minute); !arrived(); {
		if time.Now().After(deadline) {
			t.Fatal("the second never had its turn")
		}
	}
	if got := items(second.ends(), "verdict"); strings.Join(got, " ") != "n-9" {
		t.Errorf("the second judged %q", got)
	}
}

// A run that was killed keeps its source until its lease is over, and not for ever; workers keep out a run that does not share.
func TestTheLeaseOfAKilledRunRunsOut(t *testing.T) {
	t.Parallel()
	for holder, want := range map[string]string{"process 9 on gone (run X)": "process 9 on gone (run X) follows it", "workers": "workers (--worker) follow it"} {
		s := night()
		s.asked = make(chan struct{})
		d := newDesk(t, map[string]any{"siem": s})
		book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		if ours, err := book.Claim(t.Context(), "follow siem", holder, noon().Add(30*time.Second)); err != nil || !ours {
			t.Fatal(ours, err)
		}
		if err := book.Close(); err != nil {
			t.Fatal(err)
		}
		clock, errs := at(noon()), talk{make(chan string, 100)}
		f := d.follow("triage --json --follow --from siem", clock, errs)
		errs.says(t, want)
		select {
		case <-s.asked:
			t.Error("it pulled although somebody else has the source")
		default:
		}
		clock.Add(int64(31 * time.Second))
		<-s.asked
		<-s.asked // so the first is kept
		if got := items(f.ends(), "verdict"); strings.Join(got, " ") != "n-1 n-2" {
			t.Errorf("after %s: judged %q", holder, got)
		}
	}
}

// Workers share a source, and a run that does not keeps them out.
func TestWorkersShareASource(t *testing.T) {
	t.Parallel()
	s := night()
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	const line = "triage --json --follow --worker --from siem"
	both := talk{make(chan string, 100)}
	one, two := d.follow(line, at(noon()), both), d.follow(line, at(noon()), both)
	for range 4 {
		<-s.asked
	}
	one.ends()
	two.ends()
	close(both.to)
	for said := range both.to {
		if strings.Contains(said, "its turn") {
			t.Errorf("a worker waits for another: %s", said)
		}
	}

	errs := talk{make(chan string, 100)}
	alone := d.follow("triage --json --follow --from siem", at(noon().Add(time.Minute)), io.Discard)
	<-s.asked
	late := d.follow(line, at(noon().Add(time.Minute)), errs)
	errs.says(t, "this run waits for its turn")
	late.ends()
	alone.ends()
}
