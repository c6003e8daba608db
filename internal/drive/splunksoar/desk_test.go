package splunksoar_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/drive/splunksoar"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/splunksoar"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

func TestAContainerIsClosedAndOpenedAgain(t *testing.T) {
	t.Parallel()
	for name, column := range map[string]string{"with a tag": "", "with a custom field": "verdict"} {
		s := demo(3)
		s.Set(103, "custom_fields", map[string]any{"ticket": "T-1"})
		p := platform(t, s, func(set *splunksoar.Settings) { set.Disposition = column })
		was, err := p.Read(t.Context(), "103")
		if err != nil {
			t.Fatal(err)
		}
		want, err := p.Draft(was, respond.Change{Close: true, Disposition: triage.FalsePositive, Severity: triage.Critical, Owner: "soc", Tags: []string{"seen"}})
		if err != nil || want.Status != "closed" || want.Severity != "high" || want.Owner != "soc" || (column != "") != (want.Disposition == "false_positive") {
			t.Fatalf("%s: %+v %v", name, want, err)
		}
		if err := p.Write(t.Context(), "103", was, want); err != nil {
			t.Fatal(err)
		}
		now, err := p.Read(t.Context(), "103")
		if err != nil || !now.Same(&want) || now.Held != "assigned to soc" || now.Revision == was.Revision {
			t.Fatalf("%s: %+v %v", name, now, err)
		}
		if err := p.Write(t.Context(), "103", now, was); err != nil { // undo
			t.Fatal(err)
		}
		back, err := p.Read(t.Context(), "103")
		if err != nil || !back.Same(&was) || back.Held != "" {
			t.Errorf("%s: %+v %v", name, back, err)
		}
		// Trap: custom fields are merged: the one that is not ours stays.
		for _, c := range s.Rows("container") {
			if fields, ok := c["custom_fields"].(map[string]any); c["id"] == int64(103) && ok && fields["ticket"] != "T-1" {
				t.Errorf("%s: %v", name, fields)
			}
		}
		for _, r := range s.Requests() { // only what differs is written, in one request
			if r.Method == "POST" && r.Path == "/rest/container/103" && gjson.Get(r.Body, "name").Exists() {
				t.Error(r.Body)
			}
		}
	}
}

// Trap: a human changed the container after it was read. Nothing is written.
func TestAPersonWasQuicker(t *testing.T) {
	t.Parallel()
	for name, v := range map[string]any{"status": "open", "severity": "low", "owner_name": "alice", "tags": []any{"mine"}} {
		s := demo(3)
		s.Set(101, "severity", "high")
		p := platform(t, s, nil)
		was, err := p.Read(t.Context(), "101")
		if err != nil {
			t.Fatal(err)
		}
		s.Set(101, name, v)
		want, _ := p.Draft(was, respond.Change{Close: true})
		if err := p.Write(t.Context(), "101", was, want); !errors.Is(err, respond.ErrOvertaken) {
			t.Errorf("%s: %v", name, err)
		}
		if now, _ := p.Read(t.Context(), "101"); now.Status == "closed" || name != "status" && now.Held == "" && name == "owner_name" {
			t.Errorf("%s: %+v", name, now)
		}
	}
}

func TestWhatWasNotWrittenIsAnError(t *testing.T) {
	t.Parallel()
	s := demo(2)
	p := platform(t, s, nil)
	was, err := p.Read(t.Context(), "101")
	if err != nil {
		t.Fatal(err)
	}
	odd := was
	odd.Status = "limbo"
	if err := p.Write(t.Context(), "101", was, odd); err == nil || !strings.Contains(err.Error(), "status is not one of") { // trap: failed:true in a 200
		t.Error(err)
	}
	s.Drop(101)
	if _, err := p.Read(t.Context(), "101"); !errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
	if err := p.Note(t.Context(), "101", "k", "text"); !errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
	for _, item := range []string{"", "../version", "1/2", "-1", "99999999999999999999"} {
		if _, err := p.Read(t.Context(), item); err == nil || errors.Is(err, respond.ErrNoItem) {
			t.Errorf("%q: %v", item, err)
		}
	}
}

func TestANoteIsAddedOnce(t *testing.T) {
	t.Parallel()
	s := demo(2)
	p := platform(t, s, nil)
	for _, key := range []string{"v-1", "v-1", `v-2" or "1"="1`, "v-1", `v-2" or "1"="1`} {
		if err := p.Note(t.Context(), "101", key, "It was a scanner: <img src=//192.0.2.1/p>."); err != nil {
			t.Fatal(err)
		}
	}
	notes := s.Rows("container_note")
	if len(notes) != 2 {
		t.Fatalf("%v", notes)
	}
	if text, _ := notes[0]["content"].(string); !strings.Contains(text, "&#60;img") || strings.Contains(text, "<") { // notes are markup there
		t.Errorf("the note is %q", text)
	}
}

// A hand-over of which the platform took only a part is told as one, and the next one adds what is missing: it looks for each artifact by its
// source id. The note comes last, so that a container with its note has all of them.
func TestAHandOverInPartsBecomesWhole(t *testing.T) {
	t.Parallel()
	for n := 3; n <= 6; n++ { // the request that fails: none was taken yet, some were, all were
		s := &fake.Server{Takes: 2, Fault: func(i int) fault.Fault {
			if i == n {
				return fault.Failed
			}
			return fault.None
		}}
		p := platform(t, s, func(set *splunksoar.Settings) { set.Automation = true })
		first, err := hand(t, p, "")
		if err == nil || first.Record.Note {
			t.Errorf("request %d failed, and the first hand-over says %+v %v", n, first.Record, err)
		}
		second, err := hand(t, p, "")
		if err != nil || second.Outcome != "existing" || !second.Record.Note {
			t.Errorf("request %d: %+v %v", n, second, err)
		}
		started := 0
		sources := map[any]bool{}
		for _, a := range s.Rows("artifact") {
			sources[a["source_data_identifier"]] = true
			if a["run_automation"] == true {
				started++
			}
		}
		if len(s.Rows("artifact")) != 4 || len(sources) != 4 || started != 1 || len(s.Rows("container_note")) != 1 || len(s.Rows("container")) != 1 {
			t.Errorf("request %d: %d artifacts, %d different, automation %d times, %d notes", n, len(s.Rows("artifact")), len(sources), started, len(s.Rows("container_note")))
		}
	}
}
