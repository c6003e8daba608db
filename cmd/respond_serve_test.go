package cmd_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/seed-959697dd/soc/cmd"
	"github.com/seed-959697dd/soc/internal/term"
)

// watching runs soc respond watch --serve until the test ends, and returns where it serves.
func watching(t *testing.T, dir string, env map[string]string) string {
	t.Helper()
	env["SOC_CONFIG"], env["SOC_BOOK"], env["XDG_STATE_HOME"], env["USER"] = filepath.Join(dir, "soc.yaml"), filepath.Join(dir, "book.db"), dir, "sam"
	world := cmd.World{IO: term.IO{In: strings.NewReader(""), Out: io.Discard, Err: io.Discard}, Env: func(k string) string { return env[k] }, Now: time.Now}
	if status := cmd.Main(t.Context(), []string{"triage", "--json", demo}, world); status != 0 {
		t.Fatal(status)
	}
	ctx, cancel := context.WithCancel(context.Background())
	said, err := io.Pipe()
	world.IO.Err = err
	done := make(chan int, 1)
	go func() { done <- cmd.Main(ctx, []string{"respond", "watch", "--serve", "127.0.0.1:0"}, world) }()
	in := bufio.NewReader(said)
	line, rerr := in.ReadString('\n')
	go io.Copy(io.Discard, in) //nolint:errcheck // so that nobody waits for a reader
	t.Cleanup(func() {
		cancel()
		if status := <-done; status != 130 {
			t.Errorf("it ended with %d", status)
		}
	})
	at := regexp.MustCompile(`http://[0-9.:]+/`).FindString(line)
	if rerr != nil || at == "" {
		t.Fatalf("%q %v", line, rerr)
	}
	return at
}

func get(t *testing.T, address string, change func(*http.Request)) (status int, body, etag string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b), resp.Header.Get("ETag")
}

func TestFirewallsPollTheList(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	list := filepath.Join(dir, "block.txt")
	write := func(path, text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "soc.yaml"), "drivers: {edge: {type: blocklist, path: block.txt, actions: [block-ip]}}\n")
	at := watching(t, dir, map[string]string{})
	if status, body, _ := get(t, at+"edge", nil); status != 200 || body != "" {
		t.Errorf("before there is a list: %d %q", status, body)
	}
	write(list, "# by hand\n203.0.113.9\n\n203.0.113.9\r\n198.51.100.1\n")
	status, body, tag := get(t, at+"edge", nil)
	if status != 200 || body != "203.0.113.9\n198.51.100.1\n" || tag == "" {
		t.Fatalf("%d %q %q", status, body, tag)
	}
	same := func(r *http.Request) { r.Header.Set("If-None-Match", tag) }
	if status, body, _ := get(t, at+"edge", same); status != 304 || body != "" {
		t.Errorf("nothing changed: %d %q", status, body)
	}
	write(list, "198.51.100.1\n")
	if status, body, _ := get(t, at+"edge", same); status != 200 || body != "198.51.100.1\n" {
		t.Errorf("it changed: %d %q", status, body)
	}
	// Asked by time: a list that was changed just now is sent, one that has settled is not, and a change after that is.
	since := func(at time.Time) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("If-Modified-Since", at.UTC().Format(http.TimeFormat)) }
	}
	settle := func(ago time.Duration) time.Time {
		when := time.Now().Add(-ago)
		if err := os.Chtimes(list, when, when); err != nil {
			t.Fatal(err)
		}
		return when
	}
	settle(-time.Hour) // it stays unsettled, however slow this machine is
	if status, _, _ := get(t, at+"edge", since(time.Now())); status != 200 {
		t.Errorf("changed within the second: %d", status)
	}
	old := settle(time.Hour)
	if status, body, _ := get(t, at+"edge", since(time.Now())); status != 304 || body != "" {
		t.Errorf("settled: %d %q", status, body)
	}
	if status, _, _ := get(t, at+"edge", since(old.Add(-time.Second))); status != 200 {
		t.Errorf("changed since: %d", status)
	}
	for path, want := range map[string]int{"": 404, "nothing": 404, "../soc.yaml": 404, "edge/": 404} {
		if status, _, _ := get(t, at+path, nil); status != want {
			t.Errorf("%q: %d", path, status)
		}
	}
	if status, _, _ := get(t, at+"edge", func(r *http.Request) { r.Method = http.MethodPost }); status != 405 {
		t.Errorf("POST: %d", status)
	}
	// A list that cannot be read is no empty list: a firewall would release everything.
	if err := os.Remove(list); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(list, 0o700); err != nil {
		t.Fatal(err)
	}
	if status, body, _ := get(t, at+"edge", nil); status != 503 {
		t.Errorf("%d %q", status, body)
	}
}

func TestListsWithASecret(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "soc.yaml"), []byte("drivers: {edge: {type: blocklist, path: block.txt, actions: [block-ip]}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	at := watching(t, dir, map[string]string{"SOC_LIST_TOKEN": "t0ken", "SOC_LIST_USER": "fw", "SOC_LIST_PASSWORD": "w0rd"})
	for name, row := range map[string]struct {
		change func(*http.Request)
		want   int
	}{
		"nothing":       {nil, 401},
		"token":         {func(r *http.Request) { r.Header.Set("Authorization", "Bearer t0ken") }, 200},
		"another token": {func(r *http.Request) { r.Header.Set("Authorization", "Bearer t0ke") }, 401},
		"empty token":   {func(r *http.Request) { r.Header.Set("Authorization", "Bearer ") }, 401},
		"user":          {func(r *http.Request) { r.SetBasicAuth("fw", "w0rd") }, 200},
		"another word":  {func(r *http.Request) { r.SetBasicAuth("fw", "") }, 401},
		"token as user": {func(r *http.Request) { r.SetBasicAuth("t0ken", "w0rd") }, 401},
	} {
		if status, _, _ := get(t, at+"edge", row.change); status != row.want {
			t.Errorf("%s: %d, want %d", name, status, row.want)
		}
	}
}

func TestListsBeyondThisMachineWantASecret(t *testing.T) {
	t.Parallel()
	o := &office{t, t.TempDir()}
	o.write("soc.yaml", "drivers: {edge: {type: blocklist, path: block.txt, actions: [block-ip]}}\n")
	o.soc("triage", "--json", demo)
	for _, address := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0"} {
		if _, errs, status := o.soc("respond", "watch", "--serve", address); status != 2 || !strings.Contains(errs, "with a secret only") {
			t.Errorf("%s: %d %s", address, status, errs)
		}
	}
	if _, _, status := o.soc("respond", "watch", "--serve", "127.0.0.1:0", "--once"); status != 2 {
		t.Error(status)
	}
}
