package xsoar_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/drive/xsoar"
	"github.com/seed-959697dd/soc/internal/fake/fault"
	fake "github.com/seed-959697dd/soc/internal/fake/xsoar"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

func TestAnIncidentIsClosedAndOpenedAgain(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*fake.Server{"version 6": {Version: 6}, "one without custom fields in lists": {Version: 6, Bare: true}, "version 8": {Version: 8, KeyID: "4", Advanced: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			demo(s, 3)
			p := platform(t, s, nil)
			was, err := p.Read(t.Context(), "42")
			if err != nil || was.Status != "active" || was.Held != "" {
				t.Fatalf("%+v %v", was, err)
			}
			want, err := p.Draft(was, respond.Change{Close: true, Disposition: triage.FalsePositive, Severity: triage.Informational, Owner: "soc", Tags: []string{"seen"}})
			if err != nil || want.Status != "closed" || want.Disposition != "False Positive" || want.Severity != "informational" || strings.Join(want.Tags, " ") != "false_positive seen" {
				t.Fatalf("%+v %v", want, err)
			}
			if err := p.Write(t.Context(), "42", was, want); err != nil {
				t.Fatal(err)
			}
			now, err := p.Read(t.Context(), "42")
			if err != nil || !now.Same(&want) || now.Held != "assigned to soc" {
				t.Fatalf("%+v %v", now, err)
			}
			if err := p.Write(t.Context(), "42", now, was); err != nil { // undo
				t.Fatal(err)
			}
			back, err := p.Read(t.Context(), "42")
			if err != nil || !back.Same(&was) || back.Held != "" {
				t.Errorf("%+v %v", back, err)
			}
			in := s.Incidents()
			if in[0]["status"] == 2 || in[2]["status"] == 2 {
				t.Error("another incident was closed")
			}
			if fields, _ := in[1]["CustomFields"].(map[string]any); len(fields) == 0 {
				t.Error("its custom fields are lost")
			}
			for _, r := range s.Requests() { // trap: all and filter close whatever they match
				if strings.HasSuffix(r.Path, "batchClose") && (gjson.Get(r.Body, "all").Exists() || gjson.Get(r.Body, "filter").Exists() || gjson.Get(r.Body, "ids.#").Int() != 1) {
					t.Error(r.Body)
				}
				if strings.HasSuffix(r.Path, "/incident") && gjson.Get(r.Body, "version").Int() < 1 { // trap: -1 forces
					t.Error(r.Body)
				}
			}
		})
	}
}

// Trap: a human changed the incident after it was read, also in between. Nothing is overwritten.
func TestAPersonWasQuicker(t *testing.T) {
	t.Parallel()
	s := demo(&fake.Server{}, 3)
	p := platform(t, s, nil)
	was, err := p.Read(t.Context(), "42")
	if err != nil {
		t.Fatal(err)
	}
	want, _ := p.Draft(was, respond.Change{Owner: "soc"})
	s.Set("42", "owner", "alice")
	if err := p.Write(t.Context(), "42", was, want); !errors.Is(err, respond.ErrOvertaken) {
		t.Error(err)
	}

	var quick *fake.Server
	quick = demo(&fake.Server{Fault: func(n int) fault.Fault {
		if n == 3 { // between the reading before the write and the write
			quick.Set("42", "details", "mine")
		}
		return fault.None
	}}, 3)
	p = platform(t, quick, nil)
	if was, err = p.Read(t.Context(), "42"); err != nil {
		t.Fatal(err)
	}
	want, _ = p.Draft(was, respond.Change{Close: true, Owner: "soc"})
	if err := p.Write(t.Context(), "42", was, want); !errors.Is(err, respond.ErrOvertaken) {
		t.Error(err)
	}
	if in := quick.Incidents()[1]; in["owner"] != "" || in["status"] != 1 {
		t.Errorf("%v", in)
	}
}

func TestWhatWasNotWrittenIsAnError(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]fault.Fault{"refused in a 200": fault.Failed, "too many requests": fault.Busy, "a page for people": fault.Portal} {
		s := demo(&fake.Server{Fault: func(n int) fault.Fault {
			if n == 3 {
				return wrong
			}
			return fault.None
		}}, 3)
		p := platform(t, s, nil)
		was, err := p.Read(t.Context(), "42")
		if err != nil {
			t.Fatal(err)
		}
		want, _ := p.Draft(was, respond.Change{Close: true})
		if err := p.Write(t.Context(), "42", was, want); err == nil || s.Incidents()[1]["status"] != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	p := platform(t, demo(&fake.Server{}, 1), nil)
	if _, err := p.Read(t.Context(), "77"); !errors.Is(err, respond.ErrNoItem) {
		t.Error(err)
	}
	for _, item := range []string{"", `4" or id:"42`, "../x"} {
		if _, err := p.Read(t.Context(), item); err == nil || errors.Is(err, respond.ErrNoItem) {
			t.Errorf("%q: %v", item, err)
		}
	}
}

// Trap: a closed investigation takes no entry (412), a pending incident has none. What is said of a closed one stands in its notes on closing, once.
func TestANoteHasItsPlace(t *testing.T) {
	t.Parallel()
	s := demo(&fake.Server{}, 2)
	p := platform(t, s, nil)
	if err := p.Note(t.Context(), "41", "v-1", "It was a scanner."); err != nil || len(s.Entries("41")) != 1 || !strings.Contains(s.Entries("41")[0], "v-1") {
		t.Errorf("%v %v", s.Entries("41"), err)
	}
	s.Close("41")
	for _, key := range []string{"v-2", "v-2", "v-3"} {
		if err := p.Note(t.Context(), "41", key, "It was ours."); err != nil {
			t.Error(err)
		}
	}
	if notes, _ := s.Incidents()[0]["closeNotes"].(string); strings.Count(notes, "It was ours.") != 2 || len(s.Entries("41")) != 1 {
		t.Error(notes)
	}
	quick := demo(&fake.Server{}, 1) // closed between the reading and the note
	quick.Fault = func(n int) fault.Fault {
		if n == 2 {
			quick.Close("41")
		}
		return fault.None
	}
	if err := platform(t, quick, nil).Note(t.Context(), "41", "v-1", "text"); !errors.Is(err, xsoar.ErrClosed) {
		t.Error(err)
	}
	if _, err := hand(t, p, ""); err != nil { // one without an investigation
		t.Fatal(err)
	}
	if err := p.Note(t.Context(), "43", "v-2", "text"); err == nil || !strings.Contains(err.Error(), "no war room") {
		t.Error(err)
	}
}

// What a note quotes was written by an attacker: the war room is not to read it as Markdown.
func TestANoteIsNoMarkup(t *testing.T) {
	t.Parallel()
	s := demo(&fake.Server{}, 1)
	var said string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if strings.HasSuffix(r.URL.Path, "/entry") {
			said = string(body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	p := platform(t, s, func(set *xsoar.Settings) { set.URL = server.URL })
	if err := p.Note(t.Context(), "41", "v-1", "![x](//192.0.2.1/p)"); err != nil {
		t.Fatal(err)
	}
	if v := gjson.Get(said, "markdown"); v.Bool() || !strings.Contains(said, "192.0.2.1") {
		t.Errorf("it was sent %s", said)
	}
}
