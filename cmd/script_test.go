package cmd_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/fake/abuseipdb"
	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/term"
)

// TestMain lets a story run soc as a process of its own: its streams, its exit status, its signals.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"soc": func() {
			ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
			defer stop()
			w := cmd.OS(cmd.Build{Version: "test"})
			w.System = exampleSystem(os.Getenv("SOC_TEST_ALERTS"))
			if file := os.Getenv("SOC_TEST_LATER"); file != "" {
				w.Now, w.Stubbed = later(file), true
			}
			os.Exit(cmd.Main(ctx, os.Args[1:], w))
		},
	})
}

// later is a clock that is ahead by what a file says, so that hours pass for several processes at once.
func later(file string) func() time.Time {
	return func() time.Time {
		text, _ := os.ReadFile(file) // none: not yet
		ahead, _ := time.ParseDuration(string(text))
		return time.Now().Add(ahead)
	}
}

func setup(env *testscript.Env) error {
	root, err := filepath.Abs("..")
	if err != nil {
		return err
	}
	env.Setenv("REPO", root)
	env.Setenv("HOME", filepath.Join(env.WorkDir, "home"))
	env.Setenv("XDG_STATE_HOME", filepath.Join(env.WorkDir, "home", "state"))
	env.Setenv("XDG_CONFIG_HOME", filepath.Join(env.WorkDir, "home", "config"))
	env.Setenv("USER", "analyst")
	env.Defer(func() { booksHold(env) })
	env.Setenv("GORACE", "atexit_sleep_ms=0") // else each process that the race detector is in sleeps a second before it ends
	return nil
}

// tampered are the casebooks that stories changed behind their journals' backs.
var tampered sync.Map

// booksHold verifies every other casebook that a story leaves: whatever people do, the journal tells all of it.
func booksHold(env *testscript.Env) {
	err := filepath.WalkDir(env.WorkDir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".db" {
			return err
		}
		if _, ok := tampered.Load(path); ok {
			return nil
		}
		b, err := casebook.Open(context.Background(), path, casebook.Options{ReadOnly: true})
		if err != nil {
			return nil //nolint:nilerr // it is none, or one that the story spoiled
		}
		p, err := b.Verify(context.Background())
		if err == nil {
			err = p.Err()
		}
		return errors.Join(err, b.Close())
	})
	if err != nil {
		env.T().Fatal("a casebook that the story leaves does not hold: ", err)
	}
}

// TestStories runs what a person would do, from bytes to text: testdata/script/*.txtar.
func TestStories(t *testing.T) {
	service := httptest.NewServer(&abuseipdb.Server{
		Key: "0123456789abcdef-secret", Quota: 1000, Now: time.Now,
		Reports: map[string]abuseipdb.Report{"198.51.100.77": {Score: 100, Reports: 250, Users: 40, Last: time.Date(2026, 3, 19, 0, 0, 0, 0, time.UTC)}},
	})
	t.Cleanup(service.Close)
	models := map[llm.Persona]string{}
	for _, name := range []llm.Persona{llm.Honest, llm.Liar, llm.Obedient, llm.Prose} {
		server := httptest.NewServer(&llm.Server{Model: "mock", Persona: name})
		t.Cleanup(server.Close)
		models[name] = server.URL
	}
	platforms := soarFakes(t)
	maps.Copy(platforms, splunkFakes(t))
	maps.Copy(platforms, microsoftFakes(t))
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "testdata", "script"),
		Setup: func(env *testscript.Env) error {
			env.Setenv("ABUSEIPDB_URL", service.URL)
			for name, url := range platforms {
				env.Setenv(name, url)
			}
			for name, url := range models {
				env.Setenv("LLM_"+strings.ToUpper(string(name)), url+"/v1")
			}
			return setup(env)
		},
		Cmds:                map[string]func(*testscript.TestScript, bool, []string){"tamper": tamper},
		RequireExplicitExec: true, RequireUniqueNames: true, UpdateScripts: os.Getenv("UPDATE") != "",
	})
}

// tamper changes a casebook behind its journal's back: tamper FILE STATEMENT.
func tamper(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: tamper FILE STATEMENT")
	}
	tampered.Store(ts.MkAbs(args[0]), true)
	db, err := sql.Open("sqlite", ts.MkAbs(args[0]))
	ts.Check(err)
	_, err = db.ExecContext(context.Background(), args[1])
	ts.Check(errors.Join(err, db.Close()))
}

var fence = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestExamples runs every example of the README, the guide and --help, in a directory that holds the demonstration's alerts as alerts.json.
func TestExamples(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell on this machine")
	}
	examples := map[string][]string{}
	pages, _ := filepath.Glob(filepath.Join("..", "docs", "guide", "*.md"))
	for _, page := range append(pages, filepath.Join("..", "README.md")) {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range fence.FindAllStringSubmatch(string(text), -1) {
			examples[filepath.Base(page)] = append(examples[filepath.Base(page)], lines(block[1])...)
		}
	}
	for name, text := range cmd.Examples() {
		examples[name] = lines(text)
	}
	dir := t.TempDir()
	ids := demoCases(t)
	id := ids[0]
	n := 0
	for name, list := range examples {
		if len(list) == 0 {
			continue
		}
		n += len(list)
		script := "cp $REPO/testdata/demo/night.ndjson alerts.json\ncp $REPO/testdata/demo/night.ndjson alerts.ndjson\nmkdir exports\ncp alerts.json exports/a.ndjson\n" +
			"cp $REPO/testdata/config/soc.yaml soc-example.yaml\nexec soc triage --json alerts.json\ncp stdout verdicts.ndjson\n" +
			"cp $REPO/testdata/config/policy.yaml policy.yaml\ncp $REPO/testdata/precedent/decisions.ndjson decisions.ndjson\n" +
			"exec soc learn --decisions decisions.ndjson --alerts alerts.json --out precedent.json\n"
		if name == "sources.md" || name == "README.md" || slices.Contains([]string{"soc triage", "soc cases write-back", "soc cases undo-write"}, name) {
			script += "cp $REPO/testdata/config/sources.yaml siem.yaml\nenv SOC_CONFIG=siem.yaml\nenv SOC_TEST_ALERTS=$WORK/alerts.json\n"
		}
		if strings.Contains(name, "reopen") {
			script += "exec soc cases close " + id + " --as undetermined --reason none\n"
		}
		if strings.Contains(name, "respond") {
			script += "exec sh $REPO/testdata/respond/tenant.sh\n"
		}
		for _, line := range list {
			line = strings.NewReplacer("c-7f3a", id, "c-4a55", ids[1], "v-4a55", "v-"+strings.TrimPrefix(ids[1], "c-"), "p-7f3a", "$(cat plan-id)").Replace(line)
			script += "exec sh -c '" + strings.ReplaceAll(line, "'", "''") + "'\n"
			if strings.Contains(line, "soc respond plan") && strings.Contains(name, "respond") { // the plan that the next lines speak of
				script += "exec sh -c 'soc respond status --json | head -n 1 > plan.json; sed \"s/.*\\\"id\\\":\\\"\\(p-[0-9a-f]*\\).*/\\1/\" plan.json > plan-id'\n"
			}
		}
		file := filepath.Join(dir, strings.NewReplacer(" ", "-", ".", "-").Replace(name)+".txtar")
		if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n < 10 {
		t.Fatalf("only %d examples found", n)
	}
	testscript.Run(t, testscript.Params{Dir: dir, Setup: setup})
}

// exampleSystem is the siem of examples: it holds the alerts of a file, changed an hour ago.
func exampleSystem(file string) func(string) any {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	s := &tenant{}
	for line := range strings.Lines(string(text)) {
		s.add(fmt.Sprintf("n-%d", len(s.items)+1), strings.TrimSpace(line), time.Now().Add(-time.Hour))
	}
	return func(name string) any {
		if name != "siem" {
			return nil
		}
		return s
	}
}

// demoCases are the ids of escalated cases of the demonstration, of which examples call the first two c-7f3a and c-4a55.
func demoCases(t *testing.T) (ids []string) {
	t.Helper()
	var out bytes.Buffer
	w := cmd.World{IO: term.IO{In: strings.NewReader(""), Out: &out, Err: &out}, Env: func(string) string { return "" }, Now: time.Now}
	if status := cmd.Main(context.Background(), []string{"triage", "--json", "--no-book", filepath.Join("..", "testdata", "demo")}, w); status != 0 {
		t.Fatalf("status %d: %s", status, out.String())
	}
	for line := range strings.Lines(out.String()) {
		if gjson.Get(line, "route").Str == "escalate" {
			ids = append(ids, gjson.Get(line, "case").Str)
		}
	}
	if len(ids) < 2 {
		t.Fatal("too little is escalated")
	}
	return ids
}

// lines are the commands of an example: those that call soc. The README's go commands have a test of their own.
func lines(text string) (list []string) {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if before, _, ok := strings.Cut(line, "  # "); ok {
			line = strings.TrimSpace(before)
		}
		if strings.Contains(line, "soc ") && !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "go ") {
			list = append(list, line)
		}
	}
	return list
}

// TestReadmeFirstCommand runs the main job on shipped data as the README says, from source.
func TestReadmeFirstCommand(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the program")
	}
	text, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	first := "go run ./cmd/soc triage testdata/demo"
	if !strings.Contains(string(text), first) || !strings.Contains(string(text), "go test ./...") {
		t.Fatal("the README does not name the two commands")
	}
	args := strings.Fields(first)
	c := exec.Command(args[0], append(args[1:], "--text", "--no-book")...)
	c.Dir = ".."
	out, err := c.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ESCALATE") {
		t.Fatalf("%v\n%s", err, out)
	}
}
