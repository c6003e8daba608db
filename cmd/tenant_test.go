package cmd_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/respond"
	"github.com/seed-959697dd/soc/triage"
)

// tenant is a system that holds alerts and in which people work on them, in memory.
type tenant struct {
	mu     sync.Mutex
	items  []*item
	pulls  []alert.Pull
	gaps   []alert.Gap
	fail   error // of a pull, after failAt records
	failAt int
	writes int
	deaf   bool // it says yes and does nothing
	asked  chan struct{}
}

type item struct {
	alert.Pulled
	entry respond.Entry
	notes []string
}

func (s *tenant) Pull(ctx context.Context, p alert.Pull, found func(alert.Pulled) error) ([]alert.Gap, error) {
	s.mu.Lock()
	s.pulls = append(s.pulls, p)
	var list []alert.Pulled
	for _, i := range s.items {
		if !i.Changed.Before(p.From) && (p.To.IsZero() || i.Changed.Before(p.To)) && strings.Contains(string(i.Raw), p.Query) {
			list = append(list, i.Pulled)
		}
	}
	gaps, fail, at := s.gaps, s.fail, s.failAt
	s.mu.Unlock()
	if s.asked != nil {
		defer func() {
			select {
			case s.asked <- struct{}{}:
			case <-ctx.Done():
			}
		}()
	}
	slices.SortStableFunc(list, func(a, b alert.Pulled) int { return a.Changed.Compare(b.Changed) })
	for n, one := range list {
		if fail != nil && n == at {
			return nil, fail
		}
		if err := found(one); err != nil {
			return nil, err
		}
	}
	if len(list) <= at && fail != nil {
		return nil, fail
	}
	return gaps, nil
}

func (s *tenant) item(id string) *item {
	for _, i := range s.items {
		if i.Item == id {
			return i
		}
	}
	return nil
}

func (s *tenant) Read(_ context.Context, id string) (respond.Entry, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.item(id); i != nil {
		return i.entry, nil
	}
	return respond.Entry{}, respond.ErrNoItem
}

func (s *tenant) Draft(was respond.Entry, c respond.Change) (respond.Entry, error) {
	want := was
	want.Held, want.Revision = "", ""
	if c.Close {
		want.Status = "closed"
	}
	switch c.Disposition {
	case triage.TruePositive, triage.BenignPositive, triage.FalsePositive:
		want.Disposition = c.Disposition.String()
	case triage.Undetermined:
		if c.Close {
			return want, errors.New("this system has no word for undetermined")
		}
	}
	if c.Severity != triage.NoSeverity {
		want.Severity = c.Severity.String()
	}
	if c.Owner != "" {
		want.Owner = c.Owner
	}
	want.Tags = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(was.Tags), c.Tags...))))
	return want, nil
}

func (s *tenant) Write(_ context.Context, id string, was, want respond.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.item(id)
	switch {
	case i == nil:
		return respond.ErrNoItem
	case !i.entry.Same(&was):
		return respond.ErrOvertaken
	}
	s.writes++
	if !s.deaf {
		i.entry.Status, i.entry.Disposition, i.entry.Severity, i.entry.Owner, i.entry.Tags = want.Status, want.Disposition, want.Severity, want.Owner, want.Tags
	}
	return nil
}

func (s *tenant) Note(_ context.Context, id, key, text string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.item(id)
	if i == nil {
		return respond.ErrNoItem
	}
	if !strings.Contains(text, key) {
		return fmt.Errorf("the note does not say its key")
	}
	if !slices.ContainsFunc(i.notes, func(n string) bool { return strings.Contains(n, key) }) {
		i.notes = append(i.notes, text)
	}
	return nil
}

// wazuh is an alert on a host at a time. Level 12 or more is severe.
func wazuh(id, host string, level int, at time.Time) string {
	return fmt.Sprintf(`{"_id":%q,"_source":{"timestamp":%q,"rule":{"level":%d,"id":"92032","description":"Suspicious cmd.exe launched by winword.exe"},"agent":{"id":"7","name":%q},"manager":{"name":"siem"},"location":"syslog"}}`,
		id, at.Format("2006-01-02T15:04:05.000+0000"), level, host)
}

// add gives the tenant an alert that changed at a time.
func (s *tenant) add(id, raw string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.items = append(s.items, &item{Pulled: alert.Pulled{Raw: []byte(raw), Item: id, Edition: "1", Changed: at}, entry: respond.Entry{Status: "new", Severity: "medium"}})
}

// night is a tenant with two alerts and something that is none.
func night() *tenant {
	s := &tenant{}
	s.add("n-1", wazuh("a1", "ws-01", 5, noon().Add(-3*time.Hour)), noon().Add(-3*time.Hour))
	s.add("n-2", wazuh("a2", "ws-02", 5, noon().Add(-2*time.Hour)), noon().Add(-2*time.Hour))
	s.add("n-3", `"no alert"`, noon().Add(-time.Hour))
	return s
}

// desk is an office in which sources are tenants.
type desk struct {
	*office
	systems map[string]any
}

func newDesk(t *testing.T, systems map[string]any) *desk {
	t.Helper()
	d := &desk{&office{t, t.TempDir()}, systems}
	conf := "sources:\n"
	for name := range systems {
		conf += "  " + name + ": {type: splunk, url: \"https://siem.corp.example\", every: 1s, write_back: true}\n"
	}
	d.write("soc.yaml", conf)
	return d
}

func (d *desk) world(out, errs *strings.Builder, now func() time.Time) cmd.World {
	env := map[string]string{"SOC_CONFIG": d.dir + "/soc.yaml", "SOC_BOOK": d.dir + "/book.db", "XDG_STATE_HOME": d.dir, "USER": "sam"}
	return cmd.World{
		IO: term.IO{In: strings.NewReader(""), Out: out, Err: errs, Width: 80}, Env: func(k string) string { return env[k] }, Now: now,
		System: func(name string) any { return d.systems[name] },
	}
}

// soc runs one command; line is cut at blanks.
func (d *desk) soc(line string) (out, errs string, status int) {
	d.t.Helper()
	var o, e strings.Builder
	status = cmd.Main(d.t.Context(), strings.Fields(line), d.world(&o, &e, noon))
	return o.String(), e.String(), status
}

// says checks an exit status and what stands in the output.
func (d *desk) says(line string, want int, texts ...string) string {
	d.t.Helper()
	out, errs, status := d.soc(line)
	if status != want {
		d.t.Errorf("soc %s: status %d, want %d: %s", line, status, want, errs)
	}
	for _, text := range texts {
		absent := strings.HasPrefix(text, "!")
		if strings.Contains(out+errs, strings.TrimPrefix(text, "!")) == absent {
			d.t.Errorf("soc %s: %q is expected in\n%s\n%s", line, text, out, errs)
		}
	}
	return out
}

func gapOf(class, reason string) alert.Gap {
	return alert.Gap{Class: alert.GapClass(class), Reason: reason}
}
