package cmd_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/cmd"
)

// talk has lines said to the screen in lines.
func (d *desk) talk(line, say string, want int, texts ...string) string {
	d.t.Helper()
	var out, errs strings.Builder
	w := d.world(&out, &errs, noon)
	w.IO.In = strings.NewReader(strings.ReplaceAll(say, "; ", "\n") + "\n")
	if status := cmd.Main(d.t.Context(), strings.Fields(line), w); status != want {
		d.t.Errorf("soc %s: status %d, want %d: %s", line, status, want, errs.String())
	}
	for _, text := range texts {
		absent := strings.HasPrefix(text, "!")
		if strings.Contains(out.String()+errs.String(), strings.TrimPrefix(text, "!")) == absent {
			d.t.Errorf("soc %s: %q is expected in\n%s\n%s", line, text, out.String(), errs.String())
		}
	}
	return out.String()
}

// sit is a screen of so many columns and lines at the desk.
func (d *desk) sit(width, height int, from ...string) *seat {
	d.t.Helper()
	var out strings.Builder
	return sit(d.t, d.world(&out, &out, noon), d.dir+"/book.db", "sam", width, height, "plain", from...)
}

// TestTheScreenAsksConfiguredSources: systems of soc.yaml are asked from the screen as by soc investigate --from. What one lacks, or that it failed, is a
// gap by its name, and the next question is put to it again.
func TestTheScreenAsksConfiguredSources(t *testing.T) {
	t.Parallel()
	edr, siem := newCabinet(t, "edr", "ws-11.ndjson"), newCabinet(t, "siem", "srv-02.ndjson")
	siem.gaps = []alert.Gap{{Check: "logs", Class: alert.Partial, Reason: "more than 10,000 matched"}}
	d := newDesk(t, map[string]any{"edr": edr, "siem": siem, "mute": "of no use"})
	body, err := os.ReadFile(filepath.Join("..", "testdata", "logs", "ws-11.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	d.says("triage --json "+d.write("alert.ndjson", strings.Split(string(body), "\n")[13]+"\n"), 0)
	d.talk("tui --plain --from edr --from siem", "list; open 1; investigate; ask ip 10.20.0.31", 0, "... question 1, 0 records", "whoami.exe started by cmd.exe",
		"edr, item i-", "siem, item i-", "gap: partial, siem more than 10,000 matched")
	d.talk("tui --plain --from siem --logs "+filepath.Join("..", "testdata", "logs", "ws-11.ndjson"), "list; open 1; ask ip 10.20.0.31", 0, "siem, item i-", "ws-11.ndjson, line ")
	siem.fails = errors.New("401: no right to search")
	before := siem.asked
	d.talk("tui --plain --from edr --from siem", "list; open 1; ask ip 10.20.0.31; investigate; report", 0, "Failed, logs (siem): not searched to the end", "edr, item i-", "gap: failed, siem not searched to the end")
	if n := siem.asked - before; n != 2 {
		t.Errorf("a pivot and a pursuit asked it %d times", n)
	}
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		s := d.sit(size[0], size[1], "edr", "siem")
		s.press("enter", "I")
		s.sees(t, "done: investigating c-", "TIMELINE 12", "6 GAPS")
	}
	for line, want := range map[string]string{
		"tui --plain --from siam":            "no source is called that",
		"tui --plain --from edr --from edr":  "soc tui --from edr",
		"tui --plain --from mute":            "soc tui --logs PATH",
		"tui --plain --from edr --book none": "no casebook",
	} {
		if _, errs, status := d.soc(line); status != 2 || !strings.Contains(errs, want) {
			t.Errorf("soc %s: status %d: %s", line, status, errs)
		}
	}
}

// TestTheScreenWritesBack: what soc cases write-back would write is shown first, written by typing the word, with receipts, and taken back; what was
// decided otherwise since it was shown is not written.
func TestTheScreenWritesBack(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {120, 40}} {
		s := night()
		d := newDesk(t, map[string]any{"siem": s})
		id := caseOf(t, d.says(pull, 0), "n-1")
		d.says("cases close "+id+" --as false_positive --reason backup --confirmed", 0)
		m := d.sit(size[0], size[1])
		m.press("v", "v", "enter", "W")
		m.sees(t, "would write  siem/n-1", "status new -> closed", "comment: soc: false_positive (confirmed), says sam on")
		m.press("e", "yes", "enter", "esc")
		if e, notes := s.says("n-1"); e.Status != "new" || len(notes) > 0 {
			t.Fatalf("a rehearsal wrote %+v %q", e, notes)
		}
		// Somebody takes the decision back and decides otherwise while it is looked at.
		d.says("cases reopen "+id+" --reason hasty", 0)
		m.press("e", "write", "enter")
		m.sees(t, "Not all of it was written back", "is not as it was shown any more, so nothing was written")
		m.press("enter")
		m.sees(t, "the case is open: nothing is written back")
		d.says("cases close "+id+" --as benign_positive --reason backup --confirmed", 0)
		m.press("esc", "W", "e", "write", "enter")
		m.sees(t, "RECEIPTS", "done        siem/n-1  write-back siem/n-1", "note-back", "written back: "+id)
		if e, notes := s.says("n-1"); e.Status != "closed" || e.Disposition != "benign_positive" || len(notes) != 1 {
			t.Errorf("it says %+v %q", e, notes)
		}
		m.press("u", "undo", "enter")
		m.sees(t, "undone      siem/n-1", "taken back: "+id)
		if e, _ := s.says("n-1"); e.Status != "new" || e.Disposition != "" {
			t.Errorf("it says %+v", e)
		}
		d.says("audit verify", 0)
	}
}

// TestWritingBackInLines: the same by words, and what the kill switch or a person at the item keeps from being written is refused.
func TestWritingBackInLines(t *testing.T) {
	t.Parallel()
	s := night()
	d := newDesk(t, map[string]any{"siem": s})
	id := caseOf(t, d.says(pull, 0), "n-1")
	tui := "tui --plain --by maria"
	d.talk(tui, "open "+id+"; writeback", 0, "the case is open: nothing is written back before it is decided")
	d.talk(tui, "open "+id+"; close false_positive backup; writeback; writeback execute; no", 1, "would write  siem/n-1", "failed: nothing was done")
	s.mu.Lock()
	s.item("n-1").entry.Held = "assigned to alice"
	s.mu.Unlock()
	d.talk(tui, "open "+id+"; writeback execute", 1, "it is a person's: assigned to alice", "failed: nothing would be written")
	s.mu.Lock()
	s.item("n-1").entry.Held = ""
	s.mu.Unlock()
	d.talk(tui, "open "+id+"; writeback execute; write", 0, "done        siem/n-1")
	if e, notes := s.says("n-1"); e.Status != "closed" || len(notes) != 1 || !strings.Contains(notes[0], "says maria") {
		t.Errorf("it says %+v %q", e, notes)
	}
	d.talk(tui, "open "+id+"; writeback undo; undo; writeback undo; undo", 1, "undone      siem/n-1", "failed: nothing of it stands anywhere")
	if e, _ := s.says("n-1"); e.Status != "new" {
		t.Errorf("it says %+v", e)
	}
	s.deaf = true
	d.talk(tui, "open "+id+"; writeback execute; write", 1, "failed: 1 of 1 did not take effect, or nobody knows")
	d.says("audit verify", 0)
}
