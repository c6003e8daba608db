package cmd_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// shop is a directory in which commands run one after the other, and what they printed.
type shop struct {
	t    *testing.T
	all  map[string]*jsonschema.Resolved
	dir  string
	seen map[string]int // documents by kind
}

func newShop(t *testing.T) *shop {
	t.Helper()
	return &shop{t: t, all: shipped(t), dir: t.TempDir(), seen: map[string]int{}}
}

func (s *shop) path(name string) string { return filepath.Join(s.dir, name) }

// soc runs a command and validates what it prints. Words that begin with @ are files of the shop.
func (s *shop) soc(line string) string {
	s.t.Helper()
	return s.feed("", line)
}

func (s *shop) feed(stdin, line string) string {
	s.t.Helper()
	args := strings.Fields(line)
	for i := range args {
		if name, own := strings.CutPrefix(args[i], "@"); own {
			args[i] = s.path(name)
		}
	}
	out, errs, status := run(s.t, stdin, append(args, "--json")...)
	if status != 0 && status != 3 {
		s.t.Fatalf("soc %s: status %d\n%s\n%s", line, status, out, errs)
	}
	for kind, n := range check(s.t, s.all, line, out) {
		s.seen[kind] += n
	}
	s.notices(line, out)
	return out
}

// notices makes sure that a schema would notice a member that is new, gone or of another type: one that admits everything proves
// nothing.
func (s *shop) notices(line, out string) {
	s.t.Helper()
	for doc := range strings.Lines(out) {
		var v map[string]any
		if err := json.Unmarshal([]byte(doc), &v); err != nil {
			s.t.Fatal(err)
		}
		kind, _ := v["kind"].(string)
		schema := s.all[kind]
		v["surprise"] = 1
		if schema.Validate(v) == nil {
			s.t.Errorf("%s: the schema of kind %s admits a member that it does not name", line, kind)
		}
		delete(v, "surprise")
		for _, name := range slices.Sorted(maps.Keys(v)) {
			was := v[name]
			v[name] = map[string]any{"surprise": []any{nil}}
			if schema.Validate(v) == nil {
				s.t.Errorf("%s: the schema of kind %s admits anything as %s", line, kind, name)
			}
			v[name] = was
		}
		delete(v, "version")
		if schema.Validate(v) == nil {
			s.t.Errorf("%s: the schema of kind %s does without a version", line, kind)
		}
	}
}

// saw fails unless documents of all these kinds were printed.
func (s *shop) saw(kinds ...string) {
	s.t.Helper()
	for _, kind := range kinds {
		if s.seen[kind] == 0 {
			s.t.Errorf("no document of kind %s was printed: %v", kind, s.seen)
		}
	}
}

func (s *shop) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

const demo = "../testdata/demo/night.ndjson"

func TestIntelKeepsToItsSchemas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.soc("intel lookup --intel @none 203.0.113.9")
	s.saw("gap")
	feeds, err := filepath.Glob(filepath.Join("..", "testdata", "intel", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	s.soc("intel import --intel @feeds " + strings.Join(feeds, " "))
	s.soc("intel import --intel @feeds --name again ../testdata/intel/list.txt ../testdata/intel/urlhaus.csv")
	s.soc("intel import --intel @feeds --name again ../testdata/intel/list.txt")
	s.soc("intel list --intel @feeds")
	const text = "hxxp://203.0.113[.]9:8080/bins/mips at 203.0.113[.]9 and ws-1.corp.example.com, T1059.001, CVE-2026-12345\n"
	s.feed(text, "intel extract")
	found := s.feed(text, "intel extract --type ip,url,domain,cve")
	s.soc("intel extract --unique " + demo)
	s.feed(found, "intel lookup --intel @feeds -")
	s.soc("intel lookup --intel @feeds 203.0.113.9 nothing.example.com 198.51.100.77")
	s.soc("intel expire --intel @feeds again --before 2100-01-01")
	s.saw("feed", "indicator", "reject", "summary")
	if !strings.Contains(found, `"line":1`) {
		t.Errorf("nothing was extracted: %s", found)
	}
}

func TestLearnAndRescoreKeepToTheirSchemas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const decisions = "../testdata/precedent/decisions.ndjson"
	s.soc("learn --events ../testdata/baseline/january.ndjson --out @base.socb")
	s.feed("no event\n", "learn --events - --out @empty.socb")
	s.saw("baseline", "reject")
	s.write("verdicts.ndjson", s.soc("triage --no-book "+demo))
	s.soc("learn --decisions " + decisions + " --alerts " + demo + " --out @precedent.json")
	s.soc("triage --no-book --precedent @precedent.json --baseline @base.socb --assets ../testdata/estate/assets.csv --sigma own " + demo)
	s.soc("learn --suggest --decisions " + decisions + " --alerts " + demo)
	s.soc("rescore @verdicts.ndjson")
	s.soc("rescore @verdicts.ndjson --precedent @precedent.json --labels " + decisions)
	s.write("lax.yaml", "weights: {commands: 0, credentials: 0, titles: 0, tampering: 0, processes: 0}\n")
	s.soc("rescore @verdicts.ndjson --policy @lax.yaml --fail-on any")
	s.saw("flip", "verdict", "suggestion", "summary")

	text, err := os.ReadFile(s.path("precedent.json"))
	if err != nil {
		t.Fatal(err)
	}
	var one strings.Builder
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if err := json.NewEncoder(&one).Encode(doc); err != nil {
		t.Fatal(err)
	}
	check(t, s.all, "the precedent file", one.String())
	s.notices("the precedent file", one.String())
}

func TestCasesKeepToTheirSchemas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.soc("triage --book @book.db " + demo)
	var first struct{ ID string }
	if err := json.Unmarshal([]byte(s.soc("cases list --book @book.db --limit 1")), &first); err != nil {
		t.Fatal(err)
	}
	s.soc("cases note --book @book.db --by ann " + first.ID + " seen")
	s.soc("cases close --book @book.db --by ann " + first.ID + " --as true_positive --reason known --confirmed")
	s.soc("cases export --book @book.db")
	s.soc("cases reopen --book @book.db --by ann " + first.ID + " --reason again")
	s.soc("cases show --book @book.db --raw " + first.ID)
	s.soc("cases export --book @book.db --what cases")
	s.soc("status --book @book.db")
	s.soc("respond keygen --out @ann.key --name ann")
	s.soc("audit verify --book @book.db")
	s.soc("audit sign --book @book.db --key @ann.key")
	others := strings.SplitN(s.soc("cases list --book @book.db --limit 3"), "\n", 3)
	var second, third struct{ ID string }
	if err := errors.Join(json.Unmarshal([]byte(others[1]), &second), json.Unmarshal([]byte(others[2]), &third)); err != nil {
		t.Fatal(err)
	}
	s.soc("cases merge --book @book.db --by ann " + second.ID + " " + third.ID + " --reason same")
	s.soc("cases split --book @book.db --by ann " + second.ID + " v-" + third.ID[2:] + " --reason another")
	s.soc("audit show --book @book.db")
	s.saw("case", "decision", "raw", "status", "verdict", "audit", "checkpoint", "journal")
}

func TestSigningKeepsToItsSchemas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	s.write("policy.yaml", "rules:\n  - {name: scan, effect: allow, when: 'sensor.rule_id == \"1\"', reason: the scanner, expires: 2090-01-31}\n")
	s.soc("respond keygen --out @ann.key --name ann")
	s.soc("respond sign --policy @policy.yaml --rule scan --key @ann.key")
	s.saw("key", "signature")
}

func TestRespondKeepsToItsSchemas(t *testing.T) {
	t.Parallel()
	s := newShop(t)
	const approver = "{name: %s, key: %q}"
	var key struct{ Name, Key string }
	if err := json.Unmarshal([]byte(s.soc("respond keygen --out @ann.key --name ann")), &key); err != nil {
		t.Fatal(err)
	}
	s.write("soc.yaml", fmt.Sprintf("approvers: ["+approver+"]\nrespond: {laboratory: [203.0.113.0/24]}\ndrivers: {edge: {type: blocklist, path: %q, actions: [block-ip]}}\n", key.Name, key.Key, s.path("block.txt")))
	var plan struct{ ID string }
	if err := json.Unmarshal([]byte(s.soc("respond plan --config @soc.yaml --book @book.db --by sam ../testdata/respond/case.ndjson")), &plan); err != nil {
		t.Fatal(err)
	}
	s.soc("respond approve --config @soc.yaml --book @book.db --key @ann.key --accept-risk block-ip " + plan.ID)
	s.soc("respond apply --config @soc.yaml --book @book.db " + plan.ID)
	s.write("block.txt", "203.0.113.9\n")
	s.soc("respond apply --execute --config @soc.yaml --book @book.db " + plan.ID)
	s.soc("respond status --config @soc.yaml --book @book.db " + plan.ID)
	s.soc("respond undo --config @soc.yaml --book @book.db --wrong nobodys " + plan.ID + " a1")
	s.soc("respond promote --config @soc.yaml --book @book.db --key @ann.key --stratum high --level 1 block-ip")
	s.soc("respond promote --config @soc.yaml --book @book.db")
	s.soc("status --config @soc.yaml --book @book.db")
	s.soc("audit show --book @book.db")
	s.soc("audit verify --book @book.db")
	s.saw("plan", "approval", "forecast", "receipt", "level", "promotion", "status", "journal", "audit")
}

// What a case recommends is in the catalogue of responses, aimed at what the action can be done to.
func TestCasesRecommendWhatTheCatalogueHas(t *testing.T) {
	t.Parallel()
	verdicts, _, _ := run(t, "", "triage", "--no-book", "--json", demo)
	cases, _, _ := run(t, verdicts, "investigate", "--json")
	out, errs, status := run(t, cases, "respond", "plan", "--no-book", "--json")
	if status != 0 {
		t.Fatal(errs)
	}
	plans := 0
	for line := range strings.Lines(out) {
		plans++
		for _, wrong := range []string{"the catalogue has no such action", "is not done to a", "is no type of target"} {
			if strings.Contains(line, wrong) {
				t.Errorf("%s: %s", wrong, line)
			}
		}
	}
	if plans == 0 {
		t.Error("no case recommends anything")
	}
}
