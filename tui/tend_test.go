package tui_test

import (
	"context"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/query"
	"github.com/seed-959697dd/soc/tui"
)

func TestAConditionFiltersTheQueue(t *testing.T) {
	t.Parallel()
	r := sit(t, night(9), "maria", 80, 24, tui.Options{})
	r.press("/").text(`severity in ["critical", "high"] && host.startsWith("ws-")`).press("enter").sees("number 1", "1 of 1").lacks("number 2")
	r.press("/")
	r.send(tea.KeyMsg{Type: tea.KeyCtrlU})
	r.text(`closed > opened || count == 2`).press("enter").sees("number 2", "it cannot be told (no closed): left out")
}

func TestAConditionThatDoesNotReadHasACaretUnderIt(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		r := sit(t, night(9), "maria", size[0], size[1], tui.Options{})
		r.press("/").text(`count > 1 && severity == "hihg"`).press("enter")
		lines := strings.Split(r.view(), "\n")
		found := false
		for i := range lines[:len(lines)-1] {
			if at := strings.Index(lines[i], `_"hihg"`); at >= 0 {
				found = lines[i+1][at] == '^'
			}
		}
		if !found {
			t.Errorf("no caret under the place:\n%s", r.view())
		}
		r.sees("severity is one of informational, low")
		r.text("x").lacks("severity is one of") // typing goes on
		r.press("esc").sees("1 of 9")
	}
}

// slowly is a queue whose filtered listings end only when nobody waits for them any more.
type slowly struct {
	hand
	ended chan error
}

func (s slowly) List(ctx context.Context, v tui.View, limit int) (tui.Listing, error) {
	if v.Filter != "" {
		<-ctx.Done()
		s.ended <- ctx.Err()
		return tui.Listing{View: v}, ctx.Err()
	}
	return s.hand.List(ctx, v, limit)
}

func TestAFilterThatTakesLongIsEnded(t *testing.T) {
	t.Parallel()
	b := night(9)
	s := slowly{hand{b, "maria"}, make(chan error, 1)}
	r := sit(t, b, "maria", 80, 24, tui.Options{Desk: tui.Desk{Queue: s, Reader: s, Decider: s, Responder: s}})
	r.press("/").text("count > 3")
	m, cmd := r.m.Update(tea.KeyMsg{Type: tea.KeyEnter})
	r.m = m
	late := make(chan tea.Msg, 1)
	go func() { late <- cmd() }()
	r.sees("| /count > 3", "asking the casebook; esc goes back", "number 1") // what was there stays to be looked at
	r.press("j").sees("2 of 9")
	r.press("esc").sees("of 9").lacks("asking the casebook", "/count")
	if err := <-s.ended; err == nil {
		t.Error("it was not ended")
	}
	r.send(<-late)
	r.sees("of 9").lacks("failed", "canceled")
}

func TestWordsAndConditionsAreToldApart(t *testing.T) {
	t.Parallel()
	rows := map[string]bool{
		`host:ws-12 -backup`:           false,
		`"a == b"`:                     false,
		`logon in the night`:           false,
		`CORP\j.doe`:                   false,
		`severity=="high"`:             true,
		`count>3`:                      true,
		`"ws-12" in hosts`:             true,
		`severity in ["high"]`:         true,
		`has(user)`:                    true,
		`title.contains("a") || x < 1`: true,
	}
	for text, want := range rows {
		f, err := tui.ParseFilter(text)
		var fault *query.Fault
		if got := f.Query != nil || err != nil; got != want && fault == nil {
			t.Errorf("%s: condition %v (%v)", text, got, err)
		}
	}
}

func TestACaseIsSnoozedAndComesBack(t *testing.T) {
	t.Parallel()
	b := night(4)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("z").sees("Put aside: c-7f3a000000000000", "4h")
	r.press("2").sees("that is Tue 2026-03-03 10:00 UTC")
	r.press("enter").sees("1 escalated, 2 to review, 0 closed, 1 snoozed", "snoozed until Tue 2026-03-03 10:00 UTC").lacks("number 1 ")
	r.press("u").sees("2 escalated", "taken back").lacks("1 snoozed")
	r.press("U").sees("1 snoozed", "done again")
	r.press("v").sees("| snoozed", "aside", "number 1")
	r.press("v", "v", "v").sees("1 of 3")
	// Nothing is written when its time comes: the screen sees it by itself.
	b.mu.Lock()
	b.at = clock().Add(4 * time.Hour)
	b.mu.Unlock()
	r.now = b.at
	r.send(tui.Pulsed())
	r.sees("2 escalated").lacks("snoozed")
	r.press("z").text("soon").press("enter").sees("until when?")
	r.press("esc", "home", "enter", "z", "1", "enter").sees("number 2", "snoozed until") // on to the next
}

func TestAnEmptySnoozeBringsBack(t *testing.T) {
	t.Parallel()
	b := night(2)
	b.cases[0].Row.Until = clock().Add(time.Hour)
	r := sit(t, b, "maria", 80, 24, tui.Options{Place: tui.Place{View: tui.View{State: "snoozed"}}})
	r.press("z", "enter").sees("brought back", "2 escalated")
}

func TestACaseIsTakenAndGivenAway(t *testing.T) {
	t.Parallel()
	b := night(4)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("c").sees("@maria Odd process number 1", "assigned to maria")
	r.press("c").sees("assigned to nobody").lacks("@maria")
	r.press("u").sees("@maria", "taken back: c-7f3a000000000000 assigned to nobody")
	r.press("space", "space", "C")
	r.send(tea.KeyMsg{Type: tea.KeyCtrlU})
	r.text("sam").press("enter").sees("2 cases assigned to sam", "@sam Odd process number 1", "@sam Odd process number 2")
	r.press("u").sees("@maria").lacks("@sam")
	r.press("U").sees("@sam")
	r.press("/").text(`owner == "sam"`).press("enter").sees("1 of 2")
	r.press("enter").sees("@sam")
}

func TestCasesAreMergedAndSplit(t *testing.T) {
	t.Parallel()
	b := night(5)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("M").sees("mark the cases to merge")
	r.press("space", "space", "M").sees("Merge into c-7f3a000000000000", "it would hold 3 alerts in 2 verdicts on ws-12, dc-01", "= c-7f3a000000000000 ws-12", "+ c-7f3a000000000001 dc-01")
	r.press("tab").sees("Merge into c-7f3a000000000001").press("tab").press("enter").sees("it needs a reason")
	r.text("one mail").press("enter").sees("c-7f3a000000000001 merged into c-7f3a000000000000", "1 escalated")
	r.press("enter").sees("EVIDENCE 1 of 2")
	r.press("tab", "j", "space").sees(" * ")
	r.press("S").sees("1 verdict of 2 into a case of their own", "v-7f3a000000000001")
	r.text("two mails").press("enter").sees("1 verdict split off c-7f3a000000000000").lacks("1 of 2")
	r.press("u", "home").sees("EVIDENCE 1 of 2")
	r.press("esc", "u").sees("2 escalated", "number 2")
	r.press("U").sees("1 escalated").lacks("number 2")
}

func TestADecisionIsDoneAgain(t *testing.T) {
	t.Parallel()
	b := night(3)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("U").sees("there is nothing to do again")
	r.press("f", "1", "enter").sees("1 closed").press("u").sees("0 closed")
	r.press("U").sees("1 closed", "done again: c-7f3a000000000000 decided as before")
	r.press("u").sees("0 closed")
	r.press("b", "1", "enter", "U").sees("there is nothing to do again") // what was done anew is the end of it
}

func TestParseUntil(t *testing.T) {
	t.Parallel()
	rows := map[string]string{
		"90m": "2026-03-03T07:30", "4h": "2026-03-03T10:00", "3d": "2026-03-06T06:00", "2w": "2026-03-17T06:00", "18:00": "2026-03-03T18:00",
		"05:00": "2026-03-04T05:00", "tomorrow": "2026-03-04T08:00", "Monday": "2026-03-09T08:00", "tue": "2026-03-10T08:00",
		"2026-03-09": "2026-03-09T08:00", "2026-03-09 18:30": "2026-03-09T18:30",
		"": "until when?", "yesterday": "until when?", "2026-03-03 05:00": "that time has passed", "0m": "that time has passed", "9999d": "more than a year away", "2026-02-30": "until when?",
	}
	for text, want := range rows {
		at, err := tui.ParseUntil(text, clock())
		if got := at.Format("2006-01-02T15:04"); err == nil && got != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v %v, want %s", text, at, err, want)
		}
	}
}
