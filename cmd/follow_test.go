package cmd_test

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/term"
)

// documents hands over what is written, line by line.
type documents struct {
	mu   sync.Mutex
	rest []byte
	to   chan string
}

func (d *documents) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.rest = append(d.rest, p...)
	for {
		line, rest, ok := bytes.Cut(d.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		d.to <- string(line)
		d.rest = rest
	}
}

const scanwatch = `name: scanwatch
vendor: Example
product: Scanwatch
detect:
  - scanwatch & nr
fields:
  rule.id: nr
  rule.name: what
  time: at
  source.ip: who
  severity: how_bad
sensor: [rule.id, rule.name, source.ip, severity]
severity: {scale: [0, 10]}
`

// TestARuleExpiresWhileAlertsAreFollowed: a run that goes on past a rule's last day closes nothing by it any more.
func TestARuleExpiresWhileAlertsAreFollowed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	var clock atomic.Int64
	clock.Store(time.Date(2026, 3, 31, 23, 0, 0, 0, time.UTC).UnixNano())
	world := func(in io.Reader, out io.Writer) cmd.World {
		return cmd.World{IO: term.IO{In: in, Out: out, Err: io.Discard}, Env: func(string) string { return "" }, Now: func() time.Time { return time.Unix(0, clock.Load()).UTC() }}
	}
	soc := func(args ...string) string {
		var out bytes.Buffer
		if status := cmd.Main(context.Background(), args, world(strings.NewReader(""), &out)); status != 0 {
			t.Fatalf("%v: status %d: %s", args, status, out.String())
		}
		return out.String()
	}
	rule := "rules:\n  - name: scanner\n    effect: allow\n    when: sensor.rule_id == \"92032\"\n    reason: the weekly scan\n    expires: 2026-03-31\n"
	key := filepath.Join(dir, "maria.key")
	conf := file("soc.yaml", "formats: ["+file("scanwatch.yaml", scanwatch)+"]\napprovers:\n"+soc("respond", "keygen", "--out", key, "--name", "maria", "--text"))
	signature := soc("respond", "sign", "--config", conf, "--policy", file("policy.yaml", rule), "--rule", "scanner", "--key", key, "--text")
	signed := file("signed.yaml", rule+"    "+strings.ReplaceAll(strings.TrimSpace(signature), "\n", "\n    ")+"\n")

	in, feed := io.Pipe()
	out := &documents{to: make(chan string, 100)}
	status := make(chan int, 1)
	go func() {
		status <- cmd.Main(context.Background(), []string{"triage", "--follow", "--no-book", "--json", "--config", conf, "--policy", signed}, world(in, out))
	}()
	route := func() string {
		for {
			select {
			case line := <-out.to:
				if gjson.Get(line, "kind").Str == "verdict" {
					return gjson.Get(line, "route").Str
				}
			case <-time.After(30 * time.Second):
				t.Fatal("no verdict")
			}
		}
	}
	send := func(at string) {
		if _, err := io.WriteString(feed, `{"scanwatch":"v1","nr":"92032","what":"port sweep","who":"10.1.2.3","how_bad":1,"at":"`+at+"\"}\n"); err != nil {
			t.Fatal(err)
		}
	}
	send("2026-03-31T22:10:00Z")
	send("2026-03-31T22:30:00Z") // ends the group before
	if got := route(); got != "close" {
		t.Errorf("on the last day: %s", got)
	}
	clock.Add(int64(2 * time.Hour))
	if got := route(); got != "close" {
		t.Errorf("read on the last day: %s", got)
	}
	send("2026-04-01T00:59:00Z")
	_ = feed.Close()
	if got := route(); got != "review" {
		t.Errorf("a day later: %s", got)
	}
	if got := <-status; got != 0 {
		t.Errorf("status %d", got)
	}
}

// TestAnInventoryThatComesLateIsUsed: what could not be read when the run began is a gap until it can, and counts from then on.
func TestAnInventoryThatComesLateIsUsed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	conf, inventory := filepath.Join(dir, "soc.yaml"), filepath.Join(dir, "assets.csv")
	if err := os.WriteFile(conf, []byte("assets: {files: [{path: "+inventory+"}]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var clock atomic.Int64
	clock.Store(time.Date(2026, 3, 31, 12, 0, 0, 0, time.UTC).UnixNano())
	in, feed := io.Pipe()
	out := &documents{to: make(chan string, 100)}
	world := cmd.World{IO: term.IO{In: in, Out: out, Err: io.Discard}, Env: func(string) string { return "" }, Now: func() time.Time { return time.Unix(0, clock.Load()).UTC() }}
	status := make(chan int, 1)
	go func() {
		status <- cmd.Main(context.Background(), []string{"triage", "--follow", "--no-book", "--json", "--config", conf}, world)
	}()
	send := func(at string) {
		line := `{"_id":"` + at + `","_source":{"timestamp":"2026-03-31T` + at + `.000+0000","rule":{"level":3,"id":"7001","description":"Job finished"},"agent":{"id":"7","name":"srv-pay-01"},"manager":{"name":"siem"},"location":"syslog"}}` + "\n"
		if _, err := io.WriteString(feed, line); err != nil {
			t.Fatal(err)
		}
	}
	verdict := func() string {
		for {
			select {
			case line := <-out.to:
				if gjson.Get(line, "kind").Str == "verdict" {
					return line
				}
			case <-time.After(30 * time.Second):
				t.Fatal("no verdict")
			}
		}
	}
	send("11:00:00")
	send("11:20:00") // ends the group before
	if v := verdict(); gjson.Get(v, `gaps.#(check=="assets").class`).Str != "failed" {
		t.Errorf("without its inventory: %s", v)
	}
	if err := os.WriteFile(inventory, []byte("name,criticality\nsrv-pay-01,critical\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock.Add(int64(10 * time.Second))
	send("11:40:00")
	_ = verdict() // of an alert that was read before
	_ = feed.Close()
	if v := verdict(); gjson.Get(v, `gaps.#(check=="assets")`).Exists() || !gjson.Get(v, `signals.#(check=="assets")`).Exists() {
		t.Errorf("with its inventory: %s", v)
	}
	if got := <-status; got != 0 {
		t.Errorf("status %d", got)
	}
}
