package cmd_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/fake/crowdsec"
	"github.com/seed-959697dd/soc/internal/term"
)

// listener is a webhook that keeps what it is told.
type listener struct {
	mu     sync.Mutex
	status int
	heard  []string
}

func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, _ := io.ReadAll(r.Body)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, string(b))
	w.WriteHeader(l.status)
}

func (l *listener) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := strings.Join(l.heard, "\n")
	l.heard = nil
	return s
}

func noon() time.Time { return time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC) }

// office is a directory with a configuration, a casebook and a state of its own.
type office struct {
	t   *testing.T
	dir string
}

func (o *office) soc(args ...string) (out, errs string, status int) {
	o.t.Helper()
	return o.types("", args...)
}

// types runs soc with somebody at the keyboard.
func (o *office) types(in string, args ...string) (out, errs string, status int) {
	o.t.Helper()
	var stdout, stderr strings.Builder
	env := map[string]string{"SOC_CONFIG": filepath.Join(o.dir, "soc.yaml"), "SOC_BOOK": filepath.Join(o.dir, "book.db"), "XDG_STATE_HOME": o.dir, "USER": "sam"}
	status = cmd.Main(o.t.Context(), args, cmd.World{
		IO: term.IO{In: strings.NewReader(in), Out: &stdout, Err: &stderr, Width: 80}, Env: func(k string) string { return env[k] }, Now: noon,
	})
	return stdout.String(), stderr.String(), status
}

func (o *office) write(name, text string) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

func TestPeopleAreToldFromTriageToUndo(t *testing.T) {
	t.Parallel()
	l := &listener{status: 204}
	hook := httptest.NewServer(l)
	defer hook.Close()
	crowd := &crowdsec.Server{Machine: "soc", Password: "lapi-secret", Now: noon}
	lapi := httptest.NewServer(crowd)
	defer lapi.Close()
	o := &office{t, t.TempDir()}
	o.write("lapi", "lapi-secret")
	key, _, _ := o.soc("respond", "keygen", "--out", filepath.Join(o.dir, "ann.key"), "--name", "ann")
	o.write("soc.yaml", "approvers:\n  "+key+"respond: {laboratory: [203.0.113.0/24]}\ndrivers: {crowd: {type: crowdsec, url: \""+lapi.URL+"\", password_file: lapi, actions: [block-ip]}}\n"+
		"notify: {night: {type: webhook, url: \""+hook.URL+"\", on: [escalate, approval, receipt], per_hour: 100}}\n")

	_, errs, status := o.soc("triage", "--json", demo)
	told := l.take()
	if status != 0 || errs != "" || strings.Count(told, `"kind"`) != 1 || !strings.Contains(told, "to escalate") || !strings.Contains(told, "soc cases show c-") {
		t.Fatalf("%d %s\n%s", status, errs, told)
	}
	for _, live := range []string{"http://", "203.0.113.77"} { // nothing to click on
		if strings.Contains(told, live) {
			t.Errorf("%s stands in what was told: %s", live, told)
		}
	}
	if o.soc("triage", "--json", demo); l.take() != "" {
		t.Error("the same is told twice")
	}

	plan, errs, status := o.soc("respond", "plan", "--json", filepath.Join("..", "testdata", "respond", "case.ndjson"))
	id := gjson.Get(plan, "id").Str
	if told = l.take(); status != 0 || !strings.Contains(told, "soc respond approve "+id+" --key FILE --accept-risk block-ip") {
		t.Fatalf("%d %s\n%s", status, errs, told)
	}
	_, errs, status = o.soc("respond", "approve", id, "--key", filepath.Join(o.dir, "ann.key"), "--accept-risk", "block-ip", "--json")
	if told = l.take(); status != 0 || !strings.Contains(told, "ann agreed to plan "+id) || !strings.Contains(told, "soc respond apply "+id+" --execute") {
		t.Fatalf("%d %s\n%s", status, errs, told)
	}
	if o.soc("respond", "apply", id); l.take() != "" {
		t.Error("a dry run is told")
	}
	_, errs, status = o.soc("respond", "apply", id, "--execute")
	if told = l.take(); status != 0 || !strings.Contains(told, "done: block-ip 203[.]0[.]113[.]9 ("+id+" a1, by sam)") || !strings.Contains(told, `"paste":"soc respond undo `+id+` a1"`) {
		t.Errorf("%d %s\n%s", status, errs, told)
	}
	_, errs, status = o.soc("respond", "undo", id, "a1")
	if told = l.take(); status != 0 || !strings.Contains(told, "undone: block-ip") || len(crowd.InForce("203.0.113.9")) != 0 {
		t.Errorf("%d %s\n%s", status, errs, told)
	}
}

// What is planned, agreed to, done and undone at the desk is told as what the commands do is.
func TestPeopleAreToldOfWhatIsDoneAtTheDesk(t *testing.T) {
	t.Parallel()
	l := &listener{status: 204}
	hook := httptest.NewServer(l)
	defer hook.Close()
	crowd := &crowdsec.Server{Machine: "soc", Password: "lapi-secret", Now: noon}
	lapi := httptest.NewServer(crowd)
	defer lapi.Close()
	o := &office{t, t.TempDir()}
	o.write("lapi", "lapi-secret")
	key, _, _ := o.soc("respond", "keygen", "--out", filepath.Join(o.dir, "ann.key"), "--name", "ann")
	o.write("soc.yaml", "approvers:\n  "+key+"respond: {laboratory: [203.0.113.0/24]}\ndrivers: {crowd: {type: crowdsec, url: \""+lapi.URL+"\", password_file: lapi, actions: [block-ip]}}\n"+
		"notify: {night: {type: webhook, url: \""+hook.URL+"\", on: [approval, receipt], per_hour: 100}}\n")
	if _, errs, status := o.soc("triage", "--json", demo); status != 0 || l.take() != "" {
		t.Fatal(errs)
	}
	keyed := []string{"tui", "--plain", "--key", filepath.Join(o.dir, "ann.key")}
	for _, step := range []struct{ says, told string }{
		{"plan make\n", "waits for approval"},
		{"approve\nblock-ip\n", "ann agreed to plan"},
		{"execute\nexecute\n", "done: block-ip 203[.]0[.]113[.]77"},
		{"takeback\nundo\n", "undone: block-ip 203[.]0[.]113[.]77"},
	} {
		out, errs, status := o.types("list\nopen 1\n"+step.says, keyed...)
		if told := l.take(); status != 0 || strings.Count(told, `"kind"`) != 1 || !strings.Contains(told, step.told) {
			t.Fatalf("%q: %d %s\n%s\n%s", step.says, status, errs, told, out)
		}
	}
	l.mu.Lock()
	l.status = 500
	l.mu.Unlock()
	if out, errs, _ := o.types("list\nopen 1\nplan make\n", append(keyed, "--by", "eve")...); !strings.Contains(errs, "soc: notify night: not told: ") {
		t.Errorf("%s\n%s", errs, out)
	}
}

// Who cannot be told is a gap on stderr and in the account, and stops nothing.
func TestATelephoneThatIsDeadStopsNothing(t *testing.T) {
	t.Parallel()
	l := &listener{status: 500}
	hook := httptest.NewServer(l)
	defer hook.Close()
	o := &office{t, t.TempDir()}
	o.write("soc.yaml", "notify:\n  dead: {type: webhook, url: \""+hook.URL+"\", on: [escalate]}\n  unset: {type: slack, url_env: NOBODY_SET_THIS, on: [escalate]}\n  deaf: {type: webhook, url: \""+hook.URL+"\"}\n")
	out, errs, status := o.soc("triage", "--json", "--no-book", demo)
	if status != 0 || !strings.Contains(out, `"kind":"summary"`) {
		t.Fatalf("%d\n%s", status, errs)
	}
	for _, want := range []string{"notify dead: not told: ", "answered 500", "notify unset: not told: notify.unset: the environment variable NOBODY_SET_THIS is empty", "notify deaf: not told: on: it is told nothing"} {
		if !strings.Contains(errs, want) {
			t.Errorf("%q is missing on stderr:\n%s", want, errs)
		}
	}
	if n := strings.Count(out, `"kind":"gap"`); n != 3 {
		t.Errorf("%d gaps", n)
	}
	if _, _, status := o.soc("triage", "--json", "--no-book", "--strict", demo); status != 4 {
		t.Errorf("--strict ends with %d", status)
	}
}
