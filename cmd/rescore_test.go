package cmd_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/triage"
)

// oldVerdicts writes n verdicts that a policy without a vendor's say judges otherwise, a third of them only in severity, some lines that are
// none, and decisions on every fifth.
func oldVerdicts(t *testing.T, dir string, n int) {
	t.Helper()
	var docs, labels bytes.Buffer
	for i := range n {
		w := triage.Weight(2000 + i%3000)
		v := triage.Verdict{
			ID: fmt.Sprintf("v-%016x", i), Count: 1, IDs: []string{fmt.Sprintf("a%d", i)}, First: time.Date(2026, 3, 1, 0, 0, i, 0, time.UTC),
			Alert: []byte(`{"kind":"alert","version":1,"format":"wazuh","rule":{"id":"1"},"severity":{"score":70,"vendor":"10"}}`),
		}
		v.Judgement = triage.Decide(triage.Evidence{Signals: []triage.Signal{
			{Check: "vendor", Family: triage.Vendor, Trust: 1, Weight: w, Sentence: "the product rates it high"},
			{Check: "web", Family: triage.Web, Trust: 1, Weight: 700, Sentence: "a request that looks odd"},
		}}, new(triage.DefaultPolicy()))
		docs.Write(append(v.AppendJSON(nil), '\n'))
		if i%997 == 0 {
			docs.WriteString("{\"kind\":\"verdict\",\n")
		}
		if i%5 == 0 {
			fmt.Fprintf(&labels, `{"alert_id":"a%d","disposition":"%s"}`+"\n", i, []string{"true_positive", "false_positive"}[i%2])
		}
	}
	docs.WriteString(`{"kind":"summary","version":1,"command":"triage"}` + "\n")
	half := bytes.IndexByte(docs.Bytes()[docs.Len()/2:], '\n') + docs.Len()/2 + 1
	for name, text := range map[string][]byte{
		"1.ndjson": docs.Bytes()[:half], "2.ndjson": docs.Bytes()[half:], "labels": labels.Bytes(), "lax.yaml": []byte("weights: {vendor: 0}\n"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var timing = regexp.MustCompile(`"seconds":[0-9.e-]+`)

// TestRescoreGoesOnWhereItWasKilled: a run that dies at any moment, here as the file system lets it write no further, leaves a note by which
// the next one ends with the same bytes and the same account as one that was never disturbed.
func TestRescoreGoesOnWhereItWasKilled(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell on this machine")
	}
	dir := t.TempDir()
	oldVerdicts(t, dir, 35_000)
	rescore := func(out string, blocks int64, args ...string) (string, error) {
		limit := "ulimit -c 0; "
		if blocks > 0 {
			limit += fmt.Sprintf("ulimit -f %d; ", blocks)
		}
		c := exec.Command("sh", "-c", limit+"exec soc rescore --json --policy lax.yaml --labels labels 1.ndjson 2.ndjson --out "+out+" "+strings.Join(args, " "))
		c.Dir = dir
		c.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir)
		text, err := c.Output()
		return timing.ReplaceAllString(string(text), ""), err
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return timing.ReplaceAllString(string(text), "")
	}
	account, err := rescore("whole", 0)
	if err != nil || !strings.Contains(account, `"verdicts":35000`) || !strings.Contains(account, `"rejected":36`) || !strings.Contains(account, `"after":{`) {
		t.Fatalf("%v: %s", err, account)
	}
	want := read("whole")
	rng := rand.New(rand.NewPCG(1, 2))
	blocks := int64(len(want)) / 512
	resumed := 0
	rounds := 3
	if testing.Short() { // the race detector makes each run ten times as long
		rounds = 1
	}
	for range rounds {
		for at := rng.Int64N(blocks / 2); at < blocks; at += 1 + rng.Int64N(blocks/2) {
			if text, err := rescore("killed", max(64, at), "--resume", "note"); err == nil {
				t.Fatalf("it wrote more than %d blocks: %s", at, text)
			}
			if _, err := os.Stat(filepath.Join(dir, "note")); err == nil {
				resumed++
				torn(t, filepath.Join(dir, "killed"))
			}
		}
		got, err := rescore("killed", 0, "--resume", "note")
		if err != nil {
			t.Fatal(err)
		}
		if got != account {
			t.Errorf("account\n%s\nwant\n%s", got, account)
		}
		if read("killed") != want {
			t.Error("the flips are others than those of a run that was not killed")
		}
		if _, err := os.Stat(filepath.Join(dir, "note")); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the note is still there: %v", err)
		}
	}
	if resumed == 0 {
		t.Error("no run came as far as its first note")
	}
}

// torn adds what a dying run may have written behind its last note.
func torn(t *testing.T, name string) {
	t.Helper()
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"kind":"flip","vers`); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}
