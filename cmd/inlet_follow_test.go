package cmd_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/alert"
	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/web"
)

// follower is a run that follows, whose documents and clock are the test's.
type follower struct {
	t      *testing.T
	out    *documents
	clock  *atomic.Int64
	stop   context.CancelFunc
	status chan int
}

func (d *desk) follow(line string, clock *atomic.Int64, errs io.Writer) *follower {
	d.t.Helper()
	ctx, stop := context.WithCancel(d.t.Context())
	f := &follower{d.t, &documents{to: make(chan string, 1000)}, clock, stop, make(chan int, 1)}
	w := d.world(nil, nil, func() time.Time { return time.Unix(0, clock.Load()).UTC() })
	w.IO.Out, w.IO.Err = f.out, errs
	go func() { f.status <- cmd.Main(ctx, strings.Fields(line), w) }()
	return f
}

// wants waits for a document of a kind.
func (f *follower) wants(kind string) string {
	f.t.Helper()
	for {
		select {
		case line := <-f.out.to:
			if gjson.Get(line, "kind").Str == kind {
				return line
			}
		case <-time.After(time.Minute):
			f.t.Fatalf("no %s came", kind)
		}
	}
}

// ends interrupts the run and returns the documents that were left.
func (f *follower) ends() (left []string) {
	f.t.Helper()
	f.stop()
	select {
	case got := <-f.status:
		if got != 0 {
			f.t.Errorf("status %d", got)
		}
	case <-time.After(time.Minute):
		f.t.Fatal("it did not end")
	}
	for {
		select {
		case line := <-f.out.to:
			left = append(left, line)
		default:
			return left
		}
	}
}

func items(docs []string, kind string) (list []string) {
	for _, line := range docs {
		if gjson.Get(line, "kind").Str == kind {
			list = append(list, gjson.Get(line, "alert.input.item").Str)
		}
	}
	return list
}

func at(t time.Time) *atomic.Int64 {
	var clock atomic.Int64
	clock.Store(t.UnixNano())
	return &clock
}

// A run that ends and is begun again goes on where it ended: nothing is lost and nothing comes twice, whatever was not judged yet.
func TestFollowingASystemAcrossRuns(t *testing.T) {
	t.Parallel()
	s := night()
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	const line = "triage --json --follow --from siem"
	f := d.follow(line, at(noon()), io.Discard)
	<-s.asked
	<-s.asked // twice the same: it is not new the second time
	first := f.ends()
	if got := items(first, "verdict"); strings.Join(got, " ") != "n-1 n-2" {
		t.Errorf("the first run judged %q", got)
	}

	// A process that died had something on disk and had judged it not yet.
	ctx := t.Context()
	book, err := casebook.Open(ctx, d.dir+"/book.db", casebook.Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	lost := alert.Pulled{Raw: []byte(wazuh("a4", "ws-04", 5, noon().Add(-30*time.Minute))), Item: "n-4", Edition: "1", Changed: noon().Add(-30 * time.Minute)}
	if _, err := book.Arrive(ctx, "siem", []alert.Pulled{lost}, true); err != nil {
		t.Fatal(err)
	}
	mark, err := book.Mark(ctx, "siem")
	if err != nil || !mark.At.Equal(noon().Add(-time.Hour)) || !mark.Seen.Equal(noon()) || mark.Waits != 1 {
		t.Errorf("the mark is %+v, %v", mark, err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	s.add("n-5", wazuh("a5", "ws-05", 5, noon().Add(-10*time.Minute)), noon().Add(-10*time.Minute))
	f = d.follow(line, at(noon().Add(time.Minute)), io.Discard)
	<-s.asked
	<-s.asked
	if got := items(f.ends(), "verdict"); strings.Join(got, " ") != "n-4 n-5" {
		t.Errorf("the second run judged %q", got)
	}
	s.mu.Lock()
	from := s.pulls[len(s.pulls)-2].From
	s.mu.Unlock()
	if want := noon().Add(-time.Hour - 5*time.Minute); !from.Equal(want) {
		t.Errorf("the second run began at %s, want %s", from, want)
	}
	d.says("cases list --state all --limit 0 --json", 0)
	d.says("status --json", 0, `"sources":[{"name":"siem","seen":"2026-03-14T12:01:00Z","until":"2026-03-14T11:50:00Z","waiting":0}]`)
}

// What is wrong with a system is said when it begins, shows in the status, and is over when it is over.
func TestFollowingASystemThatFails(t *testing.T) {
	t.Parallel()
	s := night()
	s.asked, s.fail = make(chan struct{}), errors.New("503: maintenance")
	d := newDesk(t, map[string]any{"siem": s})
	clock, errs := at(noon()), talk{make(chan string, 100)}
	f := d.follow("triage --json --follow --from siem", clock, errs)
	<-s.asked
	if gap := f.wants("gap"); gjson.Get(gap, "class").Str != "failed" || !strings.Contains(gap, "503: maintenance") {
		t.Errorf("the gap is %s", gap)
	}
	d.says("status --json", 0, `"error":"503: maintenance"`)
	d.says("status --text", 0, "503: maintenance")
	s.mu.Lock()
	s.fail = nil
	s.mu.Unlock()
	clock.Add(int64(10 * time.Minute))
	for range 3 { // one may have been under way
		<-s.asked
	}
	errs.says(t, "siem: it is back, after trouble since 2026-03-14T12:00:00Z, 10m0s: it is read on from where it was left, nothing is lost")
	if got := items(f.ends(), "verdict"); strings.Join(got, " ") != "n-1 n-2" {
		t.Errorf("judged %q", got)
	}
	d.says("status --json", 0, `!"error"`)
}

// The same trouble is said once, another one when it comes; that it is over once, and for how long it was; after that the same is news again.
func TestTroubleIsSaidOnceAndSoIsItsEnd(t *testing.T) {
	t.Parallel()
	failed := func(reason string) []alert.Gap { return []alert.Gap{gapOf("failed", reason)} }
	gone, full := failed("nothing was pulled: connection refused"), failed("nothing was pulled: 429: the quota is used up")
	fewer, unset := []alert.Gap{gapOf("partial", "incident 7 came without its alerts")}, []alert.Gap{gapOf("unconfigured", "no index is named")}
	later := failed("the pull ended early, after 12 records: connection refused")
	got := cmd.Said(noon(), [][]alert.Gap{nil, gone, gone, later, full, full, nil, nil, gone, nil, unset, unset, fewer, append(fewer, unset...), unset, gone, unset})
	want := []string{
		"1 nothing was pulled: connection refused", "4 nothing was pulled: 429: the quota is used up",
		"6 it is back, after trouble since 2026-03-14T12:01:00Z, 5m0s: nothing is lost",
		"8 nothing was pulled: connection refused", "9 it is back, after trouble since 2026-03-14T12:08:00Z, 1m0s: nothing is lost",
		"10 no index is named", "12 incident 7 came without its alerts", "14 it hands over everything again, after trouble since 2026-03-14T12:12:00Z, 2m0s",
		"15 nothing was pulled: connection refused", "16 it is back, after trouble since 2026-03-14T12:15:00Z, 1m0s: nothing is lost",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("it said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Without a casebook a run remembers what it saw for itself, and says that the next one will not.
func TestFollowingASystemWithoutABook(t *testing.T) {
	t.Parallel()
	s := night()
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	var errs strings.Builder
	f := d.follow("triage --json --follow --no-book --from siem", at(noon()), &errs)
	<-s.asked
	<-s.asked
	left := f.ends()
	if got := items(left, "verdict"); strings.Join(got, " ") != "n-1 n-2" {
		t.Errorf("judged %q", got)
	}
	if !strings.Contains(errs.String(), "without a casebook") {
		t.Errorf("no warning in %q", errs.String())
	}
}

// A file that is put into a directory is judged once, whatever process looks.
func TestFollowingADirectory(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	spool := d.dir + "/spool"
	if err := os.Mkdir(spool, 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("soc.yaml", "sources: {spool: {type: dir, path: spool}}\n")
	d.write("spool/night.ndjson", wazuh("a1", "ws-01", 5, noon())+"\nno alert\n")
	const line = "triage --json --follow --from spool"
	f := d.follow(line, at(noon()), io.Discard)
	reject := f.wants("reject")
	if got := items(f.ends(), "verdict"); !strings.Contains(reject, `"item":"night.ndjson:2"`) || strings.Join(got, " ") != "night.ndjson:1" {
		t.Errorf("judged %q, %s", got, reject)
	}
	d.write("spool/next.ndjson", wazuh("a2", "ws-02", 5, noon())+"\nno alert\n")
	f = d.follow(line, at(noon()), io.Discard)
	f.wants("reject")
	if got := items(f.ends(), "verdict"); strings.Join(got, " ") != "next.ndjson:1" {
		t.Errorf("the next run judged %q", got)
	}
}

// talk hands over what is written, line by line.
type talk struct{ to chan string }

func (l talk) Write(p []byte) (int, error) {
	for line := range strings.Lines(string(p)) {
		l.to <- line
	}
	return len(p), nil
}

// Who posts an alert is told 202 when it is in the casebook: a process that dies a moment later has it. The secret shows nowhere.
func TestFollowingAWebhook(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.write("hook.key", "hook-secret\n")
	d.write("soc.yaml", "sources: {hook: {type: webhook, listen: \"127.0.0.1:0\", signing_key_file: hook.key, token_file: hook.key}}\n")
	errs := talk{make(chan string, 100)}
	f := d.follow("triage --json --follow --from hook", at(noon()), errs)
	url := ""
	for url == "" {
		select {
		case line := <-errs.to:
			if _, address, ok := strings.Cut(strings.TrimSpace(line), "hook listens at "); ok {
				url = "http://" + address
			}
		case <-time.After(time.Minute):
			t.Fatal("it does not listen")
		}
	}
	post := func(body string, headers map[string]string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for k, v := range headers {
			req.Header.Set(k, v)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	alert := wazuh("a1", "ws-01", 5, noon())
	signed := web.Sign(web.NewSecret("hook-secret"), noon(), []byte(alert))
	if got := post(alert, signed); got != 202 {
		t.Fatalf("signed: %d", got)
	}
	book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := book.Waiting(t.Context(), "hook", func(a *casebook.Arrival) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d wait in the book, %v", n, err)
	}
	_ = book.Close()
	if got := post(alert, nil); got != 401 {
		t.Errorf("unsigned: %d", got)
	}
	if got := post(alert+"\nno alert\n", map[string]string{"Authorization": "Bearer hook-secret"}); got != 202 {
		t.Errorf("with a token: %d", got)
	}
	f.wants("reject")
	left := f.ends()
	if got := items(left, "verdict"); len(got) != 1 {
		t.Errorf("judged %q", got)
	}
	out := d.says("status --json", 0, `"name":"hook"`)
	out += d.says("audit show --json", 0) + d.says("doctor --json", 0, `"name":"source hook listen","ok":true`)
	close(errs.to)
	for line := range errs.to {
		out += line
	}
	if strings.Contains(out+strings.Join(left, ""), "hook-secret") {
		t.Error("a secret shows")
	}
}

// A process that is killed has on disk what it took: the next one judges it, though nothing sends it again.
func TestAKilledFollowerLosesNothing(t *testing.T) {
	t.Parallel()
	soc, err := exec.LookPath("soc")
	if err != nil {
		t.Fatal(err)
	}
	d := newDesk(t, nil)
	if err := os.Mkdir(d.dir+"/spool", 0o700); err != nil {
		t.Fatal(err)
	}
	d.write("soc.yaml", "sources: {spool: {type: dir, path: spool}}\n")
	d.write("spool/night.ndjson", wazuh("a1", "ws-01", 5, time.Now())+"\nno alert\n")
	c := exec.Command(soc, "--config", d.dir+"/soc.yaml", "triage", "--json", "--follow", "--from", "spool", "--book", d.dir+"/book.db")
	c.Env = []string{"HOME=" + d.dir}
	out := &documents{to: make(chan string, 100)}
	c.Stdout = out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	f := &follower{t: t, out: out}
	f.wants("reject") // it was taken together with the alert, whose group is open for a minute to come
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	d.write("spool/night.ndjson", "gone\n")
	f = d.follow("triage --json --follow --from spool", at(time.Now().Add(time.Minute)), io.Discard) // by when the killed one's lease is over
	f.wants("reject")                                                                                // of the file as it is now: everything from before is in by then
	if got := items(f.ends(), "verdict"); strings.Join(got, " ") != "night.ndjson:1" {
		t.Errorf("judged %q", got)
	}
}

// After failures it takes twice as long each time, half of it by chance, up to a quarter of an hour, and never less than half of what is usual.
func TestBackOff(t *testing.T) {
	t.Parallel()
	for failures, want := range map[int][2]time.Duration{
		0: {time.Minute, time.Minute}, 1: {time.Minute, 2 * time.Minute}, 3: {4 * time.Minute, 8 * time.Minute}, 9: {450 * time.Second, 15 * time.Minute}, 1000: {450 * time.Second, 15 * time.Minute},
	} {
		if least, most := cmd.Waits(time.Minute, failures, 2000); least < want[0] || most > want[1] || failures > 0 && most-least < (want[1]-want[0])/2 {
			t.Errorf("%d failures: from %s to %s, want within %s", failures, least, most, want)
		}
	}
}

// While following, an item is told what became of its alert when its group is closed.
func TestFollowingWritesBack(t *testing.T) {
	t.Parallel()
	s := breach()
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	f := d.follow("triage --json --follow --from siem --write-back --execute", at(noon()), io.Discard)
	<-s.asked
	<-s.asked
	left := f.ends()
	if e, notes := s.says("n-1"); strings.Join(e.Tags, " ") != "soc:escalate" || len(notes) != 1 {
		t.Errorf("it says %+v %q", e, notes)
	}
	if last := left[len(left)-1]; !strings.Contains(strings.Join(left, ""), `"name":"write-back"`) || gjson.Get(last, "kind").Str != "summary" {
		t.Errorf("it printed %s", last)
	}
}

// What a process that died left behind goes to a worker, too; what is no alert is said to be none once, not every time a worker begins.
func TestAWorkerTakesOverWhatWaits(t *testing.T) {
	t.Parallel()
	s := &tenant{asked: make(chan struct{})}
	d := newDesk(t, map[string]any{"siem": s})
	open := func() *casebook.Book {
		book, err := casebook.Open(t.Context(), d.dir+"/book.db", casebook.Options{Now: noon})
		if err != nil {
			t.Fatal(err)
		}
		return book
	}
	book := open()
	left := []alert.Pulled{
		{Raw: []byte(wazuh("a4", "ws-04", 5, noon())), Item: "n-4", Edition: "1", Changed: noon()},
		{Raw: []byte("no alert"), Item: "n-5", Edition: "1", Changed: noon()},
	}
	if _, err := book.Arrive(t.Context(), "siem", left, true); err != nil {
		t.Fatal(err)
	}
	if err := book.Close(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{1, 0} {
		f := d.follow("triage --json --follow --worker --from siem", at(noon()), io.Discard)
		<-s.asked
		<-s.asked
		rejected := 0
		for _, line := range f.ends() {
			if gjson.Get(line, "kind").Str == "reject" && gjson.Get(line, "input.item").Str == "n-5" {
				rejected++
			}
		}
		if rejected != want {
			t.Errorf("rejected %d times, want %d", rejected, want)
		}
	}
}

// What comes later than the overlap is looked for now and then, up to a bound, and judged once; what is older than what was asked for first is not
// wanted.
func TestWhatComesLateIsFound(t *testing.T) {
	t.Parallel()
	s := night()
	s.asked = make(chan struct{})
	d := newDesk(t, map[string]any{"siem": s})
	text, err := os.ReadFile(d.dir + "/soc.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d.write("soc.yaml", strings.Replace(string(text), "every: 1s", "every: 1s, late: 5h", 1))
	const line = "triage --json --follow --from siem --since 6h"
	run := func(now time.Time) []string {
		t.Helper()
		f := d.follow(line, at(now), io.Discard)
		<-s.asked
		<-s.asked
		return items(f.ends(), "verdict")
	}
	add := func(id string, ago time.Duration) { // behind the mark, which is an hour ago
		s.add(id, wazuh(id, "ws-"+id, 5, noon().Add(-ago)), noon().Add(-ago))
	}
	if got := run(noon()); strings.Join(got, " ") != "n-1 n-2" {
		t.Fatalf("judged %q", got)
	}
	add("late", 3*time.Hour+30*time.Minute)
	add("too-late", 6*time.Hour+time.Minute) // before the mark less five hours
	if got := run(noon().Add(time.Minute)); strings.Join(got, " ") != "late" {
		t.Errorf("the late one: judged %q", got)
	}
	clock, errs := at(noon().Add(time.Minute)), talk{make(chan string, 100)}
	f := d.follow(line, clock, errs)
	<-s.asked
	<-s.asked
	add("later", 2*time.Hour+time.Minute)
	<-s.asked
	<-s.asked // it does not look every time
	s.mu.Lock()
	usual := s.pulls[len(s.pulls)-1].From
	s.mu.Unlock()
	if want := noon().Add(-64 * time.Minute); !usual.Equal(want) {
		t.Errorf("it looks from %s on every time, want %s", usual, want)
	}
	clock.Add(int64(13 * time.Minute)) // a part of five hours
	errs.asking(t, s, "siem: 1 alert of before 2026-03-14T10:56:00Z came late: judged now")
	if got := items(f.ends(), "verdict"); strings.Join(got, " ") != "later" {
		t.Errorf("while following: judged %q", got)
	}
}

// asking lets a tenant be asked until a line is said.
func (l talk) asking(t *testing.T, s *tenant, want string) {
	t.Helper()
	for {
		select {
		case line := <-l.to:
			if strings.Contains(line, want) {
				return
			}
		case <-s.asked:
		case <-time.After(time.Minute):
			t.Fatalf("nobody said %q", want)
		}
	}
}
