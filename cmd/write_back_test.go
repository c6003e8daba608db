package cmd_test

import (
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/respond"
)

// breach is a tenant with one alert that needs a person at once, and one that does not.
func breach() *tenant {
	s := &tenant{}
	s.add("n-1", `{"_id":"a1","_source":{"timestamp":"2026-03-14T09:00:00.000+0000","rule":{"level":12,"id":"92032","description":"Mimikatz: credentials dumped"},"agent":{"id":"7","name":"dc-01"},"manager":{"name":"siem"},"location":"EventChannel","data":{"win":{"system":{"eventID":"1","channel":"Microsoft-Windows-Sysmon/Operational","computer":"dc-01"},"eventdata":{"image":"C:\\Users\\Public\\mimikatz.exe","commandLine":"mimikatz.exe sekurlsa::logonpasswords lsadump::dcsync /user:krbtgt exit","parentImage":"C:\\Windows\\System32\\cmd.exe"}}}}}`, noon().Add(-3*time.Hour))
	s.add("n-2", wazuh("a2", "ws-02", 3, noon().Add(-2*time.Hour)), noon().Add(-2*time.Hour))
	return s
}

// caseOf is the case of an item.
func caseOf(t *testing.T, out, item string) string {
	t.Helper()
	for line := range strings.Lines(out) {
		if gjson.Get(line, "alert.input.item").Str == item {
			return gjson.Get(line, "case").Str
		}
	}
	t.Fatalf("no verdict of %s in %s", item, out)
	return ""
}

func (s *tenant) says(id string) (respond.Entry, []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.item(id)
	return i.entry, i.notes
}

// A decision goes back to where its alert came from, and so does its taking back; what a person did there in between stands.
func TestADecisionIsWrittenBackAndTakenBack(t *testing.T) {
	t.Parallel()
	s := night()
	d := newDesk(t, map[string]any{"siem": s})
	out := d.says(pull, 0)
	id, other := caseOf(t, out, "n-1"), caseOf(t, out, "n-2")
	d.says("cases write-back "+id+" --json", 0, `"outcome":"already","detail":"it says so already: status new, severity`, "nothing was written")
	d.says("cases close "+id+" --as false_positive --reason backup --confirmed", 0)
	shown := d.says("cases write-back "+id+" --json", 0, `"kind":"writing"`, `"detail":"status new -> closed, disposition (none) -> false_positive, tags (none) -> soc:decided"`, "says sam on 2026-03-14 12:00 UTC: backup")
	check(t, shipped(t), "writing", shown)
	d.says("cases write-back "+id+" --text", 0, "would write  siem/n-1", "comment: soc: false_positive (confirmed)")
	if e, notes := s.says("n-1"); e.Status != "new" || len(notes) > 0 {
		t.Errorf("a rehearsal wrote %+v %q", e, notes)
	}
	done := d.says("cases write-back "+id+" --execute --json", 0, `"outcome":"done"`, `"name":"note-back"`, "written to 1 item; soc cases undo-write w-")
	check(t, shipped(t), "receipts", done)
	if e, notes := s.says("n-1"); e.Status != "closed" || e.Disposition != "false_positive" || len(notes) != 1 || !strings.Contains(notes[0], "says sam on 2026-03-14 12:00 UTC: backup") {
		t.Errorf("it says %+v %q", e, notes)
	}
	d.says("cases write-back "+id+" --execute --json", 0, `"outcome":"already"`, `!"outcome":"done"`)
	d.says("cases write-back "+id+" --execute --text", 0, "already", "siem/n-1", "it says so already: status closed, disposition false_positive")
	d.says("audit verify", 0)
	d.says("cases undo-write "+id+" --text", 0, "undone", "status closed -> new")
	if e, notes := s.says("n-1"); e.Status != "new" || e.Disposition != "" || len(e.Tags) > 0 || len(notes) != 1 {
		t.Errorf("it says %+v %q", e, notes)
	}
	d.says("cases undo-write "+id, 0, "nothing of that stands")
	d.says("audit verify", 0)

	d.says("cases write-back "+other+" --severity high --owner bob --tag seen --comment look --execute --json", 0, `"outcome":"done"`)
	run := regexp.MustCompile(`"plan":"(w-[0-9a-f]+)"`).FindStringSubmatch(d.says("cases write-back "+other+" --severity critical --execute --json", 0, "severity high -> critical"))[1]
	s.mu.Lock()
	s.item("n-2").entry.Owner = "alice"
	s.mu.Unlock()
	d.says("cases undo-write "+run+" --text", 1, "somebody changed it since: owner bob -> alice")
	if e, _ := s.says("n-2"); e.Severity != "critical" || e.Owner != "alice" {
		t.Errorf("it says %+v", e)
	}
	d.says("cases undo-write w-0", 2, "no run wrote under that name")
}

// What a run says by itself: it raises what needs a person, closes nothing that is open here, and leaves alone what somebody works on.
func TestARunWritesBack(t *testing.T) {
	t.Parallel()
	s := breach()
	d := newDesk(t, map[string]any{"siem": s})
	shown := d.says(pull+" --write-back", 0, `"kind":"writing","version":1,"target":{"type":"item","value":"siem/n-1"}`, `tags (none) -> soc:escalate`, "!siem/n-2", "nothing was written")
	check(t, shipped(t), "run", shown)
	if lines := strings.Split(strings.TrimSpace(shown), "\n"); gjson.Get(lines[len(lines)-1], "kind").Str != "summary" {
		t.Error("the summary is not the last document")
	}
	s.mu.Lock()
	s.item("n-1").entry.Held = "assigned to alice"
	s.mu.Unlock()
	d.says(pull+" --write-back --execute", 0, `"outcome":"refused"`, "it is a person's: assigned to alice", "1 item was not written")
	s.mu.Lock()
	s.item("n-1").entry.Held = ""
	s.mu.Unlock()
	d.write("stop", "")
	conf, err := os.ReadFile(d.dir + "/soc.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d.write("stopped.yaml", string(conf)+"respond: {stop: stop}\n")
	d.says(pull+" --write-back --execute --config "+d.dir+"/stopped.yaml", 0, "the kill switch is on")
	d.says(pull+" --write-back --execute", 0, `"outcome":"done"`, "written to 1 item")
	e, notes := s.says("n-1")
	if e.Status != "new" || strings.Join(e.Tags, " ") != "soc:escalate" || len(notes) != 1 || !strings.Contains(notes[0], "needs a person") || !strings.Contains(notes[0], "mimikatz") {
		t.Errorf("it says %+v %q", e, notes)
	}
	d.says(pull+" --write-back --execute", 0, `"outcome":"already"`, "!written to")
	if _, again := s.says("n-1"); len(again) != 1 {
		t.Errorf("noted %d times", len(again))
	}
	d.says("audit verify", 0)
}

// What is closed here is not closed there while another edition of it is open here, or is not judged yet.
func TestAnItemIsClosedWhenAllOfItIs(t *testing.T) {
	t.Parallel()
	s := night()
	d := newDesk(t, map[string]any{"siem": s})
	id := caseOf(t, d.says(pull, 0), "n-1")
	d.says("cases close "+id+" --as false_positive --reason backup", 0)
	s.add("n-1", wazuh("a1", "ws-01", 9, noon().Add(-20*time.Minute)), noon().Add(-20*time.Minute))
	s.items[len(s.items)-1].Edition = "2"
	again := caseOf(t, d.says(pull+" --since 30m", 0), "n-1")
	if again == id {
		t.Fatal("the new edition is of the same case: the test tells nothing")
	}
	d.says("cases write-back "+id+" --json --execute", 0, `"outcome":"refused"`, "it is not closed here: case "+again+" is about it, too")
	d.says("cases close "+again+" --as false_positive --reason backup", 0)
	d.says("cases write-back "+id+" --json --execute", 0, `"outcome":"done"`)
}

func TestADeskThatSaysYesAndDoesNothing(t *testing.T) {
	t.Parallel()
	s := breach()
	s.deaf = true
	d := newDesk(t, map[string]any{"siem": s})
	d.says(pull+" --write-back --execute", 1, `"outcome":"unverified","verified":false`, "1 of 1 did not take effect")
}

func TestMistakesWithWritingBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, map[string]any{"siem": night()})
	out := d.says(pull, 0)
	id := caseOf(t, out, "n-1")
	for line, want := range map[string]string{
		"triage --execute --from siem":                   "is for --write-back",
		"triage --write-back " + d.write("a.json", "{}"): "no place to be written to",
		pull + " --write-back --no-book":                 "needs the casebook",
		"triage --from siem --output csv --write-back":   "not among rows",
		"cases write-back " + id + " --severity loud":    "not informational",
		"cases write-back c-none":                        "no such case",
		"cases undo-write c-none":                        "no such case",
	} {
		if _, errs, status := d.soc(line); status != 2 || !strings.Contains(errs, want) {
			t.Errorf("soc %s: status %d: %s", line, status, errs)
		}
	}
	d.write("soc.yaml", "sources: {siem: {type: splunk, url: \"https://siem.corp.example\"}}\n")
	d.says(pull+" --write-back", 2, "sources.siem.write_back is not true")
	d.says("cases close "+id+" --as false_positive --reason backup", 0)
	d.says("cases write-back "+id+" --json", 0, `"outcome":"refused","detail":"no source that is written to is called \"siem\""`)
	d.systems["siem"] = puller{}
	d.write("soc.yaml", "sources: {siem: {type: splunk, url: \"https://siem.corp.example\", write_back: true}}\n")
	d.says("cases write-back "+id, 2, "cannot be written to")
}

// puller is a system that can be read only.
type puller struct{}

func (puller) Pull(context.Context, alert.Pull, func(alert.Pulled) error) ([]alert.Gap, error) {
	return nil, nil
}

// What was written about a case is found by the case that its alerts are in by now: after a merge, and after a split.
func TestWhatWasWrittenIsFoundAfterRegrouping(t *testing.T) {
	t.Parallel()
	s := night()
	d := newDesk(t, map[string]any{"siem": s})
	out := d.says(pull, 0)
	id, other := caseOf(t, out, "n-1"), caseOf(t, out, "n-2")
	tags := func(item, want string) {
		t.Helper()
		if e, _ := s.says(item); strings.Join(e.Tags, " ") != want {
			t.Errorf("%s says %+v, want the tags %q", item, e, want)
		}
	}
	d.says("cases write-back "+id+" --tag one --execute", 0)
	d.says("cases merge "+other+" "+id+" --reason mail", 0)
	d.says("cases write-back "+other+" --tag both --execute", 0)
	tags("n-1", "both one")
	tags("n-2", "both")
	d.says("cases undo-write "+id+" --text", 0, "undone")
	tags("n-1", "")
	tags("n-2", "")

	d.says("cases write-back "+other+" --tag again --execute", 0)
	verdict := "v-" + strings.TrimPrefix(id, "c-")
	d.says("cases split "+other+" "+verdict+" --reason apart", 0)
	d.says("cases undo-write "+other+" --text", 0, "siem/n-2", "!siem/n-1")
	tags("n-1", "again")
	d.says("cases undo-write "+id+" --text", 0, "siem/n-1", "!siem/n-2")
	tags("n-1", "")
}

// Whoever judges writes back, also a worker that another one takes alerts in for.
func TestAWorkerWritesBackWhatAnotherTookIn(t *testing.T) {
	t.Parallel()
	s := breach()
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	d.write("slow.yaml", "gap: 1h\n")
	f := d.follow("triage --json --follow --worker --from siem --since 36500d --policy "+d.dir+"/slow.yaml", at(time.Now()), io.Discard)
	<-s.asked
	<-s.asked
	if got := items(f.ends(), "verdict"); len(got) > 0 {
		t.Fatalf("judged %q: nothing was to be due", got)
	}
	book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if n, err := book.Queued(t.Context()); n != 2 || err != nil {
		t.Errorf("%d wait, %v", n, err)
	}
	if _, err := book.DB().ExecContext(t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = '2026-01-01 00:00:00'`); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	f = d.follow("triage --json --follow --worker --write-back --execute", at(time.Now()), io.Discard)
	f.wants("receipt")
	f.ends()
	if e, notes := s.says("n-1"); strings.Join(e.Tags, " ") != "soc:escalate" || len(notes) != 1 {
		t.Errorf("it says %+v %q", e, notes)
	}
	d.says("audit verify", 0)
}

// A system that cannot be used, of which nothing is wanted, keeps nobody from writing to the others. When none can be used it is an error.
func TestOneBrokenSourceKeepsNobodyFromWritingToOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, map[string]any{"siem": breach()})
	broken := `{type: splunk, url: "https://old.corp.example:8089", token_env: NOT_SET, write_back: true}`
	d.write("soc.yaml", "sources:\n  siem: {type: splunk, url: \"https://siem.corp.example\", write_back: true}\n  old: "+broken+"\n")
	out := d.says(pull, 0)
	id := caseOf(t, out, "n-1")
	d.says("cases write-back "+id+" --tag one --execute", 0, `"outcome":"done"`, "soc: sources: old: sources.old: the environment variable NOT_SET is empty: nothing is written there")
	delete(d.systems, "siem")
	d.write("soc.yaml", "sources: {old: "+broken+"}\n")
	d.says("cases write-back "+id+" --tag two --execute", 2, "sources: old: ", "try: soc doctor")
}
