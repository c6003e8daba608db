package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/casebook"
)

// response is several processes of soc that answer for one firewall, which is a directory and a shell script, and a clock that all of them read.
type response struct {
	*crew
	plan  string
	steps []string // of the journal
}

// gate is the firewall. It writes down who takes back what; while there is a file hang, that takes long,
// and it comes to nothing when whoever asked for it has died.
const gate = `case $1 in
do)
  test -e "$2/slow" && sleep 0.3
  touch "$2/in-force-$3" ;;
undo)
  echo "$3 $PPID" >> "$2/undone"
  while test -e "$2/hang"; do sleep 0.05; done
  kill -0 $PPID 2>/dev/null || exit 1
  rm -f "$2/in-force-$3" ;;
probe) test -e "$2/in-force-$3" ;;
esac
`

// newResponse makes a plan that blocks so many addresses.
func newResponse(t *testing.T, book string, targets int) *response {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell on this machine")
	}
	dir := t.TempDir()
	r := &response{crew: &crew{t: t, dir: dir, book: book, conf: filepath.Join(dir, "soc.yaml"), env: []string{"SOC_TEST_LATER=" + filepath.Join(dir, "later")}}}
	r.write("gate.sh", gate)
	r.write("soc.yaml", "")
	key := r.do("respond keygen --out maria.key --name maria")
	do := func(what string) string {
		return fmt.Sprintf("[%q, %q, %s, %q, '{target}']", sh, r.file("gate.sh"), what, dir)
	}
	r.write("soc.yaml", "approvers:\n  "+key+`respond: {laboratory: [198.51.100.0/24]}
drivers: {gate: {type: exec, actions: [block-ip, isolate-host], command: `+do("do")+`, undo: `+do("undo")+`, probe: `+do("probe")+"}}\n")
	wants := make([]string, targets)
	for i := range wants {
		wants[i] = fmt.Sprintf(`{"action":"block-ip","target":{"type":"ip","value":"198.51.100.%d"},"why":"a test"}`, i+1)
	}
	r.plan = r.planFor("c-1234abcd", wants...)
	return r
}

// planFor makes a plan of what a case recommends.
func (r *response) planFor(id string, wants ...string) string {
	r.t.Helper()
	r.write("case.ndjson", `{"kind":"case","version":1,"id":"`+id+`","severity":"low","recommended":[`+strings.Join(wants, ",")+"]}\n")
	plan := gjson.Get(r.do("respond plan --by sam --json case.ndjson"), "id").Str
	if plan == "" {
		r.t.Fatal("no plan")
	}
	return plan
}

func (r *response) file(name string) string { return filepath.Join(r.dir, name) }

// write puts a file there as a whole: no process reads half of it, least of all of the clock.
func (r *response) write(name, text string) {
	r.t.Helper()
	err := os.WriteFile(r.file("new"), []byte(text), 0o600)
	if err == nil {
		err = os.Rename(r.file("new"), r.file(name))
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// do runs a command to its end.
func (r *response) do(line string) string {
	r.t.Helper()
	if err := r.start(line).Wait(); err != nil {
		r.t.Fatalf("soc %s: %v", line, err)
	}
	return r.outs[len(r.outs)-1].String()
}

// blocked is how many addresses are.
func (r *response) blocked() int {
	list, _ := filepath.Glob(r.file("in-force-*"))
	return len(list)
}

// undone is who took back what: pairs of an address and a process.
func (r *response) undone() (list [][2]string) {
	text, _ := os.ReadFile(r.file("undone"))
	for line := range bytes.Lines(text) {
		if target, pid, ok := strings.Cut(strings.TrimSpace(string(line)), " "); ok {
			list = append(list, [2]string{target, pid})
		}
	}
	return list
}

// watches starts two watches and has them block everything: the plan is handed to whichever comes first.
func (r *response) watches(targets int) (list [2]*exec.Cmd) {
	r.t.Helper()
	for i := range list {
		list[i] = r.start("respond watch --json --by night-" + fmt.Sprint(i))
	}
	r.do("respond approve " + r.plan + " --key maria.key --accept-risk block-ip --carry-out")
	until(r.t, "all is blocked", func() bool { return r.blocked() == targets })
	b := r.open()
	until(r.t, "all is verified", func() bool {
		return count(r.t, b, `SELECT COUNT(*) FROM steps WHERE stage = 'verified' AND outcome = 'done'`) == targets
	})
	return list
}

func (r *response) open() *casebook.Book {
	r.t.Helper()
	b, err := casebook.Open(r.t.Context(), r.book, casebook.Options{Now: time.Now})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = b.Close() })
	return b
}

// end interrupts watches and checks that all was taken back, and that each process said what it did.
func (r *response) end(list ...*exec.Cmd) {
	r.t.Helper()
	b := r.open()
	until(r.t, "all is taken back", func() bool {
		return count(r.t, b, `SELECT COUNT(*) FROM steps WHERE stage <> 'ended' OR outcome <> 'undone'`) == 0
	})
	for _, p := range list {
		if err := p.Process.Signal(os.Interrupt); err != nil {
			r.t.Fatal(err)
		}
		_ = p.Wait()
		if status := p.ProcessState.ExitCode(); status != 130 {
			r.t.Errorf("a watch ended with %d", status)
		}
	}
	if p, err := b.Verify(r.t.Context()); err != nil || p.Err() != nil {
		r.t.Error(err, p.Err())
	}
	if r.blocked() != 0 {
		r.t.Errorf("%d are still blocked", r.blocked())
	}
}

// TestTwoWatchesTakeBackOnce: two processes answer for what is due in one casebook. A plan is carried out once, and each action taken back once.
func TestTwoWatchesTakeBackOnce(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, name string) {
		const targets = 6
		r := newResponse(t, name, targets)
		list := r.watches(targets)
		r.write("later", "4h1m")
		r.end(list[:]...)
		times := map[string]int{}
		for _, one := range r.undone() {
			times[one[0]]++
		}
		if len(times) != targets {
			t.Errorf("taken back: %v", times)
		}
		for target, n := range times {
			if n != 1 {
				t.Errorf("%s was taken back %d times", target, n)
			}
		}
		said := map[string]int{}
		for _, out := range r.outs[len(r.outs)-3:] {
			for line := range strings.Lines(out.String()) {
				said[gjson.Get(line, "outcome").Str]++
			}
		}
		if said["done"] != targets || said["undone"] != targets {
			t.Errorf("the watches said %v", said)
		}
	})
}

// TestAWatchDiesTakingBack: of two watches the one that is taking an action back dies of SIGKILL in the middle of it. The other asks the target,
// finds it still in force, and takes it back.
func TestAWatchDiesTakingBack(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, name string) {
		r := newResponse(t, name, 1)
		list := r.watches(1)
		r.write("hang", "")
		r.write("later", "4h1m")
		until(t, "one takes it back", func() bool { return len(r.undone()) > 0 })
		busy := slices.IndexFunc(list[:], func(p *exec.Cmd) bool { return fmt.Sprint(p.Process.Pid) == r.undone()[0][1] })
		if busy < 0 {
			t.Fatalf("%v is neither watch", r.undone())
		}
		if err := list[busy].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = list[busy].Wait()
		if err := os.Remove(r.file("hang")); err != nil || r.blocked() != 1 {
			t.Fatal(err, r.blocked())
		}
		r.write("later", "4h4m")
		r.end(list[1-busy])
		if done := r.undone(); len(done) != 2 || done[1][1] != fmt.Sprint(list[1-busy].Process.Pid) {
			t.Errorf("taken back: %v", done)
		}
		interrupted := 0
		err := r.open().Journal(t.Context(), 1, func(rec *casebook.Record) error {
			r.steps = append(r.steps, fmt.Sprint(rec.At.Format(time.StampMilli), " ", rec.By, " ", string(rec.What)))
			if said := gjson.GetManyBytes(rec.What, "stage", "detail"); said[0].Str == "verified" && strings.Contains(said[1].Str, "taking it back was interrupted") {
				interrupted++
			}
			return nil
		})
		if err != nil || interrupted != 1 {
			t.Errorf("settled %d times (%v):\n%s", interrupted, err, strings.Join(r.steps, "\n"))
		}
	})
}

// What needs no queue makes none: a new casebook has the tables of one from the first hand-over on.
func TestTheQueueIsMadeWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	r := newResponse(t, filepath.Join(t.TempDir(), "book.db"), 1)
	tables := func() int {
		return count(t, r.open(), `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name LIKE 'river_%'`)
	}
	r.write("alerts.json", `{"id":"a-1","timestamp":"2026-03-01T10:00:00Z","rule_id":"r-1","rule_name":"Odd process","title":"Odd process","severity":"medium","hostname":"ws-1"}`+"\n")
	r.do("triage --json alerts.json")
	r.do("respond approve " + r.plan + " --key maria.key --accept-risk block-ip")
	r.do("respond apply " + r.plan)
	r.do("respond status")
	if n := tables(); n != 0 {
		t.Errorf("%d tables", n)
	}
	r.do("respond approve " + r.plan + " --key maria.key --accept-risk block-ip --carry-out")
	if n := tables(); n == 0 {
		t.Error("no tables")
	}
}

// TestPlansAtOnceKeepTheCaps: two plans are handed over at the same time, to two watches that each could carry out both. Together they take away no more
// hosts than one may.
func TestPlansAtOnceKeepTheCaps(t *testing.T) {
	t.Parallel()
	everywhere(t, func(t *testing.T, name string) {
		r := newResponse(t, name, 1)
		host := func(n int) string {
			return fmt.Sprintf(`{"action":"isolate-host","target":{"type":"host","value":"ws-%d"},"why":"a test"}`, n)
		}
		plans := []string{r.planFor("c-1", host(1), host(2)), r.planFor("c-2", host(3), host(4))}
		list := r.watches(1)
		r.write("slow", "")
		var both []*exec.Cmd
		for _, plan := range plans {
			both = append(both, r.start("respond approve "+plan+" --key maria.key --accept-risk isolate-host --carry-out"))
		}
		for _, p := range both {
			if err := p.Wait(); err != nil {
				t.Fatal(err)
			}
		}
		b := r.open()
		until(t, "both are carried out", func() bool { return count(t, b, `SELECT COUNT(*) FROM errands WHERE ended IS NULL`) == 0 })
		if n := r.blocked() - 1; n != 3 {
			t.Errorf("%d hosts are isolated", n)
		}
		refused := ""
		for _, plan := range plans {
			for line := range strings.Lines(r.do("respond status --json " + plan)) {
				if gjson.Get(line, "outcome").Str == "refused" {
					refused += gjson.Get(line, "detail").Str
				}
			}
		}
		if refused != "cap: more than 3 hosts at a time, of an unknown number" {
			t.Errorf("refused: %q", refused)
		}
		for _, plan := range plans { // nothing ends a host's isolation but people
			r.do("respond undo " + plan)
		}
		r.write("later", "4h1m")
		r.end(list[:]...)
	})
}
