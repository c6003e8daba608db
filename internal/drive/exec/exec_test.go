//go:build unix

package exec_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/drive/exec"
	"github.com/seed-959697dd/soc/respond"
)

// program is a shell script as the estate would have one: it keeps a file per target.
func program(t *testing.T) (set exec.Settings, dir string) {
	t.Helper()
	dir = t.TempDir()
	script := filepath.Join(dir, "act")
	const text = `#!/bin/sh
case "$1" in
do) printf '%s\n' "$2" > "$(dirname "$0")/state" ;;
undo) rm -f "$(dirname "$0")/state" ;;
probe) env > "$(dirname "$0")/env"; test -f "$(dirname "$0")/broken" && exit 7; test -f "$(dirname "$0")/state" ;;
esac
`
	if err := os.WriteFile(script, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
	return exec.Settings{
		Actions: []string{"isolate-host"}, Path: os.Getenv("PATH"),
		Command: []string{script, "do", "{type}={target}"}, Undo: []string{script, "undo", "{target}"}, Probe: []string{script, "probe", "{target}"},
	}, dir
}

func TestAProgramActsAndIsTakenBack(t *testing.T) {
	t.Setenv("SOC_SECRET", "hunter2")
	set, dir := program(t)
	p, err := exec.New(set)
	if err != nil {
		t.Fatal(err)
	}
	const hostile = "ws-1; touch x $(id) `id` {target} \"' | &"
	target := respond.Target{Type: respond.Host, Value: hostile}
	before, err := p.Probe(t.Context(), "isolate-host", target)
	if err != nil || before.Done {
		t.Fatal(before, err)
	}
	order := respond.Order{Action: "isolate-host", Target: target}
	if err := p.Do(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(filepath.Join(dir, "state")); string(text) != "host="+hostile+"\n" {
		t.Errorf("the program got %q", text)
	}
	if s, err := p.Probe(t.Context(), "isolate-host", target); err != nil || !s.Done {
		t.Error(s, err)
	}
	if err := p.Undo(t.Context(), order); err != nil {
		t.Fatal(err)
	}
	if s, err := p.Probe(t.Context(), "isolate-host", target); err != nil || s.Digest() != before.Digest() {
		t.Error(s, err)
	}
	if env, _ := os.ReadFile(filepath.Join(dir, "env")); strings.Contains(string(env), "hunter2") {
		t.Errorf("it got our environment: %s", env)
	}
	if err := os.WriteFile(filepath.Join(dir, "broken"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := p.Probe(t.Context(), "isolate-host", target); err == nil {
		t.Errorf("a probe that fails is taken for an answer: %+v", s)
	}
	if err := p.Do(t.Context(), respond.Order{Target: respond.Target{Type: respond.Host, Value: "--all"}}); !errors.Is(err, exec.ErrOption) {
		t.Error(err)
	}
}

func TestAProgramWithoutAWayBackIsNotRun(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]exec.Settings{
		"no undo":  {Actions: []string{"isolate-host"}, Command: []string{"x"}, Probe: []string{"y"}},
		"no probe": {Actions: []string{"isolate-host"}, Command: []string{"x"}, Undo: []string{"y"}},
	} {
		p, err := exec.New(set)
		if err != nil {
			t.Fatal(err)
		}
		if ok, _ := p.Does("isolate-host"); ok {
			t.Error(name)
		}
	}
	for name, argv := range map[string][]string{"an unknown placeholder": {"x", "{targets}"}, "a program by placeholder": {"{target}"}} {
		if _, err := exec.New(exec.Settings{Command: argv}); err == nil {
			t.Error(name)
		}
	}
}
