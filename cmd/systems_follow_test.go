//go:build unix

package cmd_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
)

// process follows a desk until everything that is there by now is in the casebook, and is ended by a signal; it returns what was printed.
func (d *desk) process(t *testing.T, asked <-chan struct{}, end os.Signal) string {
	t.Helper()
	soc, err := exec.LookPath("soc")
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(soc, "--config", d.dir+"/soc.yaml", "triage", "--json", "--follow", "--from", "desk", "--since", "5d", "--book", d.dir+"/book.db")
	c.Env = []string{"HOME=" + d.dir, "GORACE=atexit_sleep_ms=0"}
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	began := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for !d.read(t, began) {
		select {
		case <-asked:
		case <-time.After(time.Minute):
			_ = c.Process.Kill()
			_ = c.Wait()
			t.Fatalf("it reads nothing: %s", errs.String())
		}
	}
	if err := c.Process.Signal(end); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); (err == nil) != (end == os.Interrupt) {
		t.Errorf("it ended with %v: %s", err, errs.String())
	}
	return out.String()
}

// read tells whether the desk was read to its end in a pull that began after a time.
func (d *desk) read(t *testing.T, after time.Time) bool {
	t.Helper()
	if _, err := os.Stat(d.dir + "/book.db"); err != nil {
		return false
	}
	b, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	m, err := b.Mark(t.Context(), "desk")
	if err != nil {
		t.Fatal(err)
	}
	return m.Seen.After(after)
}

// A system is followed by a process that is interrupted, or killed; there are new alerts before the next one begins: none is lost, and none is
// printed twice.
func TestASystemIsFollowedThroughSignals(t *testing.T) {
	t.Parallel()
	const stock, later = 12, 7 // what is printed of them fits into one write
	for name, made := range vendors() {
		t.Run(name, func(t *testing.T) {
			now := time.Now().Truncate(time.Second)
			v := made(stock, now)
			server := v.server
			asked := make(chan struct{}, 1)
			v.server = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				server.ServeHTTP(w, r)
				select {
				case asked <- struct{}{}:
				default:
				}
			})
			v.conf += "\ncasebook: {lease: 5s}\n" // after which the next one follows where one was killed
			d := v.desk(t)
			signals, killed := []os.Signal{os.Interrupt, os.Interrupt}, name == "elastic" || name == "splunk"
			if killed {
				signals = []os.Signal{syscall.SIGKILL, syscall.SIGKILL, os.Interrupt}
			}
			var out strings.Builder
			for i, one := range signals {
				out.WriteString(d.process(t, asked, one))
				if i == 0 {
					v.more(later, now.Add(-time.Second))
				}
			}
			printed, seen := int64(0), map[string]bool{}
			for line := range strings.Lines(out.String()) {
				if gjson.Get(line, "kind").Str != "verdict" {
					continue
				}
				printed += gjson.Get(line, "group.count").Int()
				for _, id := range gjson.Get(line, "group.alert_ids").Array() {
					if seen[id.Str] {
						t.Errorf("alert %s is printed twice", id.Str)
					}
					seen[id.Str] = true
				}
			}
			if printed != stock+later && !killed || printed > stock+later { // one that is killed may have kept a verdict and not printed it yet
				t.Errorf("%d alerts are in verdicts, want %d", printed, stock+later)
			}
			var status, errs strings.Builder
			if code := cmd.Main(t.Context(), []string{"status", "--json"}, d.world(&status, &errs, time.Now)); code != 0 {
				t.Fatal(errs.String())
			}
			if got := gjson.Get(status.String(), "alerts").Int(); got != stock+later {
				t.Errorf("the casebook has %d alerts, want %d", got, stock+later)
			}
		})
	}
}
