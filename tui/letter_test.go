package tui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/tui"
)

// postman writes to two items of a system in memory; one of them is a person's.
type postman struct{ *book }

func items(id, note string) []render.Written {
	one := respond.Writing{Desk: "siem", Item: "n-1", Case: id, Say: "false_positive", Note: note}
	other := one
	other.Item = "n-2\x1b[31m"
	return []render.Written{
		{Writing: one, Draft: respond.Draft{Was: respond.Entry{Status: "new"}, Want: respond.Entry{Status: "closed"}, Note: true}},
		{Writing: other, Draft: respond.Draft{Outcome: respond.RefusedOutcome, Why: "it is a person's: assigned to alice"}},
	}
}

func (p *postman) Drafts(_ context.Context, id string) (tui.Letter, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.torn != nil {
		return tui.Letter{}, p.torn
	}
	if p.find(id).Row.Status != "closed" {
		return tui.Letter{Why: "the case is open: nothing is written back before it is decided"}, nil
	}
	return tui.Letter{Items: items(id, "soc: backup \x1b[2J")}, nil
}

func (p *postman) Write(ctx context.Context, id string, seen []render.Written, told func(respond.Receipt)) error {
	for _, w := range seen {
		r := respond.Receipt{Action: w.Writing.Item, Name: respond.WriteAction, Target: w.Writing.Target(), Outcome: respond.Done, Verified: true}
		if w.Draft.Why != "" {
			r.Outcome, r.Detail = w.Draft.Outcome, w.Draft.Why
		}
		told(r)
		p.mu.Lock()
		p.sent = append(p.sent, "write "+r.Target.Value)
		p.mu.Unlock()
		if p.slow != nil {
			select {
			case <-p.slow:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

func (p *postman) TakeBack(_ context.Context, id string, told func(respond.Receipt)) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sent) == 0 {
		return errors.New("nothing of it stands anywhere")
	}
	p.sent = append(p.sent, "undo")
	told(respond.Receipt{Action: "n-1", Name: respond.WriteAction, Target: respond.Target{Type: respond.DeskItem, Value: "siem/n-1"}, Outcome: respond.Undone, Verified: true})
	return nil
}

func TestACaseIsWrittenBackByTypingTheWord(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		b := night(2)
		r := sit(t, b, "maria", size[0], size[1], tui.Options{})
		r.press("enter", "W").sees("the case is open: nothing is written back").press("e").sees("nothing would be written")
		r.press("u").text("undo").press("enter").sees("Not all of it was taken back", "nothing of it stands anywhere").press("enter")
		if len(b.sent) > 0 {
			t.Fatalf("sent %q", b.sent)
		}
		r.press("esc", "f", "1", "enter", "esc", "v", "v", "home", "enter").sees("c-7f3a000000000000").press("W").sees("would write  siem/n-1", "status new -> closed", `comment: soc: backup \x1b[2J`, `refused  siem/n-2\x1b[31m`, "it is a person's: assigned to alice")
		// A law: whatever is pressed or typed before, nothing is written without the word.
		for _, word := range []string{"", "y", "execute", "Write", "writ"} {
			r.press("e").text(word).press("enter", "esc")
		}
		r.press("e").text("write").press("esc").sees("nothing was done")
		if len(b.sent) > 0 {
			t.Fatalf("sent %q", b.sent)
		}
		r.press("e").sees("type write to go on").text("write").press("enter").sees("RECEIPTS", "done        n-1  write-back siem/n-1", `refused     n-2\x1b[31m`, "written back: c-")
		r.press("u").text("undo").press("enter").sees("undone      n-1", "taken back: c-")
		if got := fmt.Sprint(b.sent); got != "[write siem/n-1 write siem/n-2\x1b[31m undo]" {
			t.Error(got)
		}
		r.press("?").sees("write what is shown, by typing the word", "take back what was written about the case")
	}
}

func TestWhileACaseIsWrittenBackTheKeyboardIsFree(t *testing.T) {
	t.Parallel()
	b := night(3)
	b.cases[0].Row.Status = "closed"
	b.slow = make(chan struct{})
	r := sit(t, b, "maria", 80, 24, tui.Options{Place: tui.Place{View: tui.View{State: "all"}}})
	r.press("home", "enter", "W", "e").text("write")
	step := r.begin(tea.KeyMsg{Type: tea.KeyEnter})
	for !strings.Contains(r.view(), "done        n-1") {
		step()
	}
	r.sees("writing back ...").press("e").sees("wait until it has ended; X stops it")
	r.press("esc", "esc", "j", "W").sees("writing back c-7f3a000000000000 is under way")
	r.press("ctrl+c").sees("writing back is under way; once more leaves")
	r.press("k", "W").sees("done        n-1").press("X").sees("stopping")
	for !strings.Contains(r.view(), "Stopped: c-7f3a000000000000") {
		step()
	}
	r.press("enter").sees("would write  siem/n-1")
	if got := fmt.Sprint(b.sent); got != "[write siem/n-1]" {
		t.Error(got)
	}
}

// What is carried out and what is written back go on beside each other; neither is forgotten for another case.
func TestAPlanAndALetterDoNotWaitForEachOther(t *testing.T) {
	t.Parallel()
	b := night(2)
	b.cases[0].Row.Status = "closed"
	b.plans = []tui.PlanFile{samplePlan(t)}
	b.plans[0].Standing = "approved"
	b.slow = make(chan struct{})
	r := sit(t, b, "maria", 80, 24, tui.Options{Place: tui.Place{View: tui.View{State: "all"}}})
	until := func(step func(), text string) {
		for !strings.Contains(r.view(), text) {
			step()
		}
	}
	r.press("home", "p", "e").text("execute")
	plan := r.begin(tea.KeyMsg{Type: tea.KeyEnter})
	until(plan, "done        a1")
	r.press("esc", "j", "p").sees("carrying out is under way for c-7f3a000000000000")
	r.press("k", "W", "e").text("write")
	post := r.begin(tea.KeyMsg{Type: tea.KeyEnter})
	until(post, "done        n-1")
	r.lacks("a1").press("esc", "ctrl+c").sees("carrying out is under way; once more leaves")
	close(b.slow)
	r.press("p")
	until(plan, "carried out")
	r.sees("done        a1").press("esc", "W")
	until(post, "refused     n-2")
}

func TestACaseIsWrittenBackInLines(t *testing.T) {
	t.Parallel()
	for say, want := range map[string]struct{ text, sent string }{
		"writeback":                 {"would write  siem/n-1", "[]"},
		"writeback execute\nyes":    {"failed: nothing was done", "[]"},
		"writeback execute\nwrite":  {"done        n-1  write-back siem/n-1", "[write siem/n-1 write siem/n-2\x1b[31m]"},
		"writeback undo\nundo":      {"failed: nothing of it stands anywhere", "[]"},
		"writeback undo\nwrite":     {"failed: nothing was done", "[]"},
		"writeback now":             {"failed: writeback now: not execute or undo", "[]"},
		"open 2\nwriteback execute": {"the case is open: nothing is written back before it is decided\nfailed: nothing would be written", "[]"},
	} {
		b := night(2)
		b.cases[0].Row.Status = "closed"
		out := said(t, b, "view all\nopen 1\n"+say+"\n")
		if got := fmt.Sprint(b.sent); !strings.Contains(out, want.text) || got != want.sent {
			t.Errorf("%s: %s\n%s", say, got, out)
		}
	}
}
