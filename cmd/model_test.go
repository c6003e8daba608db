package cmd_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/alert/stream"
	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/model/openai"
	"github.com/seed-959697dd/soc/internal/prompt"
	"github.com/seed-959697dd/soc/internal/prompt/probe"
	"github.com/seed-959697dd/soc/internal/term"
	"github.com/seed-959697dd/soc/triage"
)

// place is where runs with a model take place: a home and a soc.yaml of their own.
type place struct {
	t    *testing.T
	dir  string
	conf string
	env  map[string]string
}

func newPlace(t *testing.T, conf string) *place {
	t.Helper()
	dir := t.TempDir()
	p := &place{t: t, dir: dir, conf: filepath.Join(dir, "soc.yaml"), env: map[string]string{"HOME": dir, "XDG_STATE_HOME": filepath.Join(dir, "state")}}
	if err := os.WriteFile(p.conf, []byte(conf), 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

// soc runs the program, which must end well.
func (p *place) soc(args ...string) (out, errs string) {
	p.t.Helper()
	out, errs, status := p.try(args...)
	if status != 0 {
		p.t.Fatalf("soc %s: status %d\n%s", strings.Join(args, " "), status, errs)
	}
	return out, errs
}

// try runs the program.
func (p *place) try(args ...string) (out, errs string, status int) {
	p.t.Helper()
	var stdout, stderr bytes.Buffer
	status = cmd.Main(context.Background(), append([]string{"--config", p.conf}, args...), cmd.World{
		IO:  term.IO{In: strings.NewReader(""), Out: &stdout, Err: &stderr, Width: 100},
		Env: func(name string) string { return p.env[name] },
		Now: time.Now,
	})
	return stdout.String(), stderr.String(), status
}

// verdicts are those of a run, by id; the summary stands under "".
func verdicts(out string) map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(out) {
		switch gjson.Get(line, "kind").Str {
		case "verdict":
			all[gjson.Get(line, "id").Str] = line
		case "summary":
			all[""] = line
		}
	}
	return all
}

func escalated(all map[string]string) (ids []string) {
	for id, v := range all {
		if gjson.Get(v, "route").Str == "escalate" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// everyone asks models about every group that waits for review, near the threshold or not, and decides with all that they say.
type everyone struct {
	t       *testing.T
	records map[string]stream.Record // by input, and offset within it
	set     *alert.Set
	said    map[string]prompt.Reading // by model and verdict
	asked   int
}

func newEveryone(t *testing.T, paths ...string) *everyone {
	t.Helper()
	e := &everyone{t: t, records: map[string]stream.Record{}, said: map[string]prompt.Reading{}}
	var err error
	if e.set, err = alert.NewSet(alert.Options{}); err != nil {
		t.Fatal(err)
	}
	sources, err := stream.Expand(paths, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range sources {
		err := stream.Read(t.Context(), src, stream.Limits{}, func(b stream.Batch) error {
			for _, r := range b.Records {
				e.records[fmt.Sprint(b.Input, " ", r.Line, " ", r.Offset)] = stream.Record{Raw: bytes.Clone(r.Raw), View: bytes.Clone(r.View)}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// escalated are the ids of the verdicts that escalate when each of the models was asked about each.
func (e *everyone) escalated(all map[string]string, ratios map[string]prompt.Ratios, models ...*openai.Client) (ids []string) {
	e.t.Helper()
	policy := triage.DefaultPolicy()
	composer, err := prompt.New(prompt.Settings{Key: []byte("a key of thirty-two bytes, or so")})
	if err != nil {
		e.t.Fatal(err)
	}
	parser := e.set.NewParser()
	for id, doc := range all {
		if id == "" {
			continue
		}
		var past triage.Past
		if err := triage.ReadPast(doc, &past); err != nil {
			e.t.Fatal(err)
		}
		in := gjson.Get(doc, "alert.input")
		r, ok := e.records[fmt.Sprint(in.Get("name").Str, " ", in.Get("line").Int(), " ", in.Get("offset").Int())]
		if !ok {
			e.t.Fatalf("no record at %s", in.Raw)
		}
		if past.Then.Route == triage.Review {
			for _, m := range models {
				e.asked++
				reading, ok := e.said[m.Name()+" "+id]
				if !ok {
					reading = e.ask(parser, composer, m, r)
					e.said[m.Name()+" "+id] = reading
				}
				if s, ok := prompt.Signal(m.Name(), reading, ratios[m.Name()]); ok {
					past.Evidence.Signals = append(past.Evidence.Signals, s)
				}
			}
		}
		if past.Decide(&policy).Route == triage.Escalate {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (e *everyone) ask(parser *alert.Parser, composer *prompt.Composer, m *openai.Client, r stream.Record) prompt.Reading {
	e.t.Helper()
	var a alert.Alert
	if _, err := parser.Parse(&a, r.Raw, r.View); err != nil {
		e.t.Fatal(err)
	}
	q, err := composer.Ask(&a, prompt.About{}, false)
	if err != nil {
		e.t.Fatal(err)
	}
	answer, err := m.Chat(e.t.Context(), q.Request)
	if err != nil {
		e.t.Fatal(err)
	}
	reading, err := q.Read(answer)
	if err != nil {
		e.t.Fatal(err)
	}
	return reading
}

// measured writes what doctor would have kept of a model that is nearly always right, so that its word weighs what it may at most.
func (p *place) measured(names ...string) map[string]prompt.Ratios {
	p.t.Helper()
	composer, err := prompt.New(prompt.Settings{Key: make([]byte, 32)})
	if err != nil {
		p.t.Fatal(err)
	}
	text, err := os.ReadFile(p.conf)
	if err != nil {
		p.t.Fatal(err)
	}
	ratios := prompt.Ratios{Attacks: prompt.Counts{Malicious: 390, Benign: 10}, Harmless: prompt.Counts{Malicious: 10, Benign: 390}}
	all, known := probe.Records{}, map[string]prompt.Ratios{}
	for _, name := range names {
		_, rest, _ := strings.Cut(string(text), name+": {provider: openai, model: mock, url: ")
		url, _, _ := strings.Cut(rest, "}")
		all[name] = probe.Record{Provider: "openai", URL: url, Model: "mock", Prompt: composer.Digest(), At: "2026-03-01T00:00:00Z", Fit: true, Ratios: ratios}
		known[name] = ratios
	}
	dir := filepath.Join(p.env["XDG_STATE_HOME"], "soc")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := all.Write(filepath.Join(dir, "models.json")); err != nil {
		p.t.Fatal(err)
	}
	return known
}

// serve runs a fake server until the test ends.
func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL + "/v1"
}

// TestTheFunnelEscalatesTheSame holds the run, which asks about few groups, to asking about all: on every alert that the project ships,
// for models that say much and little, new ones and measured ones, alone and in a cascade.
func TestTheFunnelEscalatesTheSame(t *testing.T) {
	t.Parallel()
	data := []string{filepath.Join("..", "testdata", "demo"), filepath.Join("..", "testdata", "alert")}
	if testing.Short() {
		data[1] = filepath.Join(data[1], "[a-c]*")
	}
	alarmist, honest := serve(t, &llm.Server{Model: "mock", Persona: llm.Alarmist}), serve(t, &llm.Server{Model: "mock"})
	client := func(name, url string) *openai.Client {
		m, err := openai.New(openai.Settings{Name: name, URL: url, Model: "mock"})
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	loud, sober := client("loud", alarmist), client("sober", honest)
	all := newEveryone(t, data...)
	conf := fmt.Sprintf("models: {loud: {provider: openai, model: mock, url: %s}, sober: {provider: openai, model: mock, url: %s}, pair: {cascade: [sober, loud]}, other: {cascade: [loud, sober]}}", alarmist, honest)
	args := append([]string{"triage", "--no-book", "--json"}, data...)
	out, _ := newPlace(t, conf).soc(args...)
	silent := verdicts(out)
	for _, c := range []struct {
		model    string
		measured bool
		asks     []*openai.Client
	}{
		{"loud", false, []*openai.Client{loud}},
		{"loud", true, []*openai.Client{loud}},
		{"pair", true, []*openai.Client{sober, loud}},
		{"other", true, []*openai.Client{loud, sober}},
	} {
		p := newPlace(t, conf)
		var ratios map[string]prompt.Ratios
		if c.measured {
			ratios = p.measured("loud", "sober")
		}
		out, _ := p.soc(append(slices.Clip(args), "--model", c.model, "--max-calls", "100000", "--model-budget", "10m")...)
		asked := verdicts(out)
		before := all.asked
		want, got := all.escalated(silent, ratios, c.asks...), escalated(asked)
		if !slices.Equal(want, got) {
			t.Errorf("%s: %d escalate, %d when everybody is asked about", c.model, len(got), len(want))
		}
		calls := int(gjson.Get(asked[""], "calls").Int())
		if none := len(escalated(silent)); len(got) <= none || calls == 0 || calls >= all.asked-before {
			t.Errorf("%s: %d escalate and %d without it, after %d calls of %d: this shows nothing", c.model, len(got), none, calls, all.asked-before)
		}
		for id, v := range silent {
			if gjson.Get(asked[id], "score").Int() < gjson.Get(v, "score").Int() {
				t.Errorf("%s: %s is lowered", c.model, id)
			}
		}
		t.Logf("%s: %d calls where everybody would be %d; %d escalate, %d without it", c.model, calls, all.asked-before, len(got), len(escalated(silent)))
	}
}

// TestVolumeCostsNoCalls: twenty times the alerts of a night are the same decisions, and the same calls; three in a thousand at most.
func TestVolumeCostsNoCalls(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "models: {m: {provider: openai, model: mock, url: "+serve(t, &llm.Server{Model: "mock"})+"}}")
	night, err := os.ReadFile(filepath.Join("..", "testdata", "demo", "night.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var many bytes.Buffer
	for line := range bytes.Lines(night) {
		for i := range 20 { // another alert of the same rule at the same moment, by its id
			many.Write(bytes.Replace(line, []byte(`{"_id":"`), fmt.Appendf(nil, `{"_id":"%d-`, i), 1))
		}
	}
	file := filepath.Join(p.dir, "many.ndjson")
	if err := os.WriteFile(file, many.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := p.soc("triage", "--no-book", "--json", "--model", "m", filepath.Join("..", "testdata", "demo"))
	one := verdicts(out)
	out, _ = p.soc("triage", "--no-book", "--json", "--model", "m", file)
	twenty := verdicts(out)
	calls, read := gjson.Get(twenty[""], "calls").Int(), gjson.Get(twenty[""], "read").Int()
	if calls == 0 || calls != gjson.Get(one[""], "calls").Int() || 1000*calls > 3*read {
		t.Errorf("%d calls for %d alerts, %d for the night itself", calls, read, gjson.Get(one[""], "calls").Int())
	}
}

// TestModelsKeepToTheSchemas of verdicts and summaries.
func TestModelsKeepToTheSchemas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("soc.yaml", fmt.Sprintf("models: {a: {provider: openai, model: mock, url: %s, price: {input: 3, output: 15}}, b: {provider: openai, model: mock, url: %s}, pair: {cascade: [a, b]}}",
		serve(t, &llm.Server{Model: "mock", Persona: llm.Liar}), serve(t, &llm.Server{Model: "mock", Persona: llm.Alarmist})))
	out := s.soc("--config @soc.yaml triage --no-book --model pair " + demo)
	all := verdicts(out)
	answers := 0
	for _, id := range slices.Sorted(maps.Keys(all)) {
		answers += len(gjson.Get(all[id], "model.answers").Array())
	}
	if answers < 2 || gjson.Get(all[""], "models.0.cost").Num <= 0 {
		t.Errorf("%d answers; %s", answers, all[""])
	}
	s.soc("--config @soc.yaml triage --no-book --model b --max-calls 0 " + demo)
	s.write("verdicts.ndjson", out)
	if again := s.soc("--config @soc.yaml rescore @verdicts.ndjson --model pair --alerts " + demo); !strings.Contains(again, `"unanswered":0`) {
		t.Errorf("asked anew: %s", again)
	}
	explained := s.soc("--config @soc.yaml triage --no-book --model b --explain " + slices.Sorted(maps.Keys(all))[1] + " " + demo)
	if !gjson.Get(explained, "prose.sentences.0.cites").Exists() {
		t.Errorf("no prose: %s", explained)
	}
}
