package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// terminal is a real one: a session of tmux of its own.
type terminal struct {
	t      *testing.T
	socket string
	env    []string
}

func (x *terminal) tmux(args ...string) string {
	x.t.Helper()
	c := exec.Command("tmux", append([]string{"-S", x.socket, "-f", os.DevNull}, args...)...)
	c.Env = x.env
	out, err := c.CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %s: %v: %s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// patience is how long a busy machine may take for one step; no step takes it on an idle one.
const patience = 2 * time.Minute

// sees waits until every one of the words is on the screen.
func (x *terminal) sees(words ...string) {
	x.t.Helper()
	screen := ""
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		screen = x.tmux("capture-pane", "-p", "-t", "soc")
		missing := false
		for _, w := range words {
			missing = missing || !strings.Contains(screen, w)
		}
		if !missing {
			return
		}
	}
	x.t.Fatalf("%q never came:\n%s", words, screen)
}

func (x *terminal) keys(keys ...string) {
	x.t.Helper()
	x.tmux(append([]string{"send-keys", "-t", "soc"}, keys...)...)
}

// newTerminal is a tmux server of the test's own.
func newTerminal(t *testing.T, env []string) *terminal {
	t.Helper()
	dir, err := os.MkdirTemp("", "soc") // a socket's path may have a hundred bytes
	if err != nil {
		t.Fatal(err)
	}
	x := &terminal{t: t, socket: filepath.Join(dir, "s"), env: env}
	t.Cleanup(func() {
		_ = exec.Command("tmux", "-S", x.socket, "kill-server").Run()
		_ = os.RemoveAll(dir)
	})
	return x
}

// TestAScreenIsSuspendedAndComesBack stops the screen in a shell and brings it back: in between the terminal is the shell's, with its cursor,
// without the mouse and the other screen.
func TestAScreenIsSuspendedAndComesBack(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not installed")
	}
	soc, err := exec.LookPath("soc")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	env := append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "SOC_BOOK="+filepath.Join(home, "book.db"), "SOC_USER=maria", "TERM=screen-256color", "NO_COLOR=1", "ENV=")
	c := exec.Command(soc, "triage", "--json", filepath.Join("..", "testdata", "demo"))
	c.Env = env
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	x := newTerminal(t, env)
	modes := func(want string) {
		t.Helper()
		is := ""
		for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if is = strings.TrimSpace(x.tmux("display-message", "-p", "-t", "soc", "#{alternate_on} #{cursor_flag} #{mouse_any_flag}")); is == want {
				return
			}
		}
		t.Fatalf("other screen, cursor, mouse: %s, want %s", is, want)
	}
	x.tmux("new-session", "-d", "-s", "soc", "-x", "80", "-y", "24", "sh -i")
	x.keys("'"+soc+"' tui --mouse", "Enter")
	x.sees("9 escalated, 96 to review, 0 closed")
	modes("1 0 1")
	x.keys("Enter")
	x.sees("EVIDENCE")
	x.keys("C-z")
	x.sees("Stopped")
	modes("0 1 0")
	x.keys("fg", "Enter")
	x.sees("EVIDENCE", "u undo")
	modes("1 0 1")
	x.keys("q", "q")
	modes("0 1 0")
}

// TestAScreenInARealTerminal triages the demonstration, opens a case, decides three, takes one back, approves a plan and quits, through
// tmux; then it asks the casebook.
func TestAScreenInARealTerminal(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("SOC_REQUIRE_REAL") != "" {
			t.Fatal("tmux is not installed: apt-get install tmux")
		}
		t.Skip("tmux is not installed")
	}
	soc, err := exec.LookPath("soc")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	book, key := filepath.Join(home, "book.db"), filepath.Join(home, "maria.key")
	env := append(os.Environ(), "HOME="+home, "XDG_STATE_HOME="+filepath.Join(home, "state"), "XDG_CONFIG_HOME="+filepath.Join(home, "config"), "SOC_BOOK="+book, "SOC_USER=maria", "TERM=screen-256color", "NO_COLOR=1")
	run := func(args ...string) string {
		t.Helper()
		c := exec.Command(soc, args...)
		c.Env = env
		out, err := c.Output()
		if err != nil {
			t.Fatalf("soc %s: %v: %s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("triage", "--json", filepath.Join("..", "testdata", "demo"))
	first := gjson.Get(run("cases", "list", "--json", "--route", "escalate", "--limit", "1"), "id").Str
	estateOf(t, home, first, run)

	x := newTerminal(t, env)
	x.tmux("new-session", "-d", "-s", "soc", "-x", "80", "-y", "24", "sh -c '"+soc+" tui --key "+key+"; echo left with status $?; exec cat'")
	x.sees("9 escalated, 96 to review, 0 closed", "> ESCALATE")
	x.keys("Enter")
	x.sees("EVIDENCE", first)
	x.keys("p")
	x.sees("block-ip 203.0.113.9", "waits for approval")
	x.keys("a")
	x.sees("to accept, type block-ip")
	x.keys("block-ip", "Enter")
	x.sees("approved    by maria")
	x.keys("Escape")
	x.sees("EVIDENCE")
	for i, k := range []string{"t", "b", "f"} {
		x.keys(k)
		x.sees("reason:")
		x.keys("1")
		x.keys("Enter")
		x.sees(fmt.Sprintf("%d escalated, 96 to review, %d closed", 8-i, i+1), "EVIDENCE")
	}
	x.keys("u")
	x.sees("7 escalated, 96 to review, 2 closed", "taken back")
	x.tmux("resize-window", "-t", "soc", "-x", "120", "-y", "40")
	x.sees("EVIDENCE", "TIMELINE", "n note")
	x.keys("q")
	x.sees("> ESCALATE", "ALERTS")
	x.keys("q")
	x.sees("left with status 0")
	if flags := strings.TrimSpace(x.tmux("display-message", "-p", "-t", "soc", "#{alternate_on} #{cursor_flag}")); flags != "0 1" {
		t.Errorf("the terminal is not as it was: alternate screen, cursor: %s", flags)
	}

	var closed []string
	for line := range strings.Lines(run("cases", "list", "--state", "closed", "--json")) {
		closed = append(closed, gjson.Get(line, "disposition").Str)
	}
	if got := fmt.Sprint(closed); got != "[true_positive benign_positive]" {
		t.Errorf("closed: %s", got)
	}
	if out := run("respond", "status", "--text"); !strings.Contains(out, "approved") {
		t.Errorf("the plan: %s", out)
	}
	if left := run("tui", "--plain"); !strings.Contains(left, "7 escalated, 96 to review, 2 closed") {
		t.Errorf("the next one finds: %s", left)
	}
}

// estateOf makes keys, a block list as the only driver, and a plan by somebody else for a case.
func estateOf(t *testing.T, home, id string, run func(...string) string) {
	t.Helper()
	maria := run("respond", "keygen", "--out", filepath.Join(home, "maria.key"), "--name", "maria")
	config := filepath.Join(home, "config", "soc", "soc.yaml")
	text := "approvers:\n  " + maria + "respond: {laboratory: [203.0.113.0/24]}\ndrivers:\n  edge: {type: blocklist, path: '" + filepath.Join(home, "block.txt") + "', actions: [block-ip]}\n"
	doc, err := os.ReadFile(filepath.Join("..", "testdata", "respond", "case.ndjson"))
	if err == nil {
		err = os.MkdirAll(filepath.Dir(config), 0o700)
	}
	if err == nil {
		err = os.WriteFile(config, []byte(text), 0o600)
	}
	file := filepath.Join(home, "case.ndjson")
	if err == nil {
		err = os.WriteFile(file, bytes.ReplaceAll(doc, []byte("c-1234abcd"), []byte(id)), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	run("respond", "plan", "--by", "sam", "--json", file)
}
