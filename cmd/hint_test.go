package cmd_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// choices are what only a person can choose; everything else that a hint leaves open is known to the program, which has to say it.
var choices = []string{
	"--key FILE", "--out FILE", "--name NAME", "--by NAME", "--reason TEXT", "--as DISPOSITION", "--query QUERY", "--accept-risk NAME", "--wrong REASON",
	"--decisions FILE", "--alerts FILE", "--alerts EXPORT-THEY-SPEAK-OF", "--checkpoints FILE", "OTHER", "--assets FILE", "--events LOGS", "--sigma PATH",
	"--book FILE", "--intel DIR", "--logs PATH", // another than the one that was wrong, or was missing
	"--from NAME", "--model NAME", "--policy FILE", "--rule NAME", // filled in when the command line has one
	"CASE", "PLAN", "VERDICT", "ACTION", // likewise
	"export NAME", "import FILE", "FILE",
}

var open = regexp.MustCompile(`(?:(?:--[a-z-]+|export|import) )?\b[A-Z][A-Z-]{2,}\b`)

// TestHintsLeaveOpenWhatAPersonChooses reads every command that the program's own text offers.
func TestHintsLeaveOpenWhatAPersonChooses(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		syntax, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(syntax, func(node ast.Node) bool {
			if pair, ok := node.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok && slices.Contains([]string{"Long", "Example", "Use"}, key.Name) {
					return false // of --help, where names stand for themselves
				}
			}
			lit, ok := node.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			text, err := strconv.Unquote(lit.Value)
			if err != nil || !strings.HasPrefix(text, "soc ") || strings.Contains(text, "\n") {
				return true
			}
			n++
			for _, one := range open.FindAllString(text, -1) {
				if !slices.Contains(choices, one) {
					t.Errorf("%s: %q leaves %q open", file, text, one)
				}
			}
			return true
		})
	}
	if n < 100 {
		t.Errorf("only %d hints were found", n)
	}
}

// TestHintsSayWhatIsKnown runs into errors, and wants what to paste.
func TestHintsSayWhatIsKnown(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "it's here")
	conf, book := filepath.Join(dir, "soc.yaml"), filepath.Join(dir, "book.db")
	word := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
	put := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	put(conf, "policy: {base_rate: 7}\n")
	fine := filepath.Join(dir, "fine.yaml")
	put(fine, "{}\n")
	alerts := filepath.Join(dir, "alerts.ndjson")
	put(alerts, `{"id":"a-1","time":"2026-03-02T11:00:00Z","title":"Odd process","host":"ws-1"}`+"\n")
	said := func(args ...string) string {
		out, errs, _ := run(t, "", args...)
		return strings.ReplaceAll(out, `\\`, `\`) + errs // out is JSON
	}
	said("triage", "--book", book, alerts)
	id := regexp.MustCompile(`c-[0-9a-f]+`).FindString(said("cases", "list", "--book", book))
	if id == "" {
		t.Fatal("no case was made")
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"soc --config " + word(conf) + " doctor", []string{"--config", conf, "doctor"}},
		{"try: soc --config " + word(fine) + " cases close --book " + word(book) + " " + id + " --as DISPOSITION", []string{"--config", fine, "cases", "reopen", "--book", book, id, "--reason", "again"}},
		{"try: soc triage --from siem --since 24h", []string{"triage", "--from", "siem", "--since", "1h", "--window", "2026-03-01..2026-03-02"}},
	} {
		if got := said(c.args...); !strings.Contains(got, c.want) {
			t.Errorf("soc %v:\n%s\nwants %s", c.args, got, c.want)
		}
	}
}
