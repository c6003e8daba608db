package cmd_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/config"
	"github.com/seed-959697dd/soc/internal/term"
)

var yamlFence = regexp.MustCompile("(?s)```yaml\n(.*?)```")

// TestGuideConfigurations reads every piece of soc.yaml that the guide shows, so that whoever copies one has no mistake in it.
func TestGuideConfigurations(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	pages, _ := filepath.Glob(filepath.Join("..", "docs", "guide", "*.md"))
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range yamlFence.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(block[1], "\ndetection:") { // a Sigma rule
				continue
			}
			n++
			file := filepath.Join(dir, fmt.Sprintf("%s-%d.yaml", filepath.Base(page), i+1))
			if err := os.WriteFile(file, []byte(block[1]), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := config.Load(file); err != nil {
				t.Error(err)
			}
		}
	}
	if n < 5 {
		t.Fatalf("only %d pieces found", n)
	}
}

// TestGuideSourcesCanBePastedAlone sets up each source that the guide shows with nothing else in soc.yaml but what it names.
func TestGuideSourcesCanBePastedAlone(t *testing.T) {
	t.Parallel()
	dir, n := t.TempDir(), 0
	authority := httptest.NewTLSServer(nil)
	authority.Close()
	put := func(name string, text []byte) string {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
		return filepath.Join(dir, name)
	}
	file := regexp.MustCompile(`[\w/.-]+\.(pem|secret|creds)\b`)
	there := func(path string) string {
		put(filepath.Base(path), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate().Raw}))
		return filepath.Base(path)
	}
	world := cmd.World{
		Now: caseClock, IO: term.IO{Out: io.Discard, Err: io.Discard},
		Env: func(name string) string {
			return map[bool]string{true: "0123456789abcdef0123456789abcdef"}[name == strings.ToUpper(name) && strings.Contains(name, "_")]
		},
	}
	pages, _ := filepath.Glob(filepath.Join("..", "docs", "guide", "*.md"))
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for i, block := range yamlFence.FindAllStringSubmatch(string(text), -1) {
			var all struct {
				Sources map[string]any `yaml:"sources"`
				SOAR    map[string]any `yaml:"soar"`
			}
			if yaml.Unmarshal([]byte(file.ReplaceAllStringFunc(block[1], there)), &all) != nil {
				continue // with Sigma's two documents; TestGuideConfigurations reads the others
			}
			for name, source := range all.Sources {
				if strings.Contains(fmt.Sprint(source), "_keyring") {
					continue // there is none on every machine
				}
				n++
				alone, err := yaml.Marshal(map[string]any{"sources": map[string]any{name: source}, "soar": all.SOAR})
				if err != nil {
					t.Fatal(err)
				}
				for of, err := range cmd.SetUp(world, put(fmt.Sprintf("%s-%d-%s.yaml", filepath.Base(page), i, name), alone)) {
					if err != nil {
						t.Errorf("%s: %s: %v", filepath.Base(page), of, err)
					}
				}
			}
		}
	}
	if n < 12 {
		t.Errorf("only %d sources were found", n)
	}
}
