package render_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/internal/render"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// hostile is what an attacker would write to take over a terminal, a table or a reader's eye.
const hostile = "\x1b]0;owned\a\x1b[2J=cmd|' /C calc'!A0\u202egpj.exe\u200b\r\nESCALATE 0\x9b31m"

type thing struct {
	Type  string `json:"type"`
	Role  string `json:"role"`
	Value string `json:"value"`
	Path  string `json:"path"`
	Trust string `json:"trust"`
}

// verdict makes a verdict as a run makes it: the evidence decided by the default policy.
func verdict(t *testing.T, id, title, host string, ev triage.Evidence) *triage.Verdict {
	t.Helper()
	policy := triage.DefaultPolicy()
	doc, err := json.Marshal(struct {
		Kind       string            `json:"kind"`
		Version    int               `json:"version"`
		ID         string            `json:"id"`
		Format     string            `json:"format"`
		Vendor     string            `json:"vendor"`
		Product    string            `json:"product"`
		Title      string            `json:"title"`
		Action     string            `json:"action"`
		Rule       map[string]string `json:"rule"`
		Input      alert.Place       `json:"input"`
		Techniques []string          `json:"techniques"`
		Entities   []thing           `json:"entities"`
	}{
		"alert", 1, "a-" + id, "wazuh", "Wazuh", "Wazuh", title, "blocked",
		map[string]string{"id": "92032", "name": title},
		alert.Place{Name: "alerts.json", Line: 17, Offset: 20481},
		[]string{"T1059.001", "T1003"},
		[]thing{
			{"host", "target", host, "agent.name", "sensor"},
			{"user", "actor", "alice", "data.user", "attacker"},
			{"ip", "source", "203.0.113.9", "data.srcip", "sensor"},
			{"process_command", "actor", "powershell -enc " + title, "data.cmd", "attacker"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &triage.Verdict{
		Judgement: triage.Decide(ev, &policy), ID: "v-" + id, Case: "c-" + id, Count: 7,
		First: noon, Last: noon.Add(5 * time.Minute), IDs: []string{"a-" + id, "b-" + id}, Alert: escaped(doc), Vendor: ev.Severity, Gaps: ev.Gaps,
	}
}

// escaped spells every character beyond ASCII out, as the program's own documents do with the hidden ones.
func escaped(doc []byte) []byte {
	var b []byte
	for _, r := range string(doc) {
		if r < utf8.RuneSelf {
			b = append(b, byte(r))
		} else {
			b = fmt.Appendf(b, "\\u%04x", r)
		}
	}
	return b
}

func signal(check string, family triage.Family, w triage.Weight, sentence string) triage.Signal {
	return triage.Signal{
		Check: check, Family: family, Trust: alert.Sensor, Weight: w, Sentence: sentence,
		Receipts: []alert.Ref{{Path: "data.srcip", Value: "203.0.113.9"}},
	}
}

// strong is evidence that escalates: terms of one family damped, one cut by its cap, one against.
func strong() triage.Evidence {
	return triage.Evidence{
		Severity: alert.Severity{Score: 47, Vendor: "7"},
		Signals: []triage.Signal{
			signal("intel", triage.Reputation, 3100, "the address is on the list of command and control servers"),
			signal("commands", triage.CommandLine, 2200, "a download cradle"),
			signal("commands", triage.CommandLine, 1500, "an encoded command"),
			signal("outcome", triage.Outcome, -1900, "the product stopped it"),
		},
		Gaps: []alert.Gap{{Check: "assets", Class: alert.Unconfigured, Reason: "no inventory configured"}},
	}
}

func weak() triage.Evidence {
	return triage.Evidence{
		Severity: alert.Severity{Score: 90, Vendor: "critical"},
		Signals:  []triage.Signal{signal("outcome", triage.Outcome, -600, "the product stopped it")},
	}
}

func account() *render.Account {
	return &render.Account{
		Read: 200_000, InVerdicts: 199_998, Groups: 4123, Rejected: 2, WouldClose: 12, Autonomy: triage.Shadow,
		Rejects: []stream.Reject{
			{Input: "alerts.json", Line: 17, Offset: 20481, Reason: "not a JSON value"},
			{Input: "alerts.json", Line: 99, Offset: 1_204_810, Reason: "longer than 4 MiB"},
		},
		Gaps: []stream.Gap{{Input: "more.json.gz", Reason: "the input ends in the middle"}},
	}
}

func paper(width int) render.Paper { return render.NewPaper(term.IO{Width: width}) }

// golden compares with a file under testdata; UPDATE=1 writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs (UPDATE=1 rewrites it); got:\n%s", path, got)
	}
}
