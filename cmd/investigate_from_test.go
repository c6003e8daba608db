package cmd_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/investigate"
)

// cabinet is a system that holds logs, in memory.
type cabinet struct {
	mu      sync.Mutex
	records []*alert.Alert
	asked   int
	fails   error
	gaps    []alert.Gap
	other   *cabinet // it answers once the other was asked, too
	met     chan struct{}
}

// newCabinet holds the records of a log of the project.
func newCabinet(t *testing.T, name, log string) *cabinet {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("..", "testdata", "logs", log))
	if err != nil {
		t.Fatal(err)
	}
	set, err := alert.NewSet(alert.Options{Now: noon(), Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	parser := set.NewParser()
	c := &cabinet{met: make(chan struct{})}
	n := int64(0)
	for line := range strings.Lines(string(body)) {
		var a alert.Alert
		n++
		if _, err := parser.Parse(&a, []byte(strings.TrimSpace(line)), nil); err == nil {
			a.Input = alert.Place{Name: name, Line: n, Item: "i-" + a.Digest.String()[7:15]}
			c.records = append(c.records, a.Clone())
		}
	}
	return c
}

func (c *cabinet) Search(ctx context.Context, q investigate.Query, found func(*alert.Alert) error) (investigate.Answer, error) {
	c.mu.Lock()
	c.asked++
	if c.asked == 1 {
		close(c.met)
	}
	fails := c.fails
	c.mu.Unlock()
	if c.other != nil {
		select {
		case <-c.other.met:
		case <-ctx.Done():
			return investigate.Answer{}, ctx.Err()
		}
	}
	answer := investigate.Answer{Counts: make([]int64, len(q.Terms)), Gaps: c.gaps}
	for _, a := range c.records {
		text, hit := strings.ReplaceAll(strings.ToLower(string(a.Raw)), `\\`, `\`), false
		for i, term := range q.Terms {
			if strings.Contains(text, strings.ToLower(term.Value)) && strings.Contains(text, strings.ToLower(term.Host)) {
				answer.Counts[i]++
				hit = true
			}
		}
		if hit {
			if err := found(a); err != nil {
				return answer, err
			}
		}
	}
	return answer, fails
}

// TestInvestigateAsksConfiguredSources: systems of soc.yaml are asked beside --logs, at the same time; what each lacks is a gap by its name, and one
// that fails takes nothing from what the others have.
func TestInvestigateAsksConfiguredSources(t *testing.T) {
	t.Parallel()
	edr, siem := newCabinet(t, "edr", "ws-11.ndjson"), newCabinet(t, "siem", "srv-02.ndjson")
	edr.other, siem.other = siem, edr
	siem.gaps = []alert.Gap{{Check: "logs", Class: alert.Partial, Reason: "more than 10,000 matched"}}
	d := newDesk(t, map[string]any{"edr": edr, "siem": siem, "mute": "of no use"})
	logs := filepath.Join("..", "testdata", "logs")
	body, err := os.ReadFile(filepath.Join(logs, "ws-11.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	d.write("alert.ndjson", strings.Split(string(body), "\n")[13]+"\n")
	verdicts := d.write("verdicts.ndjson", d.says("triage --json --no-book "+d.dir+"/alert.ndjson", 0))
	ask := "investigate --json --no-book " + verdicts
	want := d.says(ask+" --logs "+logs+"/ws-11.ndjson --logs "+logs+"/srv-02.ndjson", 0)
	out := d.says(ask+" --from edr --from siem", 0, `"source":"edr"`, `"source":"siem"`, `"item":"i-`, `"check":"logs","source":"siem","class":"partial","reason":"more than 10,000 matched"`, "!no logs were searched")
	check(t, shipped(t), "from", out)
	if a, b := gjson.Get(out, "events.#.summary").Raw, gjson.Get(want, "events.#.summary").Raw; a != b || a == "" {
		t.Errorf("%s\nfrom files %s", a, b)
	}
	beside := d.says(ask+" --from siem --logs "+logs+"/ws-11.ndjson", 0)
	if a, b := gjson.Get(beside, "events.#").Int(), gjson.Get(want, "events.#").Int(); a != b {
		t.Errorf("%d events, from files %d", a, b)
	}
	asked := siem.asked
	siem.fails = errors.New("401: no right to search")
	siem.records = nil
	d.says(ask+" --from edr --from siem", 0, `"source":"siem","class":"failed","reason":"not searched to the end, and not asked again: 401: no right to search"`, `"source":"edr"`)
	if siem.asked != asked+1 {
		t.Errorf("it was asked %d times more", siem.asked-asked)
	}
	for line, want := range map[string]string{
		ask + " --from siam":           "no source is called that",
		ask + " --from edr --from edr": "stands twice",
		ask + " --from mute":           "answers no questions",
	} {
		if _, errs, status := d.soc(line); status != 2 || !strings.Contains(errs, want) {
			t.Errorf("soc %s: status %d: %s", line, status, errs)
		}
	}
}
