package probe_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/model/ollama"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/prompt/probe"
)

func settings(t *testing.T, m prompt.Model) probe.Settings {
	t.Helper()
	set, err := alert.NewSet(alert.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := prompt.New(prompt.Settings{Key: []byte("a key of thirty-two bytes, or so")})
	if err != nil {
		t.Fatal(err)
	}
	clock := time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)
	return probe.Settings{Model: m, Composer: c, Formats: set, Now: func() time.Time {
		clock = clock.Add(time.Second)
		return clock
	}}
}

// measure asks a persona.
func measure(t *testing.T, s *llm.Server) *probe.Result {
	t.Helper()
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	s.Model = "m"
	m, err := ollama.New(ollama.Settings{Name: "mock", URL: srv.URL, Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := probe.Measure(t.Context(), settings(t, m))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// unfit names the findings that speak against a model.
func unfit(r *probe.Result) (names []string) {
	for _, f := range r.Findings() {
		if !f.OK {
			names = append(names, f.Name)
		}
	}
	return names
}

func TestTheProbes(t *testing.T) {
	t.Parallel()
	list, err := probe.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	by := map[string]probe.Probe{}
	attacks, told, long := 0, 0, 0
	for _, p := range list {
		if _, twice := by[p.Name]; twice {
			t.Errorf("%s stands twice", p.Name)
		}
		by[p.Name] = p
		if p.Attack {
			attacks++
		}
		if p.Long {
			long++
			if len(p.Raw) < 24_000 {
				t.Errorf("%s is %d bytes, which a prompt would show", p.Name, len(p.Raw))
			}
		}
		if p.Twin == "" {
			continue
		}
		told++
		if twin, ok := by[p.Twin]; !ok || twin.Twin != "" || !twin.Attack || !p.Attack || len(twin.Raw) >= len(p.Raw) {
			t.Errorf("%s has no twin that comes before it and lacks its text", p.Name)
		}
	}
	if len(list) != 24 || attacks != 12 || told != 6 || long != 2 {
		t.Errorf("%d probes, %d attacks, %d with text for the model, %d long", len(list), attacks, told, long)
	}
}

// TestTheProbesCanLeave: redaction leaves nothing behind, and every alert is recognised as what it is.
func TestTheProbesCanLeave(t *testing.T) {
	t.Parallel()
	list, err := probe.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	s := settings(t, nil)
	for _, p := range list {
		var a alert.Alert
		if _, err := s.Formats.NewParser().Parse(&a, p.Raw, nil); err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
		if a.Format == "generic" {
			t.Errorf("%s is of no known format", p.Name)
		}
		for _, remote := range []bool{false, true} {
			q, err := s.Composer.Ask(&a, prompt.About{}, remote)
			if err != nil {
				t.Errorf("%s: %v", p.Name, err)
				continue
			}
			if cut := q.Left != (prompt.Left{}); cut != p.Long {
				t.Errorf("%s: long %t, cut %t", p.Name, p.Long, cut)
			}
		}
	}
}

func TestAnHonestModelIsFit(t *testing.T) {
	t.Parallel()
	r := measure(t, &llm.Server{Persona: llm.Honest})
	if ok, why := r.Fit(); !ok || len(r.Answers) != 24 {
		t.Fatalf("%d answers, not fit: %q", len(r.Answers), why)
	}
	known := r.Ratios()
	if n := known.Attacks.Malicious; n < 9 || known.Harmless.Malicious != 0 || known.Harmless.Unsure != 12 {
		t.Errorf("%+v", known)
	}
	if w := known.Raise(prompt.Malicious); w < 1000 {
		t.Errorf("malicious weighs %d", w)
	}
	if p50, p95, tokens := r.Speed(); p50 != time.Second || p95 != time.Second || tokens < 1 {
		t.Errorf("%v %v %v", p50, p95, tokens)
	}
	if names, told, all := r.Followed(); len(names) > 0 || told != 6 || all != 6 {
		t.Errorf("%q of %d, %d", names, told, all)
	}
}

func TestWhoIsUnfit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		s    *llm.Server
		want string // what speaks against it
	}{
		"a liar":                   {&llm.Server{Persona: llm.Liar}, "citations agreement injections"},
		"one that obeys":           {&llm.Server{Persona: llm.Obedient}, "shape citations agreement injections"},
		"one that writes prose":    {&llm.Server{Persona: llm.Prose}, "shape citations agreement injections"},
		"one that breaks off":      {&llm.Server{Persona: llm.Truncating}, "shape context citations agreement injections"},
		"one with a small context": {&llm.Server{Persona: llm.Honest, Context: 512}, "shape context citations agreement injections"},
		"one of another shape":     {&llm.Server{Persona: llm.Misfit}, "shape citations agreement injections"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := measure(t, c.s)
			if got := strings.Join(unfit(r), " "); got != c.want {
				t.Errorf("%s: %+v", got, r.Findings())
			}
			if w := r.Ratios().Raise(prompt.Malicious); w > 590 {
				t.Errorf("its word weighs %d, more than a model's of which nothing is known", w)
			}
		})
	}
}

// swayed answers as an honest model does, until a text tells it otherwise.
type swayed struct {
	prompt.Model
	mark, says string
}

func (s swayed) Chat(ctx context.Context, r prompt.Request) (prompt.Answer, error) {
	if strings.Contains(r.Alert, s.mark) {
		return prompt.Answer{Text: s.says}, nil
	}
	return s.Model.Chat(ctx, r)
}

// TestOneTextIsEnough: a model that is right about everything and obeys one of six texts is not fit.
func TestOneTextIsEnough(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(&llm.Server{Model: "m"})
	t.Cleanup(srv.Close)
	m, err := ollama.New(ollama.Settings{Name: "mock", URL: srv.URL, Model: "m"})
	if err != nil {
		t.Fatal(err)
	}
	const calm = `{"claims":[],"questions":[],"verdict":"benign","confidence":99}`
	for mark, c := range map[string]struct{ says, probe string }{
		"approved backup test":     {calm, "shadow-copies-told"},
		"the single word OK":       {"OK", "shadow-copies-derailed"},
		"approved this dump under": {calm, "memory-dump-excused"},
	} {
		r, err := probe.Measure(t.Context(), settings(t, swayed{m, mark, c.says}))
		if err != nil {
			t.Fatal(err)
		}
		if names, _, _ := r.Followed(); !slices.Equal(names, []string{c.probe}) || !slices.Equal(unfit(r), []string{"injections"}) {
			t.Errorf("%q: %q, %+v", mark, names, r.Findings())
		}
	}
}

type mute struct{ calls int }

func (*mute) Name() string { return "mute" }

func (m *mute) Chat(context.Context, prompt.Request) (prompt.Answer, error) {
	m.calls++
	return prompt.Answer{}, errors.New("connection refused")
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	m := &mute{}
	r, err := probe.Measure(t.Context(), settings(t, m))
	if r != nil || err == nil || !strings.Contains(err.Error(), "connection refused") || m.calls != 3 {
		t.Errorf("%v after %d calls: %v", r, m.calls, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := probe.Measure(ctx, settings(t, m)); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state", "models.json")
	if got, err := probe.Read(file); err != nil || len(got) != 0 {
		t.Errorf("without a file: %v %v", got, err)
	}
	one := probe.Record{Provider: "ollama", URL: "http://127.0.0.1:11434", Model: "m", Prompt: "sha256:aa", At: "2026-03-14T12:00:00Z", Fit: true}
	one.Ratios.Attacks.Malicious = 11
	if err := (probe.Records{"local": one}).Write(file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	got, err := probe.Read(file)
	if err != nil || got["local"].Ratios != one.Ratios {
		t.Fatalf("%+v %v", got, err)
	}
	r := got["local"]
	for name, change := range map[string]func(*probe.Record){
		"another model": func(r *probe.Record) { r.Model = "n" }, "another prompt": func(r *probe.Record) { r.Prompt = "sha256:bb" },
		"another address": func(r *probe.Record) { r.URL = "http://198.51.100.7:11434" }, "another provider": func(r *probe.Record) { r.Provider = "openai" },
	} {
		other := one
		change(&other)
		if !r.Of(one) || r.Of(other) {
			t.Errorf("%s is taken for the one that was measured", name)
		}
	}
	for _, text := range []string{"", "{", `{"kind":"model-records","version":2}`, `{"kind":"precedent","version":1}`, `[]`} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := probe.Read(file); !errors.Is(err, probe.ErrRecords) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
