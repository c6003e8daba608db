package cmd_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/web"
)

// crowded are bodies that hold the alerts a1 and a2, and what they hold besides.
func crowded() map[string]string {
	one, two := wazuh("a1", "ws-01", 5, noon()), wazuh("a2", "ws-02", 5, noon())
	return map[string]string{
		"side by side": one + two, "lines": one + "\n" + two + "\n", "two on a line of two": wazuh("a3", "ws-03", 5, noon()) + "\n" + one + two, "an array": "[" + one + "," + two + "]",
		"cut off": one + two + `{"_id":`,
	}
}

// settled tells that nothing of a source waits and that each alert of it is found by what it came from.
func (d *desk) settled(t *testing.T, name, what string) {
	t.Helper()
	book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	left := 0
	if err := book.Waiting(t.Context(), name, func(*casebook.Arrival) error { left++; return nil }); err != nil || left > 0 {
		t.Errorf("%s: %d wait for ever, %v", what, left, err)
	}
	if n := count(t, book, `SELECT COUNT(*) FROM alerts a WHERE NOT EXISTS (SELECT 1 FROM arrivals r WHERE r.digest = a.digest)`); n > 0 {
		t.Errorf("%s: %d alerts came from nowhere", what, n)
	}
}

// Several alerts in one message are several: each is judged once and lets go of its bytes, however they lie in it, and however often it comes.
func TestSeveralAlertsInOneMessage(t *testing.T) {
	t.Parallel()
	b := newBus(t)
	for name, body := range crowded() {
		if _, err := b.js.Publish(t.Context(), "alerts.edr", []byte(body)); err != nil {
			t.Fatal(name, err)
		}
	}
	d := newDesk(t, nil)
	d.write("soc.yaml", "sources: {bus: {type: nats, url: '"+b.url+"', stream: ALERTS}}\n")
	f := d.follow("triage --json --follow --from bus", at(noon()), io.Discard)
	until(t, "all of it acknowledged", func() bool { return b.waits() == 0 })
	f.wants("reject") // of what was cut off
	got := ids(f.ends())
	if want := []string{"a1", "a2", "a3"}; !slices.Equal(got, want) {
		t.Errorf("judged %q, want %q", got, want)
	}
	d.settled(t, "bus", "on a bus")
}

func TestSeveralAlertsInOneBody(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.write("hook.key", "hook-secret\n")
	d.write("soc.yaml", "sources: {hook: {type: webhook, listen: \"127.0.0.1:0\", signing_key_file: hook.key}}\n")
	errs := talk{make(chan string, 100)}
	f := d.follow("triage --json --follow --from hook", at(noon()), errs)
	_, url, _ := strings.Cut(strings.TrimSpace(errs.says(t, "hook listens at ")), "listens at ")
	for name, body := range crowded() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range web.Sign(web.NewSecret("hook-secret"), noon(), []byte(body)) {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil || resp.StatusCode != http.StatusAccepted {
			t.Fatal(name, resp, err)
		}
		_ = resp.Body.Close()
	}
	f.wants("reject")
	if got, want := ids(f.ends()), []string{"a1", "a2", "a3"}; !slices.Equal(got, want) {
		t.Errorf("judged %q, want %q", got, want)
	}
	d.settled(t, "hook", "at a hook")
}

// A message of several that an older version kept as one is judged by the next run, and waits no longer.
func TestAMessageThatWasKeptAsOne(t *testing.T) {
	t.Parallel()
	s := &tenant{asked: make(chan struct{})}
	d := newDesk(t, map[string]any{"siem": s})
	book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	body := wazuh("a1", "ws-01", 5, noon()) + wazuh("a2", "ws-02", 5, noon())
	if _, err := book.Arrive(t.Context(), "siem", []alert.Pulled{{Raw: []byte(body), Item: "m-1", Edition: "1", Changed: noon()}}, true); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	f := d.follow("triage --json --follow --from siem", at(noon()), io.Discard)
	<-s.asked
	if got, want := ids(f.ends()), []string{"a1", "a2"}; !slices.Equal(got, want) {
		t.Errorf("judged %q, want %q", got, want)
	}
	d.settled(t, "siem", "from before")
}

// ids are the alerts of verdicts, sorted, each as often as it was judged.
func ids(docs []string) (list []string) {
	for _, line := range docs {
		if gjson.Get(line, "kind").Str == "verdict" {
			for _, id := range gjson.Get(line, "group.alert_ids").Array() {
				list = append(list, id.Str)
			}
		}
	}
	slices.Sort(list)
	return list
}
