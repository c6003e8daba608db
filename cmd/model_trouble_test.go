package cmd_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/fake/llm"
)

// few are shipped alerts of which some eighty are near the threshold.
func few(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("..", "testdata", "alert", "[a-c]*"))
	if err != nil || len(list) == 0 {
		t.Fatal(list, err)
	}
	return list
}

// heard counts what became of the questions of a run.
type heard struct {
	answers int
	gaps    map[string]int // by reason
}

// whole compares a run with the one without a model: every verdict is there, none is lowered, and each that was to be asked about has an
// answer or a gap.
func whole(t *testing.T, silent, asked map[string]string) heard {
	t.Helper()
	h := heard{gaps: map[string]int{}}
	if len(asked) != len(silent) || len(asked) < 50 {
		t.Errorf("%d verdicts, %d without a model", len(asked)-1, len(silent)-1)
	}
	for id, v := range silent {
		now := asked[id]
		if id == "" {
			continue
		}
		if gjson.Get(now, "score").Int() < gjson.Get(v, "score").Int() {
			t.Errorf("%s was lowered", id)
		}
		switch gap := gjson.Get(now, `gaps.#(check=="model")`); {
		case gap.Exists():
			h.gaps[gap.Get("reason").Str]++
		case gjson.Get(now, "model.answer").Exists():
			h.answers++
		case gjson.Get(now, "model").Exists():
			t.Errorf("%s has neither an answer nor a gap", id)
		}
	}
	return h
}

// TestWavesOfRefusalsAreWaitedOut, with the pauses that the server asks for: every question has its answer in the end.
func TestWavesOfRefusalsAreWaitedOut(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "models: {m: {provider: openai, model: mock, url: "+serve(t, &llm.Server{Model: "mock", Persona: llm.Waves})+"}}")
	args := append([]string{"triage", "--no-book", "--json"}, few(t)[:16]...)
	out, _ := p.soc(args...)
	silent := verdicts(out)
	out, _ = p.soc(append(args, "--model", "m", "--model-budget", "10m")...)
	if h := whole(t, silent, verdicts(out)); h.answers < 10 || len(h.gaps) > 0 {
		t.Errorf("%d answers; gaps %v", h.answers, h.gaps)
	}
}

// TestTroubleLosesNoVerdict: from a server that is slow, busy, broken or none, every question comes back
// as a gap that says why, and the run ends in its time.
func TestTroubleLosesNoVerdict(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "{}")
	args := append([]string{"triage", "--no-book", "--json"}, few(t)...)
	out, _ := p.soc(args...)
	silent := verdicts(out)
	for persona, row := range map[llm.Persona]struct {
		budget string
		says   []string // gaps say one of these
	}{
		llm.Slow:       {"2s", []string{"--model-budget", "no answer in time"}},
		llm.Busy:       {"2s", []string{"--model-budget", "503"}},
		llm.Drops:      {"2s", []string{"--model-budget", "cut off", "broke"}},
		llm.Portal:     {"10m", []string{"no chat completions at this address"}},
		llm.Misfit:     {"10m", []string{"not of the asked shape"}},
		llm.Truncating: {"10m", []string{"cut off"}},
		llm.Filtered:   {"10m", []string{"declined to answer"}},
	} {
		t.Run(string(persona), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, "models: {m: {provider: openai, model: mock, timeout: 1m, url: "+serve(t, &llm.Server{Model: "mock", Persona: persona})+"}}")
			out, _ := p.soc(slices.Concat(args, []string{"--model", "m", "--model-budget", row.budget})...)
			h := whole(t, silent, verdicts(out))
			n := 0
			for reason, times := range h.gaps {
				n += times
				if !slices.ContainsFunc(row.says, func(s string) bool { return strings.Contains(reason, s) }) {
					t.Errorf("a gap says %q", reason)
				}
			}
			if n < 50 || h.answers > 0 {
				t.Errorf("%d gaps, %d answers", n, h.answers)
			}
		})
	}
}

// TestCostIsABound: with prices a run makes no call with which it could cost more than it may, and goes on without.
func TestCostIsABound(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "models: {m: {provider: openai, model: mock, price: {input: 3, output: 15}, url: "+serve(t, &llm.Server{Model: "mock"})+"}}")
	args := append([]string{"triage", "--no-book", "--json"}, few(t)...)
	out, _ := p.soc(args...)
	silent := verdicts(out)
	const most = 0.1 // some twenty calls
	out, _ = p.soc(append(args, "--model", "m", "--model-budget", "10m", "--max-cost", fmt.Sprint(most))...)
	asked := verdicts(out)
	h := whole(t, silent, asked)
	cost := gjson.Get(asked[""], "models.0.cost").Num
	if cost <= 0 || cost > most || h.answers < 5 || h.gaps["not asked: the run has cost what it may (--max-cost)"] < 5 || len(h.gaps) != 1 {
		t.Errorf("%g spent of %g, %d answers, gaps %v", cost, most, h.answers, h.gaps)
	}
}

// TestABoundOnCostAsksTheSameOnes: whom a bound on what a run costs leaves out is not a matter of who is faster, so that its recording
// answers every question when it is replayed.
func TestABoundOnCostAsksTheSameOnes(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "models: {m: {provider: openai, model: mock, price: {input: 3, output: 15}, url: "+serve(t, &llm.Server{Model: "mock"})+"}}")
	args := append([]string{"triage", "--no-book", "--json", "--model", "m", "--model-budget", "10m", "--max-cost", "0.1"}, few(t)...)
	recording := filepath.Join(p.dir, "recording")
	out, _ := p.soc(append(args, "--record", recording)...)
	recorded := verdicts(out)
	for range 5 {
		out, _ = p.soc(append(args, "--replay", recording)...)
		for id, doc := range verdicts(out) {
			if id != "" && gjson.Get(doc, "gaps").Raw != gjson.Get(recorded[id], "gaps").Raw {
				t.Fatalf("%s: gaps %s, recorded with %s", id, gjson.Get(doc, "gaps").Raw, gjson.Get(recorded[id], "gaps").Raw)
			}
		}
	}
}

// TestProvidersByConfiguration asks the dialects of chat completions as the guide's soc.yaml names them.
func TestProvidersByConfiguration(t *testing.T) {
	t.Parallel()
	const key = "sk-0f3b9a71c2d84e65"
	for name, row := range map[string]struct {
		dialect llm.Dialect
		model   string // of soc.yaml, less its address
		path    string // behind the host
	}{
		"openai":    {"", "provider: openai, model: mock, key_env: MODEL_KEY", "/v1"},
		"azure":     {llm.Azure, "provider: openai, model: mock, api_version: 2024-10-21, key_env: MODEL_KEY", ""},
		"anthropic": {llm.Anthropic, "provider: anthropic, model: mock, key_env: MODEL_KEY", "/v1"},
		"gemini":    {llm.Gemini, "provider: openai, model: mock, key_env: MODEL_KEY", "/v1beta/openai"},
		"no seed":   {"", "provider: openai, model: mock, key_env: MODEL_KEY", "/v1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &llm.Server{Model: "mock", Key: key, Dialect: row.dialect, Persona: llm.Alarmist}
			if name == "no seed" {
				server.Rejects = []string{"seed"}
			}
			url := strings.TrimSuffix(serve(t, server), "/v1") + row.path
			p := newPlace(t, "models: {m: {"+row.model+", url: "+url+"}}")
			p.env["MODEL_KEY"] = key
			out, _ := p.soc("triage", "--no-book", "--json", "--model", "m", demo)
			all := verdicts(out)
			said := 0
			for _, id := range slices.Sorted(maps.Keys(all)) {
				if gjson.Get(all[id], "model.answer").Str == "malicious" {
					said++
				} else if gap := gjson.Get(all[id], `gaps.#(check=="model").reason`); gap.Exists() {
					t.Error(gap.Str)
				}
			}
			if said == 0 {
				t.Errorf("no answer: %s", all[""])
			}
		})
	}
}

// TestAKeyStaysWhereItIs: it goes to the server and nowhere else, whatever the server says about it: not to the streams, the casebook and its
// journal, recordings or any other file.
func TestAKeyStaysWhereItIs(t *testing.T) {
	t.Parallel()
	const key = "sk-5e1f07d3a9b24c88-none-of-yours"
	good := &llm.Server{Model: "mock", Key: key}
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // repeats what it was sent, as some proxies do
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprintf(w, `{"error":{"message":"bad request with %s"}}`, r.Header.Get("Authorization"))
	})
	p := newPlace(t, fmt.Sprintf(`models:
  good: {provider: openai, model: mock, key_env: MODEL_KEY, url: %s}
  file: {provider: openai, model: mock, key_file: key.txt, url: %[1]s}
  wrong: {provider: openai, model: mock, key_env: MODEL_KEY, url: %s}
  portal: {provider: openai, model: mock, key_env: MODEL_KEY, url: %s}
  echo: {provider: openai, model: mock, key_env: MODEL_KEY, url: %s}
  gone: {provider: openai, model: mock, key_env: MODEL_KEY, url: "http://127.0.0.1:9/v1"}
  pair: {cascade: [wrong, good]}
`, serve(t, good), serve(t, &llm.Server{Model: "mock", Key: "another"}), serve(t, &llm.Server{Model: "mock", Persona: llm.Portal}), serve(t, echo)))
	p.env["MODEL_KEY"] = key
	keyFile := filepath.Join(p.dir, "key.txt")
	if err := os.WriteFile(keyFile, []byte(key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	book := filepath.Join(p.dir, "book.db")
	var said strings.Builder
	for _, name := range []string{"good", "file", "wrong", "portal", "echo", "gone", "pair"} {
		for _, args := range [][]string{
			{"triage", "--json", "--book", book, "--model", name, "--record", filepath.Join(p.dir, "kept"), demo},
			{"triage", "--text", "--book", book, "--model", name, "--explain", "demo-001", demo},
			{"triage", "--text", "--no-book", "--model", name, "--show-prompt", demo},
		} {
			out, errs, _ := p.try(args...)
			said.WriteString(out + errs)
		}
	}
	for _, args := range [][]string{{"doctor"}, {"doctor", "--json"}, {"cases", "list", "--book", book}, {"status", "--book", book}} {
		out, errs, _ := p.try(args...)
		said.WriteString(out + errs)
	}
	requests := good.Requests()
	if len(requests) < 3 || requests[0].Header.Get("Authorization") != "Bearer "+key || !strings.Contains(said.String(), `"answer":`) {
		t.Fatalf("%d requests: this shows nothing", len(requests))
	}
	for _, r := range requests {
		if strings.Contains(r.Body+r.Path+r.Query, key) {
			t.Error("the key stands outside of its header")
		}
	}
	if strings.Contains(said.String(), key) {
		t.Error("the key was printed")
	}
	files := 0
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path == keyFile {
			return err
		}
		files++
		text, err := os.ReadFile(path)
		if bytes.Contains(text, []byte(key)) {
			t.Errorf("the key stands in %s", d.Name())
		}
		return err
	})
	if err != nil || files < 4 {
		t.Errorf("%d files, %v", files, err)
	}
}
