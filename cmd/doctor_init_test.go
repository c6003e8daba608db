package cmd_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/fake/llm"
	"github.com/seed-959697dd/soc/internal/term"
)

var commented = regexp.MustCompile(`(?m)^#(\S| {2,}\S)`)

// loads reads a configuration as it is, and with all that it offers as comments put in force.
func loads(t *testing.T, text string) (asIs, all *config.Config) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "soc.yaml")
	read := func(text string) *config.Config {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(file)
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		return c
	}
	return read(text), read(commented.ReplaceAllString(text, "$1"))
}

// initialise runs soc doctor --init with somebody who answers, or without.
func initialise(t *testing.T, dir, ollama, answers string, tty bool) (out, errs string, status int) {
	t.Helper()
	var o, e strings.Builder
	env := map[string]string{"SOC_CONFIG": filepath.Join(dir, "conf", "soc.yaml"), "OLLAMA_HOST": ollama}
	w := cmd.World{IO: term.IO{In: strings.NewReader(answers), Out: &o, Err: &e, Width: 80, InTTY: tty, ErrTTY: tty}, Env: func(k string) string { return env[k] }, Now: noon}
	status = cmd.Main(t.Context(), []string{"doctor", "--init"}, w)
	return o.String(), e.String(), status
}

func TestAFirstConfigurationWithoutATerminal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	out, errs, status := initialise(t, dir, "127.0.0.1:9", "", false)
	if status != 0 || errs != "" {
		t.Fatalf("status %d: %s", status, errs)
	}
	asIs, all := loads(t, out)
	if len(asIs.Sources) > 0 || asIs.Triage.Model != "" || len(all.Sources) != 8 || all.Triage.Model != "local" || len(all.Assets.Files) != 1 {
		t.Errorf("in force %+v, offered %+v", asIs.Sources, all.Sources)
	}
	if _, err := os.Stat(filepath.Join(dir, "conf")); err == nil {
		t.Error("something was written")
	}
}

func TestAFirstConfigurationFromAnswers(t *testing.T) {
	t.Parallel()
	model := httptest.NewServer(&llm.Server{Model: "demo"})
	defer model.Close()
	dir := t.TempDir()
	answers := strings.Join([]string{
		"splank", "splunk", "", "https://siem.corp.example:8089", "splunk", "test: site", "", "dir", "", "spool", "", "assets.csv", "", "corp.example, corp.test", "y",
	}, "\n") + "\n"
	out, errs, status := initialise(t, dir, model.URL, answers, true)
	if status != 0 || out != "" || !strings.Contains(errs, "splank is none of these") || !strings.Contains(errs, "export SPLUNK_TOKEN=...") {
		t.Fatalf("status %d: %s", status, errs)
	}
	file := filepath.Join(dir, "conf", "soc.yaml")
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := loads(t, string(text))
	one, two := c.Sources["splunk"], c.Sources["test: site"]
	if one.URL != "https://siem.corp.example:8089" || one.TokenEnv != "SPLUNK_TOKEN" || two.Type != "splunk" || !filepath.IsAbs(c.Sources["dir"].Path) {
		t.Errorf("sources are %+v", c.Sources)
	}
	if len(c.Assets.Domains) != 2 || len(c.Assets.Files) != 1 || c.Models["local"].Model != "demo:latest" || c.Triage.Model != "local" {
		t.Errorf("it says %+v %+v", c.Assets, c.Models)
	}

	if _, errs, status := initialise(t, dir, model.URL, answers, true); status != 2 || !strings.Contains(errs, "is there already, and is not written over") {
		t.Errorf("status %d: %s", status, errs)
	}
	if again, err := os.ReadFile(file); err != nil || string(again) != string(text) {
		t.Errorf("it was written over: %v", err)
	}
}

func TestAnswersThatEnd(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, errs, status := initialise(t, dir, "127.0.0.1:9", "splunk\n", true); status != 1 || !strings.Contains(errs, "nothing was written") {
		t.Errorf("status %d: %s", status, errs)
	}
	if _, err := os.Stat(filepath.Join(dir, "conf")); err == nil {
		t.Error("something was written")
	}
}
