package tui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/investigate"
	"github.com/seed-959697dd/soc/tui"
)

func (b *book) save(name, text string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.saved[name] != "" {
		return errors.New(name + ": it is there")
	}
	if b.saved == nil {
		b.saved = map[string]string{}
	}
	b.saved[name] = text
	return nil
}

// asker answers as soon as a test lets it.
type asker struct{ *book }

func (a asker) wait(ctx context.Context, told func(string)) error {
	told("question 1, 12 records")
	if a.slow == nil {
		return nil
	}
	select {
	case <-a.slow:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a asker) Pivot(ctx context.Context, _, kind, value string, told func(string)) (*render.Page, error) {
	if value == "" {
		return nil, errors.New("for what?")
	}
	return &render.Page{Title: kind + " " + value + " in the logs", Paras: []render.Para{{Text: "12 records"}, {Text: "logon \x1b[2J of " + value, Indent: 2}}}, a.wait(ctx, told)
}

func (a asker) Pursue(ctx context.Context, id string, told func(string)) error {
	if err := a.wait(ctx, told); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	f := a.find(id)
	f.Events = append(f.Events, investigate.Event{Record: &alert.Alert{Time: clock().Add(-2 * time.Hour)}, Summary: "rundll32 reads lsass", Phase: "credential-access"})
	return nil
}

func (a asker) Describe(ctx context.Context, verdict string, told func(string)) (*render.Page, error) {
	if a.page != nil {
		return a.page, nil
	}
	return &render.Page{Title: verdict + " in the words of model m", Paras: []render.Para{
		{Tone: render.Warn, Text: "These are the words of model m. They decide nothing."},
		{Text: "A process was dumped."},
		{Tone: render.Faint, Indent: 4, Text: "data.win.eventdata.commandLine = comsvcs.dll", Behind: render.Behind{Verdict: verdict, Path: "data.win.eventdata.commandLine"}},
	}}, a.wait(ctx, told)
}

func (a asker) DescribeCase(ctx context.Context, id string, told func(string)) (*render.Page, error) {
	return &render.Page{Title: id + " in the words of model m", Paras: []render.Para{
		{Tone: render.Warn, Text: "These are the words of model m. They decide nothing."},
		{Text: "A tool of attackers is named."},
		{Tone: render.Faint, Indent: 4, Text: "alert a-1 = Odd process", Behind: render.Behind{Verdict: a.cases[0].Strongest()}},
	}}, a.wait(ctx, told)
}

// start types a key and runs what comes of it in the background, as a program does; step takes the next that has come of it.
func (r *rig) start(key string) (step func()) {
	return r.begin(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune(key)})
}

// begin is start with any message.
func (r *rig) begin(first tea.Msg) (step func()) {
	msgs := make(chan tea.Msg, 100)
	run := func(c tea.Cmd) {
		if c != nil {
			go func() { msgs <- c() }()
		}
	}
	m, cmd := r.m.Update(first)
	r.m = m
	run(cmd)
	return func() {
		switch msg := (<-msgs).(type) {
		case nil:
		case tea.BatchMsg:
			for _, c := range msg {
				run(c)
			}
		default:
			var next tea.Cmd
			r.m, next = r.m.Update(msg)
			run(next)
		}
	}
}

func TestAnEntityIsAskedAboutAndNothingWaits(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		b := night(3)
		r := sit(t, b, "maria", size[0], size[1], tui.Options{})
		r.press("enter").press("i").sees("no entity and no indicator stands here")
		for !strings.Contains(r.view(), "> ") || !strings.Contains(current(r.view()), "ws-12.corp") {
			r.press("tab")
			for range 2 {
				r.press("j")
				if strings.Contains(current(r.view()), "ws-12.corp") {
					break
				}
			}
		}
		r.press("i").sees("host ws-12.corp.example.com in the logs", "12 records", `logon \x1b[2J of ws-12`)
		r.press("/").text("logon").press("enter").sees("line 2 of 2")
		r.press("Y").text("found.txt").press("enter").sees("written: found.txt")
		if got := b.saved["found.txt"]; !strings.Contains(got, `logon \x1b[2J`) || strings.Contains(got, "\x1b") {
			t.Errorf("%q", got)
		}
		r.press("Y").text("found.txt").press("enter").sees("it is there")
		r.press("esc").sees("ENTITIES")
	}
}

// current is the line where the cursor is.
func current(view string) string {
	for l := range strings.Lines(view) {
		for _, part := range strings.Split(l, "|") {
			if strings.HasPrefix(part, ">") {
				return part
			}
		}
	}
	return ""
}

func TestWhatIsAskedGoesOnWhileSomebodyWorks(t *testing.T) {
	t.Parallel()
	b := night(4)
	b.slow = make(chan struct{})
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("enter")
	step := r.start("I")
	for !strings.Contains(r.view(), "12 records") {
		step()
	}
	r.sees("investigating c-7f3a000000000000: question 1, 12 records")
	r.press("I").sees("is under way; X stops it")
	r.press("esc", "j", "j", "j", "f", "1", "enter").sees("1 closed") // the keyboard is free
	close(b.slow)
	for !strings.Contains(r.view(), "Done: investigating") {
		step()
	}
	r.press("o").sees("number 1", "rundll32 reads lsass").lacks("investigating c-")
}

func TestWhatIsAskedIsStopped(t *testing.T) {
	t.Parallel()
	b := night(4)
	b.slow = make(chan struct{})
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("X").sees("nothing is being asked")
	r.press("enter")
	step := r.start("d")
	r.press("X").sees("stopping")
	for !strings.Contains(r.view(), "stopped: asking the model about v-7f3a000000000000") {
		step()
	}
	r.lacks("X stops it")
}

func TestAModelDescribesAndDecidesNothing(t *testing.T) {
	t.Parallel()
	b := night(3)
	before := fmt.Sprintf("%+v %s", b.cases[0].Row, b.cases[0].Verdicts[0])
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("enter", "d").sees("v-7f3a000000000000 in the words of model m", "They decide nothing", "data.win.eventdata.commandLine = comsvcs.dll")
	r.press("G", "enter").sees("lit: data.win.eventdata.commandLine")
	r.press("esc").sees("in the words of model m").press("esc").sees("EVIDENCE")
	if after := fmt.Sprintf("%+v %s", b.cases[0].Row, b.cases[0].Verdicts[0]); after != before {
		t.Errorf("the case was changed: %s", after)
	}
}

// What d is about, and in lines describe: the verdict of a case that has no more to it, else the case; a verdict by its name always.
func TestAModelDescribesTheWholeCase(t *testing.T) {
	t.Parallel()
	alone := func(*render.CaseFile) {}
	several := func(f *render.CaseFile) {
		f.Row.Verdicts = 2
		f.Verdicts = append(f.Verdicts, []byte(strings.ReplaceAll(string(f.Verdicts[0]), "v-7f3a000000000000", "v-0000000000000001")))
	}
	investigated := func(f *render.CaseFile) {
		f.Events = []investigate.Event{{Record: &alert.Alert{Time: clock()}, Summary: "whoami"}}
	}
	for name, c := range map[string]struct {
		make             func(*render.CaseFile)
		key, word, title string
	}{
		"one verdict":                 {alone, "d", "describe", "v-7f3a000000000000 in the words of model m"},
		"several verdicts":            {several, "d", "describe", "c-7f3a000000000000 in the words of model m"},
		"investigated":                {investigated, "d", "describe", "c-7f3a000000000000 in the words of model m"},
		"a verdict of several":        {several, "D", "describe v-7f3a000000000000", "v-7f3a000000000000 in the words of model m"},
		"the verdict, for the asking": {alone, "D", "describe v-7f3a000000000000", "v-7f3a000000000000 in the words of model m"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range [][2]int{{80, 24}, {120, 40}} {
				b := night(1)
				c.make(b.cases[0])
				before := fmt.Sprintf("%+v", b.cases[0].Row)
				r := sit(t, b, "maria", size[0], size[1], tui.Options{})
				r.press("enter", c.key).sees(c.title, "They decide nothing").press("G", "enter").sees("Lsass process memory").press("esc", "esc").sees("EVIDENCE")
				if after := fmt.Sprintf("%+v", b.cases[0].Row); after != before {
					t.Errorf("the case was changed: %s", after)
				}
			}
			b := night(1)
			c.make(b.cases[0])
			if out := said(t, b, "list\nopen 1\n"+c.word+"\n"); !strings.Contains(out, "\n"+c.title+"\n") {
				t.Error(out)
			}
		})
	}
	if out := said(t, night(1), "list\nopen 1\ndescribe v-1\n"); !strings.Contains(out, "failed: v-1: no verdict of c-7f3a000000000000") {
		t.Error(out)
	}
}

func TestNobodyIsAskedWhereNobodyIs(t *testing.T) {
	t.Parallel()
	b := night(1)
	who := hand{b, "maria"}
	r := sit(t, b, "maria", 80, 24, tui.Options{Desk: tui.Desk{Queue: who, Reader: who, Decider: who, Responder: who}})
	r.press("enter", "d").sees("there is nobody to ask")
}

func TestATimelineIsLookedAtFromFurtherAway(t *testing.T) {
	t.Parallel()
	b := night(1)
	f := b.cases[0]
	for i := range 90 {
		f.Events = append(f.Events, investigate.Event{
			Record: &alert.Alert{Time: time.Date(2026, 3, 3, 3, 0, i*40, 0, time.UTC)}, Summary: fmt.Sprintf("event number %d", i), Phase: []string{"execution", "credential-access"}[i%2],
		})
	}
	f.Holes = []investigate.Hole{{Source: "proxy", From: clock().Add(-150 * time.Minute), To: clock().Add(-140 * time.Minute), Reason: "no data collected"}}
	r := sit(t, b, "maria", 80, 120, tui.Options{})
	r.press("enter", "-").sees("> TIMELINE by minutes", "event number 2", "HOLE", "2 phases").lacks("event number 4 ")
	r.press("-").sees("TIMELINE by hours", "HOLE", "91 until 03-03 03:59:20").lacks("event number 3")
	r.press("-").sees("TIMELINE by phases", "creden", "HOLE", "45 until")
	r.press("-", "-").sees("TIMELINE by phases")
	r.press("+", "+", "+", "+").sees("> TIMELINE 92", "event number 1")
}

func TestACaseIsReadAsAReport(t *testing.T) {
	t.Parallel()
	b := night(1)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("enter", "R").sees("report of c-7f3a000000000000", "What happened: a process was dumped.")
	r.press("Y").text("r.md").press("enter").sees("written: r.md")
	if got := b.saved["r.md"]; !strings.HasPrefix(got, "# c-7f3a") {
		t.Errorf("%q", got)
	}
	r.press("y").sees("copied: # c-7f3a000000000000").press("q").sees("EVIDENCE")
	r.press("Y").text("part.txt").press("enter").sees("written: part.txt")
	if got := b.saved["part.txt"]; !strings.Contains(got, "EVIDENCE 3") || strings.Contains(got, "TIMELINE") {
		t.Errorf("%q", got)
	}
}

func TestWhatIsKnownOfAnEntityStandsBelowIt(t *testing.T) {
	t.Parallel()
	b := night(1)
	b.cases[0].Met = []render.Met{{Kind: "host", Value: "ws-12.corp.example.com", Estate: "criticality high, laboratory (assets.csv:4)", Open: 2, Closed: 1}, {Kind: "user", Value: `CORP\j.doe`, Estate: "in no inventory"}}
	r := sit(t, b, "maria", 80, 40, tui.Options{})
	r.press("enter").sees("criticality high, laboratory (assets.csv:4)", "in 3 other cases, 2 open: enter lists them", "in no inventory")
}

func TestACaseWithManyVerdictsIsReadInWindows(t *testing.T) {
	t.Parallel()
	b := night(1)
	f := b.cases[0]
	one := f.Verdicts[0]
	for i := range 250 {
		f.Verdicts = append(f.Verdicts, []byte(strings.ReplaceAll(string(one), "v-7f3a000000000000", fmt.Sprintf("v-%016x", i))))
	}
	f.Row.Verdicts = 251
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("enter").sees("EVIDENCE 1 of 251")
	last := func() {
		for range 300 {
			if strings.Contains(current(r.view()), "enter shows the verdicts") && !strings.Contains(current(r.view()), "verdicts 1 to") {
				return
			}
			r.press("tab", "j")
		}
		t.Fatalf("no way on:\n%s", r.view())
	}
	last()
	r.press("enter").sees("EVIDENCE 1 to 100", "EVIDENCE 101 of 251", "verdict: true positive")
	r.press("j").press("enter").sees("EVIDENCE 1 of 251")
}

func TestAMouseIsObeyedWhereOneIs(t *testing.T) {
	t.Parallel()
	r := sit(t, night(40), "maria", 80, 24, tui.Options{})
	click := func(x, y int) {
		r.send(tea.MouseMsg{X: x, Y: y, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
		r.view()
	}
	click(10, 5)
	r.sees("4 of 40")
	r.send(tea.MouseMsg{Action: tea.MouseActionPress, Button: tea.MouseButtonWheelDown})
	r.sees("7 of 40")
	r.send(tea.MouseMsg{Action: tea.MouseActionPress, Button: tea.MouseButtonWheelUp})
	r.sees("4 of 40")
	click(10, 5) // on the cursor's line: it is opened
	r.sees("number 4", "EVIDENCE")
	click(10, 7)
	r.sees("line 3 of")
	for _, place := range [][2]int{{0, 0}, {79, 23}, {500, 500}, {10, 2}, {-1, -1}} {
		click(place[0], place[1])
	}
	r.press("f")
	click(10, 5) // a dialog takes keys only
	r.sees("false positive: c-")
	wide := sit(t, night(3), "maria", 160, 24, tui.Options{})
	wide.press("enter")
	wide.send(tea.MouseMsg{X: 130, Y: 7, Action: tea.MouseActionPress, Button: tea.MouseButtonLeft})
	wide.view()
}
