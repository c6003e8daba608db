package cmd_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-959697dd/soc/cmd"
)

// untold are flags that no story and no page of the guide uses yet. It only gets shorter.
var untold = []string{"soc investigate --max-cost", "soc rescore --book", "soc tui --mouse"}

// TestEveryFlagIsToldOf looks for each flag of each command in the stories, the README, the guide and the examples of --help: one that is nowhere
// used is one that nobody knows, and nobody would notice broken.
func TestEveryFlagIsToldOf(t *testing.T) {
	t.Parallel()
	var lines []string
	for _, pattern := range []string{"../testdata/script/*.txtar", "../testdata/script/*/*.txtar", "../docs/guide/*.md", "../README.md"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			lines = append(lines, strings.Split(strings.ReplaceAll(string(text), "\\\n", " "), "\n")...)
		}
	}
	for _, example := range cmd.Examples() {
		lines = append(lines, strings.Split(example, "\n")...)
	}
	n := 0
	for command, flags := range cmd.Flags() {
		words := strings.Fields(command)
		use := regexp.MustCompile(`\bsoc( --?[a-z]+ \S+)* ` + strings.Join(words[1:], " ") + `\b(.*)`)
		var used []string
		for _, line := range lines {
			if m := use.FindStringSubmatch(line); m != nil {
				used = append(used, m[2]+" ")
			}
		}
		for _, flag := range flags {
			n++
			of := regexp.MustCompile(`--` + flag + `[= "'\x60,.;:)]`)
			told := slices.ContainsFunc(used, of.MatchString)
			if name := command + " --" + flag; told == slices.Contains(untold, name) {
				t.Errorf("%s: told of: %t; the list of those that are not says the contrary", name, told)
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d flags were found", n)
	}
}
