package cmd_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	client "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/tidwall/gjson"

	"github.com/seed-959697dd/soc/internal/casebook"
	"github.com/seed-959697dd/soc/internal/real/postgres"
)

// bus is a JetStream server in this process, with the stream ALERTS.
type bus struct {
	t   testing.TB
	url string
	js  jetstream.JetStream
}

func newBus(t testing.TB) *bus {
	t.Helper()
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, JetStream: true, StoreDir: t.TempDir(), NoLog: true, NoSigs: true})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server does not answer")
	}
	c, err := client.Connect(s.ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	b := &bus{t: t, url: "nats://" + s.Addr().String()}
	if b.js, err = jetstream.New(c); err == nil {
		_, err = b.js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "ALERTS", Subjects: []string{"alerts.>"}})
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// publish sends the alerts of hosts, three each within a second, and one of them twice.
func (b *bus) publish(from, to int) (alerts int) {
	b.t.Helper()
	for host := from; host < to; host++ {
		for i := range 3 {
			line := fmt.Appendf(nil, `{"id":"a-%d-%d","timestamp":"2026-03-01T10:%02d:%02dZ","rule_id":"r-1","rule_name":"Odd process","title":"Odd process","severity":"medium","hostname":"host-%05d","command_line":"cmd.exe /c %d"}`,
				host, i, host/60%60, host%60, host, i)
			for range 1 + (host+i)%7/6 {
				if _, err := b.js.Publish(b.t.Context(), "alerts.edr", line); err != nil {
					b.t.Fatal(err)
				}
			}
			alerts++
		}
	}
	return alerts
}

// waits is how many messages are not acknowledged.
func (b *bus) waits() int {
	c, err := b.js.Consumer(b.t.Context(), "ALERTS", "soc")
	if err != nil {
		return -1
	}
	i, err := c.Info(b.t.Context())
	if err != nil {
		return -1
	}
	return int(i.NumPending) + i.NumAckPending
}

// crew is several processes of soc on one casebook.
type crew struct {
	t         testing.TB
	dir, book string
	conf      string
	env       []string
	procs     []*exec.Cmd
	outs      []*bytes.Buffer
}

func newCrew(t testing.TB, book, bus string) *crew {
	t.Helper()
	c := &crew{t: t, dir: t.TempDir(), book: book}
	c.conf = filepath.Join(c.dir, "soc.yaml")
	text := "policy: {gap: 1s}\ncasebook: {lease: 5s}\nsources: {bus: {type: nats, url: '" + bus + "', stream: ALERTS, ack_wait: 5s}}\n"
	if err := os.WriteFile(c.conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// start begins another process.
func (c *crew) start(line string) *exec.Cmd {
	c.t.Helper()
	self, err := os.Executable()
	if err != nil {
		c.t.Fatal(err)
	}
	p := exec.Command(self)
	p.Args = append([]string{"soc"}, strings.Fields(line)...)
	p.Dir = c.dir
	p.Env = append(append(os.Environ(), c.env...), "SOC_CONFIG="+c.conf, "SOC_BOOK="+c.book, "HOME="+c.dir, "XDG_STATE_HOME="+c.dir, "GORACE=atexit_sleep_ms=0")
	var out, errs bytes.Buffer
	p.Stdout, p.Stderr = &out, &errs
	if err := p.Start(); err != nil {
		c.t.Fatal(err)
	}
	c.procs, c.outs = append(c.procs, p), append(c.outs, &out)
	c.t.Cleanup(func() {
		if p.ProcessState == nil {
			_ = p.Process.Kill()
			_ = p.Wait()
		}
		if c.t.Failed() {
			c.t.Logf("%s: %s", line, errs.String())
		}
	})
	return p
}

// count asks the casebook; a book that is not there yet holds nothing.
func count(t testing.TB, b *casebook.Book, query string) (n int) {
	t.Helper()
	if err := b.DB().QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// until waits for something that takes as long as it takes.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(8 * time.Minute); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("never: " + what)
		}
	}
}

// everywhere runs a test on a casebook of each kind.
func everywhere(t *testing.T, test func(t *testing.T, book string)) {
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		test(t, filepath.Join(t.TempDir(), "book.db"))
	})
	t.Run("Postgres", func(t *testing.T) {
		t.Parallel()
		book, err := postgres.Serve(t, os.Getenv("SOC_REQUIRE_REAL") != "").Fresh(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		test(t, book)
	})
}

// TestThreeWorkersOneKilled: three processes take alerts from one stream into one casebook, and one of them dies of SIGKILL in the middle. Every
// alert is judged exactly once.
func TestThreeWorkersOneKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for the work of the dead to be taken over")
	}
	t.Parallel()
	everywhere(t, func(t *testing.T, name string) {
		b := newBus(t)
		want := b.publish(0, 150)
		c := newCrew(t, name, b.url)
		const line = "triage --json --follow --worker --from bus"
		c.start(line)
		book, err := casebook.Open(t.Context(), name, casebook.Options{Now: time.Now})
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close() //nolint:errcheck // only read
		// What the first has acknowledged and not judged is nowhere but in the casebook.
		until(t, "something waits", func() bool { return count(t, book, `SELECT COUNT(*) FROM waiting`) > 0 })
		c.start(line)
		c.start(line)
		if err := c.procs[0].Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.procs[0].Wait()
		want += b.publish(150, 300)
		until(t, "all of it judged", func() bool {
			return b.waits() == 0 && count(t, book, `SELECT COUNT(*) FROM waiting`) == 0 && count(t, book, `SELECT COUNT(*) FROM alerts`) == want
		})
		for _, p := range c.procs[1:] {
			if err := p.Process.Signal(os.Interrupt); err != nil {
				t.Fatal(err)
			}
			if err := p.Wait(); err != nil {
				t.Errorf("a worker ended with %v", err)
			}
		}
		judgedOnce(t, book, c, want)
	})
}

// judgedOnce checks that every alert is in one verdict, of which the journal tells once, and that no verdict was printed twice.
func judgedOnce(t *testing.T, book *casebook.Book, c *crew, want int) {
	t.Helper()
	if p, err := book.Verify(t.Context()); err != nil || p.Err() != nil {
		t.Error(err, p.Err())
	}
	told := 0
	err := book.Journal(t.Context(), 1, func(r *casebook.Record) error {
		told += int(gjson.GetBytes(r.What, "alerts").Int())
		return nil
	})
	if err != nil || told != want {
		t.Errorf("the journal tells of %d alerts, want %d (%v)", told, want, err)
	}
	if n := count(t, book, `SELECT COUNT(*) FROM alerts a JOIN verdicts v ON v.id = a.verdict`); n != want {
		t.Errorf("%d alerts have a verdict, want %d", n, want)
	}
	printed := map[string]int{}
	for i, out := range c.outs {
		judged := 0
		for line := range strings.Lines(out.String()) {
			switch gjson.Get(line, "kind").Str {
			case "verdict":
				judged++
				id := gjson.Get(line, "id").Str
				if printed[id]++; printed[id] > 1 {
					t.Errorf("verdict %s was printed twice", id)
				}
				if n := count(t, book, `SELECT COUNT(*) FROM verdicts WHERE id = '`+id+`'`); n != 1 {
					t.Errorf("%s is printed and %d times in the book", id, n)
				}
			case "gap", "reject":
				t.Errorf("worker %d said %s", i, line)
			}
		}
		t.Logf("worker %d printed %d verdicts", i, judged)
	}
	if all := count(t, book, `SELECT COUNT(*) FROM verdicts`); len(printed) > all || len(printed) < all/2 {
		t.Errorf("%d of %d verdicts were printed", len(printed), all)
	}
}
