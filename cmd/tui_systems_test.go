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
		s.sees(t, "done: investigating c-", "TIMELINE 13", "6 GAPS")
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
