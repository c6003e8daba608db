package tui_test

import (
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

func TestAnAnalystDecidesUndoesAndGoesOn(t *testing.T) {
	t.Parallel()
	b := night(5)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.sees("2 escalated, 3 to review, 0 closed", "> ESCALATE  critical  25 m", "number 1")
	r.press("enter")
	r.sees("EVIDENCE 3", "a process is dumped through comsvcs.dll", "2 GAPS: baseline unconfigured")
	r.press("t").sees("true positive: c-7f3a000000000000")
	r.press("1", "tab", "enter")
	r.sees("number 2", "c-7f3a000000000000: true positive, confirmed", "1 escalated, 3 to review, 1 closed")
	r.press("f").text("backup job").press("enter")
	r.sees("number 3", "false positive, asserted")
	if d := b.cases[1].Decisions[0]; d.Reason != "backup job" || d.By != "maria" || d.Certainty != "asserted" {
		t.Errorf("%+v", d)
	}
	r.press("u").sees("taken back: c-7f3a000000000001 is open again", "number 2")
	r.press("u").sees("taken back: c-7f3a000000000000 is open again", "number 1")
	r.press("u").sees("there is nothing to take back")
	r.press("esc").sees("2 escalated, 3 to review, 0 closed")
	if r.press("q"); !r.quit {
		t.Error("q does not quit")
	}
}

func TestADecisionNeedsAReason(t *testing.T) {
	t.Parallel()
	b := night(2)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("f", "enter").sees("a decision needs a reason")
	r.press("space", "enter").sees("a decision needs a reason")
	r.press("esc").sees("nothing was decided")
	if len(b.cases[0].Decisions) != 0 {
		t.Error("decided all the same")
	}
}

// Between a decision and the file of the next case a key is about neither.
func TestNobodyDecidesWhatTheyHaveNotSeen(t *testing.T) {
	t.Parallel()
	b := night(3)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("enter", "t", "1")
	m, cmd := r.m.Update(tea.KeyMsg{Type: tea.KeyEnter})
	var decided tea.Msg
	for _, c := range flat(cmd) {
		decided = c()
	}
	r.m, cmd = m.Update(decided)
	r.lacks("number 1")
	r.m, _ = r.m.Update(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("b")})
	r.sees("the case is being read").lacks("benign positive:")
	r.obey(cmd)
	r.sees("number 2")
	r.press("b").sees("benign positive: c-7f3a000000000001")
}

// flat are the commands of a batch.
func flat(cmd tea.Cmd) (list []tea.Cmd) {
	if cmd == nil {
		return nil
	}
	msg := cmd()
	batch, ok := msg.(tea.BatchMsg)
	if !ok {
		return []tea.Cmd{func() tea.Msg { return msg }}
	}
	for _, c := range batch {
		list = append(list, flat(c)...)
	}
	return list
}

func TestTwoScreensDecideTheSameCase(t *testing.T) {
	t.Parallel()
	b := night(3)
	maria, sam := sit(t, b, "maria", 80, 24, tui.Options{}), sit(t, b, "sam", 80, 24, tui.Options{})
	maria.press("enter", "t", "1")
	sam.press("enter", "f").text("the scanner of the day")
	maria.press("enter")
	sam.press("enter")
	sam.sees("was decided by somebody else first", "decided by maria: true positive", "the scanner of the day")
	if got := b.cases[0].Decisions; len(got) != 1 || got[0].By != "maria" {
		t.Errorf("%+v", got)
	}
	sam.press("n")
	if n := b.cases[0].Notes; len(n) != 1 || !strings.Contains(n[0].Text, "the scanner of the day") {
		t.Errorf("what sam said is lost: %+v", n)
	}
	maria.sees("number 2")
	third := sit(t, b, "eve", 80, 24, tui.Options{}).sees("1 escalated, 1 to review, 1 closed")
	maria.press("b", "1", "enter")
	third.send(tui.Pulsed())
	third.sees("0 escalated, 1 to review, 2 closed", "> review", "1 of 1")
}

func TestADialogThatOpensByItselfWaitsForQuiet(t *testing.T) {
	t.Parallel()
	for range 2 { // every time
		b := night(3)
		maria, sam := sit(t, b, "maria", 80, 24, tui.Options{}), sit(t, b, "sam", 80, 24, tui.Options{})
		sam.press("enter")
		maria.press("f", "1", "enter")
		sam.hit("j") // sam is typing when the message comes
		sam.send(tui.Pulsed())
		sam.sees("was decided meanwhile", "by maria")
		for range 5 {
			sam.now = sam.now.Add(100 * time.Millisecond)
			sam.hit("enter")
			sam.hit("]")
		}
		sam.sees("was decided meanwhile")
		sam.press("enter").lacks("was decided meanwhile")
	}
}

func TestNewCasesDoNotMoveTheCursor(t *testing.T) {
	t.Parallel()
	b := night(60)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	for range 30 {
		r.press("j")
	}
	line := func() string {
		for l := range strings.Lines(r.view()) {
			if strings.HasPrefix(l, ">") {
				return l
			}
		}
		return ""
	}
	row := func() int {
		for i, l := range strings.Split(r.view(), "\n") {
			if strings.HasPrefix(l, ">") {
				return i
			}
		}
		return -1
	}
	before, at := line(), row()
	more := night(70)
	b.mu.Lock()
	b.cases = append(more.cases[60:], b.cases...)
	b.seq++
	b.mu.Unlock()
	r.send(tui.Pulsed())
	r.sees("68 to review")
	if line() != before || row() != at {
		t.Errorf("the cursor was moved: %q at %d, was %q at %d", line(), row(), before, at)
	}
}

func TestManyAreDecidedWithOneReason(t *testing.T) {
	t.Parallel()
	b := night(9)
	r := sit(t, b, "maria", 120, 40, tui.Options{})
	r.press("o").sees("by rule", "wazuh 92900  3 cases")
	r.press("space").sees(" *+ wazuh 92900", "3 marked")
	r.press("b").sees("3 cases, with one reason")
	r.press("2", "enter").sees("3 cases: benign positive")
	n := 0
	for _, f := range b.cases {
		if f.Row.Disposition == "benign_positive" && f.Row.Rule == "wazuh 92900" {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d of 3 are decided", n)
	}
	r.press("u").sees("9", "open again")
	for _, f := range b.cases {
		if f.Row.Status != "open" {
			t.Errorf("%s is not open again", f.Row.ID)
		}
	}
}

func TestTheQueueIsFoundWhereItWasLeft(t *testing.T) {
	t.Parallel()
	b := night(9)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("/").text("host:ws-12").press("enter", "j", "T")
	r.sees("| /host:ws-12", "> review    info")
	m, _ := r.m.(tui.Model)
	again := sit(t, b, "maria", 80, 24, tui.Options{Place: m.Place()})
	if again.view() != r.press("j", "k").view() {
		t.Errorf("left:\n%s\nfound:\n%s", r.view(), again.view())
	}
}

func TestAPivotLeadsToOtherCasesAndBack(t *testing.T) {
	t.Parallel()
	b := night(9)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("enter", "tab", "tab", "j", "enter")
	r.sees("| all, /host:ws-12.corp.example.com", "number 5", "esc goes back").lacks("number 2")
	r.press("enter").sees("ENTITIES")
	r.press("esc", "esc").sees("1 of 9").lacks("| all")
	r.press("space").sees("1 marked")
	r.press("esc").lacks("marked")
}

func TestManyThatSomebodyElseDecidedAreToldAtOnce(t *testing.T) {
	t.Parallel()
	b := night(4)
	maria, sam := sit(t, b, "maria", 80, 24, tui.Options{}), sit(t, b, "sam", 80, 24, tui.Options{})
	maria.press("a", "f", "1")
	sam.press("space", "space", "space", "b", "1", "enter")
	maria.press("enter").sees("3 cases were decided by somebody else first", "decided by sam: benign positive")
	if d := b.cases[3].Decisions; len(d) != 1 || d[0].By != "maria" {
		t.Errorf("the one that was free is not decided: %+v", d)
	}
	maria.press("enter").sees("0 escalated, 0 to review, 4 closed", "nothing waits for a person")
}

func TestAViewIsKeptUnderAName(t *testing.T) {
	t.Parallel()
	b := night(9)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("/").text("host:dc-01").press("enter", "s", "w").text("controllers").press("enter").sees("kept: controllers")
	r.press("esc").lacks("/host:dc-01")
	m, _ := r.m.(tui.Model)
	again := sit(t, b, "maria", 80, 24, tui.Options{Place: m.Place()})
	again.press("w").sees("1  controllers  /host:dc-01, oldest first")
	again.press("1").sees("| /host:dc-01, oldest first")
	again.press("w").text("-controllers").press("enter").sees("forgotten: controllers")
	again.press("w").lacks("1  controllers")
}

func TestAFilterSaysWhatIsWrongWithIt(t *testing.T) {
	t.Parallel()
	r := sit(t, night(3), "maria", 80, 24, tui.Options{})
	r.press("/").text("-x colour:red").press("enter").sees("filter: -x _colour:red", "        "+strings.Repeat(" ", 3)+"^", "colour: no such field")
	r.press("esc", "/").text("nowhere").press("enter").sees("no case has that")
}

func TestEnterOnATermShowsItsPlaceInTheAlert(t *testing.T) {
	t.Parallel()
	r := sit(t, night(1), "maria", 80, 24, tui.Options{})
	r.press("enter", "j", "j", "enter")
	r.sees("alert a-1", "lit: data.win.eventdata.commandLine")
	lit := 0
	for l := range strings.Lines(r.view()) {
		if strings.HasPrefix(l, ">=") || strings.HasPrefix(l, " =") {
			lit++
		}
	}
	if lit == 0 {
		t.Errorf("no line is lit without colour:\n%s", r.view())
	}
	r.press("/").text("mitre").press("enter").sees(`"mitre": {`)
	r.press("tab").sees("as received")
	r.press("esc").sees("EVIDENCE")
}

func TestPastedTextIsNoCommand(t *testing.T) {
	t.Parallel()
	b := night(2)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("f1"), Paste: true})
	r.sees("pasted is no command")
	r.press("f")
	r.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune("two\nlines \x1b[31mred"), Paste: true})
	r.sees("two lines [31mred")
}

func TestWhatHappenedWhileSuspendedIsSeenAfterwards(t *testing.T) {
	t.Parallel()
	b := night(3)
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	m, cmd := r.m.Update(tea.KeyMsg{Type: tea.KeyCtrlZ})
	r.m = m
	suspended := false
	for _, c := range flat(cmd) {
		_, yes := c().(tea.SuspendMsg)
		suspended = suspended || yes
	}
	if !suspended {
		t.Error("ctrl+z does not suspend")
	}
	sit(t, b, "sam", 80, 24, tui.Options{}).press("f", "1", "enter")
	r.sees("2 escalated")
	r.send(tea.ResumeMsg{})
	r.sees("1 escalated", "1 closed")
}

// A theme says nothing that the plain one does not: without its colours every frame is the same.
func TestThemesOnlyColour(t *testing.T) {
	t.Parallel()
	keys := []string{"enter", "j", "-", "+", "esc", "f", "esc", "o", "space", "o", "z", "esc", "?", "esc", "p", "esc", "c", "/"}
	plain := sit(t, night(30), "maria", 120, 40, tui.Options{Plain: true})
	if m, _ := plain.m.(tui.Model); m.View() != sequence.ReplaceAllString(m.View(), "") {
		t.Error("no colour has colours")
	}
	for _, name := range tui.Themes() {
		plain, r := sit(t, night(30), "maria", 120, 40, tui.Options{Place: tui.Place{Theme: "plain"}}), sit(t, night(30), "maria", 120, 40, tui.Options{Place: tui.Place{Theme: name}})
		for _, k := range keys {
			if got, want := r.press(k).view(), plain.press(k).view(); got != want {
				t.Errorf("%s after %s:\n%s\nplain:\n%s", name, k, got, want)
			}
		}
		if coloured := r.m.View() != r.view(); coloured != (name != "plain") {
			t.Errorf("%s has colours: %v", name, coloured)
		}
	}
	r := sit(t, night(3), "maria", 80, 24, tui.Options{Place: tui.Place{Theme: "dark"}})
	for _, name := range []string{"light", "contrast", "plain", "dark"} {
		r.press("T").sees("theme: " + name)
	}
}

func TestEveryKeyHasOneMeaning(t *testing.T) {
	t.Parallel()
	for _, clash := range tui.Clashes() {
		t.Error(clash)
	}
}

func TestAScreenFitsAnyTerminal(t *testing.T) {
	t.Parallel()
	r := sit(t, night(30), "maria", 80, 24, tui.Options{})
	steps := []string{"enter", "tab", "enter", "esc", "esc", "?", "esc", ":", "esc", "f", "esc", "p", "esc", "o", "enter"}
	for i, size := range [][2]int{{80, 24}, {20, 8}, {33, 9}, {200, 60}, {120, 40}, {300, 100}, {160, 12}, {81, 25}} {
		r.w, r.h = size[0], size[1]
		r.send(tea.WindowSizeMsg{Width: r.w, Height: r.h})
		for _, k := range steps[i%len(steps):] {
			r.press(k)
			r.view()
		}
		r.press("esc", "esc", "esc", "home")
	}
}

func TestAPlanIsApprovedByTypingEachRisk(t *testing.T) {
	t.Parallel()
	b := night(1)
	b.plans = []tui.PlanFile{samplePlan(t)}
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("p").sees("block-ip 203.0.113.9", "waits for approval", "needs one")
	r.press("e").text("execute").press("enter").sees("Not carried out", "not approved")
	r.press("enter")
	r.press("a").sees("to accept, type block-ip")
	r.press("enter").sees("nothing was approved")
	r.press("a").text("block-ip").press("enter").sees("approved    by maria")
	r.press("e").text("yes").press("enter").sees("that is not execute")
	for range 3 {
		r.press("backspace")
	}
	r.text("execute").press("enter").sees("done        a1  block-ip 203.0.113.9", "carried out")
	r.press("u").text("undo").press("enter").sees("undone      a1")
}

// At level 3 of the ladder one key agrees, on the screen and in lines; another agrees to nothing, and carrying out is typed as ever.
func TestAtLevelThreeOneKeyApproves(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		b := night(1)
		b.plans = []tui.PlanFile{samplePlan(t)}
		b.plans[0].Assisted = []string{"block-ip"}
		r := sit(t, b, "maria", size[0], size[1], tui.Options{})
		r.press("p", "a").sees("at level 3 of the ladder: y accepts these risks", "block-ip: ").press("a", "enter", "n").sees("at level 3").press("esc").sees("nothing was approved")
		if len(b.plans[0].Approvals) > 0 {
			t.Fatal("approved by another key")
		}
		r.press("a", "y").sees("approved    by maria").press("e").sees("type execute to go on")
		if got := b.plans[0].Approvals[0].Risks; got != nil {
			t.Errorf("risks %q were named by nobody", got)
		}
	}
	for say, want := range map[string]string{"y": "agreed to ", "block-ip": "failed: nothing was approved", "Y": "failed: nothing was approved"} {
		b := night(1)
		b.plans = []tui.PlanFile{samplePlan(t)}
		b.plans[0].Assisted = []string{"block-ip"}
		if out := said(t, b, "list\nopen 1\napprove\n"+say+"\n"); !strings.Contains(out, want) {
			t.Errorf("%s: %s", say, out)
		}
	}
}

func TestHostileAlertsAreDrawnCleanly(t *testing.T) {
	t.Parallel()
	b := night(1)
	hostile := "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u200b\r\n\tあ漢字" + strings.Repeat("A", 10_000)
	f := b.cases[0]
	f.Row.Title, f.Row.Host, f.Row.User, f.Row.Owner = hostile, hostile, hostile, hostile
	f.Met = []render.Met{{Kind: "host", Value: hostile, Estate: hostile, Open: 3}}
	f.Events = []investigate.Event{{Record: &alert.Alert{Time: clock()}, Summary: hostile, Phase: hostile, Why: hostile}, {Record: &alert.Alert{Time: clock()}, Summary: hostile, Phase: "execution"}}
	f.Holes = []investigate.Hole{{Source: hostile, From: clock(), To: clock(), Reason: hostile}}
	other := night(2).cases[1]
	other.Row.Title, other.Row.Host = hostile, hostile
	b.cases = append(b.cases, other)
	b.page = &render.Page{Title: hostile, Paras: []render.Para{{Text: hostile}, {Text: hostile, Indent: 21, Tone: render.Warn}, {Text: ""}}, Plain: hostile}
	f.Notes = []render.CaseNote{{By: hostile, Text: hostile, At: clock()}}
	f.Similar = []render.SimilarCase{{Case: "c-1", Title: hostile, Reason: hostile, By: hostile, Disposition: "false_positive"}}
	f.Verdicts[0] = hostileVerdict(hostile, 5000)
	b.raw["v-7f3a000000000000"] = &render.RawAlert{ID: hostile, Input: hostile, Received: []byte(`{"a":"` + strings.Repeat(`\u001b[31m`, 2000) + `"}`)}
	for _, size := range [][2]int{{80, 24}, {120, 40}, {200, 60}} {
		r := sit(t, b, "maria", size[0], size[1], tui.Options{})
		r.view()
		r.press("enter")
		r.sees(`\x1b[2J`, "5000")
		for range 40 {
			r.press("pgdown")
			r.view()
		}
		r.press("home", "f")
		r.view()
		r.press("esc", "r")
		r.view()
		r.press("space", "end", "esc", "G")
		r.view()
		for _, k := range []string{"-", "-", "-", "G", "+", "R", "G", "y", "esc", "d", "G", "esc", "I", "z", "1", "esc", "C", "esc", "S", "esc", "Y", "esc", "esc"} {
			r.press(k)
			r.view()
		}
		r.press("a", "M").sees("it would hold")
		r.press("tab")
		r.view()
		r.press("esc", "z")
		r.view()
		r.press("esc", "/").text("x == \x1b").press("enter")
		r.view()
		r.press("esc", "a")
	}
}

func TestACaseThatCannotBeReadIsSaidCleanly(t *testing.T) {
	t.Parallel()
	b := night(2)
	b.torn = errors.New("torn: \x1b]0;owned\x07\u202egnp.exe\n" + strings.Repeat("A", 10_000))
	r := sit(t, b, "maria", 80, 24, tui.Options{})
	r.press("enter").sees(`torn: \x1b]0;owned\x07\u202egnp.exe`)
}

func hostileVerdict(text string, n int) []byte {
	b := fmt.Appendf(nil, `{"kind":"verdict","version":1,"id":"v-7f3a000000000000","alert":{"title":%[1]s,"entities":[{"type":"host","role":"target","value":%[1]s,"path":"x"}]},"score":%[2]d,"base":-2944,"signals":[`, quote(text), n-2944)
	for i := range n {
		if i > 0 {
			b = append(b, ',')
		}
		said := text
		if i > 3 {
			said = text[:400]
		}
		b = fmt.Appendf(b, `{"check":"x","term":1,"sentence":%[1]s,"receipts":[{"path":"a.b","value":%[1]s}]}`, quote(said))
	}
	return append(b, `],"gaps":[]}`...)
}
