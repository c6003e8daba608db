package cmd_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
)

// A run that is killed while it tells people, with its verdicts stored, leaves what is to be told to whoever comes next, which tells it under the
// same key and does not tell it again.
func TestARunThatIsKilledBeforeItTold(t *testing.T) {
	t.Parallel()
	soc, err := exec.LookPath("soc")
	if err != nil {
		t.Fatal(err)
	}
	heard, killed := make(chan string, 10), make(chan struct{})
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard <- string(body)
		select {
		case <-killed:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(hook.Close)
	d := newDesk(t, nil)
	d.write("soc.yaml", "notify: {night: {type: webhook, url: \""+hook.URL+"\", on: [escalate, review], per_hour: 100}}\n")
	c := exec.Command(soc, "triage", "--json", d.write("alerts.json", string(breach().items[0].Raw)))
	c.Env = append(os.Environ(), "SOC_CONFIG="+d.dir+"/soc.yaml", "SOC_BOOK="+d.dir+"/book.db", "XDG_STATE_HOME="+d.dir, "HOME="+d.dir, "GORACE=atexit_sleep_ms=0")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	first := <-heard
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	close(killed)
	key := gjson.Get(first, "key").Str
	if !strings.HasPrefix(key, "escalate v-") {
		t.Fatalf("it began to tell %s", first)
	}

	now := time.Now()
	other := d.write("other.json", wazuh("b1", "ws-02", 3, now))
	run := func(now time.Time) {
		t.Helper()
		var out, errs strings.Builder
		w := d.world(&out, &errs, func() time.Time { return now })
		if status := cmd.Main(t.Context(), []string{"triage", "--json", other}, w); status != 0 || errs.String() != "" {
			t.Fatalf("status %d: %s", status, errs.String())
		}
	}
	told := func() (all string) {
		for {
			select {
			case one := <-heard:
				all += one + "\n"
			default:
				return all
			}
		}
	}
	run(now)
	if got := told(); strings.Contains(got, key) || !strings.Contains(got, "review v-") {
		t.Errorf("at once, when the other may only be slow, it told %s", got)
	}
	run(now.Add(3 * time.Minute))
	if got := told(); !strings.Contains(got, key) || !strings.Contains(got, "by a run that ended before it told anybody") {
		t.Errorf("the next run told %s", got)
	}
	run(now.Add(6 * time.Minute))
	if got := told(); got != "" {
		t.Errorf("the one after it told it again: %s", got)
	}
	book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close() //nolint:errcheck // only read
	if left, err := book.Untold(t.Context(), now.Add(time.Hour), 10); err != nil || len(left) > 0 {
		t.Errorf("left to be told: %v, %v", left, err)
	}
}
