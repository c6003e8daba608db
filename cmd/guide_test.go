package cmd_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/internal/config"
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
